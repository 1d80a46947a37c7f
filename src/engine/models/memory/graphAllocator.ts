import type { GraphOrder, GraphTensor } from './tensorGraph.js';

/** Places begin at multiples of this (`TENSOR_ALIGNMENT` of ggml's CPU buffers; GPUs have 128 or 256). */
const alignment = 64;
const aligned = (bytes: number): number => Math.ceil(bytes / alignment) * alignment;

/** Free memory by place; the last block has no end. */
class FreeBlocks {
  readonly #blocks: { offset: number; size: number }[] = [{ offset: 0, size: Infinity }];
  /** The end of the highest place that was ever taken. */
  end = 0;

  /** The smallest block that is large enough; only where none is, the last one grows. */
  take(bytes: number): number {
    const size = aligned(bytes);
    let best = this.#blocks.length - 1;
    for (let index = 0; index < this.#blocks.length - 1; index++) {
      const block = this.#blocks[index];
      if (block !== undefined && block.size >= size && block.size <= (this.#blocks[best]?.size ?? 0)) best = index;
    }
    const block = this.#blocks[best];
    if (block === undefined) throw new RangeError('the last block has no end');
    const { offset } = block;
    block.offset += size;
    block.size -= size;
    if (block.size === 0) this.#blocks.splice(best, 1);
    this.end = Math.max(this.end, offset + size);
    return offset;
  }

  give(offset: number, bytes: number): void {
    const size = aligned(bytes);
    if (size === 0) return;
    const next = this.#blocks.findIndex((block) => block.offset > offset);
    const before = this.#blocks[next - 1];
    const after = this.#blocks[next];
    const joinsAfter = after !== undefined && offset + size === after.offset;
    if (before !== undefined && before.offset + before.size === offset) {
      before.size += size;
      if (joinsAfter) {
        before.size += after.size;
        this.#blocks.splice(next, 1);
      }
    } else if (joinsAfter) {
      after.offset = offset;
      after.size += size;
    } else this.#blocks.splice(next, 0, { offset, size });
  }
}

interface Place {
  readonly offset: number;
  /** Not yet free again, nor taken over. */
  taken: boolean;
}

/**
 * Bytes of the buffer in which a graph is computed, as ggml's graph allocator (`ggml-alloc.c` of llama.cpp v0.4.0) lays it out: all
 * inputs first, then each result in the smallest free block, or in the place of a source that nobody needs any more; what was
 * used for the last time is free again. Blocks between tensors stay empty, so the sum of what is alive at a time would be too little.
 */
export function graphBytes(order: GraphOrder): number {
  const free = new FreeBlocks();
  const places = new Map<GraphTensor, Place>();
  const uses = new Map<GraphTensor, { uses: number; views: number }>();
  const countOf = (tensor: GraphTensor): { uses: number; views: number } => {
    const known = uses.get(tensor);
    if (known !== undefined) return known;
    const count = { uses: 0, views: 0 };
    uses.set(tensor, count);
    return count;
  };
  for (const node of order.nodes) {
    if (node.view !== null) countOf(node.view.of).views++;
    for (const source of node.sources) countOf(source).uses++;
  }
  const takeOver = (tensor: GraphTensor): number | null => {
    for (const source of tensor.sources) {
      const held = places.get(source);
      const count = countOf(source);
      if (held === undefined || !held.taken || source.layout !== tensor.layout || count.uses !== 1 || count.views !== 0) continue;
      held.taken = false;
      return held.offset;
    }
    return null;
  };
  const place = (tensor: GraphTensor): void => {
    if (tensor.external || tensor.view !== null || places.has(tensor)) return;
    const offset = (tensor.inPlace ? takeOver(tensor) : null) ?? free.take(tensor.bytes);
    places.set(tensor, { offset, taken: true });
  };
  const release = (tensor: GraphTensor): void => {
    const held = places.get(tensor);
    if (held === undefined || !held.taken) return;
    held.taken = false;
    free.give(held.offset, tensor.bytes);
  };
  for (const leaf of order.leaves) place(leaf);
  for (const node of order.nodes) {
    place(node);
    for (const source of node.sources) {
      const count = countOf(source);
      count.uses--;
      if (count.uses > 0 || count.views > 0) continue;
      if (source.view === null) release(source);
      else {
        const owner = countOf(source.view.of);
        owner.views--;
        if (owner.views === 0 && owner.uses === 0) release(source.view.of);
      }
    }
  }
  return free.end;
}
