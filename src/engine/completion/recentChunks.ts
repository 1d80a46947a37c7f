import { sharedLines, significantLines } from './lineSimilarity.js';
import type { DocumentSnapshot } from './snapshot.js';

/** Most lines of a chunk. */
export const chunkLines = 64;
/** A chunk with more characters is data, not code. */
const chunkCharacters = 8_192;
/** Chunks that may wait to enter; the oldest gives way. */
const queueLength = 16;
/** This similar (share of common lines): the same text, and the old one keeps its place. */
const same = 0.9;
/** This similar: another state of the same text, which the new one replaces. */
const similar = 0.5;

/** A piece of text that the user has seen or edited a moment ago. */
export interface Chunk {
  readonly uri: string;
  /** Relative to the workspace. */
  readonly path: string;
  readonly text: string;
}

interface Entry {
  readonly chunk: Chunk;
  readonly lines: ReadonlySet<string>;
}

/**
 * Recently seen chunks across files, oldest first, for the front of the prompt. A change of this list makes the whole
 * KV cache of the slot invalid, so new chunks wait in a queue until `admit` is called in an idle moment, and a full
 * ring gives up a quarter of its chunks at once instead of one with every newcomer. (Idea: llama.vscode's ring.)
 */
export class RecentChunks {
  #queue: Entry[] = [];
  #ring: Entry[] = [];

  get waiting(): number {
    return this.#queue.length;
  }

  /** Hands in a chunk; it is part of prompts after the next `admit`. */
  offer(chunk: Chunk): void {
    if (chunk.text.length > chunkCharacters) return;
    const lines = significantLines(chunk.text);
    if (lines.size < 3) return;
    this.#queue = this.#queue.filter((other) => other.chunk.uri !== chunk.uri || sharedLines(lines, other.lines) < similar);
    this.#queue.push({ chunk, lines });
    if (this.#queue.length > queueLength) this.#queue.shift();
  }

  /** Lets the waiting chunks in; answers whether the ring has changed, so that warming the slot is worth while. */
  admit(capacity: number): boolean {
    const queue = this.#queue;
    this.#queue = [];
    let changed = false;
    for (const entry of queue) {
      if (this.#ring.some((other) => sharedLines(entry.lines, other.lines) >= same)) continue;
      this.#ring = this.#ring.filter((other) => sharedLines(entry.lines, other.lines) < similar);
      this.#ring.push(entry);
      changed = true;
    }
    if (this.#ring.length > capacity) {
      this.#ring = this.#ring.slice(this.#ring.length - Math.ceil(capacity * 0.75));
      changed = true;
    }
    return changed;
  }

  /**
   * The chunks for a prompt, in stable order, without those that the prefix or the suffix already shows. Does not look
   * at the cursor's line, so the answer stays the same while that line is typed.
   */
  select(snapshot: DocumentSnapshot, capacity: number): Chunk[] {
    if (capacity === 0 || this.#ring.length === 0) return [];
    let window: ReadonlySet<string> | undefined;
    const shown = (entry: Entry): boolean => {
      window ??= significantLines(`${snapshot.prefix}${snapshot.below}`);
      return sharedLines(entry.lines, window) >= similar;
    };
    return this.#ring
      .filter((entry) => entry.chunk.uri !== snapshot.uri || !shown(entry))
      .slice(-capacity)
      .map((entry) => entry.chunk);
  }
}
