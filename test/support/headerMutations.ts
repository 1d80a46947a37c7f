import { type FixtureTensor, type FixtureValue, ggufBytes } from './ggufFixture.js';

/** Values at which lengths, counts and types break. */
const edges: readonly bigint[] = [0n, 1n, 2n, 7n, 8n, 9n, 31n, 255n, 1_023n, 65_535n, 65_536n, 2n ** 20n + 1n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 53n, 2n ** 63n - 1n, 2n ** 64n - 1n];

/** Bytes of the weights behind `seedHeader`. */
export const seedDataBytes = 40 * 2_304;

/** The header of a small model of an architecture, with values of many types. */
export function seedHeader(architecture: string, more: Readonly<Record<string, FixtureValue>> = {}): Buffer {
  const tokens = Array.from({ length: 120 }, (_, index) => (index < 4 ? ['<s>', '</s>', '<｜fim▁begin｜>', '<｜fim▁hole｜>'][index] ?? '' : `word${index}`));
  const long = Buffer.alloc(8);
  long.writeDoubleLE(1e-6);
  // 256 by 16 weights in q4_K are 2,304 bytes.
  const tensors = Array.from({ length: 40 }, (_, index): FixtureTensor => ({ name: index === 0 ? 'token_embd.weight' : `blk.${index % 2}.${index}.weight`, dimensions: [256, 16], type: 12, offset: index * 2_304 }));
  return ggufBytes(
    {
      'general.architecture': architecture,
      'general.name': 'Seed of a model',
      'general.file_type': 15,
      'general.alignment': 32,
      [`${architecture}.block_count`]: 2,
      [`${architecture}.context_length`]: 4_096,
      [`${architecture}.embedding_length`]: 256,
      [`${architecture}.feed_forward_length`]: 512,
      [`${architecture}.attention.head_count`]: 4,
      [`${architecture}.attention.head_count_kv`]: { numbers: [2, 2] },
      [`${architecture}.attention.layer_norm_rms_epsilon`]: { type: 12, bytes: long },
      [`${architecture}.rope.freq_base`]: { type: 6, bytes: Buffer.from(new Float32Array([10_000]).buffer) },
      [`${architecture}.vocab_size`]: { type: 10, bytes: Buffer.from(new BigUint64Array([120n]).buffer) },
      'tokenizer.ggml.model': 'gpt2',
      'tokenizer.ggml.pre': 'qwen2',
      'tokenizer.ggml.tokens': { strings: tokens },
      'tokenizer.ggml.token_type': { numbers: tokens.map(() => 1) },
      'tokenizer.ggml.add_bos_token': true,
      'tokenizer.chat_template': '{% for message in messages %}{{ message.content }}{% endfor %}',
      ...more,
    },
    tensors,
  );
}

/** Changes a header in one to four ways: bytes, numbers at their limits, parts taken out, doubled, or taken from another header. */
export function mutate(seed: Buffer, other: Buffer, random: () => number): Buffer {
  const below = (limit: number): number => Math.floor(random() * limit);
  let bytes = Buffer.from(seed);
  for (let changes = 1 + below(4); changes > 0; changes--) {
    const at = below(Math.max(1, bytes.length - 8));
    const length = 1 + below(64);
    switch (below(7)) {
      case 0:
        bytes[at] = below(256);
        break;
      case 1:
        if (bytes.length >= 8) bytes.writeBigUInt64LE(edges[below(edges.length)] ?? 0n, at);
        break;
      case 2:
        if (bytes.length >= 4) bytes.writeUInt32LE(Number((edges[below(edges.length)] ?? 0n) & 0xffff_ffffn), at);
        break;
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
        break;
      case 4:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at, at + length), bytes.subarray(at)]);
        break;
      case 5: {
        const from = below(other.length);
        bytes = Buffer.concat([bytes.subarray(0, at), other.subarray(from, from + length), bytes.subarray(at + length)]);
        break;
      }
      default:
        if (below(4) === 0) bytes = Buffer.from(bytes.subarray(0, at));
    }
  }
  return bytes;
}
