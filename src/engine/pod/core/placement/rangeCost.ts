import type { ModelCost } from './modelCost.js';

/** A device that can hold layers. */
export interface PlacementMachine {
  /** Fingerprint, or `here`. There may be two of `here`: the processor, which takes first layers, and a GPU, which takes last ones. */
  readonly id: string;
  /** Memory for weights, KV cache and compute buffers. */
  readonly usableBytes: number;
  readonly device: 'gpu' | 'cpu';
  /** Bytes of weights per second while decoding. */
  readonly bandwidth: number;
  /** Seconds that a layer costs beside reading its weights. */
  readonly layerOverhead: number;
  /** Seconds there and back, bytes per second. `null` for `here`, and for a machine that is not connected. */
  readonly link: { readonly roundTrip: number; readonly throughput: number } | null;
}

/** The context that the model gets, and how much it is asked to read at once. */
export interface PlacementContext {
  /** Tokens per slot. */
  readonly tokens: number;
  readonly slots: number;
  /** Most tokens in one step. */
  readonly batchSize: number;
}

export const here = 'here';

/** llama.cpp rounds contexts up to this (`GGML_PAD` in `llama_context`). */
const contextPadding = 256;

/** What the layers `first` to `end` (not included) cost on a machine, with or without the output layer. */
export interface RangeCost {
  readonly layers: number;
  /** Weights, KV cache and compute buffers. */
  bytes(machine: PlacementMachine, first: number, end: number, output: boolean): number;
  /** Seconds that they add to a token; infinite where they do not fit. */
  seconds(machine: PlacementMachine, first: number, end: number, output: boolean): number;
}

/**
 * Time of a machine = (weights read for a token + KV cache read) / bandwidth + layers × overhead, and for a remote one the round
 * trip and the bytes over its link. Decoding reads every active weight once, and is bound by that. It also reads the cache as far
 * as it is filled; over a conversation that fills its context this is half of it on average. With ggml's RPC each machine gets its
 * activations and the attention's mask from the coordinator and returns its results to it, in whichever order machines follow each
 * other; only the last of these messages is waited for.
 */
export function rangeCost(model: ModelCost, context: PlacementContext): RangeCost {
  const layers = model.layers.length;
  const weights = runningSum(model.layers.map((layer) => layer.bytes));
  const active = runningSum(model.layers.map((layer) => layer.activeBytes));
  const kv = runningSum(model.layers.map((layer) => layer.kvBytesPerToken));
  const cells = Math.ceil(context.tokens / contextPadding) * contextPadding;
  const between = (sums: Float64Array, first: number, end: number): number => (sums[end] ?? 0) - (sums[first] ?? 0);

  // The mask of the attention has a float for each token of a batch and of its context, of 16 bits with flash attention.
  const maskBytes = model.scoreBytes > 0 ? 4 : 2;
  // Scores of the attention and of the vocabulary are not there at the same time.
  const buffers = (output: boolean): number =>
    context.batchSize * (model.activationBytes + cells * maskBytes + Math.max(cells * model.scoreBytes, output ? model.logitsBytes : 0));

  const bytes: RangeCost['bytes'] = (machine, first, end, output) => {
    if (end === first && !output) return 0;
    const onProcessorHere = machine.id === here && machine.device === 'cpu';
    let sum = between(weights, first, end) + between(kv, first, end) * cells * context.slots + buffers(output);
    if (onProcessorHere) sum += model.inputBytes;
    if (output && !(onProcessorHere && model.output.tied)) sum += model.output.bytes;
    return Math.ceil(sum);
  };
  return {
    layers,
    bytes,
    seconds(machine, first, end, output) {
      if (end === first && !output) return 0;
      if (bytes(machine, first, end, output) > machine.usableBytes) return Infinity;
      const read = between(active, first, end) + (output ? model.output.activeBytes : 0) + (between(kv, first, end) * context.tokens) / 2;
      const own = read / machine.bandwidth + (end - first) * machine.layerOverhead;
      if (machine.link === null) return own;
      const crossing = model.hopBytes + (context.tokens / 2) * maskBytes + (output ? model.logitsBytes : model.hopBytes);
      return own + machine.link.roundTrip + crossing / machine.link.throughput;
    },
  };
}

/** `[0, a, a + b, …]` */
function runningSum(values: readonly number[]): Float64Array {
  const sums = new Float64Array(values.length + 1);
  for (const [index, value] of values.entries()) sums[index + 1] = (sums[index] ?? 0) + value;
  return sums;
}
