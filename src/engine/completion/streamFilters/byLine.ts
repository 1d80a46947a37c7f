/** Regroups a stream into whole lines with their line ends; the last one may have none. Nothing is cut. */
export async function* byLine(source: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const part of source) {
    let from = 0;
    for (let end = part.indexOf('\n'); end >= 0; end = part.indexOf('\n', from)) {
      const line = rest + part.slice(from, end + 1);
      rest = '';
      from = end + 1;
      yield line;
    }
    rest += part.slice(from);
  }
  if (rest !== '') yield rest;
}
