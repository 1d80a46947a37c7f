import { Message, type MessageWriter, RAL, StreamMessageWriter } from 'vscode-jsonrpc/node';
import { EngineError } from '../base/errors.js';
import { failureAnswer } from './wire.js';

/**
 * Writes messages up to a size. A larger request never leaves: `answerHere` gets its failure as if the other end had sent it.
 * A larger response becomes its failure; a larger notification is left out.
 */
export class BoundedWriter implements MessageWriter {
  readonly #inner: StreamMessageWriter;
  readonly #open = new Set<Promise<void>>();

  constructor(
    output: NodeJS.WritableStream,
    maxBytes: number,
    private readonly answerHere: (answer: Message) => void,
  ) {
    const json = RAL().applicationJson.encoder;
    this.#inner = new StreamMessageWriter(output, {
      contentTypeEncoder: {
        name: json.name,
        async encode(message, options) {
          if (!('encode' in json)) throw new Error('the encoder of vscode-jsonrpc has changed');
          const bytes = await json.encode(message, options);
          if (bytes.byteLength > maxBytes) throw new EngineError({ code: 'messageTooLarge', bytes: bytes.byteLength, limit: maxBytes });
          return bytes;
        },
      },
    });
  }

  readonly onError: MessageWriter['onError'] = (...listener) => this.#inner.onError(...listener);
  readonly onClose: MessageWriter['onClose'] = (...listener) => this.#inner.onClose(...listener);

  async write(message: Message): Promise<void> {
    const written = this.#write(message);
    this.#open.add(written);
    try {
      await written;
    } finally {
      this.#open.delete(written);
    }
  }

  /** How many messages have not gone out yet: the stream takes the next one when it has passed on the last. */
  get waiting(): number {
    return this.#open.size;
  }

  /** Resolves when everything that was to be written is on its way, or cannot be any more. */
  async flushed(): Promise<void> {
    await Promise.allSettled(this.#open);
  }

  async #write(message: Message): Promise<void> {
    try {
      await this.#inner.write(message);
    } catch (error) {
      if (!EngineError.is(error, 'messageTooLarge')) throw error;
      if (Message.isRequest(message)) this.answerHere(failureAnswer(error.failure, message.id));
      else if (Message.isResponse(message)) await this.#inner.write(failureAnswer(error.failure, message.id));
    }
  }

  end(): void {
    this.#inner.end();
  }

  dispose(): void {
    this.#inner.dispose();
  }
}
