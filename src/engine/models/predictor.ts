import type { GgufHeader } from './gguf/ggufHeader.js';

/** What is asked of a machine: the headers of all parts, the context, and the type of the KV cache. */
export interface PredictedLoad {
  readonly name: string;
  readonly bytes: number;
  readonly headers: readonly Pick<GgufHeader, 'metadata' | 'tensors'>[];
  readonly contextSize: number;
  readonly slots: number;
  readonly batchSize: number;
}

/** Tokens per second while decoding, as predicted from the measured memory bandwidth; `null` where it does not fit or nothing was measured. */
export interface PredictedSpeed {
  readonly here: number | null;
  readonly pod: number | null;
}

/** What this machine and the pod would do with a model. The daemon joins it with the pod. */
export interface Predictor {
  predict(load: PredictedLoad, signal: AbortSignal): Promise<PredictedSpeed>;
}
