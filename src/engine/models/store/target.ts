import fs from 'node:fs/promises';
import path from 'node:path';
import { hasErrorCode, storageFailure } from '../../base/errors.js';
import type { ModelSource } from '../../protocol/modelTypes.js';
import { fileOf } from '../catalogue/catalogue.js';

/** Names that Windows gives to devices, with any ending. */
const deviceName = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;
/** File systems take 255, and a download adds to the name while it comes. */
const mostBytes = 160;

/**
 * One step of a path, made of a name from elsewhere: letters, digits and a few signs, never hidden, never leading anywhere else. The
 * end of a long name stays, since it says which part of a model a file is.
 */
export function safeName(name: string): string {
  const plain = name.normalize('NFC').replaceAll(/[^\p{L}\p{N}._+-]/gu, '_').replaceAll(/\.{2,}/g, '.');
  const short = endOf(plain).replace(/^\.+/, '').replace(/\.+$/, '');
  return short === '' || deviceName.test(short) ? `_${short}` : short;
}

/** As much of the end as fits, in whole letters. */
function endOf(name: string): string {
  const letters = [...name];
  let bytes = 0;
  const first = letters.findLastIndex((letter) => (bytes += Buffer.byteLength(letter)) > mostBytes);
  return letters.slice(first + 1).join('');
}

/** The folder below that of all downloads in which the files of a source go, as other programs for models lay theirs out. */
export function folderOf(source: ModelSource): string[] {
  switch (source.kind) {
    case 'catalogue':
      return (fileOf(source)?.repository ?? source.model).split('/').map(safeName);
    case 'hub':
      return source.repository.split('/').map(safeName);
    case 'url':
      return [safeName(new URL(source.url).hostname)];
  }
}

/** The name that a file gets here, by its address. */
export function fileNameOf(url: string): string {
  const last = new URL(url).pathname.split('/').at(-1) ?? '';
  const name = safeName(decoded(last));
  return /\.gguf$/i.test(name) ? name : `${name}.gguf`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The first folder of `folder`, `folder-2`, `folder-3` … in which none of the names is taken. */
export async function freeFolder(folder: string, names: readonly string[], taken: (file: string) => Promise<boolean>): Promise<string> {
  for (let count = 1; ; count++) {
    const candidate = count === 1 ? folder : `${folder}-${count}`;
    const clashes = await Promise.all(names.map((name) => taken(path.join(candidate, name))));
    if (!clashes.includes(true)) return candidate;
  }
}

/** Whether two paths may be one file: the usual disks of macOS and Windows do not tell capital letters from small ones. */
export function samePlace(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** Whether a name is taken. @throws EngineError `storageFailed` for what cannot be looked at: each other name there would seem to be taken, too */
export async function exists(file: string): Promise<boolean> {
  try {
    await fs.lstat(file);
    return true;
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT', 'ENOTDIR')) return false;
    throw storageFailure(file, error);
  }
}
