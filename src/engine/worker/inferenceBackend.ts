import type { Role } from '../base/errors.js';
import type { ChatTurn, ModelInfo, Sampling } from '../protocol/engineTypes.js';
import type { LoadParams } from '../protocol/workerMessages.js';

/** Token ids of one model's vocabulary. */
export type Tokens = readonly number[];

/** The tokens around which a model was trained to fill in the middle. */
export interface FimTokens {
  readonly begin: number;
  readonly hole: number;
  readonly end: number;
}

/** A chat as the model sees it, up to where its answer starts. */
export interface ChatPrompt {
  readonly tokens: Tokens;
  /** Tokens that end the answer besides the vocabulary's own end tokens. */
  readonly stopTokens: ReadonlySet<number>;
  /** Texts that end the answer; they are no part of it. */
  readonly stopTexts: readonly string[];
  /** What the template has already opened for the answer, for instance `<think>`; the reader of the answer needs it. */
  readonly opened: string;
}

/** Text to tokens and back. */
export interface Vocabulary {
  /** The token that every prompt starts with, if the model wants one. */
  readonly begin: number | null;
  readonly fim: FimTokens | null;
  /** User text: words that look like special tokens stay words. */
  tokenize(text: string): Tokens;
  /** `before` are the tokens that stand to the left, which some vocabularies need for a leading space. */
  textOf(tokens: Tokens, before: Tokens): string;
  chatPrompt(turns: readonly ChatTurn[]): ChatPrompt;
}

/** One sequence of a context: its tokens stay in the KV cache between requests. */
export interface Sequence {
  /** Keeps the longest beginning that the cache shares with `tokens`, drops the rest, and answers how long it is. */
  keepPrefix(tokens: Tokens): Promise<number>;
  /** Evaluates tokens after the cached ones, without sampling. */
  evaluate(tokens: Tokens): Promise<void>;
  /**
   * Evaluates tokens and samples what follows, one decode step per iteration, until the model ends.
   * Leaving the iteration stops it: no step is begun ahead. The text of what is sampled begins with `startsWith`.
   */
  generate(tokens: Tokens, sampling: Sampling, startsWith: string): AsyncGenerator<number, void, void>;
}

/** The part of a loaded model that serves one role. */
export interface RoleContext {
  readonly info: ModelInfo;
  /** Most tokens evaluated in one decode step. */
  readonly batchSize: number;
  readonly sequences: readonly Sequence[];
}

export interface LoadedModel {
  /** See `LoadResult.layerDevices`. */
  readonly layerDevices: string[] | null;
  /** See `LoadResult.reduced`. */
  readonly reduced: boolean;
  /** See `LoadResult.wrongRole`. */
  readonly wrongRole: Role | null;
  readonly vocabulary: Vocabulary;
  readonly roles: Readonly<Record<Role, RoleContext | null>>;
  /** Running totals since the load. */
  counters(): { readonly decodeSteps: number; readonly evaluatedTokens: number };
}

/** What a load tells on its way. */
export interface LoadEvents {
  /** Values from 0 to 1. */
  progress(progress: number): void;
  /** See `localMemoryRequest`; the load waits for it. */
  localMemory(freeBytes: number): Promise<void>;
}

/** What runs a model. */
export interface InferenceBackend {
  /** Rejects with a failure of the model file, `gpuUnavailable`, `remoteLayersUnavailable` or `cancelled`. */
  load(params: LoadParams, events: LoadEvents, signal: AbortSignal): Promise<LoadedModel>;
}
