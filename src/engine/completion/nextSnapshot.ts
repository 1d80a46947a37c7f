import type { DocumentSnapshot } from './snapshot.js';

/** The document as it will be when a suggestion of one line has been accepted, with the cursor after it. */
export function afterAccepting(snapshot: DocumentSnapshot, text: string, overtype: number): DocumentSnapshot {
  return {
    ...snapshot,
    version: snapshot.version + 1,
    linePrefix: snapshot.linePrefix + text,
    lineSuffix: snapshot.lineSuffix.slice(overtype),
  };
}
