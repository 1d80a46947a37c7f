import { contextWindow } from '../../src/engine/completion/contextWindow.js';
import type { DocumentSnapshot } from '../../src/engine/completion/snapshot.js';

/** The snapshot of a document whose cursor is written as `|` (the first one). */
export function snapshotAt(marked: string, changes: Partial<DocumentSnapshot> = {}): DocumentSnapshot {
  const cursor = marked.indexOf('|');
  if (cursor < 0) throw new Error('the text has no cursor');
  const left = marked.slice(0, cursor).split('\n');
  const right = marked.slice(cursor + 1).split('\n');
  const line = left.length - 1;
  const { firstLine, endLine } = contextWindow(line, left.length + right.length - 1);
  const linePrefix = left.at(-1) ?? '';
  const [lineSuffix = '', ...rest] = right;
  const below = rest.slice(0, endLine - line - 1);
  return {
    uri: 'file:///project/src/file.ts',
    path: 'src/file.ts',
    languageId: 'typescript',
    version: 1,
    line,
    firstLine,
    prefix: left.slice(firstLine, -1).map((text) => `${text}\n`).join(''),
    linePrefix,
    lineSuffix,
    below: below.map((text) => `\n${text}`).join(''),
    trigger: 'automatic',
    changedAt: 0,
    ...changes,
  };
}
