import { setMaxListeners } from 'node:events';
import { delay, linkSignals, throwIfAborted } from '../../base/async.js';
import { systemClock } from '../../base/clock.js';
import { EngineError } from '../../base/errors.js';
import type { FetchRequest, FetchTuning } from './fetchRequest.js';
import type { Interval } from './intervals.js';
import { type FileIdentity, writeJournal } from './journal.js';
import { OrderedHash } from './orderedHash.js';
import type { PartFile } from './partFile.js';
import { PiecePlan } from './piecePlan.js';
import type { RangeSource } from './rangeSource.js';
import { backoffMs, type Patience } from './retry.js';

export interface FetchingParts {
  readonly request: FetchRequest;
  readonly tuning: FetchTuning;
  /** At least one. */
  readonly sources: readonly RangeSource[];
  readonly file: FileIdentity;
  readonly part: PartFile;
  /** What is there from before. */
  readonly received: readonly Interval[];
}

const usualConnections = 8;
const usualPieceBytes = 16 * 1_024 * 1_024;
/** Written at once: fewer system calls, and little memory. On a slow line less, so that it is seen and kept soon. */
const writeBytes = 1_024 * 1_024;
const writeMs = 250;
const journalMs = 1_000;
/** Reads in a row that end early with less than `enoughBytes`. */
const mostFruitless = 8;
const enoughBytes = 64 * 1_024;

/** One download from open file to checksum: runners that fetch pieces, the hash that follows them, the journal. */
export class Fetching {
  readonly #request: FetchRequest;
  readonly #file: FileIdentity;
  readonly #part: PartFile;
  readonly #plan: PiecePlan;
  readonly #hash: OrderedHash;
  readonly #patience: Patience;
  readonly #connections: number;
  readonly #ending: ReturnType<typeof linkSignals>;
  #sources: readonly RangeSource[];
  readonly #used = new Set<RangeSource>();
  #failure: unknown = null;
  #journalAt = 0;
  #journal: Promise<void> | null = null;

  constructor({ request, tuning, sources, file, part, received }: FetchingParts) {
    const { clock = systemClock, random = Math.random, connections = usualConnections, pieceBytes = usualPieceBytes } = tuning;
    const inPieces = sources[0]?.ranges === true;
    this.#request = request;
    this.#file = file;
    this.#part = part;
    this.#sources = sources;
    this.#plan = new PiecePlan(file.bytes, received, inPieces ? pieceBytes : file.bytes);
    this.#patience = { clock, random };
    this.#connections = inPieces ? connections : 1;
    this.#ending = linkSignals(request.signal);
    // Every piece that is being read listens.
    setMaxListeners(0, this.#ending.signal);
    this.#hash = new OrderedHash(part, () => this.#tell(), this.#ending.signal);
  }

  /** Sources that have given bytes. */
  get used(): ReadonlySet<RangeSource> {
    return this.#used;
  }

  /** To be called once. @returns the SHA-256 of the whole file */
  async run(): Promise<string> {
    try {
      this.#hash.follow(this.#plan.prefix);
      this.#tell();
      await Promise.all(Array.from({ length: this.#connections }, () => this.#fetchPieces().catch(this.#fail)));
      await this.#hash.settled().catch(this.#fail);
      await this.#journal;
      // What has come is kept, whatever the end was.
      await this.#writeJournal();
    } finally {
      this.#ending.dispose();
    }
    throwIfAborted(this.#request.signal);
    if (this.#failure !== null) throw this.#failure;
    return this.#hash.digest();
  }

  /** Keeps the first failure, and ends everything else. */
  readonly #fail = (error: unknown): void => {
    this.#failure ??= error;
    this.#ending.abort();
  };

  get #source(): RangeSource {
    const [source] = this.#sources;
    if (source === undefined) throw new EngineError({ code: 'internal', reason: 'a download without a source' });
    return source;
  }

  async #fetchPieces(): Promise<void> {
    for (let piece = this.#plan.claim(); piece !== null; piece = this.#plan.claim()) {
      try {
        await this.#fetch(piece);
      } finally {
        this.#plan.release(piece);
      }
    }
  }

  async #fetch({ from, to }: Interval): Promise<void> {
    const place = { at: from };
    let fruitless = 0;
    while (place.at < to) {
      const source = this.#source;
      const before = place.at;
      try {
        await this.#read(source, place, to);
        fruitless = place.at - before >= enoughBytes ? 0 : fruitless + 1;
        if (place.at < to && fruitless >= mostFruitless) throw new EngineError({ code: 'downloadBroken', url: source.from, reason: 'the connection ends again and again' });
      } catch (error) {
        this.#leave(source, error);
        fruitless = 0;
      }
      if (place.at < to && fruitless > 0) await delay(backoffMs(fruitless, this.#patience.random), this.#ending.signal, this.#patience.clock);
    }
  }

  /** Goes on with the next source, or throws what this one failed with. */
  #leave(source: RangeSource, error: unknown): void {
    throwIfAborted(this.#ending.signal);
    const others = this.#sources.filter((other) => other !== source);
    if (others.length === 0 || EngineError.is(error, 'diskFull') || EngineError.is(error, 'storageFailed')) throw error;
    this.#sources = others;
  }

  /** Writes what comes from `place` on, and moves it on. */
  async #read(source: RangeSource, place: { at: number }, to: number): Promise<void> {
    const buffer = Buffer.allocUnsafe(Math.min(writeBytes, to - place.at));
    let filled = 0;
    const { clock } = this.#patience;
    let writtenAt = clock.now();
    const write = async (): Promise<void> => {
      const bytes = buffer.subarray(0, filled);
      filled = 0;
      writtenAt = clock.now();
      await this.#part.write(bytes, place.at);
      this.#wrote({ from: place.at, to: place.at + bytes.length });
      place.at += bytes.length;
    };
    const start = source.ranges ? place.at : 0;
    // A source without pieces gives again what is there.
    let skipped = place.at - start;
    try {
      for await (const chunk of source.read(start, to - start, this.#ending.signal)) {
        this.#used.add(source);
        const skip = Math.min(skipped, chunk.length);
        skipped -= skip;
        for (let rest = chunk.subarray(skip, skip + to - place.at - filled); rest.length > 0; ) {
          const taken = rest.subarray(0, buffer.length - filled);
          buffer.set(taken, filled);
          filled += taken.length;
          rest = rest.subarray(taken.length);
          if (filled === buffer.length) await write();
        }
        if (filled > 0 && clock.now() - writtenAt >= writeMs) await write();
      }
    } finally {
      if (filled > 0) await write();
    }
  }

  #wrote(written: Interval): void {
    this.#plan.add(written);
    this.#hash.follow(this.#plan.prefix);
    this.#tell();
    const now = this.#patience.clock.now();
    if (this.#journal !== null || now - this.#journalAt < journalMs) return;
    this.#journalAt = now;
    this.#journal = this.#writeJournal().finally(() => {
      this.#journal = null;
    });
  }

  async #writeJournal(): Promise<void> {
    const { received } = this.#plan;
    try {
      // What the journal says must be on the disk before.
      await this.#part.sync();
      await writeJournal(this.#request.part, this.#file, received);
    } catch (error) {
      this.#fail(error);
    }
  }

  #tell(): void {
    this.#request.onProgress({ receivedBytes: this.#plan.receivedBytes, hashedBytes: this.#hash.done, from: this.#source.from });
  }
}
