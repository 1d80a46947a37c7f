import { type FixtureValue, ggufBytes, seededRandom } from './ggufFixture.js';

/** `b · a` is added to the weights of `base`, which has `inputs` columns and `outputs` rows. */
export interface AdapterPart {
  readonly base: string;
  readonly inputs: number;
  readonly outputs: number;
}

export interface AdapterOptions {
  readonly metadata?: Readonly<Record<string, FixtureValue>>;
  /** How large the numbers are. */
  readonly strength?: number;
  readonly rank?: number;
}

/** The down projection of calf's first layer: what a token makes of itself before it looks at experts. */
export const calfDown: AdapterPart = { base: 'blk.0.ffn_down.weight', inputs: 768, outputs: 256 };

const f32 = 0;
const float = 6;

/** A 32-bit float as a value of the metadata. */
export function floatValue(value: number): FixtureValue {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return { type: float, bytes };
}

/** A LoRA adapter as llama.cpp's converter lays it out: `a` has the rank as its rows, `b` as its columns; both are random. */
export function adapterBytes(parts: readonly AdapterPart[], { metadata = {}, strength = 2, rank = 4 }: AdapterOptions = {}): Buffer {
  const random = seededRandom(7);
  let offset = 0;
  const tensors = parts.flatMap(({ base, inputs, outputs }) =>
    [{ name: `${base}.lora_a`, dimensions: [inputs, rank] }, { name: `${base}.lora_b`, dimensions: [rank, outputs] }].map((tensor) => {
      const elements = tensor.dimensions.reduce((product, size) => product * size, 1);
      const data = Buffer.alloc(Math.ceil((elements * 4) / 32) * 32);
      for (let index = 0; index < elements; index++) data.writeFloatLE((random() - 0.5) * strength, index * 4);
      const placed = { ...tensor, type: f32, offset, data };
      offset += data.length;
      return placed;
    }),
  );
  const keys = { 'general.type': 'adapter', 'general.architecture': 'deepseek2', 'adapter.type': 'lora', 'adapter.lora.alpha': floatValue(rank), ...metadata };
  return Buffer.concat([ggufBytes(keys, tensors), ...tensors.map(({ data }) => data)]);
}
