import path from 'node:path';
import { EngineError } from '../../base/errors.js';
import { discardPart, placePart, replaceByPart } from '../fetch/partFile.js';
import { allocatedBytes, allThere } from './disk.js';
import type { DownloadPart, DownloadRecord } from './downloadRecord.js';
import { hashFile } from './hashFile.js';
import { removeFiles } from './removeFiles.js';
import { exists } from './target.js';

type Folder = Pick<DownloadRecord, 'folder'>;

/** Where a part of a download goes. */
export const placeOf = ({ folder }: Folder, name: string): string => path.join(folder, name);

const partOf = (file: string): string => `${file}.part`;

/** Where it is until it is verified. */
export const partPath = (record: Folder, name: string): string => partOf(placeOf(record, name));

/** What is on the disk of a download, in bytes. A file with the name of a part that nobody can verify is none of it. */
export async function receivedBytes(record: Pick<DownloadRecord, 'folder' | 'parts'>): Promise<number> {
  let received = 0;
  for (const { name, bytes, sha256, fetched } of record.parts) {
    const verifiable = (sha256 ?? fetched ?? null) !== null;
    const there = Math.max(verifiable ? await allocatedBytes(placeOf(record, name)) : 0, await allocatedBytes(partPath(record, name)));
    received += Math.min(there, bytes ?? there);
  }
  return received;
}

/** Whether a file may be replaced, for an earlier download of the same has brought it. */
export type IsOwn = (file: string) => boolean;

/**
 * The checksum of a part that has its name already, if it is the right one: as it is published, or as this download has fetched it
 * before. `null` if it is to be fetched. @throws EngineError `fileInTheWay`, `storageFailed`, as `hashFile`
 */
export async function sumInPlace(file: string, { bytes, sha256, fetched }: DownloadPart, isOwn: IsOwn, onBytes: (bytes: number) => void, signal: AbortSignal): Promise<string | null> {
  if (!(await exists(file))) return null;
  const wanted = sha256 ?? fetched ?? null;
  if (wanted !== null && bytes !== null && (await holds({ file, bytes, sum: wanted }, onBytes, signal))) return wanted;
  if (isOwn(file)) return null;
  throw new EngineError({ code: 'fileInTheWay', path: file });
}

/** Whether a file is the one with this length and this checksum. @throws EngineError as `hashFile` */
async function holds({ file, bytes, sum }: Omit<ArrivedPart, 'inPlace'>, onBytes: (bytes: number) => void, signal: AbortSignal): Promise<boolean> {
  return (await allThere([{ path: file, bytes }])) && (await hashFile(file, onBytes, signal)) === sum;
}

/** A part that is here and verified. */
export interface ArrivedPart {
  /** Its final name. */
  readonly file: string;
  readonly bytes: number;
  readonly sum: string;
  /** Whether it has that name already. */
  readonly inPlace: boolean;
}

/** Gives all parts their names; the first one last, for without it nobody takes the others for a model. @throws EngineError `fileInTheWay`, `diskFull`, `storageFailed`, as `hashFile` */
export async function placeAll(parts: readonly ArrivedPart[], isOwn: IsOwn, signal: AbortSignal): Promise<void> {
  for (const { file, bytes, sum, inPlace } of parts.toReversed()) {
    const part = partOf(file);
    // A process that was killed in between has left both names.
    if (inPlace) await discardPart(part);
    else if (isOwn(file)) await replaceByPart(part, file);
    else if (!(await placePart(part, file))) {
      if (!(await holds({ file, bytes, sum }, () => undefined, signal))) throw new EngineError({ code: 'fileInTheWay', path: file });
      await discardPart(part);
    }
  }
}

/**
 * Removes what has come of a download that is given up. `keep` says which files belong to a model; one of another length is nothing of
 * this download, whatever its name, nor is one whose part is there still. @throws EngineError `storageFailed`
 */
export async function discardDownload(record: Pick<DownloadRecord, 'folder' | 'parts'>, keep: (file: string) => boolean): Promise<void> {
  const placed: string[] = [];
  for (const { name, bytes, fetched } of record.parts) {
    const file = placeOf(record, name);
    const part = partOf(file);
    const isPlaced = fetched !== undefined && bytes !== null && !(await exists(part));
    await discardPart(part);
    if (isPlaced && !keep(file) && (await allThere([{ path: file, bytes }]))) placed.push(file);
  }
  await removeFiles(record.folder, placed);
}
