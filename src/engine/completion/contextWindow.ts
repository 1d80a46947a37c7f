/** Most lines of the prefix. */
export const prefixLines = 256;
/** Lines of the suffix after the cursor's line. */
export const suffixLines = 64;
/** The window's start moves in steps of this many lines, so that the KV cache stays valid in between. */
const blockLines = 64;

export interface LineWindow {
  /** First line of the prefix. */
  readonly firstLine: number;
  /** Line after the last one of the suffix. */
  readonly endLine: number;
}

/** Which lines of a document go into the prompt when the cursor stands in `line`. */
export function contextWindow(line: number, lineCount: number): LineWindow {
  const firstLine = line <= prefixLines ? 0 : Math.ceil((line - prefixLines) / blockLines) * blockLines;
  return { firstLine, endLine: Math.min(lineCount, line + 1 + suffixLines) };
}
