import { createMessageConnection, type MessageConnection, NullLogger, type RAL, ReadableStreamMessageReader } from 'vscode-jsonrpc/node';
import type { Failure } from '../base/errors.js';
import { BoundedWriter } from './boundedWriter.js';
import { CheckedReader } from './checkedReader.js';
import { FrameGuard, type FrameLimits } from './frameGuard.js';
import { failureAnswer } from './wire.js';

/** What a connection runs over: a socket, or streams in memory. */
export interface ByteStreams {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  /** Closes both directions; what was written before still goes out. */
  close(): void;
}

export interface StreamConnectionOptions {
  readonly streams: ByteStreams;
  readonly limits: FrameLimits;
  /** Called at every arrival with its bytes, and with the number of our messages that have not gone out yet. A failure ends the reading. */
  readonly inspect?: (bytes: number, unread: number) => Failure | null;
  /** A message was dropped and answered with its failure; the connection goes on. */
  readonly onInvalid: (failure: Failure) => void;
  /** The stream cannot be followed any further and has been answered with the failure: close it. */
  readonly onBroken: (failure: Failure) => void;
}

export interface StreamConnection {
  readonly connection: MessageConnection;
  /** Resolves when the answers that have been given so far are on their way. */
  flushed(): Promise<void>;
  /** How many of our messages have not gone out yet, because the other end does not read. */
  unread(): number;
}

/** A JSON-RPC connection over byte streams that survives whatever the other end sends. */
export function connectStreams(options: StreamConnectionOptions): StreamConnection {
  const writer = new BoundedWriter(options.streams.output, options.limits.messageBytes, (local) => checked.deliver(local));
  const answer = (failure: Failure, id: string | number | null): void => void writer.write(failureAnswer(failure, id)).catch(() => undefined);

  const guard = new FrameGuard(options.limits);
  const inspect = (chunk: Uint8Array): Failure | null => options.inspect?.(chunk.length, writer.waiting) ?? guard.inspect(chunk);
  const bytes = guarded(options.streams.input, inspect, (failure) => {
    answer(failure, null);
    options.onBroken(failure);
  });
  const reader = new ReadableStreamMessageReader(bytes);
  // Its timer outlives a disposed reader.
  reader.partialMessageTimeout = 0;
  const checked: CheckedReader = new CheckedReader(reader, (failure, id) => {
    answer(failure, id);
    options.onInvalid(failure);
  });
  return { connection: createMessageConnection(checked, writer, NullLogger), flushed: () => writer.flushed(), unread: () => writer.waiting };
}

/** The stream as vscode-jsonrpc reads it, silent after the first bytes that break the framing. */
function guarded(input: NodeJS.ReadableStream, inspect: (chunk: Uint8Array) => Failure | null, onBroken: (failure: Failure) => void): RAL.ReadableStream {
  let broken = false;
  const on = <T>(event: string, listener: (value: T) => void): { dispose(): void } => {
    input.on(event, listener);
    return { dispose: () => input.off(event, listener) };
  };
  return {
    onData: (listener) =>
      on<Uint8Array>('data', (chunk) => {
        if (broken) return;
        const failure = inspect(chunk);
        if (failure === null) {
          listener(chunk);
          return;
        }
        broken = true;
        onBroken(failure);
      }),
    onClose: (listener) => on('close', listener),
    onError: (listener) => on('error', listener),
    onEnd: (listener) => on('end', listener),
  };
}
