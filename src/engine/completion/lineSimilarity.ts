/** The distinct lines of a text that say something: trimmed, longer than a bracket or an `else`. */
export function significantLines(text: string): Set<string> {
  const lines = new Set<string>();
  for (const line of text.split('\n')) {
    const trimmed = line.trim();
    if (trimmed.length > 4) lines.add(trimmed);
  }
  return lines;
}

/** How much of the smaller set of lines the other one has too, from 0 to 1. */
export function sharedLines(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const [few, many] = a.size <= b.size ? [a, b] : [b, a];
  if (few.size === 0) return 0;
  let shared = 0;
  for (const line of few) if (many.has(line)) shared++;
  return shared / few.size;
}
