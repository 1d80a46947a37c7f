import * as v from 'valibot';
import {
  CancellationTokenSource,
  type CancellationToken,
  ErrorCodes,
  type MessageConnection,
  ParameterStructures,
  ProgressType,
  RequestType,
  ResponseError,
  type ResponseMessage,
} from 'vscode-jsonrpc';
import type { Disposable } from '../base/disposable.js';
import { EngineError, type Failure, failureOf } from '../base/errors.js';
import { clippedFailure, failureSchema } from './failureSchema.js';

/** The JSON-RPC error code of every failure of ours; the typed reason is in `data`. */
const failureErrorCode = -32_000;

type Schema<T> = v.GenericSchema<unknown, T>;

/** One message that is answered. The value says what is sent and what comes back; both ends check it. */
export interface Request<P, R> {
  readonly method: string;
  readonly params: Schema<P>;
  readonly result: Schema<R>;
}

/** A request that reports events on the way to its answer. */
export interface StreamingRequest<P, E, R> extends Request<P, R> {
  readonly event: Schema<E>;
}

/** One message that is not answered. */
export interface Notification<P> {
  readonly method: string;
  readonly params: Schema<P>;
}

/** A field with room for this many characters holds text of the user, who must hear that it is too long; elsewhere it is a defect of ours. */
const longText = 1_024 * 1_024;

function check<T>(method: string, schema: Schema<T>, value: unknown): T {
  const outcome = v.safeParse(schema, value, { abortEarly: true });
  if (outcome.success) return outcome.output;
  const issue = outcome.issues[0];
  if (issue.type === 'max_length' && typeof issue.input === 'string' && typeof issue.requirement === 'number' && issue.requirement >= longText) {
    throw new EngineError({ code: 'messageTooLarge', bytes: issue.input.length, limit: issue.requirement });
  }
  const where = v.getDotPath(issue);
  throw new EngineError({ code: 'invalidMessage', method, reason: where === null ? issue.message : `${where}: ${issue.message}` });
}

function toResponseError(error: unknown): ResponseError<Failure> {
  const failure = clippedFailure(failureOf(error));
  return new ResponseError(failureErrorCode, failure.code, failure);
}

/** The answer to a message that could not be taken as a request; `id` is `null` where it is not known. */
export function failureAnswer(failure: Failure, id: string | number | null): ResponseMessage {
  return { jsonrpc: '2.0', id, error: toResponseError(new EngineError(failure)).toJson() };
}

/** What vscode-jsonrpc rejects with when the other end has gone before or while we write. */
const lostCodes: ReadonlySet<number> = new Set([ErrorCodes.PendingResponseRejected, ErrorCodes.MessageWriteError, ErrorCodes.ConnectionInactive]);

function fromResponseError(method: string, error: unknown): EngineError {
  if (EngineError.is(error)) return error;
  if (error instanceof ResponseError) {
    const failure = v.safeParse(failureSchema, error.data);
    if (failure.success) return new EngineError(failure.output, { cause: error });
    if (error.code === ErrorCodes.MethodNotFound) return new EngineError({ code: 'unknownMethod', method }, { cause: error });
    if (lostCodes.has(error.code)) return new EngineError({ code: 'connectionLost' }, { cause: error });
    return new EngineError({ code: 'internal', reason: error.message }, { cause: error });
  }
  // vscode-jsonrpc throws ConnectionError for a closed connection and plain errors of the stream.
  return new EngineError({ code: 'connectionLost' }, { cause: error });
}

function toSignal(token: CancellationToken): { readonly signal: AbortSignal; dispose(): void } {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  const subscription = token.onCancellationRequested(() => controller.abort());
  return { signal: controller.signal, dispose: () => subscription.dispose() };
}

const envelope = v.object({ progressToken: v.nullable(v.pipe(v.string(), v.maxLength(64))), body: v.unknown() });
type Envelope = v.InferOutput<typeof envelope>;

const requestType = (method: string): RequestType<Envelope, unknown, Failure> =>
  new RequestType(method, ParameterStructures.byPosition);
const progressType = new ProgressType<unknown>();
let nextProgressToken = 0;

/** Answers a request. The handler's error travels as a typed failure; a bad parameter never reaches the handler. */
export function serve<P, R>(
  connection: MessageConnection,
  request: Request<P, R>,
  handler: (params: P, signal: AbortSignal) => Promise<R>,
): Disposable {
  return serveStreaming(connection, { ...request, event: v.never() }, (params, _report, signal) => handler(params, signal));
}

/** Answers a request that reports events; `report` after the answer is ignored. */
export function serveStreaming<P, E, R>(
  connection: MessageConnection,
  request: StreamingRequest<P, E, R>,
  handler: (params: P, report: (event: E) => void, signal: AbortSignal) => Promise<R>,
): Disposable {
  // By name rather than by type: vscode-jsonrpc would answer a wrong parameter list itself, without a typed reason.
  return connection.onRequest<unknown, Failure>(request.method, async (...args: unknown[]) => {
    const cancellation = toSignal(args.at(-1) as CancellationToken);
    let open = true;
    try {
      const { progressToken, body } = check(request.method, envelope, args.length === 2 ? args[0] : undefined);
      const params = check(request.method, request.params, body);
      const report = (event: E): void => {
        if (open && progressToken !== null) void connection.sendProgress(progressType, progressToken, event).catch(() => undefined);
      };
      return await handler(params, report, cancellation.signal);
    } catch (error) {
      return toResponseError(error);
    } finally {
      open = false;
      cancellation.dispose();
    }
  });
}

/** Sends a request and checks the answer. Aborting the signal cancels it at the other end, which answers `cancelled`. */
export function call<P, R>(connection: MessageConnection, request: Request<P, R>, params: P, signal?: AbortSignal): Promise<R> {
  return send(connection, request, params, null, signal);
}

/** Like `call`, with the events of the request in order before it settles. */
export async function callStreaming<P, E, R>(
  connection: MessageConnection,
  request: StreamingRequest<P, E, R>,
  params: P,
  onEvent: (event: E) => void,
  signal?: AbortSignal,
): Promise<R> {
  const token = String(nextProgressToken++);
  const stop = new AbortController();
  const onAbort = (): void => stop.abort();
  if (signal?.aborted === true) stop.abort();
  signal?.addEventListener('abort', onAbort, { once: true });
  let invalid: EngineError | null = null;
  const subscription = connection.onProgress(progressType, token, (value) => {
    if (invalid !== null) return;
    let event: E;
    try {
      event = check(request.method, request.event, value);
    } catch (error) {
      // The stream has a hole from here on: end it rather than hand on the rest.
      invalid = new EngineError(failureOf(error));
      stop.abort();
      return;
    }
    onEvent(event);
  });
  try {
    const result = await send(connection, request, params, token, stop.signal);
    if (invalid !== null) throw invalid;
    return result;
  } catch (error) {
    throw invalid ?? error;
  } finally {
    subscription.dispose();
    signal?.removeEventListener('abort', onAbort);
  }
}

async function send<P, R>(
  connection: MessageConnection,
  request: Request<P, R>,
  params: P,
  progressToken: string | null,
  signal: AbortSignal | undefined,
): Promise<R> {
  const source = new CancellationTokenSource();
  const onAbort = (): void => source.cancel();
  if (signal?.aborted === true) throw new EngineError({ code: 'cancelled' });
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const answer = await connection.sendRequest(requestType(request.method), { progressToken, body: params }, source.token);
    return check(request.method, request.result, answer);
  } catch (error) {
    throw fromResponseError(request.method, error);
  } finally {
    signal?.removeEventListener('abort', onAbort);
    source.dispose();
  }
}

/** Hears a notification; a bad one is reported to `onInvalid` and dropped. */
export function listen<P>(
  connection: MessageConnection,
  notification: Notification<P>,
  handler: (params: P) => void,
  onInvalid: (failure: Failure) => void,
): Disposable {
  return connection.onNotification(notification.method, (...args: unknown[]) => {
    let params: P;
    try {
      params = check(notification.method, notification.params, args.length === 1 ? args[0] : undefined);
    } catch (error) {
      onInvalid(failureOf(error));
      return;
    }
    handler(params);
  });
}

/** Sends a notification; a closed connection is not an error here. */
export function notify<P>(connection: MessageConnection, notification: Notification<P>, params: P): void {
  // On a connection that is closed already it throws at once.
  const send = async (): Promise<void> => connection.sendNotification(notification.method, ParameterStructures.byPosition, params);
  void send().catch(() => undefined);
}
