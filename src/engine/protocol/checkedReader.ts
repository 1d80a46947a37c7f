import * as v from 'valibot';
import type { DataCallback, Disposable, Message, MessageReader } from 'vscode-jsonrpc';
import type { Failure } from '../base/errors.js';

const id = v.union([v.pipe(v.string(), v.maxLength(128)), v.pipe(v.number(), v.safeInteger())]);
const version = v.literal('2.0');
const method = v.pipe(v.string(), v.minLength(1), v.maxLength(256));
const params = v.union([v.array(v.unknown()), v.record(v.string(), v.unknown())]);

const cancelSchema = v.object({ jsonrpc: version, method: v.literal('$/cancelRequest'), params: v.object({ id }) });
const callSchema = v.object({ jsonrpc: version, id: v.optional(id), method, params: v.optional(params) });
const answerSchema = v.object({
  jsonrpc: version,
  id: v.nullable(id),
  error: v.optional(v.object({ code: v.number(), message: v.string() })),
});

/** What is wrong with a value that arrived as a JSON-RPC 2.0 message, or `null`. Batches are not part of this protocol. */
function messageProblem(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return 'not an object';
  if (Array.isArray(value)) return 'a batch';
  if ('method' in value) {
    const schema = value.method === '$/cancelRequest' ? cancelSchema : callSchema;
    return v.is(schema, value) ? null : 'not a JSON-RPC request';
  }
  if (!v.is(answerSchema, value)) return 'not a JSON-RPC response';
  return 'result' in value || 'error' in value ? null : 'a response with neither result nor error';
}

/** The `id` that an answer to an unusable message should bear: its own if it has a usable one. */
function idOf(value: unknown): string | number | null {
  if (typeof value !== 'object' || value === null || !('id' in value)) return null;
  return v.is(id, value.id) ? value.id : null;
}

/** Hands on well-formed JSON-RPC messages; the others are reported and go no further. */
export class CheckedReader implements MessageReader {
  #callback: DataCallback | null = null;

  constructor(
    private readonly inner: MessageReader,
    private readonly onInvalid: (failure: Failure, id: string | number | null) => void,
  ) {
    // The parser's own text quotes the input, which may be the user's.
    inner.onError((error) => {
      if (error instanceof SyntaxError) onInvalid({ code: 'invalidMessage', method: '', reason: 'not JSON' }, null);
    });
  }

  readonly onError: MessageReader['onError'] = (...listener) => this.inner.onError(...listener);
  readonly onClose: MessageReader['onClose'] = (...listener) => this.inner.onClose(...listener);
  readonly onPartialMessage: MessageReader['onPartialMessage'] = (...listener) => this.inner.onPartialMessage(...listener);

  listen(callback: DataCallback): Disposable {
    this.#callback = callback;
    return this.inner.listen((message: Message) => {
      const problem = messageProblem(message);
      if (problem === null) callback(message);
      else this.onInvalid({ code: 'invalidMessage', method: '', reason: problem }, idOf(message));
    });
  }

  /** Hands on a message of our own, as if the other end had sent it. */
  deliver(message: Message): void {
    this.#callback?.(message);
  }

  dispose(): void {
    this.inner.dispose();
  }
}
