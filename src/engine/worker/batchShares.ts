/**
 * Shares one decode step of `size` tokens among waiting pieces of work of the given lengths, in their order.
 * Short ones are served whole, so that a long prompt does not hold up another sequence's next token.
 */
export function batchShares(lengths: readonly number[], size: number): readonly number[] {
  const shares = lengths.map(() => 0);
  let left = size;
  const shortestFirst = lengths.map((_, index) => index).sort((a, b) => (lengths[a] ?? 0) - (lengths[b] ?? 0));
  shortestFirst.forEach((index, position) => {
    const fair = Math.ceil(left / (lengths.length - position));
    const share = Math.min(lengths[index] ?? 0, fair);
    shares[index] = share;
    left -= share;
  });
  return shares;
}
