import type { GgufHeader } from '../gguf/ggufHeader.js';
import { fact, headLengths, isLatent, type Metadata, number, perLayer } from './metadataFacts.js';

/** What of a header the estimate needs; a model in several files has several headers. */
export type EstimateHeader = Pick<GgufHeader, 'metadata' | 'tensors'>;

/** A header may say anything; `LLAMA_MAX_EXPERTS` of llama.cpp v0.4.0. */
const mostExpertsUsed = 1_024;

/** Routed experts of the feed-forward network. */
export interface ExpertShape {
  readonly count: number;
  readonly used: number;
  readonly feedForward: number;
  /** Width of the experts that take part always; 0 without. */
  readonly shared: number;
  /** First layers that have none. */
  readonly leadingDense: number;
  readonly groups: number;
  readonly groupsUsed: number;
  readonly biased: boolean;
  readonly normalized: boolean;
  readonly scaled: boolean;
}

/** Keys and values that are made from a latent vector (`deepseek2`). */
export interface LatentShape {
  readonly rank: number;
  /** 0 where queries are made at once. */
  readonly queryRank: number;
  /** Elements of a head's key that are rotated, those that are not, and those of its value. */
  readonly rotated: number;
  readonly plain: number;
  readonly value: number;
  /** The cache keeps the latent vector; otherwise keys and values of every head, as files from before do. */
  readonly absorbed: boolean;
}

/** The dimensions of a model that decide how wide its activations are. */
export interface NetworkShape {
  readonly layers: number;
  readonly embedding: number;
  readonly feedForward: number;
  readonly vocabulary: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly keyLength: number;
  readonly valueLength: number;
  readonly queryBias: boolean;
  readonly queryNorm: boolean;
  readonly latent: LatentShape | null;
  readonly experts: ExpertShape | null;
}

/** Reads the shape from the facts of the header and the names of its tensors. What is not there is 0. */
export function networkShape(headers: readonly EstimateHeader[]): NetworkShape {
  const metadata: Metadata = headers[0]?.metadata ?? new Map();
  const tensors = headers.flatMap((header) => header.tensors);
  const has = (suffix: string): boolean => tensors.some(({ name }) => name.endsWith(suffix));
  const tokens = metadata.get('tokenizer.ggml.tokens');
  const { key, value } = headLengths(metadata);
  const heads = perLayer(metadata, 'attention.head_count', 0);
  return {
    layers: Math.max(0, Math.trunc(number(metadata, 'block_count') - number(metadata, 'nextn_predict_layers'))),
    embedding: number(metadata, 'embedding_length'),
    feedForward: perLayer(metadata, 'feed_forward_length', 0),
    vocabulary: tensors.find(({ name }) => name === 'token_embd.weight')?.dimensions[1] ?? (typeof tokens === 'object' ? tokens.length : 0),
    heads,
    kvHeads: fact(metadata, 'attention.head_count_kv') === undefined ? heads : perLayer(metadata, 'attention.head_count_kv', 0),
    keyLength: key,
    valueLength: value,
    queryBias: has('.attn_q.bias'),
    queryNorm: has('.attn_q_norm.weight'),
    latent: latentShape(metadata),
    experts: expertShape(metadata, has),
  };
}

function latentShape(metadata: Metadata): LatentShape | null {
  const rank = number(metadata, 'attention.kv_lora_rank');
  const rotated = number(metadata, 'rope.dimension_count');
  if (rank === 0 || rotated === 0) return null;
  const absorbed = isLatent(metadata);
  const { key, value } = headLengths(metadata);
  return {
    rank,
    queryRank: number(metadata, 'attention.q_lora_rank'),
    rotated,
    plain: Math.max(0, (absorbed ? number(metadata, 'attention.key_length_mla') : key) - rotated),
    value: absorbed ? number(metadata, 'attention.value_length_mla') : value,
    absorbed,
  };
}

function expertShape(metadata: Metadata, has: (suffix: string) => boolean): ExpertShape | null {
  const count = number(metadata, 'expert_count');
  const used = Math.min(Math.trunc(number(metadata, 'expert_used_count')), mostExpertsUsed);
  if (count === 0 || used === 0) return null;
  const feedForward = number(metadata, 'expert_feed_forward_length') || number(metadata, 'feed_forward_length');
  const scale = number(metadata, 'expert_weights_scale');
  return {
    count,
    used,
    feedForward,
    shared: feedForward * number(metadata, 'expert_shared_count'),
    leadingDense: number(metadata, 'leading_dense_block_count'),
    groups: number(metadata, 'expert_group_count'),
    groupsUsed: number(metadata, 'expert_group_used_count'),
    biased: has('.exp_probs_b.bias'),
    normalized: fact(metadata, 'expert_weights_norm') === true,
    scaled: scale !== 0 && scale !== 1,
  };
}
