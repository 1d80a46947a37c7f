/** What of a GGUF header is needed; the header that `models/` reads has this shape. A model in several files has several headers. */
export interface HeaderFacts {
  readonly metadata: ReadonlyMap<string, number | boolean | string | { readonly length: number; readonly numbers: readonly number[] | null }>;
  readonly tensors: readonly { readonly name: string; readonly dimensions: readonly number[]; readonly bytes: number }[];
}

/** One repeating layer. */
export interface LayerCost {
  /** Weights in memory. */
  readonly bytes: number;
  /** Weights that are read for one token: of the routed experts only those that take part. */
  readonly activeBytes: number;
  readonly kvBytesPerToken: number;
}

/** What the parts of a model cost, in bytes. */
export interface ModelCost {
  readonly layers: readonly LayerCost[];
  /** `tied`: the weights are those of the token embeddings, so that the processor here needs them once for both. */
  readonly output: { readonly bytes: number; readonly activeBytes: number; readonly tied: boolean };
  /** Token embeddings and what else stays in the main memory of the coordinator. One row of them is read per token. */
  readonly inputBytes: number;
  /** The activations of one token between two layers: what crosses a link, each way. */
  readonly hopBytes: number;
  /** The scores of one token over the vocabulary: what comes back from a machine with the output layer. */
  readonly logitsBytes: number;
  /** Compute buffers of a device per token of a batch, beside `scoreBytes` and `logitsBytes`. */
  readonly activationBytes: number;
  /** Scores of a token of a batch over one token of its context, in the compute buffers of a device; 0 with flash attention. */
  readonly scoreBytes: number;
}

const floatBytes = Float32Array.BYTES_PER_ELEMENT;
const mostLayers = 4_096;

/**
 * Takes a model apart by the names of its tensors (as llama.cpp's `llama-arch` has them): `blk.N.…` are layers, `…_exps` in them
 * routed experts in one tensor, `output…` the output layer. Without an `output.weight` the token embeddings serve as such.
 * `kvBytesPerLayer` and whether attention is computed without its scores in memory come from `models/memory`.
 */
export function modelCost(headers: readonly HeaderFacts[], kvBytesPerLayer: readonly number[], flashAttention: boolean): ModelCost {
  const metadata: HeaderFacts['metadata'] = headers[0]?.metadata ?? new Map();
  const fact = (name: string): number => {
    const value = metadata.get(`${String(metadata.get('general.architecture'))}.${name}`);
    const first = typeof value === 'object' ? value.numbers?.[0] : value;
    return typeof first === 'number' && Number.isFinite(first) && first > 0 ? first : 0;
  };
  const experts = fact('expert_count');
  const expertShare = experts > 0 ? Math.min(1, fact('expert_used_count') / experts) : 1;
  const layers = Array.from({ length: Math.min(Math.trunc(fact('block_count')), mostLayers) }, (_, layer) => ({
    bytes: 0,
    activeBytes: 0,
    kvBytesPerToken: kvBytesPerLayer[layer] ?? 0,
  }));
  // Layers that predict a second token ahead are loaded, and do not run while decoding one by one.
  const running = layers.length - fact('nextn_predict_layers');

  let outputBytes = 0;
  let inputBytes = 0;
  let vocabulary = 0;
  let tied: number | null = 0;
  for (const { name, bytes, dimensions } of headers.flatMap((header) => header.tensors)) {
    const index = /^blk\.(\d+)\./.exec(name)?.[1];
    const layer = index === undefined ? undefined : layers[Number(index)];
    if (layer !== undefined) {
      layer.bytes += bytes;
      if (Number(index) < running) layer.activeBytes += /_exps\./.test(name) ? bytes * expertShare : bytes;
    } else if (name.startsWith('output')) {
      outputBytes += bytes;
      if (name === 'output.weight') tied = null;
    } else {
      inputBytes += bytes;
      if (name !== 'token_embd.weight') continue;
      vocabulary = dimensions[1] ?? 0;
      if (tied !== null) tied = bytes;
    }
  }
  const output = outputBytes + (tied ?? 0);
  return {
    layers,
    output: { bytes: output, activeBytes: output, tied: tied !== null },
    inputBytes,
    hopBytes: fact('embedding_length') * floatBytes,
    logitsBytes: vocabulary * floatBytes,
    activationBytes: activationWidth(fact) * floatBytes,
    scoreBytes: flashAttention ? 0 : fact('attention.head_count') * floatBytes,
  };
}

const keyLength = (fact: (name: string) => number): number => fact('attention.key_length') || fact('embedding_length') / Math.max(1, fact('attention.head_count'));

/**
 * The most numbers per token that a step keeps at once: the stream through the layers with its sums, queries and the attention's
 * result, and the inner values of the feed-forward network, of each expert that takes part. llama.cpp reuses buffers, so the truth
 * lies below.
 */
function activationWidth(fact: (name: string) => number): number {
  const embedding = fact('embedding_length');
  const attention = fact('attention.head_count') * (2 * keyLength(fact) + fact('attention.value_length'));
  const dense = 3 * fact('feed_forward_length');
  const routed = fact('expert_used_count') * (3 * fact('expert_feed_forward_length') + embedding);
  return 4 * embedding + Math.max(attention, dense, routed);
}
