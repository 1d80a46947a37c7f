/** A tensor of a compute graph, as far as its place in memory matters. All are contiguous or views of contiguous ones. */
export interface GraphTensor {
  readonly bytes: number;
  /** What must be equal for one tensor to take the place of another: element type, sizes and strides. */
  readonly layout: string;
  readonly sources: readonly GraphTensor[];
  /** The tensor that this one is a part of, or the same numbers in another shape. */
  readonly view: { readonly of: GraphTensor; readonly offset: number } | null;
  /** Its operation may write over a source that nobody needs any more (`ggml_op_can_inplace`). */
  readonly inPlace: boolean;
  /** Has its own place already: weights and the KV cache. */
  readonly external: boolean;
}

const f32 = 4;

/** The tensor with the numbers: of a view of a view, the first. */
const root = (tensor: GraphTensor): { readonly of: GraphTensor; readonly offset: number } => tensor.view ?? { of: tensor, offset: 0 };

const product = (sizes: readonly number[]): number => sizes.reduce((all, size) => all * size, 1);

const tensor = (sizes: readonly number[], sources: readonly GraphTensor[], inPlace: boolean, elementBytes = f32): GraphTensor => ({
  bytes: product(sizes) * elementBytes,
  layout: `${elementBytes}:${sizes.filter((size) => size !== 1).join()}`,
  sources,
  view: null,
  inPlace,
  external: false,
});

/** An input: filled before the graph runs. */
export const input = (sizes: readonly number[], elementBytes = f32): GraphTensor => tensor(sizes, [], false, elementBytes);

/** The result of an operation that needs a place of its own: a matrix product, a copy, chosen rows. */
export const fresh = (sizes: readonly number[], sources: readonly GraphTensor[], elementBytes = f32): GraphTensor => tensor(sizes, sources, false, elementBytes);

/** The result of an operation number by number, with the sizes of its first source. */
export const inPlace = (sizes: readonly number[], sources: readonly GraphTensor[]): GraphTensor => tensor(sizes, sources, true);

/** The same numbers in another shape. */
export function reshaped(of: GraphTensor, sizes: readonly number[]): GraphTensor {
  return { ...tensor(sizes, [of], false), view: root(of) };
}

/** Some of the numbers; `stride` tells it from a contiguous tensor of the same sizes. */
export function part(of: GraphTensor, sizes: readonly number[], offset: number, stride: string): GraphTensor {
  const { of: whole, offset: before } = root(of);
  const whole4 = tensor(sizes, [of], false);
  return { ...whole4, layout: `${whole4.layout}/${stride}`, view: { of: whole, offset: before + offset } };
}

/** Weights or the KV cache: elsewhere in memory. */
export const elsewhere: GraphTensor = { bytes: 0, layout: 'elsewhere', sources: [], view: null, inPlace: false, external: true };

/** Rows written into another tensor, by default into the KV cache (`ggml_set_rows`): the result is a view of that one. */
export function stored(rows: GraphTensor, indices: GraphTensor, into = elsewhere): GraphTensor {
  return { ...into, sources: [rows, indices, into], view: root(into), inPlace: false, external: false };
}

/** Root-mean-square norm and its weights (`build_norm`). */
export function norm(of: GraphTensor, sizes: readonly number[]): GraphTensor {
  return inPlace(sizes, [inPlace(sizes, [of]), elsewhere]);
}

/** The tensors of a graph in the order in which ggml computes them. */
export class GraphOrder {
  readonly leaves: GraphTensor[] = [];
  readonly nodes: GraphTensor[] = [];
  readonly #seen = new Set<GraphTensor>();

  /** Adds what a result needs, first sources first, and the result (`ggml_build_forward_expand`). */
  expand(result: GraphTensor): void {
    if (this.#seen.has(result)) return;
    this.#seen.add(result);
    for (const source of result.sources) this.expand(source);
    (result.sources.length === 0 ? this.leaves : this.nodes).push(result);
  }
}
