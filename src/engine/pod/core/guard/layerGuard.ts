import { nullHandle, readHandle, readUint64, writeUint64 } from './littleEndian.js';
import type { MemoryLimit } from './memoryLimit.js';
import { type HeadReader, type HeadVerdict, MessageStream } from './messageStream.js';
import { answerProblem } from './rpcAnswers.js';
import { answerHeadBytes, capabilityBytes, hashThreshold, requestHeadBytes, type RpcCommandName, type RpcCommand, rpcCommands, tensorBytes } from './rpcTable.js';

export interface GuardRules {
  /** What GET_DEVICE_MEMORY says, in bytes. llama.cpp splits the layers by it, and the device itself is not asked. */
  memory(): { readonly free: number; readonly total: number };
  /** Bounds what is allocated; more is answered as the device does when it is full, so that llama.cpp can give up gracefully. */
  readonly limit: MemoryLimit;
  /** Milliseconds, to time answers. */
  now(): number;
  onAnswered?(milliseconds: number): void;
  /** A tensor that the device does not have in its cache goes there: its hash as 16 hexadecimal digits, and its size. */
  onWeights?(hash: string, bytes: number): void;
}

export interface GuardOutput {
  toServer(bytes: Uint8Array): void;
  toClient(bytes: Uint8Array): void;
}

/** A request whose answer has not come, or one that the guard has answered and whose answer waits for those before it. */
type Pending =
  | { readonly kind: 'asked'; readonly command: RpcCommandName; readonly answer: number; readonly at: number; readonly bytes: number; readonly hash: string }
  | { readonly kind: 'answered'; readonly message: Uint8Array };

/** More than llama.cpp ever has, and a bound on what a peer can make us hold. */
const mostPending = 4_096;
const mostBuffers = 4_096;
/** Answers up to this size are looked at as a whole; the others are tensors. */
const inspectedAnswerBytes = 32;

const lookedAt: ReadonlySet<RpcCommandName> = new Set(['ALLOC_BUFFER', 'FREE_BUFFER', 'GET_DEVICE_MEMORY', 'GET_TENSOR', 'HELLO', 'SET_TENSOR_HASH']);
const table: readonly RpcCommand[] = rpcCommands;

/**
 * Stands between ggml's RPC client and server, at both ends of a tunnel, and lets pass only what the protocol allows: known commands of
 * bounded length, HELLO first and without capabilities (they would move the traffic off this connection), answers that were asked for and
 * can be true. Payloads go on as they come.
 */
export class LayerGuard {
  readonly #requests: MessageStream;
  readonly #answers: MessageStream;
  readonly #pending: Pending[] = [];
  /** Size of each live buffer by its handle. */
  readonly #buffers = new Map<string, number>();
  #bufferBytes = 0;
  #greeted = false;
  #missingHash: string | null = null;

  constructor(private readonly rules: GuardRules, private readonly output: GuardOutput) {
    this.#requests = new MessageStream(
      { headBytes: (bytes, at, available) => this.#requestHeadBytes(bytes, at, available), decide: (head) => this.#request(head), done: () => undefined },
      (bytes) => output.toServer(bytes),
    );
    const answers: HeadReader = {
      headBytes: (bytes, at, available) => this.#answerHeadBytes(bytes, at, available),
      decide: (head) => this.#answer(head),
      done: () => this.#answerDone(),
    };
    this.#answers = new MessageStream(answers, (bytes) => output.toClient(bytes));
  }

  /** Takes what the client sent; the answer is why the connection must end, or `null`. */
  fromClient(chunk: Uint8Array): string | null {
    return this.#requests.push(chunk);
  }

  /** Takes what the server sent; the answer is why the connection must end, or `null`. */
  fromServer(chunk: Uint8Array): string | null {
    return this.#answers.push(chunk);
  }

  /** The connection has ended, and with it its buffers. */
  release(): void {
    for (const pending of this.#pending) if (pending.kind === 'asked') this.rules.limit.release(pending.bytes);
    this.rules.limit.release(this.#bufferBytes);
    this.#pending.length = 0;
    this.#buffers.clear();
    this.#bufferBytes = 0;
  }

  #requestHeadBytes(bytes: Uint8Array, at: number, available: number): number {
    if (available < 1) return requestHeadBytes;
    const command = table[bytes[at] ?? 0];
    // Whatever is wrong is refused as soon as it is there.
    if (command === undefined) return 1;
    if (available < requestHeadBytes || !lookedAt.has(command.name as RpcCommandName) || command.request !== readUint64(bytes, at + 1)) return requestHeadBytes;
    return requestHeadBytes + command.request;
  }

  #request(head: Uint8Array): HeadVerdict {
    const number = head[0] ?? 0;
    const command = rpcCommands[number];
    if (command === undefined) return refused(`the unknown command ${number}`);
    const length = readUint64(head, 1);
    if (!this.#allows(command.request, length)) return refused(`${command.name} of ${length} bytes`);
    if ((command.name === 'HELLO') === this.#greeted) return refused(this.#greeted ? 'a second HELLO' : `${command.name} before HELLO`);
    if (this.#pending.length >= mostPending) return refused('too many requests that wait for their answers');

    const payload = requestHeadBytes;
    const ask = (answer: number, bytes = 0, hash = ''): void => void this.#pending.push({ kind: 'asked', command: command.name, answer, at: this.rules.now(), bytes, hash });
    switch (command.name) {
      case 'HELLO': {
        this.#greeted = true;
        ask(command.answer);
        const greeting = head.slice();
        greeting.fill(0, payload, payload + capabilityBytes);
        return { kind: 'replace', bytes: greeting };
      }
      case 'GET_DEVICE_MEMORY': {
        const { free, total } = this.rules.memory();
        return this.#answerHere(free, total);
      }
      case 'ALLOC_BUFFER': {
        const bytes = readUint64(head, payload + 4);
        if (this.#buffers.size >= mostBuffers || !this.rules.limit.reserve(bytes)) return this.#answerHere(0, 0);
        ask(command.answer, bytes);
        break;
      }
      case 'FREE_BUFFER': {
        const handle = readHandle(head, payload);
        const bytes = this.#buffers.get(handle);
        if (bytes === undefined) return refused('FREE_BUFFER of a buffer that is not there');
        this.#buffers.delete(handle);
        this.#bufferBytes -= bytes;
        this.rules.limit.release(bytes);
        break;
      }
      case 'GET_TENSOR': {
        const bytes = readUint64(head, payload + tensorBytes + 8);
        if (bytes > this.#bufferBytes) return refused(`GET_TENSOR for ${bytes} bytes`);
        ask(bytes);
        break;
      }
      case 'SET_TENSOR_HASH':
        ask(command.answer, 0, readHandle(head, payload + tensorBytes + 8));
        break;
      case 'SET_TENSOR': {
        const bytes = length - command.request.atLeast;
        if (this.#missingHash !== null && bytes > hashThreshold) this.rules.onWeights?.(this.#missingHash, bytes);
        this.#missingHash = null;
        break;
      }
      default:
        if (command.answer !== null) ask(command.answer);
    }
    return { kind: 'pass', body: requestHeadBytes + length - head.length };
  }

  #allows(bound: RpcCommand['request'], length: number): boolean {
    if (typeof bound === 'number') return length === bound;
    // A tensor lies in a buffer of this connection.
    return length >= bound.atLeast && length <= (bound.atMost === 'buffer' ? bound.atLeast + this.#bufferBytes : bound.atMost);
  }

  #answerHere(...values: readonly number[]): HeadVerdict {
    const message = new Uint8Array(answerHeadBytes + values.length * 8);
    message.set(writeUint64(values.length * 8, ...values));
    if (this.#pending.length === 0) this.output.toClient(message);
    else this.#pending.push({ kind: 'answered', message });
    return { kind: 'replace', bytes: null };
  }

  #answerHeadBytes(bytes: Uint8Array, at: number, available: number): number {
    const next = this.#pending[0];
    // Refused as soon as it is there.
    if (next?.kind !== 'asked') return 1;
    if (next.answer > inspectedAnswerBytes || available < answerHeadBytes) return answerHeadBytes;
    return readUint64(bytes, at) === next.answer ? answerHeadBytes + next.answer : answerHeadBytes;
  }

  #answer(head: Uint8Array): HeadVerdict {
    const next = this.#pending[0];
    if (next?.kind !== 'asked') return refused('an answer to nothing');
    const length = readUint64(head, 0);
    if (length !== next.answer) return refused(`an answer of ${length} bytes to ${next.command}, which has ${next.answer}`);
    const payload = head.subarray(answerHeadBytes);
    const problem = answerProblem(next.command, payload, next.bytes);
    if (problem !== null) return refused(problem);
    this.rules.onAnswered?.(this.rules.now() - next.at);
    switch (next.command) {
      case 'HELLO': {
        const greeting = head.slice();
        greeting.fill(0, greeting.length - capabilityBytes);
        return { kind: 'replace', bytes: greeting };
      }
      case 'ALLOC_BUFFER':
        if (!this.#allocated(readHandle(payload, 0), next.bytes)) return refused('the same buffer twice');
        break;
      case 'SET_TENSOR_HASH':
        this.#missingHash = payload[0] === 0 ? next.hash : null;
        break;
      default:
    }
    return { kind: 'pass', body: answerHeadBytes + length - head.length };
  }

  /** The device may round a size up; the limit is for what was asked for. */
  #allocated(handle: string, asked: number): boolean {
    if (handle === nullHandle) {
      this.rules.limit.release(asked);
      return true;
    }
    if (this.#buffers.has(handle)) return false;
    this.#buffers.set(handle, asked);
    this.#bufferBytes += asked;
    return true;
  }

  #answerDone(): void {
    this.#pending.shift();
    for (let next = this.#pending[0]; next?.kind === 'answered'; next = this.#pending[0]) {
      this.#answers.flush();
      this.output.toClient(next.message);
      this.#pending.shift();
    }
  }
}

function refused(reason: string): HeadVerdict {
  return { kind: 'refuse', reason };
}
