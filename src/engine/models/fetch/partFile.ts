import fs from 'node:fs/promises';
import path from 'node:path';
import { EngineError, hasErrorCode, storageFailure } from '../../base/errors.js';
import { journalPath } from './journal.js';

/** What a download needs of an open file. */
export interface PartHandle {
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }>;
  write(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ readonly bytesWritten: number }>;
  datasync(): Promise<void>;
  close(): Promise<void>;
}

export type OpenPart = (file: string) => Promise<PartHandle>;

/** Opens the file for reading and writing; makes it if it is not there. */
export const openOnDisk: OpenPart = async (file) => {
  await fs.mkdir(path.dirname(file), { recursive: true });
  return fs.open(file, fs.constants.O_RDWR | fs.constants.O_CREAT);
};

/** The partial file of a download. All failures are `diskFull` or `storageFailed`. */
export class PartFile {
  private constructor(readonly path: string, private readonly handle: PartHandle) {}

  /** Not made as long as the file will be: a file system without holes (exFAT on an external disk) would first write zeros. */
  static async open(file: string, openPart: OpenPart): Promise<PartFile> {
    return new PartFile(file, await named(file, () => openPart(file)));
  }

  async write(bytes: Uint8Array, position: number): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await named(this.path, () => this.handle.write(bytes, done, bytes.length - done, position + done));
      done += bytesWritten;
    }
  }

  /** Fills the buffer, or as much of it as `length`. */
  async read(buffer: Uint8Array, length: number, position: number): Promise<void> {
    for (let done = 0; done < length; ) {
      const { bytesRead } = await named(this.path, () => this.handle.read(buffer, done, length - done, position + done));
      if (bytesRead === 0) throw new EngineError({ code: 'storageFailed', path: this.path, reason: 'it has become shorter' });
      done += bytesRead;
    }
  }

  /** Returns when all that was written stays through a loss of power. */
  sync(): Promise<void> {
    return named(this.path, () => this.handle.datasync());
  }

  close(): Promise<void> {
    return named(this.path, () => this.handle.close());
  }
}

/** How a file gets a second name; a seam for file systems that know of one only. */
export type Link = (file: string, name: string) => Promise<void>;

/**
 * Gives a verified part its final name, and ends its journal. A file that has that name already is left as it is.
 * @returns false where there is one; the part stays then
 * @throws EngineError `diskFull`, `storageFailed`
 */
export function placePart(part: string, final: string, link: Link = fs.link): Promise<boolean> {
  return named(final, async () => {
    // To rename it would put it in the place of what is there, and to look before leaves a moment in between.
    const linked = await link(part, final).then(() => true, (error: unknown) => (hasErrorCode(error, 'EEXIST') ? null : false));
    if (linked === null || (!linked && !(await claim(final)))) return false;
    await (linked ? fs.rm(part) : renameOver(part, final));
    await fs.rm(journalPath(part), { force: true });
    return true;
  });
}

/** The same in the place of what is there. @throws EngineError `diskFull`, `storageFailed` */
export function replaceByPart(part: string, final: string): Promise<void> {
  return named(final, async () => {
    await fs.rename(part, final);
    await fs.rm(journalPath(part), { force: true });
  });
}

/** Takes a name with an empty file, as on exFAT and many network drives, which have no links; false where it is taken. */
async function claim(name: string): Promise<boolean> {
  try {
    const handle = await fs.open(name, 'wx');
    await handle.close();
    return true;
  } catch (error) {
    if (hasErrorCode(error, 'EEXIST')) return false;
    throw error;
  }
}

async function renameOver(part: string, claimed: string): Promise<void> {
  try {
    await fs.rename(part, claimed);
  } catch (error) {
    await fs.rm(claimed, { force: true });
    throw error;
  }
}

/** Removes a part and its journal, if they are there. @throws EngineError `storageFailed` */
export async function discardPart(part: string): Promise<void> {
  await named(part, async () => {
    await fs.rm(journalPath(part), { force: true });
    await fs.rm(part, { force: true });
  });
}

async function named<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storageFailure(file, error);
  }
}
