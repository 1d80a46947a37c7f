import type { Failure } from '../base/errors.js';

export interface FrameLimits {
  /** Most bytes of the header fields before a message. */
  readonly headerBytes: number;
  /** Most bytes of one message. */
  readonly messageBytes: number;
}

/** Room for the longest request (8 Mi characters of text, escaped as JSON) and a bound on what a peer can make us hold. */
export const wireLimits: FrameLimits = { headerBytes: 256, messageBytes: 64 * 1_024 * 1_024 };

const carriageReturn = 13;
const lineFeed = 10;
const field = /^(content-length|content-type):[ \t]*([^\r\n]*?)[ \t]*$/i;

/**
 * Watches the bytes of a JSON-RPC stream (the framing of the Language Server Protocol) before the message reader buffers them,
 * and says when they must not be read on: vscode-jsonrpc itself would wait for a header without end and for any announced length.
 */
export class FrameGuard {
  #header = '';
  #bodyBytesLeft = 0;

  constructor(private readonly limits: FrameLimits) {}

  /** Looks at the next bytes; a failure means that the stream cannot be followed any further. */
  inspect(chunk: Uint8Array): Failure | null {
    let offset = 0;
    while (offset < chunk.length) {
      if (this.#bodyBytesLeft > 0) {
        const skipped = Math.min(this.#bodyBytesLeft, chunk.length - offset);
        this.#bodyBytesLeft -= skipped;
        offset += skipped;
        continue;
      }
      const byte = chunk[offset++] ?? 0;
      this.#header += String.fromCharCode(byte);
      if (byte === lineFeed && this.#header.endsWith('\r\n\r\n')) {
        const failure = this.#endHeader();
        if (failure !== null) return failure;
      } else if (this.#header.length > this.limits.headerBytes) {
        return { code: 'messageTooLarge', bytes: this.#header.length, limit: this.limits.headerBytes };
      } else if (byte > 126 || (byte < 32 && byte !== carriageReturn && byte !== lineFeed && byte !== 9)) {
        return invalidHeader('it has bytes that are not text');
      }
    }
    return null;
  }

  #endHeader(): Failure | null {
    const lines = this.#header.slice(0, -4).split('\r\n');
    this.#header = '';
    let length: string | undefined;
    for (const line of lines) {
      const [, name, value] = field.exec(line) ?? [];
      if (name === undefined) return invalidHeader('it has an unknown field');
      if (name.toLowerCase() === 'content-length') length = value;
    }
    if (length === undefined) return invalidHeader('it has no Content-Length');
    if (!/^\d{1,15}$/.test(length)) return invalidHeader('Content-Length is not a number');
    const bytes = Number(length);
    if (bytes > this.limits.messageBytes) return { code: 'messageTooLarge', bytes, limit: this.limits.messageBytes };
    this.#bodyBytesLeft = bytes;
    return null;
  }
}

function invalidHeader(reason: string): Failure {
  return { code: 'invalidMessage', method: '', reason: `message header: ${reason}` };
}
