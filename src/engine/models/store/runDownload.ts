import fs from 'node:fs/promises';
import path from 'node:path';
import { inBatches, throwIfAborted } from '../../base/async.js';
import { EngineError } from '../../base/errors.js';
import { totalBytes } from '../../base/totalBytes.js';
import type { NetworkOptions } from '../../protocol/modelTypes.js';
import { urlOf } from '../catalogue/addresses.js';
import { entryOf } from '../catalogue/catalogue.js';
import { headerLicence } from '../catalogue/headerLicence.js';
import { fetchFile } from '../fetch/fetchFile.js';
import { openNetwork } from '../fetch/network.js';
import { discardPart, placePart } from '../fetch/partFile.js';
import type { FileFinder } from '../fetch/rangeSource.js';
import { readRemoteHeader } from '../fetch/remoteHeader.js';
import { isSupportedArchitecture } from '../gguf/architectures.js';
import type { GgufHeader } from '../gguf/ggufHeader.js';
import { checkModelFile, readGgufFile } from '../gguf/modelFile.js';
import { describeModel } from './describeModel.js';
import { allocatedBytes, allThere, freeDiskBytes } from './disk.js';
import type { DownloadPart, DownloadRecord } from './downloadRecord.js';
import { findPart, type FoundPart } from './findParts.js';
import { hashFile } from './hashFile.js';
import { modelIdOf } from './importModel.js';
import type { InstalledRecord } from './installedModels.js';
import { removeFiles } from './removeFiles.js';

export interface DownloadTools {
  readonly pod: FileFinder;
  network(): NetworkOptions;
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
  /** Lengths and checksums of all parts are known. */
  onFound(parts: readonly DownloadPart[]): void;
  onProgress(progress: DownloadProgress): void;
}

/** Parts that are asked for at the same time. */
const askedAtOnce = 8;
/** What stays free: a full disk hurts more than a missing model. */
const spareBytes = 256 * 1_024 * 1_024;

export const partPath = ({ folder }: Pick<DownloadRecord, 'folder'>, name: string): string => path.join(folder, `${name}.part`);

/**
 * Fetches, verifies and places all parts of a model, and says what the list is to say of it. What has come stays on the disk when it
 * ends early.
 * @throws EngineError `unknownModel`, `notEnoughDisk`, as `findPart`, `fetchFile` and `checkModelFile`, `cancelled`
 */
export async function runDownload(record: DownloadRecord, tools: DownloadTools, listener: DownloadListener, signal: AbortSignal): Promise<InstalledRecord> {
  const options = tools.network();
  const network = openNetwork(options);
  try {
    const urls = urlOf(record.source, options.endpoint);
    if (urls.length !== record.parts.length) throw new EngineError({ code: 'unknownModel', model: record.name });
    const found = await inBatches(record.parts, askedAtOnce, (part, index) => findPart(part, urls[index] ?? '', { network, pod: tools.pod }, signal));
    listener.onFound(found.map(({ name, bytes, sha256 }) => ({ name, bytes, sha256 })));
    const received = await receivedBytes({ folder: record.folder, parts: found });
    if (received === 0) await checkHeader(record, found, signal);
    await checkDisk(record, totalBytes(found) - received);
    return await fetchAll(record, found, (progress) => listener.onProgress(progress), signal);
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

/** What is on the disk of a download, in bytes. A file that nobody knows the checksum of is fetched again beside the one with its name. */
export async function receivedBytes(record: Pick<DownloadRecord, 'folder'> & { readonly parts: readonly DownloadPart[] }): Promise<number> {
  let received = 0;
  for (const { name, bytes, sha256 } of record.parts) {
    const there = Math.max(sha256 === null ? 0 : await allocatedBytes(path.join(record.folder, name)), await allocatedBytes(partPath(record, name)));
    received += Math.min(there, bytes ?? there);
  }
  return received;
}

async function fetchAll(record: DownloadRecord, found: readonly FoundPart[], onProgress: (progress: DownloadProgress) => void, signal: AbortSignal): Promise<InstalledRecord> {
  const wanted = totalBytes(found);
  const sums: string[] = [];
  let done = 0;
  for (const part of found) {
    const report: Report = (received, hashed, from) => onProgress({ totalBytes: wanted, receivedBytes: done + received, hashedBytes: done + hashed, from });
    sums.push((await alreadyThere(record, part, report, signal)) ?? (await fetchPart(record, part, report, signal)));
    done += part.bytes;
  }
  throwIfAborted(signal);
  await placeAll(record, found);
  const first = path.join(record.folder, found[0]?.name ?? '');
  const files = found.map(({ name, bytes, sha256 }, index) => ({ path: path.join(record.folder, name), bytes, published: sha256, actual: sums[index] ?? null }));
  return describeModel(first, await checkModelFile(first, signal), { id: await modelIdOf(first), origin: 'downloaded', source: record.source, files });
}

type Report = (receivedBytes: number, hashedBytes: number, from: string) => void;

/** The checksum of a part that has its final name already, if it is the right one; `null` if it is to be fetched. */
async function alreadyThere(record: DownloadRecord, { name, bytes, sha256 }: FoundPart, report: Report, signal: AbortSignal): Promise<string | null> {
  const file = path.join(record.folder, name);
  const facts = await fs.stat(file).catch(() => null);
  if (facts === null || !facts.isFile() || facts.size !== bytes || sha256 === null) return null;
  let hashed = 0;
  const actual = await hashFile(file, (more) => report(bytes, (hashed += more), ''), signal);
  return actual === sha256 ? actual : null;
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

/** The first part comes last: without it nobody takes the others for a model. */
async function placeAll(record: DownloadRecord, found: readonly FoundPart[]): Promise<void> {
  for (const { name } of found.toReversed()) {
    const part = partPath(record, name);
    if ((await fs.stat(part).catch(() => null)) !== null) await placePart(part, path.join(record.folder, name));
  }
}

/**
 * Removes what has come of a download that is given up. `keep` says which files belong to a model; one of another length is nothing of
 * this download, whatever its name. @throws EngineError `storageFailed`
 */
export async function discardDownload(record: DownloadRecord, keep: (file: string) => boolean): Promise<void> {
  const placed: string[] = [];
  for (const { name, bytes } of record.parts) {
    await discardPart(partPath(record, name));
    const file = path.join(record.folder, name);
    if (!keep(file) && bytes !== null && (await allThere([{ path: file, bytes }]))) placed.push(file);
  }
  await removeFiles(record.folder, placed);
}
