import type { ModelSource } from '../../protocol/modelTypes.js';
import { entryOf } from '../catalogue/catalogue.js';
import type { CatalogueFile, CatalogueModel } from '../catalogue/catalogueSchema.js';
import { headerLicence } from '../catalogue/headerLicence.js';
import { licenceOf } from '../catalogue/licences.js';
import type { OfferedFile, OfferedModel } from '../fit/buildOffers.js';
import { isSupportedArchitecture } from '../gguf/architectures.js';
import type { GgufHeader } from '../gguf/ggufHeader.js';
import { nameOf } from '../gguf/modelName.js';
import { quantizationInName, quantizationOf } from '../gguf/quantization.js';
import { rolesOf } from '../gguf/roles.js';
import { trapsOf } from '../gguf/traps.js';
import { kvBytesPerToken, trainedContextSize } from '../memory/memoryEstimate.js';
import { asCount, number } from '../memory/metadataFacts.js';
import type { ModelShape } from '../predictor.js';
import { parametersOf } from './parameters.js';
import type { RepositoryModel } from './repositoryFiles.js';

/** A file of the catalogue that is on this machine. */
export interface InstalledFile {
  readonly id: string;
  readonly path: string;
  /** What its headers say, which is more than the catalogue knows; `null` where it cannot be read. */
  readonly shape: ModelShape | null;
}

/** A model of the catalogue. `installed` says which of its files are here. */
export function fromCatalogue(model: CatalogueModel, installed: (source: ModelSource) => InstalledFile | null): OfferedModel {
  const { id, name, roles, parameters, contextSize, layers, fim, architecture } = model;
  return {
    id,
    name,
    roles,
    parameters,
    contextSize,
    layers,
    fim,
    licence: licenceOf(model),
    unsupported: isSupportedArchitecture(architecture) ? null : architecture,
    quirks: model.quirks,
    files: model.files.map((file) => catalogueFile(model, file, installed)),
  };
}

function catalogueFile(model: CatalogueModel, file: CatalogueFile, installed: (source: ModelSource) => InstalledFile | null): OfferedFile {
  const source: ModelSource = { kind: 'catalogue', model: model.id, file: file.id };
  const here = installed(source);
  const facts: ModelShape = {
    kind: 'facts',
    weights: file.bytes,
    activeShare: model.parameters.active / model.parameters.total,
    layers: model.layers,
    kvBytesPerToken: model.kvBytesPerToken,
  };
  const { id, quantization, bytes, verified } = file;
  return {
    id,
    source,
    quantization,
    bytes,
    parts: file.parts.length,
    verified,
    traps: [...file.traps, ...(verified ? [] : (['unverified'] as const))],
    installed: here?.id ?? null,
    path: here?.path ?? null,
    shape: here?.shape ?? facts,
  };
}

/** A model that was looked at: its headers, and what is known of its files beside them. */
export interface LookedAt {
  readonly source: ModelSource;
  /** Of the first part. */
  readonly fileName: string;
  /** All parts, of which the first has the metadata. */
  readonly headers: readonly GgufHeader[];
  readonly bytes: number;
  /** Whether the checksums of all parts are known. */
  readonly verified: boolean;
  readonly installed: { readonly id: string; readonly path: string } | null;
}

/** A model by the headers of its file. */
export function fromHeaders({ source, fileName, headers, bytes, verified, installed }: LookedAt): OfferedModel {
  const known = entryOf(source);
  const [first] = headers;
  const metadata = first?.metadata ?? new Map();
  const roles = rolesOf(headers, fileName, known?.model);
  const architecture = metadata.get('general.architecture');
  const traps = trapsOf(headers, { roles, verified, ...(known === null ? {} : { traps: known.file.traps }) });
  const quantization = quantizationOf(headers);
  return {
    id: known?.model.id ?? fileName.slice(0, 256),
    name: known?.model.name ?? nameOf(metadata, fileName),
    roles,
    parameters: parametersOf(headers),
    contextSize: trainedContextSize(metadata),
    layers: asCount(number(metadata, 'block_count')),
    fim: roles.includes('completion') && !traps.includes('noFimTokens'),
    licence: known === null ? (first === undefined ? null : headerLicence(first)) : licenceOf(known.model),
    unsupported: typeof architecture === 'string' && isSupportedArchitecture(architecture) ? null : String(architecture ?? '?').slice(0, 64),
    ...(known === null ? {} : { quirks: known.model.quirks }),
    files: [
      {
        id: known?.file.id ?? (quantization || fileName.slice(0, 256)),
        source,
        quantization,
        bytes,
        parts: headers.length,
        verified,
        traps,
        installed: installed?.id ?? null,
        path: installed?.path ?? null,
        shape: { kind: 'headers', headers },
      },
    ],
  };
}

/** Another file of the repository of a model that was looked at: the same model with more or fewer bits per weight. */
export function alike({ parameters, layers, files: [looked] }: OfferedModel, { file, bytes, parts, verified }: RepositoryModel, source: ModelSource, installed: (source: ModelSource) => LookedAt['installed']): OfferedFile {
  const fileName = file.split('/').at(-1) ?? file;
  const quantization = quantizationInName(fileName);
  const here = installed(source);
  const others = (looked?.traps ?? []).filter((trap) => trap !== 'unverified');
  return {
    id: (quantization || fileName).slice(0, 256),
    source,
    quantization,
    bytes,
    parts,
    verified,
    traps: verified ? others : [...others, 'unverified'],
    installed: here?.id ?? null,
    path: here?.path ?? null,
    shape: {
      kind: 'facts',
      weights: bytes,
      activeShare: parameters.total > 0 ? parameters.active / parameters.total : 1,
      layers: Math.max(1, layers),
      kvBytesPerToken: looked?.shape.kind === 'headers' ? kvBytesPerToken(looked.shape.headers[0]?.metadata ?? new Map()) : 0,
    },
  };
}
