import fs from 'node:fs/promises';

/** An open file; whoever opened it closes it. */
export interface RegularFile {
  readonly handle: fs.FileHandle;
  readonly bytes: number;
}

/**
 * Opens for reading what the user has named, which may be anything: all but a file is refused with an error that says so. A plain open
 * of a pipe would hold a thread of the few that all reads share, until somebody writes into it.
 */
export async function openRegularFile(file: string): Promise<RegularFile> {
  // Windows has no such flag, which counts as none.
  const handle = await fs.open(file, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
  try {
    const facts = await handle.stat();
    if (!facts.isFile()) throw new Error('it is not a file');
    return { handle, bytes: facts.size };
  } catch (error) {
    await handle.close();
    throw error;
  }
}
