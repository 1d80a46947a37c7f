// Writes a GGUF of llama's shape with pseudo-random Q8_0 weights: big enough that decoding is bound by memory, as with real models.
import fs from 'node:fs';
import path from 'node:path';
import { readTokenizer } from './ggufTokenizer.mjs';

const ggmlType = { f32: 0, q8_0: 8 };
const valueType = { uint32: 4, float32: 6, string: 8 };
const alignment = 32;

/** About 218 million parameters, 231 MB. */
export const defaultShape = { embedding: 1_024, feedForward: 2_816, blocks: 16, heads: 16, context: 4_096 };

/** Grows as values are appended; GGUF is little-endian throughout. */
class ByteWriter {
  #parts = [];
  uint32(value) {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    this.bytes(bytes);
  }
  uint64(value) {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt(value));
    this.bytes(bytes);
  }
  float32(value) {
    const bytes = Buffer.alloc(4);
    bytes.writeFloatLE(value);
    this.bytes(bytes);
  }
  string(text) {
    const bytes = Buffer.from(text, 'utf8');
    this.uint64(bytes.length);
    this.bytes(bytes);
  }
  bytes(bytes) {
    this.#parts.push(bytes);
  }
  done() {
    return Buffer.concat(this.#parts);
  }
}

/** The tensors of a llama graph, in file order; sizes in GGUF order (the fastest dimension first). */
function tensorsOf(shape, vocabulary) {
  const { embedding, feedForward, blocks } = shape;
  const weight = (name, ...sizes) => ({ name: `${name}.weight`, type: ggmlType.q8_0, sizes });
  const norm = (name) => ({ name: `${name}.weight`, type: ggmlType.f32, sizes: [embedding] });
  const block = (index) => [
    norm(`blk.${index}.attn_norm`),
    weight(`blk.${index}.attn_q`, embedding, embedding),
    weight(`blk.${index}.attn_k`, embedding, embedding),
    weight(`blk.${index}.attn_v`, embedding, embedding),
    weight(`blk.${index}.attn_output`, embedding, embedding),
    norm(`blk.${index}.ffn_norm`),
    weight(`blk.${index}.ffn_gate`, embedding, feedForward),
    weight(`blk.${index}.ffn_up`, embedding, feedForward),
    weight(`blk.${index}.ffn_down`, feedForward, embedding),
  ];
  return [weight('token_embd', embedding, vocabulary), ...Array.from({ length: blocks }, (_, index) => block(index)).flat(), norm('output_norm'), weight('output', embedding, vocabulary)];
}

/** Bytes of a tensor: Q8_0 stores 32 weights as one half-precision scale and 32 signed bytes. */
function byteLength({ type, sizes }) {
  const elements = sizes.reduce((product, size) => product * size, 1);
  return type === ggmlType.q8_0 ? (elements / 32) * 34 : elements * 4;
}

/** Fills a buffer with Q8_0 blocks; xorshift32, so that the same file is made everywhere. */
function randomQ8(bytes, seed) {
  const scale = 0x0ccd; // 0.0003 in half precision: weights within ±0.04
  let state = seed;
  for (let offset = 0; offset < bytes.length; offset += 34) {
    bytes.writeUInt16LE(scale, offset);
    for (let at = 2; at < 34; at++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      bytes[offset + at] = state & 0xff;
    }
  }
}

function header(shape, tokenizer, tensors) {
  const writer = new ByteWriter();
  const fields = [
    ['general.architecture', 'string', 'llama'],
    ['general.name', 'string', 'Seekpod synthetic benchmark model'],
    ['llama.context_length', 'uint32', shape.context],
    ['llama.embedding_length', 'uint32', shape.embedding],
    ['llama.block_count', 'uint32', shape.blocks],
    ['llama.feed_forward_length', 'uint32', shape.feedForward],
    ['llama.attention.head_count', 'uint32', shape.heads],
    ['llama.attention.head_count_kv', 'uint32', shape.heads],
    ['llama.attention.layer_norm_rms_epsilon', 'float32', 1e-6],
    ['llama.rope.dimension_count', 'uint32', shape.embedding / shape.heads],
    ['llama.vocab_size', 'uint32', tokenizer.vocabulary],
  ];
  writer.bytes(Buffer.from('GGUF'));
  writer.uint32(3);
  writer.uint64(tensors.length);
  writer.uint64(fields.length + tokenizer.fields.length);
  for (const [key, type, value] of fields) {
    writer.string(key);
    writer.uint32(valueType[type]);
    writer[type](value);
  }
  for (const field of tokenizer.fields) writer.bytes(field);
  let offset = 0;
  for (const tensor of tensors) {
    writer.string(tensor.name);
    writer.uint32(tensor.sizes.length);
    for (const size of tensor.sizes) writer.uint64(size);
    writer.uint32(tensor.type);
    writer.uint64(offset);
    offset += Math.ceil(byteLength(tensor) / alignment) * alignment;
  }
  const bytes = writer.done();
  return Buffer.concat([bytes, Buffer.alloc((alignment - (bytes.length % alignment)) % alignment)]);
}

/** Writes the model unless it is there; `tokenizerModel` is the GGUF whose tokenizer it takes. Gives the path back. */
export function ensureSyntheticModel(file, tokenizerModel, shape = defaultShape) {
  if (fs.existsSync(file)) return file;
  const tokenizer = readTokenizer(tokenizerModel);
  const tensors = tensorsOf(shape, tokenizer.vocabulary);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const partial = `${file}.part`;
  const output = fs.openSync(partial, 'w');
  fs.writeSync(output, header(shape, tokenizer, tensors));
  for (const [index, tensor] of tensors.entries()) {
    const length = byteLength(tensor);
    const bytes = Buffer.alloc(Math.ceil(length / alignment) * alignment);
    if (tensor.type === ggmlType.q8_0) randomQ8(bytes.subarray(0, length), index + 1);
    else new Float32Array(bytes.buffer, bytes.byteOffset, length / 4).fill(1);
    fs.writeSync(output, bytes);
  }
  fs.closeSync(output);
  fs.renameSync(partial, file);
  return file;
}
