import { createHash } from 'node:crypto';
import { throwIfAborted } from '../../base/async.js';
import type { PartFile } from './partFile.js';

const blockBytes = 1_024 * 1_024;

/**
 * The SHA-256 of a file that comes in pieces. It follows the bytes that are there without a gap and reads them back from the
 * disk (mostly its cache), so that what is hashed is what was written.
 */
export class OrderedHash {
  readonly #hash = createHash('sha256');
  readonly #block = Buffer.allocUnsafe(blockBytes);
  #done = 0;
  #end = 0;
  #running: Promise<void> | null = null;

  constructor(private readonly file: PartFile, private readonly onProgress: () => void, private readonly signal: AbortSignal) {}

  /** Bytes that are hashed. */
  get done(): number {
    return this.#done;
  }

  /** Goes on up to `end` in the background. A failure is kept for `upTo`. */
  follow(end: number): void {
    this.#end = Math.max(this.#end, end);
    if (this.#running !== null || this.#done >= this.#end) return;
    this.#running = this.#run();
    this.#running.catch(() => undefined);
  }

  /** Resolves when what was asked for is hashed. @throws EngineError `storageFailed`, `cancelled` */
  async settled(): Promise<void> {
    await this.#running;
  }

  digest(): string {
    return this.#hash.digest('hex');
  }

  async #run(): Promise<void> {
    while (this.#done < this.#end) {
      throwIfAborted(this.signal);
      const length = Math.min(blockBytes, this.#end - this.#done);
      await this.file.read(this.#block, length, this.#done);
      this.#hash.update(this.#block.subarray(0, length));
      this.#done += length;
      this.onProgress();
    }
    this.#running = null;
  }
}
