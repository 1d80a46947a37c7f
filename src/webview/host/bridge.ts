import type { Clock } from '../../engine/base/clock.js';
import { type Disposable, DisposableStore } from '../../engine/base/disposable.js';
import { failureOf } from '../../engine/base/errors.js';
import type { Event } from '../../engine/base/event.js';
import type { Logger } from '../../engine/base/logger.js';
import type { Attachment, Conversation, Turn } from '../../engine/chat/conversation.js';
import { joinPieces } from '../../engine/chat/thinkParser.js';
import type { ChatState, Delta } from '../chatState.js';
import { type HostMessage, parseViewMessage } from '../protocol.js';
import type { ChatModel } from './chatModel.js';
import type { UserMessage } from './viewMessages.js';

/** Streamed text is collected this long before it is sent, in milliseconds: as often as a screen can show it. */
const coalesceMs = 30;

/** One live view: a webview at run time. */
export interface ViewPort {
  post(message: HostMessage): void;
  readonly onMessage: Event<unknown>;
}

const slimAttachment = (attachment: Attachment): Attachment => (attachment.text === '' ? attachment : { ...attachment, text: '' });
const slimTurn = (turn: Turn): Turn => (turn.role === 'user' ? { ...turn, attachments: turn.attachments.map(slimAttachment) } : turn);
const slimConversation = (conversation: Conversation): Conversation => ({ ...conversation, turns: conversation.turns.map(slimTurn) });

/** The state as it is sent: without the texts of attachments, which the view does not show. */
export function slimState(state: ChatState): ChatState {
  return { ...state, conversation: slimConversation(state.conversation), attachments: state.attachments.map(slimAttachment) };
}

function slimDelta(delta: Delta): Delta {
  if (delta.kind === 'conversation') return { ...delta, conversation: slimConversation(delta.conversation) };
  if (delta.kind === 'attachments') return { ...delta, attachments: delta.attachments.map(slimAttachment) };
  if (delta.kind === 'event' && delta.event.kind === 'turnAdded') return { ...delta, event: { ...delta.event, turn: slimTurn(delta.event.turn) } };
  return delta;
}

/** Fewer deltas with the same effect: neighbouring pieces of an answer become one, and only the last of several equal kinds stays. */
export function coalesce(deltas: readonly Delta[]): Delta[] {
  const result: Delta[] = [];
  for (const delta of deltas) {
    const last = result.at(-1);
    if (last?.kind === 'event' && delta.kind === 'event' && last.event.kind === 'pieces' && delta.event.kind === 'pieces' && last.event.answerId === delta.event.answerId) {
      result[result.length - 1] = { kind: 'event', event: { ...delta.event, pieces: joinPieces([...last.event.pieces, ...delta.event.pieces]) } };
    } else if (last !== undefined && last.kind === delta.kind && delta.kind !== 'event') {
      result[result.length - 1] = delta;
    } else {
      result.push(delta);
    }
  }
  return result;
}

/** Keeps one view up to date and hears what the user does there. Says nothing before the view is ready. */
export class Bridge implements Disposable {
  readonly #owned = new DisposableStore();
  readonly #pending: Delta[] = [];
  readonly #waiting: HostMessage[] = [];
  #timer: Disposable | undefined;
  #sequence = 0;
  #ready = false;

  constructor(
    private readonly port: ViewPort,
    private readonly model: ChatModel,
    private readonly handle: (message: UserMessage) => Promise<void>,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {
    this.#owned.add(port.onMessage((value) => this.#receive(value)));
    this.#owned.add(model.onDelta((delta) => this.#queue(delta)));
  }

  /** Sends a wish such as `focusComposer`, at the latest when the view is ready. */
  tell(message: HostMessage): void {
    if (this.#ready) this.port.post(message);
    else this.#waiting.push(message);
  }

  /** The view's page is gone; it says `ready` again when it is back. */
  hidden(): void {
    this.#ready = false;
    this.#pending.length = 0;
  }

  dispose(): void {
    this.#timer?.dispose();
    this.#owned.dispose();
  }

  #receive(value: unknown): void {
    const parsed = parseViewMessage(value);
    if (!parsed.ok) {
      this.log.warn(`a message of the chat view was ignored: ${JSON.stringify(parsed.failure)}`);
      return;
    }
    const { message } = parsed;
    if (message.type === 'ready' || message.type === 'resync') {
      this.#sendSnapshot();
      return;
    }
    this.handle(message).catch((error: unknown) => this.log.error(`${message.type} failed: ${failureOf(error).code}`));
  }

  #sendSnapshot(): void {
    this.#ready = true;
    this.#pending.length = 0;
    this.port.post({ type: 'snapshot', sequence: this.#sequence, state: slimState(this.model.state) });
    for (const message of this.#waiting.splice(0)) this.port.post(message);
  }

  #queue(delta: Delta): void {
    if (!this.#ready) return;
    this.#pending.push(slimDelta(delta));
    this.#timer ??= this.#owned.add(this.clock.setTimeout(() => this.#flush(), coalesceMs));
  }

  #flush(): void {
    if (this.#timer !== undefined) this.#owned.release(this.#timer);
    this.#timer = undefined;
    const deltas = coalesce(this.#pending.splice(0));
    if (deltas.length === 0) return;
    this.#sequence++;
    this.port.post({ type: 'deltas', sequence: this.#sequence, deltas });
  }
}
