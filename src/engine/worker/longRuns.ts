/** Most characters of one kind in a row. No word is as long; only lines of dashes, encoded data and the like are. */
const longestRun = 256;

/** What pre-tokenizers take together as one word: letters, digits, white space, or anything else; in pieces of the longest run. */
const runs = new RegExp(
  ['[\\p{L}\\p{M}]', '\\p{N}', '\\s', '[^\\p{L}\\p{M}\\p{N}\\s]'].map((kind) => `${kind}{1,${longestRun}}`).join('|'),
  'gu',
);

/**
 * Cuts a text within runs that are longer than any word. llama.cpp splits text into words with `std::regex`, which recurses once per
 * character of a word: with DeepSeek's pre-tokenizer some 23,000 equal characters overflow a stack of 8 MB and end the process
 * (https://github.com/ggml-org/llama.cpp/issues/26965). Where it is cut depends on what stands before, so text that grows keeps its tokens.
 */
export function cutLongRuns(text: string): readonly string[] {
  if (text.length <= longestRun) return [text];
  const pieces: string[] = [];
  let start = 0;
  for (const { 0: run, index } of text.matchAll(runs)) {
    const end = index + run.length;
    if (run.length < longestRun || end === text.length) continue;
    pieces.push(text.slice(start, end));
    start = end;
  }
  return [...pieces, text.slice(start)];
}
