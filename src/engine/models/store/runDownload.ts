import { inBatches, throwIfAborted } from '../../base/async.js';
import { EngineError } from '../../base/errors.js';
import { totalBytes } from '../../base/totalBytes.js';
import type { ModelSource, NetworkOptions } from '../../protocol/modelTypes.js';
import { urlOf } from '../catalogue/addresses.js';
import { entryOf } from '../catalogue/catalogue.js';
import { headerLicence } from '../catalogue/headerLicence.js';
import { fetchFile } from '../fetch/fetchFile.js';
import { openNetwork } from '../fetch/network.js';
import { discardPart } from '../fetch/partFile.js';
import type { FileFinder } from '../fetch/rangeSource.js';
import { readRemoteHeader } from '../fetch/remoteHeader.js';
import { isSupportedArchitecture } from '../gguf/architectures.js';
import type { GgufHeader } from '../gguf/ggufHeader.js';
import { checkModelFile, readGgufFile } from '../gguf/modelFile.js';
import { describeModel } from './describeModel.js';
import { freeDiskBytes } from './disk.js';
import type { DownloadPart, DownloadRecord } from './downloadRecord.js';
import { findPart, type FoundPart } from './findParts.js';
import { modelIdOf } from './importModel.js';
import type { InstalledRecord } from './installedModels.js';
import { type ArrivedPart, type IsOwn, partPath, placeAll, placeOf, receivedBytes, sumInPlace } from './partsOnDisk.js';

export interface DownloadTools {
  readonly pod: FileFinder;
  network(): NetworkOptions;
  /** Whether a file is what an earlier download of the same source has brought, so that it may be replaced. */
  isOwn(file: string, source: ModelSource): boolean;
}

/** How a download goes. Bytes are those of all parts together. */
export interface DownloadProgress {
  readonly totalBytes: number;
  readonly receivedBytes: number;
  readonly hashedBytes: number;
  readonly from: string;
}

/** Whoever follows a download. */
export interface DownloadListener {
  /** More is known of the parts: lengths and checksums, later what they were fetched as. Resolves when that is kept; never fails. */
  onKnown(parts: readonly DownloadPart[]): Promise<void>;
  onProgress(progress: DownloadProgress): void;
}

/** Parts that are asked for at the same time. */
const askedAtOnce = 8;
/** What stays free: a full disk hurts more than a missing model. */
const spareBytes = 256 * 1_024 * 1_024;

/**
 * Fetches, verifies and places all parts of a model, and says what the list is to say of it. What has come stays on the disk when it
 * ends early.
 * @throws EngineError `unknownModel`, `notEnoughDisk`, `fileInTheWay`, as `findPart`, `fetchFile` and `checkModelFile`, `cancelled`
 */
export async function runDownload(record: DownloadRecord, tools: DownloadTools, listener: DownloadListener, signal: AbortSignal): Promise<InstalledRecord> {
  const options = tools.network();
  const network = openNetwork(options);
  try {
    const urls = urlOf(record.source, options.endpoint);
    if (urls.length !== record.parts.length) throw new EngineError({ code: 'unknownModel', model: record.name });
    const found = await inBatches(record.parts, askedAtOnce, (part, index) => findPart(part, urls[index] ?? '', { network, pod: tools.pod }, signal));
    const parts = found.map(({ name, bytes, sha256 }, index) => ({ ...record.parts[index], name, bytes, sha256 }));
    await listener.onKnown(parts);
    const received = await receivedBytes({ folder: record.folder, parts });
    if (received === 0) await checkHeader(record, found, signal);
    await checkDisk(record, totalBytes(found) - received);
    const isOwn = (file: string): boolean => tools.isOwn(file, record.source);
    const arrived = await fetchAll({ ...record, parts }, found, isOwn, (progress) => listener.onProgress(progress), signal);
    // What was there before is not this download's: it must not go when that is given up.
    await listener.onKnown(parts.map((part, index) => ({ ...part, ...(arrived[index]?.inPlace === false && { fetched: arrived[index].sum }) })));
    await placeAll(arrived, isOwn, signal);
    const first = arrived[0]?.file ?? '';
    const files = arrived.map(({ file, sum }, index) => ({ path: file, bytes: found[index]?.bytes ?? 0, published: found[index]?.sha256 ?? null, actual: sum }));
    return describeModel(first, await checkModelFile(first, signal), { id: await modelIdOf(first), origin: 'downloaded', source: record.source, files });
  } finally {
    network.dispose();
  }
}

/** What cannot run, or may not be used before something is accepted, is refused before it is fetched. */
async function checkHeader(record: DownloadRecord, [first]: readonly FoundPart[], signal: AbortSignal): Promise<void> {
  const header = first === undefined ? null : await headerOf(first, signal);
  if (first === undefined || header === null) return;
  const licence = entryOf(record.source) === null ? headerLicence(header) : null;
  if (licence?.restricted === true && licence.id !== record.acceptedLicence) throw new EngineError({ code: 'licenceNotAccepted', model: record.name, licence: licence.name });
  const architecture = header.metadata.get('general.architecture');
  if (typeof architecture === 'string' && !isSupportedArchitecture(architecture)) throw new EngineError({ code: 'unsupportedArchitecture', path: first.name, architecture: architecture.slice(0, 64) });
}

/** By the first source that gives one: a machine whose file is damaged, or that has just left, is not the last one. `null` where nobody gives pieces. */
async function headerOf({ name, sources }: FoundPart, signal: AbortSignal): Promise<GgufHeader | null> {
  const inPieces = sources.filter(({ ranges }) => ranges);
  for (const [index, source] of inPieces.entries()) {
    try {
      return await readRemoteHeader(source, signal, name);
    } catch (error) {
      if (signal.aborted || index === inPieces.length - 1) throw error;
    }
  }
  return null;
}

async function checkDisk(record: DownloadRecord, missing: number): Promise<void> {
  if (missing <= 0) return;
  const requiredBytes = missing + spareBytes;
  const availableBytes = await freeDiskBytes(record.folder);
  if (availableBytes < requiredBytes) throw new EngineError({ code: 'notEnoughDisk', path: record.folder, requiredBytes, availableBytes });
}

type Report = (receivedBytes: number, hashedBytes: number, from: string) => void;

/** Fetches and verifies the parts that do not have their names yet. What is in the way of one is found before any is fetched. */
async function fetchAll(record: DownloadRecord, found: readonly FoundPart[], isOwn: IsOwn, onProgress: (progress: DownloadProgress) => void, signal: AbortSignal): Promise<ArrivedPart[]> {
  const wanted = totalBytes(found);
  let done = 0;
  const report: Report = (received, hashed, from) => onProgress({ totalBytes: wanted, receivedBytes: done + received, hashedBytes: done + hashed, from });
  const inPlace: (string | null)[] = [];
  for (const part of record.parts) {
    let hashed = 0;
    const sum = await sumInPlace(placeOf(record, part.name), part, isOwn, (more) => report(part.bytes ?? 0, (hashed += more), ''), signal);
    inPlace.push(sum);
    if (sum !== null) done += part.bytes ?? 0;
  }
  const arrived: ArrivedPart[] = [];
  for (const [index, part] of found.entries()) {
    const sum = inPlace[index] ?? null;
    arrived.push({ file: placeOf(record, part.name), bytes: part.bytes, sum: sum ?? (await fetchPart(record, part, report, signal)), inPlace: sum !== null });
    if (sum === null) done += part.bytes;
  }
  throwIfAborted(signal);
  return arrived;
}

/** @returns its checksum; the file has the name of a part still */
async function fetchPart(record: DownloadRecord, { name, bytes, sha256, sources }: FoundPart, report: Report, signal: AbortSignal): Promise<string> {
  const part = partPath(record, name);
  const fetched = await fetchFile({ sources, part, bytes, sha256, onProgress: (progress) => report(progress.receivedBytes, progress.hashedBytes, progress.from), signal });
  try {
    await readGgufFile(part, signal);
  } catch (error) {
    // It is what the server has, and no model: going on with it would end here again.
    if (!EngineError.is(error, 'cancelled')) await discardPart(part);
    throw error;
  }
  return fetched.sha256;
}
