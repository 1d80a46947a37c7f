import fs from 'node:fs/promises';
import path from 'node:path';
import { EngineError, storageFailure } from '../../base/errors.js';
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

/** Gives a verified part its final name, and ends its journal. @throws EngineError `diskFull`, `storageFailed` */
export async function placePart(part: string, final: string): Promise<void> {
  await named(final, async () => {
    await fs.rename(part, final);
    await fs.rm(journalPath(part), { force: true });
  });
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
