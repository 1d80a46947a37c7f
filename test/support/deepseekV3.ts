import type { HeaderFacts } from '../../src/engine/pod/core/placement/modelCost.js';

/** Bytes per weight of the quantizations that a usual 4-bit file has (ggml: `Q4_K` 144 bytes and `Q6_K` 210 bytes for 256). */
const q4 = 144 / 256;
const q6 = 210 / 256;
const f32 = 4;

/** The header of DeepSeek-V3 or R1 (671 billion weights) in 4 bits, from its published dimensions. */
export function deepseekV3(): HeaderFacts {
  const tensors: { name: string; dimensions: readonly number[]; bytes: number }[] = [];
  const add = (name: string, bytesPerWeight: number, ...dimensions: readonly number[]): void => {
    tensors.push({ name: `${name}.weight`, dimensions, bytes: Math.round(dimensions.reduce((product, size) => product * size, bytesPerWeight)) });
  };
  add('token_embd', q4, 7_168, 129_280);
  add('output_norm', f32, 7_168);
  add('output', q6, 7_168, 129_280);
  for (let layer = 0; layer < 61; layer++) {
    const block = `blk.${layer}`;
    add(`${block}.attn_norm`, f32, 7_168);
    add(`${block}.attn_q_a`, q4, 7_168, 1_536);
    add(`${block}.attn_q_b`, q4, 1_536, 24_576);
    add(`${block}.attn_kv_a_mqa`, q4, 7_168, 576);
    add(`${block}.attn_k_b`, q4, 128, 512, 128);
    add(`${block}.attn_v_b`, q4, 512, 128, 128);
    add(`${block}.attn_output`, q4, 16_384, 7_168);
    add(`${block}.ffn_norm`, f32, 7_168);
    if (layer < 3) {
      for (const name of ['gate', 'up']) add(`${block}.ffn_${name}`, q4, 7_168, 18_432);
      add(`${block}.ffn_down`, q6, 18_432, 7_168);
    } else {
      add(`${block}.ffn_gate_inp`, f32, 7_168, 256);
      for (const name of ['gate', 'up']) {
        add(`${block}.ffn_${name}_exps`, q4, 7_168, 2_048, 256);
        add(`${block}.ffn_${name}_shexp`, q4, 7_168, 2_048);
      }
      add(`${block}.ffn_down_exps`, q6, 2_048, 7_168, 256);
      add(`${block}.ffn_down_shexp`, q6, 2_048, 7_168);
    }
  }
  const facts: Readonly<Record<string, number>> = {
    block_count: 61,
    embedding_length: 7_168,
    feed_forward_length: 18_432,
    expert_feed_forward_length: 2_048,
    expert_count: 256,
    expert_used_count: 8,
    leading_dense_block_count: 3,
    'attention.head_count': 128,
    'attention.head_count_kv': 1,
    'attention.key_length': 576,
    'attention.value_length': 512,
    'attention.key_length_mla': 192,
    'attention.value_length_mla': 128,
  };
  const metadata = new Map<string, number | string>([['general.architecture', 'deepseek2']]);
  for (const [name, value] of Object.entries(facts)) metadata.set(`deepseek2.${name}`, value);
  return { metadata, tensors };
}
