import { type Disposable, DisposableStore } from '../../engine/base/disposable.js';
import { Emitter } from '../../engine/base/event.js';
import { type ChatState, type Delta, type Notice, reduceChatState } from '../chatState.js';

/** A notice without its id. */
export type NoticeContent = Notice extends infer N ? (N extends Notice ? Omit<N, 'id'> : never) : never;

/** The state of the chat view, changed by deltas only, so that a view can follow it. */
export class ChatModel implements Disposable {
  readonly #owned = new DisposableStore();
  readonly #emitter = this.#owned.add(new Emitter<Delta>());
  readonly onDelta = this.#emitter.event;
  #state: ChatState;

  constructor(
    initial: ChatState,
    private readonly newId: () => string,
  ) {
    this.#state = initial;
  }

  get state(): ChatState {
    return this.#state;
  }

  dispatch(delta: Delta): void {
    this.#state = reduceChatState(this.#state, delta);
    this.#emitter.fire(delta);
  }

  /** Adds a notice, in the place of one that says the same. */
  notify(content: NoticeContent): void {
    const same = JSON.stringify(content);
    const others = this.#state.notices.filter(({ id: _id, ...rest }) => JSON.stringify(rest) !== same && !(content.kind === 'hint' && rest.kind === 'hint'));
    this.dispatch({ kind: 'notices', notices: [...others, { ...content, id: this.newId() } as Notice] });
  }

  /** Takes away the notices that are no longer true. */
  dismiss(untrue: (notice: Notice) => boolean): void {
    const notices = this.#state.notices.filter((notice) => !untrue(notice));
    if (notices.length !== this.#state.notices.length) this.dispatch({ kind: 'notices', notices });
  }

  dispose(): void {
    this.#owned.dispose();
  }
}
