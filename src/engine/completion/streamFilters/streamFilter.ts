/**
 * A stage between the model and the suggestion. It only ever cuts: what comes out is a beginning of what went in.
 * Returning ends the stage above it too, down to the request in the worker.
 */
export type StreamFilter = (source: AsyncIterable<string>) => AsyncGenerator<string>;

/** The stages in order, the first one nearest to the model. */
export function through(source: AsyncIterable<string>, filters: readonly StreamFilter[]): AsyncIterable<string> {
  return filters.reduce<AsyncIterable<string>>((stream, filter) => filter(stream), source);
}
