import fs from 'node:fs/promises';
import path from 'node:path';
import { hasErrorCode } from '../../../base/errors.js';
import type { Logger } from '../../../base/logger.js';
import { totalBytes } from '../../../base/totalBytes.js';
import { type CachedFile, surplusFiles } from '../../core/lending/cacheChoice.js';

/** ggml names a tensor's file by the hash of its bytes. */
const weightsName = /^[0-9a-f]{16}$/;
/** Is there while a layer server may write: what it wrote last may be incomplete if nobody saw it end. */
const marker = 'in-use';
/** Room on the disk that is left to others. */
const diskReserve = 2 * 1_024 * 1_024 * 1_024;
/** Pruned again when about this much has been written: the layer server itself knows no limit. */
const pruneEvery = 1_024 * 1_024 * 1_024;

/** The part of the cache that one lease uses. */
export interface LeasedWeights {
  readonly directory: string;
  /** The layer server is about to write a tensor. */
  expect(hash: string, bytes: number): void;
  /** After the layer server's end: removes what it has not written in full, and what exceeds the limit. */
  close(): Promise<void>;
}

/**
 * Weights that were lent before, on disk. Each machine has a folder of its own: the hash is not a cryptographic one, so that in a common folder
 * one machine could put its weights in the place of another's, or read them. Nothing here keeps a lease from coming about.
 */
export class WeightCache {
  #pruning: Promise<void> = Promise.resolve();

  constructor(private readonly root: string, private readonly log: Logger) {}

  /** The folder of a machine for the time of a lease; `null` where nothing can be kept. `limit` in bytes is for all folders together. */
  async open(machine: string, limit: number): Promise<LeasedWeights | null> {
    const directory = path.join(this.root, machine);
    if (limit === 0) {
      await this.prune(0);
      return null;
    }
    try {
      await fs.mkdir(directory, { recursive: true, mode: 0o700 });
      await removeUnfinished(directory);
      await this.prune(limit);
      if ((await this.#bound(limit)) === 0) return null;
      await fs.writeFile(path.join(directory, marker), '');
    } catch (error) {
      this.log.warn(`weights are not kept: ${String(error)}`);
      return null;
    }
    const expected = new Map<string, number>();
    let written = 0;
    return {
      directory,
      expect: (hash, bytes) => {
        expected.set(hash, bytes);
        written += bytes;
        if (written < Math.min(pruneEvery, limit / 8)) return;
        written = 0;
        void this.prune(limit);
      },
      close: async () => {
        try {
          await removeIncomplete(directory, expected);
          await fs.rm(path.join(directory, marker), { force: true });
        } catch (error) {
          this.log.warn(`the kept weights could not be checked: ${String(error)}`);
        }
        await this.prune(limit);
      },
    };
  }

  /** Removes the least recently used weights until the rest is within the limit in bytes, and leaves the disk some room. */
  prune(limit: number): Promise<void> {
    this.#pruning = this.#pruning.then(() => this.#prune(limit));
    return this.#pruning;
  }

  async #prune(limit: number): Promise<void> {
    try {
      if ((await fs.stat(this.root).catch(gone)) === null) return;
      const surplus = surplusFiles(await this.#files(), await this.#bound(limit));
      for (const { name } of surplus) await fs.rm(name, { force: true });
      if (surplus.length > 0) this.log.info(`${surplus.length} kept tensors removed`);
    } catch (error) {
      this.log.warn(`the kept weights could not be pruned: ${String(error)}`);
    }
  }

  async #bound(limit: number): Promise<number> {
    const { bavail, bsize } = await fs.statfs(this.root);
    const used = totalBytes(await this.#files());
    return Math.max(0, Math.min(limit, used + bavail * bsize - diskReserve));
  }

  async #files(): Promise<CachedFile[]> {
    const files: CachedFile[] = [];
    for (const name of await fs.readdir(this.root, { recursive: true })) {
      if (!weightsName.test(path.basename(name))) continue;
      const file = path.join(this.root, name);
      const stat = await fs.stat(file).catch(gone);
      // A file system may not keep times of access; those of writing are always there.
      if (stat?.isFile() === true) files.push({ name: file, bytes: stat.size, usedAt: Math.max(stat.atimeMs, stat.mtimeMs) });
    }
    return files;
  }
}

/** After an end that nobody saw, such as a power cut: nothing written since the last start is to be trusted. */
async function removeUnfinished(directory: string): Promise<void> {
  const mark = await fs.stat(path.join(directory, marker)).catch(gone);
  if (mark === null) return;
  for (const name of await fs.readdir(directory)) {
    const file = path.join(directory, name);
    if (weightsName.test(name) && (await fs.stat(file)).mtimeMs >= mark.mtimeMs) await fs.rm(file, { force: true });
  }
}

/** ggml writes without looking whether it could: on a full disk, or when it is killed, a file ends early, and would be taken for the tensor. */
async function removeIncomplete(directory: string, expected: ReadonlyMap<string, number>): Promise<void> {
  for (const [hash, bytes] of expected) {
    const file = path.join(directory, hash);
    const stat = await fs.stat(file).catch(gone);
    if (stat !== null && stat.size !== bytes) await fs.rm(file, { force: true });
  }
}

function gone(error: unknown): null {
  if (hasErrorCode(error, 'ENOENT')) return null;
  throw error;
}
