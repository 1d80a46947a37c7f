import type { KvType } from '../../protocol/engineTypes.js';

/** llama.cpp rounds contexts up to this. */
const step = 256;
/** With less than this a conversation, or a file to complete in, has no room; rather the smallest type of the cache. */
export const comfortableContextSize = 2_048;
/** The least that is chosen by itself. */
export const leastContextSize = 512;

/**
 * The best of what `attempt` gives for a KV type of `types`, the best one first, and a context of at most `cap` tokens; it gives `null`
 * where that does not fit. `wanted` tokens with 16-bit floats are given up in this order: first the floats, for `q8_0` answers hardly
 * differently; then tokens of the context, down to 2,048; then `q8_0`, for `q4_0` does cost quality; then tokens, down to 512.
 */
export function bestWithin<T>(wanted: number, types: readonly KvType[], attempt: (kvType: KvType, cap: number) => T | null): T | null {
  const gentle = types.length === 1 ? types : types.filter((type) => type !== 'q4_0');
  const largest = (kvType: KvType | undefined, floor: number): T | null => {
    if (kvType === undefined) return null;
    const cap = largestSize(Math.min(floor, wanted), wanted, (size) => attempt(kvType, size) !== null);
    return cap === null ? null : attempt(kvType, cap);
  };
  for (const kvType of gentle) {
    const whole = attempt(kvType, wanted);
    if (whole !== null) return whole;
  }
  return largest(gentle.at(-1), comfortableContextSize) ?? largest(types.at(-1), leastContextSize);
}

/**
 * The largest context size from `floor` to `ceiling`, in whole steps, for which `holds` is true; `null` where it is false for `floor`.
 * What holds for a size holds for smaller ones.
 */
export function largestSize(floor: number, ceiling: number, holds: (size: number) => boolean): number | null {
  if (!holds(floor)) return null;
  if (holds(ceiling)) return ceiling;
  let low = floor;
  let high = ceiling;
  while (high - low > step) {
    const middle = Math.ceil((low + high) / 2 / step) * step;
    if (middle >= high) break;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return low;
}
