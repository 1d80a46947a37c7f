import type { GgufHeader, GgufTensor } from './ggufHeader.js';

type Header = Pick<GgufHeader, 'metadata' | 'types' | 'tensors'>;
type Tensors = readonly Pick<GgufTensor, 'name' | 'dimensions' | 'type'>[];

/** What an adapter does with the weights of one tensor: adds `b · a`, two matrices of a low rank. */
interface Pair {
  readonly base: string;
  readonly a: GgufTensor | undefined;
  readonly b: GgufTensor | undefined;
}

const floatType = 6;
/** Types that llama.cpp's converter writes; of integers its multiplication would end the process. */
const matrixTypes: ReadonlySet<number> = new Set([0, 1, 8, 30]);
const embedding = 'token_embd.weight';
const nvfp4 = 40;

/**
 * Weights to which llama.cpp v0.4.0 applies no adapter, although it loads one (`ggml_mul_mat` in the place of `build_lora_mm` in its
 * `src/models/deepseek2.cpp` and `deepseek32.cpp`): attention but for its last step, and the output.
 */
const unapplied: ReadonlyMap<string, RegExp> = new Map(['deepseek2', 'deepseek32'].map((architecture) => [architecture, /(?:\.attn_(?:q|k|v|q_a|q_b|kv_a_mqa|kv_b|k_b|v_b)|^output)\.weight$/]));

/** Why an adapter cannot be applied to a model, or would do nothing; `null` when it can. `model`: the headers of all its parts. */
export function loraProblem(adapter: Header, model: readonly Pick<Header, 'metadata' | 'tensors'>[]): string | null {
  const architecture = String(model[0]?.metadata.get('general.architecture') ?? '');
  const pairs = pairsOf(adapter.tensors);
  return metadataProblem(adapter, architecture) ?? tensorsProblem(adapter.tensors, pairs, model.flatMap(({ tensors }) => tensors)) ?? effectProblem(pairs, architecture);
}

function metadataProblem({ metadata, types }: Header, architecture: string): string | null {
  const [type, kind, made] = ['general.type', 'adapter.type', 'general.architecture'].map((key) => metadata.get(key));
  if (type !== 'adapter') return 'it is a model, not an adapter';
  if (kind !== 'lora') return `it is an adapter of the type "${shown(kind)}", and only "lora" can be applied`;
  if (made !== architecture) return `it is made for models of the architecture "${shown(made)}", and this one has "${shown(architecture)}"`;
  if (metadata.has('adapter.alora.invocation_tokens')) return 'it is an activated LoRA, which is to be applied from certain words on only';
  const alpha = metadata.get('adapter.lora.alpha') ?? null;
  if (alpha !== null && (types.get('adapter.lora.alpha') !== floatType || !Number.isFinite(alpha))) return 'its alpha is no 32-bit float';
  return null;
}

function tensorsProblem(tensors: readonly GgufTensor[], pairs: readonly Pair[], model: Tensors): string | null {
  const stray = tensors.find(({ name }) => !/(?:\.lora_a|\.lora_b|_norm\.weight)$/.test(name));
  if (stray !== undefined) return `it has weights that belong to no adapter: ${stray.name}`;
  if (pairs.length === 0) return 'it has no weights';
  const byName = new Map(model.map((tensor) => [tensor.name, tensor]));
  for (const { base, a, b } of pairs) {
    if (a === undefined || b === undefined) return `of the two parts for ${base} one is missing`;
    if (!matrixTypes.has(a.type) || !matrixTypes.has(b.type)) return `its weights for ${base} are of a type that cannot be applied`;
    const target = byName.get(base);
    if (target === undefined) return `it is made for another model: this one has no ${base}`;
    // llama.cpp ends the process over an adapter on top of these (`build_ffn` in its `src/llama-graph.cpp`).
    if (target.type === nvfp4 && /\.ffn_(?:up|gate|down)\w*\.weight$/.test(base)) return 'the weights of this model are of the type nvfp4, to which adapters cannot be applied';
    if (!fits(base, a, b, target)) return `it is made for another model: its ${base} has another shape`;
  }
  return null;
}

/** As llama.cpp checks it, and what it does not check: the experts, and the rank of an embedding. */
function fits(base: string, a: GgufTensor, b: GgufTensor, target: Tensors[number]): boolean {
  const size = (tensor: Tensors[number], dimension: number): number => tensor.dimensions[dimension] ?? 1;
  const rank = size(b, 0);
  if (rank < 1 || ![2, 3].every((dimension) => size(a, dimension) === size(target, dimension) && size(b, dimension) === size(target, dimension))) return false;
  // Of an embedding a row is looked up, not multiplied: there the matrices stand the other way round.
  if (base === embedding) return size(target, 0) === size(b, 1) && size(target, 1) === size(a, 1) && size(a, 0) === rank;
  return size(target, 0) === size(a, 0) && size(target, 1) === size(b, 1) && size(a, 1) === rank;
}

function effectProblem(pairs: readonly Pair[], architecture: string): string | null {
  const ignored = unapplied.get(architecture);
  if (ignored === undefined || !pairs.every(({ base }) => ignored.test(base))) return null;
  return `it would do nothing: all its weights are for parts of models of the architecture "${architecture}" to which llama.cpp applies no adapters`;
}

function pairsOf(tensors: readonly GgufTensor[]): Pair[] {
  const halves = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const bases = new Set(tensors.flatMap(({ name }) => (/\.lora_[ab]$/.test(name) ? [name.slice(0, -'.lora_a'.length)] : [])));
  return Array.from(bases, (base) => ({ base, a: halves.get(`${base}.lora_a`), b: halves.get(`${base}.lora_b`) }));
}

function shown(value: unknown): string {
  return String(typeof value === 'string' ? value : '').slice(0, 64);
}
