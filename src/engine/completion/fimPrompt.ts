import type { FimPrompt } from '../protocol/engineTypes.js';
import type { Chunk } from './recentChunks.js';
import type { DocumentSnapshot } from './snapshot.js';

/** Most characters of the prefix, for files with long lines. */
const prefixCharacters = 16_384;
/** The cut moves in steps of this many characters. */
const prefixBlock = 4_096;
const suffixCharacters = 4_096;

/**
 * The prompt of a snapshot, laid out so that only `tail` changes while a line is typed: everything before it is
 * found in the KV cache. The model reads the tail after the suffix, as the beginning of what it has to fill in.
 */
export function fimPrompt(snapshot: DocumentSnapshot, chunks: readonly Chunk[]): FimPrompt {
  return {
    context: chunks.map(({ path, text }) => `#${path}\n${text}${text.endsWith('\n') ? '' : '\n'}`),
    prefix: cutStart(snapshot.prefix),
    suffix: cutEnd(snapshot.lineSuffix + snapshot.below),
    tail: snapshot.linePrefix,
  };
}

/** Cuts at a line start near a fixed place of the text, so that the result's start stays the same while the text grows. */
function cutStart(text: string): string {
  if (text.length <= prefixCharacters) return text;
  const from = Math.ceil((text.length - prefixCharacters) / prefixBlock) * prefixBlock;
  const lineEnd = text.indexOf('\n', from - 1);
  return text.slice(lineEnd < 0 ? from : lineEnd + 1);
}

/** Keeps whole lines where there are any. */
function cutEnd(text: string): string {
  if (text.length <= suffixCharacters) return text;
  const lineEnd = text.lastIndexOf('\n', suffixCharacters);
  return text.slice(0, lineEnd > 0 ? lineEnd : suffixCharacters);
}
