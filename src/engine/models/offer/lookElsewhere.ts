import { inBatches } from '../../base/async.js';
import { EngineError } from '../../base/errors.js';
import { totalBytes } from '../../base/totalBytes.js';
import type { ModelSource, NetworkOptions } from '../../protocol/modelTypes.js';
import { urlOf } from '../catalogue/addresses.js';
import { fileOf } from '../catalogue/catalogue.js';
import { httpSource } from '../fetch/httpSource.js';
import { listRepository } from '../fetch/listRepository.js';
import { type Network, openNetwork } from '../fetch/network.js';
import { readRemoteHeader } from '../fetch/remoteHeader.js';
import type { OfferedModel } from '../fit/buildOffers.js';
import type { GgufHeader } from '../gguf/ggufHeader.js';
import { fileNameOf } from '../store/target.js';
import { alike, fromHeaders, type LookedAt } from './offeredModel.js';
import { type RepositoryModel, repositoryModels } from './repositoryFiles.js';

/** What the list has of a source, if anything. */
export type WhereInstalled = (source: ModelSource) => LookedAt['installed'];

interface Looking {
  readonly options: NetworkOptions;
  readonly network: Network;
  readonly installed: WhereInstalled;
}

/** Repositories have a file for each quantization, and rarely more than thirty. */
const mostModels = 64;
/** Parts that are looked at at the same time. */
const atOnce = 8;

interface Part {
  readonly header: GgufHeader;
  readonly bytes: number;
  readonly sha256: string | null;
}

/**
 * A model elsewhere, by the headers of its parts alone. A file with `*` in its name stands for all models of its repository that fit.
 * @throws EngineError `unknownModel`, as `httpSource` and `readRemoteHeader`, `cancelled`
 */
export async function lookElsewhere(source: ModelSource, options: NetworkOptions, installed: WhereInstalled, signal: AbortSignal): Promise<OfferedModel> {
  const network = openNetwork(options);
  try {
    if (source.kind === 'hub' && source.file.includes('*')) return await lookAtRepository(source, { options, network, installed }, signal);
    return await lookAtFile(source, { options, network, installed }, signal);
  } finally {
    network.dispose();
  }
}

async function lookAtFile(source: ModelSource, { options, network, installed }: Looking, signal: AbortSignal): Promise<OfferedModel> {
  const urls = urlOf(source, options.endpoint);
  const parts = await inBatches(urls, atOnce, (url) => readPart(url, network, signal));
  return fromHeaders({
    source,
    fileName: fileNameOf(urls[0] ?? ''),
    headers: parts.map(({ header }) => header),
    bytes: totalBytes(parts),
    verified: fileOf(source)?.verified === true || parts.every(({ sha256 }) => sha256 !== null),
    installed: installed(source),
  });
}

/** All models of a repository that fit the pattern. The smallest is looked at; the others differ from it by their size. */
async function lookAtRepository(source: Extract<ModelSource, { kind: 'hub' }>, looking: Looking, signal: AbortSignal): Promise<OfferedModel> {
  const { options, network, installed } = looking;
  const { repository, revision, file: pattern } = source;
  const models = repositoryModels(await listRepository(repository, revision, options.endpoint, network, signal), pattern).slice(0, mostModels);
  const [smallest, ...others] = models;
  if (smallest === undefined) throw new EngineError({ code: 'notOnServer', url: `${options.endpoint}/${repository}/${pattern}` });
  const sourceOf = ({ file }: RepositoryModel): ModelSource => ({ kind: 'hub', repository, revision, file });
  const offered = await lookAtFile(sourceOf(smallest), looking, signal);
  return { ...offered, files: [...offered.files, ...others.map((model) => alike(offered, model, sourceOf(model), installed))] };
}

async function readPart(url: string, network: Network, signal: AbortSignal): Promise<Part> {
  const source = await httpSource(url, network, signal);
  const header = await readRemoteHeader(source, signal, url);
  return { header, bytes: source.bytes ?? header.endOffset, sha256: source.sha256 };
}
