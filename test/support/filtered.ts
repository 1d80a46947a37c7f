import { type StreamFilter, through } from '../../src/engine/completion/streamFilters/streamFilter.js';

export interface Filtered {
  readonly text: string;
  /** Whether the filter ended the stream before the model did. */
  readonly stopped: boolean;
}

/** Sends a text through filters in pieces of `size` characters, as a model would. */
export async function filtered(text: string, filters: readonly StreamFilter[], size: number): Promise<Filtered> {
  let ended = false;
  async function* pieces(): AsyncGenerator<string> {
    for (let from = 0; from < text.length; from += size) yield text.slice(from, from + size);
    ended = true;
  }
  let result = '';
  for await (const part of through(pieces(), filters)) result += part;
  return { text: result, stopped: !ended };
}
