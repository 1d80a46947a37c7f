import type { LatentShape, NetworkShape } from './networkShape.js';
import { elsewhere, fresh, type GraphOrder, type GraphTensor, inPlace, norm, part, reshaped, stored } from './tensorGraph.js';

/** One step: so many tokens at once, the cells of the cache that each sequence may look at, the sequences. */
export interface StepSize {
  readonly tokens: number;
  readonly cells: number;
  readonly sequences: number;
  readonly flashAttention: boolean;
  /** The cache is quantized: llama.cpp then turns queries, keys and values by a Hadamard matrix before. */
  readonly rotates: boolean;
}

/** Inputs of the graph that every layer's attention reads. */
export interface GraphInputs {
  readonly positions: GraphTensor;
  /** Where in the cache the step's keys and values go. */
  readonly keyRows: GraphTensor;
  readonly valueRows: GraphTensor;
  readonly mask: GraphTensor;
  /** Hadamard matrices for a quantized cache. */
  readonly keyTurn: GraphTensor | null;
  readonly valueTurn: GraphTensor | null;
}

interface Heads {
  readonly query: GraphTensor;
  readonly key: GraphTensor;
  readonly value: GraphTensor;
}

/** The attention of one layer, its output projection included, on what is normed already. */
export function buildAttention(order: GraphOrder, shape: NetworkShape, step: StepSize, inputs: GraphInputs, of: GraphTensor): GraphTensor {
  const { latent } = shape;
  const made = latent === null ? plainHeads(shape, step, inputs, of) : latentHeads(shape, latent, step, inputs, of);
  const query = turned(made.query, [shape.keyLength, shape.heads, step.tokens], inputs.keyTurn);
  const key = turned(made.key, [shape.keyLength, shape.kvHeads, step.tokens], inputs.keyTurn);
  const value = turned(made.value, [shape.valueLength, shape.kvHeads, step.tokens], inputs.valueTurn);
  order.expand(query);
  order.expand(value);
  order.expand(key);
  order.expand(stored(flat(key), inputs.keyRows));
  if (latent?.absorbed !== true) order.expand(stored(flat(value), inputs.valueRows));
  const cur = step.flashAttention ? flash(shape, step, inputs, query) : scored(shape, step, inputs, query);
  order.expand(cur);
  const result = latent?.absorbed === true ? cur : turned(cur, [shape.heads * shape.valueLength, step.tokens], inputs.valueTurn);
  return fresh([shape.embedding, step.tokens], [elsewhere, result]);
}

const flat = (tensor: GraphTensor): GraphTensor => reshaped(tensor, [tensor.bytes / Float32Array.BYTES_PER_ELEMENT]);

function turned(tensor: GraphTensor, sizes: readonly number[], matrix: GraphTensor | null): GraphTensor {
  return matrix === null ? tensor : reshaped(fresh(sizes, [matrix, flat(tensor)]), sizes);
}

/** `build_qkv`, and rotation. */
function plainHeads(shape: NetworkShape, { tokens }: StepSize, { positions }: GraphInputs, of: GraphTensor): Heads {
  const project = (length: number, heads: number): GraphTensor => {
    const product = fresh([length * heads, tokens], [elsewhere, of]);
    return reshaped(shape.queryBias ? inPlace([length * heads, tokens], [product, elsewhere]) : product, [length, heads, tokens]);
  };
  const rotated = (tensor: GraphTensor, heads: number): GraphTensor => {
    const sizes = [shape.keyLength, heads, tokens];
    return inPlace(sizes, [shape.queryNorm ? norm(tensor, sizes) : tensor, positions]);
  };
  return {
    query: rotated(project(shape.keyLength, shape.heads), shape.heads),
    key: rotated(project(shape.keyLength, shape.kvHeads), shape.kvHeads),
    value: project(shape.valueLength, shape.kvHeads),
  };
}

/** Queries, and keys and values from the latent vector (`deepseek2.cpp`). */
function latentHeads({ heads }: NetworkShape, latent: LatentShape, { tokens }: StepSize, { positions }: GraphInputs, of: GraphTensor): Heads {
  const { rank, queryRank, rotated, plain, value } = latent;
  const from = queryRank === 0 ? of : norm(fresh([queryRank, tokens], [elsewhere, of]), [queryRank, tokens]);
  const query = reshaped(fresh([(plain + rotated) * heads, tokens], [elsewhere, from]), [plain + rotated, heads, tokens]);
  const both = fresh([rank + rotated, tokens], [elsewhere, of]);
  const keyRotated = inPlace([rotated, 1, tokens], [part(both, [rotated, 1, tokens], rank, 'row'), positions]);
  const compressed = norm(part(both, [rank, tokens], 0, 'row'), [rank, tokens]);
  if (latent.absorbed) {
    const queryRotated = inPlace([rotated, heads, tokens], [part(query, [rotated, heads, tokens], plain, 'head'), positions]);
    const absorbed = fresh([rank, tokens, heads], [elsewhere, part(query, [plain, tokens, heads], 0, 'permuted')]);
    const wide = reshaped(compressed, [rank, 1, tokens]);
    return {
      query: fresh([rank + rotated, heads, tokens], [part(absorbed, [rank, heads, tokens], 0, 'permuted'), queryRotated]),
      key: fresh([rank + rotated, 1, tokens], [wide, keyRotated]),
      value: wide,
    };
  }
  const decompressed = fresh([(plain + value) * heads, tokens], [elsewhere, compressed]);
  const keyPlain = part(decompressed, [plain, heads, tokens], 0, 'head');
  return {
    query: inPlace([plain + rotated, heads, tokens], [query, positions]),
    key: fresh([plain + rotated, heads, tokens], [keyPlain, fresh([rotated, heads, tokens], [keyRotated])]),
    value: fresh([value, heads, tokens], [part(decompressed, [value, heads, tokens], plain, 'head')]),
  };
}

/** `ggml_flash_attn_ext`: no scores in memory. */
function flash({ heads, valueLength, latent }: NetworkShape, { tokens }: StepSize, { mask }: GraphInputs, query: GraphTensor): GraphTensor {
  const result = fresh([valueLength, heads, tokens], [part(query, [query.bytes], 0, 'permuted'), elsewhere, mask]);
  if (latent?.absorbed !== true) return reshaped(result, [valueLength * heads, tokens]);
  const decompressed = fresh([latent.value, tokens, heads], [elsewhere, part(result, [valueLength, tokens, heads], 0, 'permuted')]);
  return reshaped(fresh([latent.value, heads, tokens], [part(decompressed, [latent.value, heads, tokens], 0, 'permuted')]), [latent.value * heads, tokens]);
}

/** Scores of every token over every cell of its sequence. */
function scored({ heads, valueLength, latent }: NetworkShape, { tokens, cells, sequences }: StepSize, { mask }: GraphInputs, query: GraphTensor): GraphTensor {
  const scores = [cells, tokens, heads];
  const raw = fresh(scores, [elsewhere, part(query, [query.bytes], 0, 'permuted')]);
  const weights = inPlace(scores, [raw, mask]);
  // The cache of latent vectors is not kept transposed: 16-bit values are turned for each step.
  const values = latent?.absorbed === true ? fresh([cells, valueLength, sequences], [elsewhere], Uint16Array.BYTES_PER_ELEMENT) : elsewhere;
  let result = fresh([valueLength, tokens, heads], [values, weights]);
  if (latent?.absorbed === true) result = fresh([latent.value, tokens, heads], [elsewhere, result]);
  const length = latent?.absorbed === true ? latent.value : valueLength;
  return fresh([length * heads, tokens], [part(result, [length, heads, tokens], 0, 'permuted')]);
}
