/** Pieces of at most `size` characters that end where a line ends, if there is one. */
export function* linePieces(text: string, size: number): Generator<string> {
  for (let start = 0; start < text.length; ) {
    const limit = start + size;
    const lineEnd = limit < text.length ? text.lastIndexOf('\n', limit - 1) + 1 : text.length;
    const end = lineEnd > start ? lineEnd : limit;
    yield text.slice(start, end);
    start = end;
  }
}
