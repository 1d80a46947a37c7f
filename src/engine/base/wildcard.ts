/**
 * Whether a text fits a pattern in which `*` is anything; case does not matter. Goes through the text once for all stars: a regular
 * expression with many of them can take forever over a text that somebody has made for it.
 */
export function fitsWildcard(pattern: string, text: string): boolean {
  const [start = '', ...texts] = pattern.toLowerCase().split('*');
  const end = texts.pop();
  const name = text.toLowerCase();
  if (end === undefined) return name === start;
  if (!name.startsWith(start) || !name.endsWith(end)) return false;
  let at = start.length;
  for (const part of texts) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= name.length - end.length;
}
