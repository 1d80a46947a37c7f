import type { Failure } from '../base/errors.js';
import type { GuardReason } from './guards.js';

/** Where a suggestion came from. */
export type SuggestionSource = 'typedThrough' | 'cache' | 'inFlight' | 'model';

/** What a suggestion cost this keystroke; a reused one costs no tokens. Times in milliseconds. */
export interface CompletionStats {
  /** From the call to the answer, the debounce included. */
  readonly latencyMs: number;
  readonly debounceMs: number;
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly generatedTokens: number;
  /** From the request to the first text; 0 without a request. */
  readonly timeToFirstTokenMs: number;
}

/** `nothing`: the model had nothing to say here, or the filters left nothing of it. */
export type EmptyReason = GuardReason | 'nothing';

/** What the call was doing when it was cancelled or superseded by a newer one. */
export type CancelStage = 'start' | 'attached' | 'debounce' | 'stream';

export interface ShownCompletion {
  readonly kind: 'shown';
  /** To insert at the cursor. */
  readonly text: string;
  /** How many characters right of the cursor the text replaces: closers that it brings along itself. */
  readonly overtype: number;
  readonly source: SuggestionSource;
  readonly stats: CompletionStats;
}

/** How a request for a completion ended; there is no other way, and nothing is thrown. */
export type CompletionOutcome =
  | ShownCompletion
  | { readonly kind: 'empty'; readonly reason: EmptyReason }
  | { readonly kind: 'cancelled'; readonly stage: CancelStage }
  | { readonly kind: 'failed'; readonly failure: Failure };
