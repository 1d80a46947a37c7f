import fs from 'node:fs/promises';
import path from 'node:path';
import { hasErrorCode, storageFailure } from '../../engine/base/errors.js';
import { readKeptJson, writeKeptJson } from '../../engine/base/keptJson.js';
import type { Logger } from '../../engine/base/logger.js';
import { type WantedDownload, wishSchema } from './wantedDownloads.js';

const maxBytes = 65_536;
/** Nobody wants more at once. */
const maxFiles = 256;

/**
 * What downloads are wanted for, one file each in a folder of all windows: a window that is reloaded or opened later keeps the promise of
 * another one. Who takes the file away acts, so that of several windows one alone does.
 */
export class WantedFiles {
  constructor(
    private readonly folder: string,
    private readonly log: Logger,
  ) {}

  /** Those of all windows. What cannot be read is passed over. */
  async all(): Promise<WantedDownload[]> {
    const names = await fs.readdir(this.folder).catch(() => []);
    const read = await Promise.all(names.filter((name) => name.endsWith('.json')).slice(0, maxFiles).map(async (name) => {
      try {
        return (await readKeptJson(path.join(this.folder, name), wishSchema, maxBytes)).value;
      } catch (error) {
        this.log.warn(`what a download is for was not read: ${String(error)}`);
        return null;
      }
    }));
    // The daemon had it before it was written.
    return read.filter((wish) => wish !== null).map((wish) => ({ ...wish, listed: true }));
  }

  /** @throws EngineError `diskFull`, `storageFailed` */
  async keep({ id, name, source, role, fitsHere }: WantedDownload): Promise<void> {
    await writeKeptJson(this.#file({ id, role }), { id, name, source, role, fitsHere });
  }

  /** Ends the wait. False when another window has done so before. @throws EngineError `storageFailed` */
  async take(wanted: Pick<WantedDownload, 'id' | 'role'>): Promise<boolean> {
    const file = this.#file(wanted);
    try {
      await fs.unlink(file);
      return true;
    } catch (error) {
      if (hasErrorCode(error, 'ENOENT')) return false;
      throw storageFailure(file, error);
    }
  }

  #file({ id, role }: Pick<WantedDownload, 'id' | 'role'>): string {
    return path.join(this.folder, `${encodeURIComponent(id)}.${role}.json`);
  }
}
