const openers: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };
const closers = new Set([')', ']', '}']);
const quotes = new Set(['"', "'", '`']);

export interface Bracket {
  readonly character: string;
  readonly index: number;
}

/** Closing brackets that the text does not open, and a quote that stands there an odd number of times (its last one). */
export function unmatchedClosers(text: string): Bracket[] {
  const expected: string[] = [];
  const found: Bracket[] = [];
  const lastQuote = new Map<string, { count: number; index: number }>();
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index);
    const closer = openers[character];
    if (closer !== undefined) expected.push(closer);
    else if (closers.has(character)) {
      if (expected.at(-1) === character) expected.pop();
      else found.push({ character, index });
    } else if (quotes.has(character)) {
      lastQuote.set(character, { count: (lastQuote.get(character)?.count ?? 0) + 1, index });
    }
  }
  for (const [character, { count, index }] of lastQuote) if (count % 2 === 1) found.push({ character, index });
  return found.sort((a, b) => a.index - b.index);
}

/** The closing brackets that the text still waits for, the innermost last. */
export function openBrackets(text: string): string[] {
  const expected: string[] = [];
  for (const character of text) {
    const closer = openers[character];
    if (closer !== undefined) expected.push(closer);
    else if (expected.at(-1) === character) expected.pop();
  }
  return expected;
}
