import { randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { EngineError, hasErrorCode, messageOf, storageFailure } from './errors.js';

/** The text of a file, or `null` when there is none. @throws EngineError `fileUnreadable`, also for more than `maxBytes`. */
export async function readPrivateFile(file: string, maxBytes: number): Promise<string | null> {
  try {
    const { size } = await fs.stat(file);
    if (size > maxBytes) throw new Error(`it has ${size} bytes, more than ${maxBytes}`);
    return await fs.readFile(file, 'utf8');
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return null;
    throw new EngineError({ code: 'fileUnreadable', path: file, reason: messageOf(error) }, { cause: error });
  }
}

/**
 * Makes a file that only this user can read. It appears with its whole content in one step and stays through a loss of power.
 * @returns false when there already is one, which is left as it is.
 * @throws EngineError `diskFull`, `storageFailed`
 */
export function createPrivateFile(file: string, text: string): Promise<boolean> {
  return fromDraft(file, text, async (draft) => {
    try {
      await fs.link(draft, file);
      return true;
    } catch (error) {
      if (hasErrorCode(error, 'EEXIST')) return false;
      throw error;
    }
  });
}

/** Like `createPrivateFile`, in the place of what was there: a reader sees the old text or the new one. @throws EngineError `diskFull`, `storageFailed` */
export function replacePrivateFile(file: string, text: string): Promise<void> {
  return fromDraft(file, text, (draft) => fs.rename(draft, file));
}

async function fromDraft<T>(file: string, text: string, place: (draft: string) => Promise<T>): Promise<T> {
  const draft = `${file}.${randomUUID()}.draft`;
  try {
    await fs.mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    await fs.writeFile(draft, text, { mode: 0o600, flush: true });
    return await place(draft);
  } catch (error) {
    throw storageFailure(file, error);
  } finally {
    await fs.rm(draft, { force: true }).catch(() => undefined);
  }
}

