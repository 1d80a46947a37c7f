import type { InstalledModel, ModelSource } from '../../protocol/modelTypes.js';
import { catalogue, entryOf } from '../catalogue/catalogue.js';
import type { CatalogueFile, CatalogueModel } from '../catalogue/catalogueSchema.js';
import { licenceOf } from '../catalogue/licences.js';
import { isSupportedArchitecture } from '../gguf/architectures.js';
import { hasFimTokens } from '../gguf/fimTokens.js';
import type { GgufHeader } from '../gguf/ggufHeader.js';
import { parametersOf } from '../gguf/parameterCount.js';
import { quantizationOf } from '../gguf/quantization.js';
import { rolesOf } from '../gguf/roles.js';
import { trapsOf } from '../gguf/traps.js';
import { kvBytesPerLayer, trainedContextSize } from '../memory/memoryEstimate.js';
import type { OfferedFile, OfferedModel } from './buildOffers.js';

const longestLabel = 256;

/** The catalogue, with what of it is installed. */
export function catalogueModels(installed: readonly InstalledModel[]): OfferedModel[] {
  return catalogue.models.map((model) => ({ ...facts(model), files: model.files.map((file) => catalogueFile(model, file, installed)) }));
}

function facts(model: CatalogueModel): Omit<OfferedModel, 'files'> {
  const { id, name, roles, parameters, contextSize, layers, fim, architecture } = model;
  return { id, name, roles, parameters, contextSize, layers, fim, licence: licenceOf(model), unsupported: isSupportedArchitecture(architecture) ? null : architecture };
}

function catalogueFile({ id: model, layers, kvBytesPerToken, parameters }: CatalogueModel, file: CatalogueFile, installed: readonly InstalledModel[]): OfferedFile {
  const { id, quantization, bytes, verified, parts } = file;
  const here = installed.find(({ source, missing }) => source !== null && !missing && entryOf(source)?.file === file);
  return {
    id,
    source: { kind: 'catalogue', model, file: id },
    quantization,
    bytes,
    parts: parts.length,
    verified,
    traps: verified ? file.traps : [...new Set([...file.traps, 'unverified' as const])],
    installed: here?.id ?? null,
    path: here?.path ?? null,
    shape: { kind: 'facts', weights: bytes, activeShare: parameters.active / parameters.total, layers, kvBytesPerToken },
  };
}

/** A model whose headers were read: here, or elsewhere. */
export interface ReadModel {
  readonly id: string;
  readonly fileName: string;
  /** Of all parts, the first one first. */
  readonly headers: readonly GgufHeader[];
  /** All parts together. */
  readonly bytes: number;
  readonly source: ModelSource;
  /** Whether its checksum is known. */
  readonly verified: boolean;
  readonly installed: Pick<InstalledModel, 'id' | 'path'> | null;
}

/** One file as a model of its own, by its headers and, where it is of the catalogue, by what that says. */
export function modelOfHeaders({ id, fileName, headers, bytes, source, verified, installed }: ReadModel): OfferedModel {
  const known = entryOf(source);
  const metadata = headers[0]?.metadata ?? new Map();
  const name = metadata.get('general.name');
  const architecture = String(metadata.get('general.architecture') ?? '').slice(0, longestLabel);
  const roles = rolesOf(headers, fileName, known?.model ?? null);
  const file: OfferedFile = {
    id: (known?.file.id ?? fileName).slice(0, longestLabel),
    source,
    quantization: quantizationOf(headers),
    bytes,
    parts: headers.length,
    verified,
    traps: trapsOf(headers, { roles, verified, ...(known && { traps: known.file.traps }) }),
    installed: installed?.id ?? null,
    path: installed?.path ?? null,
    shape: { kind: 'headers', headers },
  };
  return {
    ...(known === null
      ? { id, name: (typeof name === 'string' && name.trim() !== '' ? name.trim() : fileName).slice(0, longestLabel), parameters: parametersOf(headers), licence: null }
      : facts(known.model)),
    roles,
    contextSize: trainedContextSize(metadata),
    layers: kvBytesPerLayer(metadata).length,
    fim: hasFimTokens(metadata),
    unsupported: isSupportedArchitecture(architecture) ? null : architecture,
    files: [file],
  };
}
