import { once } from 'node:events';
import type { ByteStreams } from '../../src/engine/protocol/streamConnection.js';

interface Answer {
  readonly id: string | number | null;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: { readonly code: string } };
}

/** The other end of a connection, one that may say anything. */
export class RawPeer {
  #buffer = Buffer.alloc(0);

  constructor(private readonly end: ByteStreams) {
    end.input.on('data', (chunk: Buffer) => (this.#buffer = Buffer.concat([this.#buffer, chunk])));
  }

  bytes(text: string): void {
    this.end.output.write(text);
  }

  body(text: string): void {
    this.bytes(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  }

  message(value: unknown): void {
    this.body(JSON.stringify(value));
  }

  /** The next answer to a request or to a message that was none; notifications are skipped. */
  async answer(): Promise<Answer> {
    for (;;) {
      const message = await this.#next();
      if (!('method' in message)) return message;
    }
  }

  async #next(): Promise<Answer> {
    for (;;) {
      const headerEnd = this.#buffer.indexOf('\r\n\r\n');
      const length = Number(/Content-Length: (\d+)/.exec(this.#buffer.subarray(0, Math.max(0, headerEnd)).toString())?.[1]);
      const bodyEnd = headerEnd + 4 + length;
      if (headerEnd >= 0 && this.#buffer.length >= bodyEnd) {
        const text = this.#buffer.subarray(headerEnd + 4, bodyEnd).toString();
        this.#buffer = this.#buffer.subarray(bodyEnd);
        return JSON.parse(text) as Answer;
      }
      await once(this.end.input, 'data');
    }
  }
}
