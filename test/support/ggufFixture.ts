/** Values that a fixture can have; numbers are written as u32, `bytes` as they are behind the number of their type. */
export type FixtureValue = string | number | boolean | { readonly strings: readonly string[] } | { readonly numbers: readonly number[] } | { readonly type: number; readonly bytes: Buffer };

export interface FixtureTensor {
  readonly name: string;
  readonly dimensions: readonly number[];
  readonly type: number;
  readonly offset: number;
}

class Writer {
  readonly #parts: Buffer[] = [];

  u32(value: number): this {
    const buffer = Buffer.alloc(4);
    buffer.writeUInt32LE(value);
    this.#parts.push(buffer);
    return this;
  }
  u64(value: number): this {
    const buffer = Buffer.alloc(8);
    buffer.writeBigUInt64LE(BigInt(value));
    this.#parts.push(buffer);
    return this;
  }
  text(value: string): this {
    const bytes = Buffer.from(value);
    this.u64(bytes.length);
    this.#parts.push(bytes);
    return this;
  }
  raw(bytes: Buffer): this {
    this.#parts.push(bytes);
    return this;
  }
  get bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

/** A GGUF header (version 3) as bytes, padded to where the tensor data begins. */
export function ggufBytes(metadata: Readonly<Record<string, FixtureValue>>, tensors: readonly FixtureTensor[] = []): Buffer {
  const writer = new Writer().u32(0x46554747).u32(3).u64(tensors.length).u64(Object.keys(metadata).length);
  for (const [key, value] of Object.entries(metadata)) {
    writer.text(key);
    if (typeof value === 'string') writer.u32(8).text(value);
    else if (typeof value === 'number') writer.u32(4).u32(value);
    else if (typeof value === 'boolean') writer.u32(7).raw(Buffer.from([Number(value)]));
    else if ('bytes' in value) writer.u32(value.type).raw(value.bytes);
    else if ('strings' in value) {
      writer.u32(9).u32(8).u64(value.strings.length);
      for (const item of value.strings) writer.text(item);
    } else {
      writer.u32(9).u32(4).u64(value.numbers.length);
      for (const item of value.numbers) writer.u32(item);
    }
  }
  for (const tensor of tensors) {
    writer.text(tensor.name).u32(tensor.dimensions.length);
    for (const size of tensor.dimensions) writer.u64(size);
    writer.u32(tensor.type).u64(tensor.offset);
  }
  const { bytes } = writer;
  return Buffer.concat([bytes, Buffer.alloc((32 - (bytes.length % 32)) % 32)]);
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A copy of a model file with another chat template; Jinja comments keep the tensor data aligned. */
export function withChatTemplate(file: Buffer, edit: (template: string) => string): Buffer {
  const key = 'tokenizer.chat_template';
  const at = file.indexOf(key) + key.length + 4;
  const length = Number(file.readBigUInt64LE(at));
  const edited = Buffer.from(edit(file.toString('utf8', at + 8, at + 8 + length)));
  const comment = Buffer.from(`{#${' '.repeat(28 + ((((length - edited.length) % 32) + 32) % 32))}#}`);
  const template = Buffer.concat([edited, comment]);
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(template.length));
  return Buffer.concat([file.subarray(0, at), size, template, file.subarray(at + 8 + length)]);
}

/** A copy of a model file without fill-in-the-middle tokens: their texts and their keys are others of the same length. */
export function withoutFim(file: Buffer): Buffer {
  const copy = Buffer.from(file);
  for (const name of ['fim▁begin', 'fim▁hole', 'fim▁end', 'fim_pre_token_id', 'fim_suf_token_id', 'fim_mid_token_id']) copy.write('xxx', copy.indexOf(name));
  return copy;
}
