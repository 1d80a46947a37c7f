/** Why a completion is asked for: while the user types, or because the user asked with a key. */
export type Trigger = 'automatic' | 'manual';

/**
 * What the pipeline knows about a document at one moment, as plain values. Line ends are `\n` whatever the file has.
 * Texts are windows around the cursor (`contextWindow.ts`), not the whole file.
 */
export interface DocumentSnapshot {
  /** Identifies the document. */
  readonly uri: string;
  /** Relative to the workspace, with forward slashes; what stands in a `#path` header. */
  readonly path: string;
  readonly languageId: string;
  /** Rises with every change of the document. */
  readonly version: number;
  /** The cursor's line, from 0. */
  readonly line: number;
  /** The first line of `prefix`, from 0. */
  readonly firstLine: number;
  /** The file up to the start of the cursor's line; empty or ends with a line end. */
  readonly prefix: string;
  /** The cursor's line, left of the cursor. */
  readonly linePrefix: string;
  /** The cursor's line, right of the cursor, without its line end. */
  readonly lineSuffix: string;
  /** The file after the cursor's line; empty or begins with a line end. */
  readonly below: string;
  readonly trigger: Trigger;
  /** When the document last changed, on the clock that the engine was given, in milliseconds. */
  readonly changedAt: number;
}
