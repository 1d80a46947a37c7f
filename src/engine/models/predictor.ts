import type { KvType } from '../protocol/engineTypes.js';
import type { GgufHeader } from './gguf/ggufHeader.js';

/** What is known of a model: the headers of all its parts, or what the catalogue says before any of it is here. */
export type ModelShape =
  | { readonly kind: 'headers'; readonly headers: readonly Pick<GgufHeader, 'metadata' | 'tensors'>[] }
  | {
      readonly kind: 'facts';
      /** Bytes of all weights. */
      readonly weights: number;
      /** Share of the weights that takes part in a token: 1 unless experts are routed. */
      readonly activeShare: number;
      readonly layers: number;
      /** Bytes of the KV cache per token as 16-bit floats, all layers. */
      readonly kvBytesPerToken: number;
    };

/** What is asked of a machine. */
export interface PredictedLoad {
  readonly shape: ModelShape;
  /** Tokens per slot; over a conversation that fills it half of it is read for a token on average. */
  readonly contextSize: number;
  readonly kvType: KvType;
  readonly slots: number;
  readonly batchSize: number;
}

/** Tokens per second while decoding, as predicted from the measured memory bandwidth. */
export interface PredictedSpeed {
  /** As if the model had the room here: whether it has is for `fit/` to say. `null` where nothing was measured. */
  readonly here: number | null;
  /** `null` without paired machines that lend, and where the model does not fit them. */
  readonly pod: number | null;
}

/** The memory of this machine, in bytes. */
export interface MachineMemoryFacts {
  /** Of the machine, or of the container. */
  readonly ramTotal: number;
  /** What programs can take now, caches that can be dropped included. */
  readonly ramAvailable: number;
  /** The largest GPU; `unified` where its memory is main memory. `null` without one, and where nobody could look. */
  readonly gpu: { readonly total: number; readonly unified: boolean } | null;
}

/** What this machine and the pod would do with a model. The daemon joins it with the pod. */
export interface Predictor {
  machine(signal: AbortSignal): Promise<MachineMemoryFacts>;
  predict(load: PredictedLoad, signal: AbortSignal): Promise<PredictedSpeed>;
}
