import type { OpenPart } from './partFile.js';
import type { RangeSource } from './rangeSource.js';
import type { Patience } from './retry.js';

export interface FetchProgress {
  readonly receivedBytes: number;
  /** Follows the received ones. All are there and this is less: what is left to do is to verify. */
  readonly hashedBytes: number;
  /** Who gives the bytes at present. */
  readonly from: string;
}

export interface FetchRequest {
  /** Who has the file, the best one first: the next one is asked when it fails for good. They must have the same file. */
  readonly sources: readonly RangeSource[];
  /** Where the bytes go. It and its journal stay when the download ends early, and the next one goes on from there. */
  readonly part: string;
  /** Bytes of the file. */
  readonly bytes: number;
  /** What the file must have, in lower-case hexadecimal; `null` where nobody knows. */
  readonly sha256: string | null;
  /** Called at every piece that was written or hashed, many times a second. */
  readonly onProgress: (progress: FetchProgress) => void;
  readonly signal: AbortSignal;
}

export interface FetchTuning extends Partial<Patience> {
  /** Pieces at the same time. */
  readonly connections?: number;
  readonly pieceBytes?: number;
  readonly openPart?: OpenPart;
}
