import type { Socket } from 'node:net';
import { whenLate } from '../../../base/async.js';
import type { Clock } from '../../../base/clock.js';
import { EngineError } from '../../../base/errors.js';
import { answerBytes, answerHeadBytes, decodeAnswer, encodeRequest, type FileRequest } from '../../core/files/fileWire.js';
import { readBytes } from '../peers/readBytes.js';

/** How long the other end may say nothing, in milliseconds. */
export const silenceLimitMs = 10_000;

export interface FilePart {
  /** Of the whole file. */
  readonly fileBytes: number;
  /** To be read to its end, or left. The connection ends with it. */
  readonly content: AsyncIterable<Uint8Array>;
}

export interface AskOptions {
  /** What failures call the other machine. */
  readonly machine: string;
  /** What the whole file must have; `null` where that is not known. */
  readonly bytes: number | null;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Asks for a part of a file on a new `file` connection, which it takes over.
 * @throws EngineError `fileRefused`, `downloadBroken` for a file of another length, `machineUnreachable`, `cancelled`, while the content is read too
 */
export async function askForFile(socket: Socket, request: FileRequest, options: AskOptions): Promise<FilePart> {
  const line = new FileLine(socket, options);
  try {
    socket.write(encodeRequest(request));
    const answer = decodeAnswer(await line.within(readBytes(socket, answerHeadBytes)));
    if (answer === null) throw line.broken('what it says about the file cannot be understood');
    if (answer.kind === 'refused') throw new EngineError({ code: 'fileRefused', machine: options.machine, reason: answer.reason });
    const { fileBytes } = answer;
    if (options.bytes !== null && fileBytes !== options.bytes) {
      throw new EngineError({ code: 'downloadBroken', url: options.machine, reason: `the file has ${fileBytes} bytes there, and should have ${options.bytes}` });
    }
    return { fileBytes, content: contentOf(line, answerBytes(request, fileBytes)) };
  } catch (error) {
    line.close();
    throw line.reasonOf(error);
  }
}

async function* contentOf(line: FileLine, bytes: number): AsyncGenerator<Uint8Array> {
  let left = bytes;
  try {
    const chunks: AsyncIterator<Uint8Array> = line.socket[Symbol.asyncIterator]();
    while (left > 0) {
      const { done, value } = await line.within(chunks.next());
      if (done === true) throw line.broken('it closed the connection in the middle of a file');
      left -= value.length;
      if (left < 0) throw line.broken('it sent more of a file than it was asked for');
      yield value;
    }
  } catch (error) {
    throw line.reasonOf(error);
  } finally {
    line.close();
  }
}

/** The connection while it is waited on: it is closed when the other end is silent for too long, and when the caller gives up. */
class FileLine {
  readonly #onAbort = (): void => void this.socket.destroy();
  #silent = false;

  constructor(
    readonly socket: Socket,
    private readonly options: AskOptions,
  ) {
    socket.on('error', () => undefined);
    options.signal.addEventListener('abort', this.#onAbort, { once: true });
    if (options.signal.aborted) this.#onAbort();
  }

  within<T>(work: Promise<T>): Promise<T> {
    return whenLate(work, silenceLimitMs, this.options.clock, () => {
      this.#silent = true;
      this.socket.destroy();
    });
  }

  broken(reason: string): EngineError {
    return new EngineError({ code: 'machineUnreachable', machine: this.options.machine, reason });
  }

  /** What an error of the connection means. */
  reasonOf(error: unknown): EngineError {
    if (this.options.signal.aborted) return new EngineError({ code: 'cancelled' });
    if (this.#silent) return this.broken(`it has said nothing for ${silenceLimitMs / 1_000} seconds`);
    if (error instanceof EngineError && error.failure.code !== 'connectionLost') return error;
    return this.broken('the connection was lost');
  }

  close(): void {
    this.options.signal.removeEventListener('abort', this.#onAbort);
    this.socket.destroy();
  }
}
