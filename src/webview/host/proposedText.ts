import type { Attachment } from '../../engine/chat/conversation.js';

/** What is known of the file that a code block may belong in. Offsets count UTF-16 units. */
export interface Target {
  readonly uri: string;
  readonly text: string;
  readonly selection: { readonly start: number; readonly end: number };
}

function indentOf(line: string): string {
  return /^[ \t]*/.exec(line)?.[0] ?? '';
}

/** Moves a block to the indentation of the place where it goes: the first line's indentation there stands for all. */
function reindent(code: string, from: string, to: string): string {
  if (from === to) return code;
  return code
    .split('\n')
    .map((line) => (line.trim() === '' ? line : line.startsWith(from) ? to + line.slice(from.length) : line))
    .join('\n');
}

function replaceLines(text: string, start: number, end: number, code: string): string {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const before = text.slice(lineStart, start);
  // A selection that begins after the indentation takes the indentation with it.
  const from = before.trim() === '' ? lineStart : start;
  const indent = indentOf(text.slice(lineStart));
  const trimmed = code.replace(/\n+$/, '');
  const block = from === lineStart ? reindent(trimmed, indentOf(trimmed), indent) : trimmed;
  const tail = text.slice(from, end).endsWith('\n') ? '\n' : '';
  return text.slice(0, from) + block + tail + text.slice(end);
}

/**
 * The file's text with a code block of an answer in it. In this order: it replaces the selection that the question was
 * about (found again by its text), the present selection, or the whole file if the question had the whole file;
 * else it goes in at the cursor.
 */
export function proposedText(target: Target, code: string, attachments: readonly Attachment[]): string {
  const { text, selection } = target;
  const ours = attachments.filter((attachment) => attachment.uri === target.uri);
  for (const attachment of ours) {
    if (attachment.kind !== 'selection' || attachment.text === '') continue;
    const at = text.indexOf(attachment.text);
    if (at >= 0 && text.indexOf(attachment.text, at + 1) < 0) return replaceLines(text, at, at + attachment.text.length, code);
  }
  if (selection.end > selection.start) return replaceLines(text, selection.start, selection.end, code);
  if (ours.some((attachment) => attachment.kind === 'file')) return text.endsWith('\n') && !code.endsWith('\n') ? `${code}\n` : code;
  // At the end of a file that ends with a line break, the block ends with one, too.
  const tail = selection.start === text.length && (text === '' || text.endsWith('\n')) && !code.endsWith('\n') ? '\n' : '';
  return text.slice(0, selection.start) + code + tail + text.slice(selection.end);
}
