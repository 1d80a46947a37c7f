import type { Question } from './conversation.js';

const maxCharacters = 60;

function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

/** Cuts at a word, and says so by an ellipsis. */
function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text;
  // Half of a character that takes two places is none.
  const cut = text.slice(0, limit - 1).replace(/[\uD800-\uDBFF]$/, '');
  const space = cut.lastIndexOf(' ');
  return `${(space > limit / 2 ? cut.slice(0, space) : cut).trimEnd()}…`;
}

/** A conversation's title from its first question: its first line without markup, with the file it is about. */
export function titleOf(question: Question): string {
  const line = question.text
    .split('\n')
    .map((candidate) => candidate.replace(/^[#>*\-\s]+|[`*_]+/g, '').trim())
    .find((candidate) => candidate !== '' && !candidate.startsWith('```'));
  const attachment = question.attachments[0];
  const file = attachment === undefined ? '' : shorten(baseName(attachment.path), maxCharacters / 2);
  if (line === undefined) return file;
  const title = shorten(line, maxCharacters);
  return file === '' || title.length + file.length > maxCharacters ? title : `${title} · ${file}`;
}
