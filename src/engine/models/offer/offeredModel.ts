import type { ModelSource } from '../../protocol/modelTypes.js';
import { entryOf } from '../catalogue/catalogue.js';
import type { CatalogueFile, CatalogueModel } from '../catalogue/catalogueSchema.js';
import { headerLicence } from '../catalogue/headerLicence.js';
import { licenceOf } from '../catalogue/licences.js';
import { factsOf } from '../catalogue/modelFacts.js';
import type { OfferedFile, OfferedModel } from '../fit/buildOffers.js';
import { isSupportedArchitecture } from '../gguf/architectures.js';
import type { GgufHeader } from '../gguf/ggufHeader.js';
import { quantizationInName } from '../gguf/quantization.js';
import { withVerification } from '../gguf/traps.js';
import { kvBytesPerToken } from '../memory/memoryEstimate.js';
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
    traps: withVerification(file.traps, verified),
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
  const { quantization, traps, ...facts } = factsOf(headers, fileName, source);
  const metadata = first?.metadata ?? new Map();
  const architecture = metadata.get('general.architecture');
  return {
    id: known?.model.id ?? fileName.slice(0, 256),
    ...facts,
    parameters: parametersOf(headers),
    layers: asCount(number(metadata, 'block_count')),
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
        traps: withVerification(traps, verified),
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
  return {
    id: (quantization || fileName).slice(0, 256),
    source,
    quantization,
    bytes,
    parts,
    verified,
    traps: withVerification(looked?.traps ?? [], verified),
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
