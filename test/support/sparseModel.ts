import fs from 'node:fs';
import { ggmlTypes } from '../../src/engine/models/gguf/ggmlTypes.js';
import { type FixtureTensor, type FixtureValue, ggufBytes } from './ggufFixture.js';

/** Dimensions of a model. Weights are zeros in a hole of the file: they take no room on the disk, and no memory where they are mapped. */
export interface SparseShape {
  readonly architecture: 'llama' | 'qwen2' | 'qwen3' | 'deepseek2';
  readonly layers: number;
  readonly embedding: number;
  readonly feedForward: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly vocabulary: number;
  /** Of the matrices, by ggml's number. */
  readonly type?: number;
  readonly latent?: { readonly rank: number; readonly queryRank: number; readonly rotated: number; readonly plain: number; readonly value: number; readonly absorbed: boolean };
  readonly experts?: { readonly count: number; readonly used: number; readonly feedForward: number; readonly shared: number; readonly dense: number; readonly groups: number };
}

const f32 = 0;
const q8 = 8;
const alignment = 32;
/** A value of the type f32 of the format. */
const float = (value: number): FixtureValue => ({ type: 6, bytes: Buffer.from(Float32Array.of(value).buffer) });

/** Writes a model that llama.cpp loads, without a word in its weights. */
export function writeSparseModel(file: string, shape: SparseShape): void {
  let offset = 0;
  const tensors = tensorsOf(shape).map(({ name, dimensions, type }): FixtureTensor => {
    const tensor = { name, dimensions, type, offset };
    const layout = ggmlTypes.get(type) ?? { block: 1, bytes: 0 };
    offset += Math.ceil((dimensions.reduce((product, size) => product * size, layout.bytes) / layout.block) / alignment) * alignment;
    return tensor;
  });
  const header = ggufBytes(factsOf(shape), tensors);
  fs.writeFileSync(file, header);
  fs.truncateSync(file, header.length + offset);
}

function factsOf({ architecture, layers, embedding, feedForward, heads, kvHeads, vocabulary, latent, experts }: SparseShape): Record<string, FixtureValue> {
  const facts: Record<string, FixtureValue> = {
    block_count: layers,
    context_length: 131_072,
    embedding_length: embedding,
    feed_forward_length: feedForward,
    'attention.head_count': heads,
    'attention.head_count_kv': latent?.absorbed === true ? 1 : kvHeads,
    'attention.layer_norm_rms_epsilon': float(1e-6),
  };
  if (latent !== undefined) {
    const { rank, queryRank, rotated, plain, value, absorbed } = latent;
    Object.assign(facts, {
      'attention.kv_lora_rank': rank,
      ...(queryRank > 0 && { 'attention.q_lora_rank': queryRank }),
      'rope.dimension_count': rotated,
      'attention.key_length': absorbed ? rank + rotated : plain + rotated,
      'attention.value_length': absorbed ? rank : value,
      ...(absorbed && { 'attention.key_length_mla': plain + rotated, 'attention.value_length_mla': value }),
    });
  }
  if (experts !== undefined) {
    const { count, used, feedForward: width, shared, dense, groups } = experts;
    Object.assign(facts, {
      leading_dense_block_count: dense,
      expert_count: count,
      expert_used_count: used,
      expert_shared_count: shared,
      expert_feed_forward_length: width,
      // As DeepSeek-V3 has them: groups, a bias, sigmoid scores, normed and scaled weights.
      ...(groups > 1 && { expert_group_count: groups, expert_group_used_count: groups / 2, expert_gating_func: 2, expert_weights_norm: true, expert_weights_scale: float(2.5) }),
    });
  }
  const named = Object.entries(facts).map(([name, value]): [string, FixtureValue] => [`${architecture}.${name}`, value]);
  return {
    'general.architecture': architecture,
    ...Object.fromEntries(named),
    'tokenizer.ggml.model': 'gpt2',
    'tokenizer.ggml.pre': 'default',
    'tokenizer.ggml.tokens': { strings: Array.from({ length: vocabulary }, (_, index) => `t${index}`) },
    'tokenizer.ggml.merges': { strings: ['t 1'] },
    'tokenizer.ggml.bos_token_id': 0,
    'tokenizer.ggml.eos_token_id': 1,
  };
}

function tensorsOf({ architecture, layers, embedding, feedForward, heads, kvHeads, vocabulary, type = q8, latent, experts }: SparseShape): Omit<FixtureTensor, 'offset'>[] {
  const tensors: Omit<FixtureTensor, 'offset'>[] = [];
  const matrix = (name: string, ...dimensions: readonly number[]): void => void tensors.push({ name: `${name}.weight`, dimensions, type });
  const vector = (name: string, ...dimensions: readonly number[]): void => void tensors.push({ name, dimensions, type: f32 });
  const network = (name: string, width: number): void => {
    matrix(`${name.replace('*', 'gate')}`, embedding, width);
    matrix(`${name.replace('*', 'up')}`, embedding, width);
    matrix(`${name.replace('*', 'down')}`, width, embedding);
  };
  matrix('token_embd', embedding, vocabulary);
  for (let layer = 0; layer < layers; layer++) {
    const block = `blk.${layer}`;
    vector(`${block}.attn_norm.weight`, embedding);
    if (latent === undefined) {
      const head = embedding / heads;
      matrix(`${block}.attn_q`, embedding, embedding);
      matrix(`${block}.attn_k`, embedding, kvHeads * head);
      matrix(`${block}.attn_v`, embedding, kvHeads * head);
      matrix(`${block}.attn_output`, embedding, embedding);
      if (architecture === 'qwen2') for (const [name, size] of [['q', embedding], ['k', kvHeads * head], ['v', kvHeads * head]] as const) vector(`${block}.attn_${name}.bias`, size);
      if (architecture === 'qwen3') for (const name of ['q', 'k']) vector(`${block}.attn_${name}_norm.weight`, head);
    } else {
      const { rank, queryRank, rotated, plain, value, absorbed } = latent;
      if (queryRank > 0) {
        matrix(`${block}.attn_q_a`, embedding, queryRank);
        vector(`${block}.attn_q_a_norm.weight`, queryRank);
        matrix(`${block}.attn_q_b`, queryRank, heads * (plain + rotated));
      } else matrix(`${block}.attn_q`, embedding, heads * (plain + rotated));
      matrix(`${block}.attn_kv_a_mqa`, embedding, rank + rotated);
      vector(`${block}.attn_kv_a_norm.weight`, rank);
      if (absorbed) {
        matrix(`${block}.attn_k_b`, plain, rank, heads);
        matrix(`${block}.attn_v_b`, rank, value, heads);
      } else matrix(`${block}.attn_kv_b`, rank, heads * (plain + value));
      matrix(`${block}.attn_output`, heads * value, embedding);
    }
    vector(`${block}.ffn_norm.weight`, embedding);
    if (experts === undefined || layer < experts.dense) {
      network(`${block}.ffn_*`, feedForward);
      continue;
    }
    vector(`${block}.ffn_gate_inp.weight`, embedding, experts.count);
    if (experts.groups > 1) vector(`${block}.exp_probs_b.bias`, experts.count);
    matrix(`${block}.ffn_gate_exps`, embedding, experts.feedForward, experts.count);
    matrix(`${block}.ffn_up_exps`, embedding, experts.feedForward, experts.count);
    matrix(`${block}.ffn_down_exps`, experts.feedForward, embedding, experts.count);
    network(`${block}.ffn_*_shexp`, experts.feedForward * experts.shared);
  }
  vector('output_norm.weight', embedding);
  matrix('output', embedding, vocabulary);
  return tensors;
}
