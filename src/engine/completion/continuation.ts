import type { DocumentSnapshot } from './snapshot.js';

/** The place that a suggestion was made for. */
export type Origin = Pick<DocumentSnapshot, 'uri' | 'firstLine' | 'prefix' | 'linePrefix' | 'lineSuffix' | 'below'>;

export function originOf({ uri, firstLine, prefix, linePrefix, lineSuffix, below }: DocumentSnapshot): Origin {
  return { uri, firstLine, prefix, linePrefix, lineSuffix, below };
}

/**
 * What has been typed at the origin since: `''` at the same place, `null` when the snapshot is anywhere else or the
 * text after the cursor is another one. Closers that the editor put right of the cursor by itself are let pass.
 * The long texts are compared last: most origins differ in their line.
 */
export function typedSince(origin: Origin, snapshot: DocumentSnapshot): string | null {
  const { uri, firstLine, prefix, linePrefix, lineSuffix, below } = snapshot;
  if (origin.uri !== uri || origin.firstLine !== firstLine || !sameRight(origin.lineSuffix, lineSuffix)) return null;
  if (prefix.length < origin.prefix.length) return null;
  const since = prefix.length === origin.prefix.length ? linePrefix : prefix.slice(origin.prefix.length) + linePrefix;
  if (!since.startsWith(origin.linePrefix) || origin.below !== below) return null;
  const sameAbove = prefix.length === origin.prefix.length ? prefix === origin.prefix : prefix.startsWith(origin.prefix);
  return sameAbove ? since.slice(origin.linePrefix.length) : null;
}

const autoClosed = /^[)\]}"'`>]{1,3}$/;

function sameRight(before: string, now: string): boolean {
  if (before === now) return true;
  return now.endsWith(before) && autoClosed.test(now.slice(0, now.length - before.length));
}
