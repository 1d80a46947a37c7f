import type { Clock } from '../../engine/base/clock.js';
import { type Disposable, DisposableStore } from '../../engine/base/disposable.js';
import type { Failure } from '../../engine/base/errors.js';
import { Emitter } from '../../engine/base/event.js';
import { type Conversation, newConversation, openAnswer } from '../../engine/chat/conversation.js';
import { type ConversationEvent, interrupted, reduceConversation } from '../../engine/chat/conversationReducer.js';
import { type SearchHit, searchConversation } from '../../engine/chat/search.js';
import type { ConversationSummary } from '../chatState.js';
import { ConversationSaver } from './conversationSaver.js';
import type { ConversationStore, WriteOutcome } from './conversationStore.js';

export interface LibraryDeps {
  readonly store: ConversationStore;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly newId: () => string;
}

/** All conversations of the user, in memory and on the disk. */
export class ConversationLibrary implements Disposable {
  readonly #owned = new DisposableStore();
  readonly #conversations = new Map<string, Conversation>();
  readonly #saver: ConversationSaver;

  readonly #eventEmitter = this.#owned.add(new Emitter<{ readonly id: string; readonly event: ConversationEvent }>());
  /** After every event that was applied. */
  readonly onEvent = this.#eventEmitter.event;
  readonly #saveEmitter = this.#owned.add(new Emitter<Failure | null>());
  /** How the last write went; `null` is well. */
  readonly onSave = this.#saveEmitter.event;
  readonly #conflictEmitter = this.#owned.add(new Emitter<{ readonly id: string; readonly copyId: string }>());
  /** Another window wrote the conversation `id`; what this window had of it is `copyId` now. */
  readonly onConflict = this.#conflictEmitter.event;

  constructor(private readonly deps: LibraryDeps) {
    this.#saver = this.#owned.add(
      new ConversationSaver(
        (id) => this.#write(id),
        { saved: (_id, failure) => this.#saveEmitter.fire(failure), conflict: (id) => this.#resolveConflict(id) },
        deps.clock,
      ),
    );
  }

  /** Reads what other windows have written; answers the files that were set aside. Rejects with `storageFailed`. */
  async refresh(): Promise<string[]> {
    const ids = await this.deps.store.ids();
    const damaged: string[] = [];
    for (const id of ids) {
      const movedTo = await this.refreshOne(id);
      if (movedTo !== null) damaged.push(movedTo);
    }
    const present = new Set(ids);
    for (const id of this.#conversations.keys()) {
      if (!present.has(id) && !this.#isOurs(id)) this.#conversations.delete(id);
    }
    return damaged;
  }

  /** Takes over what another window has written of a conversation; answers where its file went if it was damaged. */
  async refreshOne(id: string): Promise<string | null> {
    if (this.#isOurs(id)) return null;
    const outcome = await this.deps.store.read(id);
    if (outcome.kind === 'damaged') return outcome.movedTo;
    if (outcome.kind === 'read' && !this.#isOurs(id) && this.deps.store.isNew(id, outcome.revision)) {
      this.deps.store.seen(id, outcome.revision);
      this.#conversations.set(id, interrupted(outcome.conversation));
    }
    return null;
  }

  /** This window has something that the disk does not have yet. */
  #isOurs(id: string): boolean {
    const ours = this.#conversations.get(id);
    return this.#saver.isUnsaved(id) || (ours !== undefined && openAnswer(ours) !== undefined);
  }

  get(id: string): Conversation | undefined {
    return this.#conversations.get(id);
  }

  summaries(): ConversationSummary[] {
    return [...this.#conversations.values()]
      .sort((a, b) => b.updatedAt - a.updatedAt)
      .map((conversation) => ({
        id: conversation.id,
        title: conversation.title,
        updatedAt: conversation.updatedAt,
        questions: conversation.turns.filter((turn) => turn.role === 'user').length,
        busy: openAnswer(conversation) !== undefined,
      }));
  }

  /** Conversations that match, most recent first. */
  search(query: string): SearchHit[] {
    return this.summaries().flatMap(({ id }) => {
      const conversation = this.#conversations.get(id);
      const hit = conversation === undefined ? null : searchConversation(conversation, query);
      return hit === null ? [] : [hit];
    });
  }

  /** A conversation that is written only once something is said in it. */
  fresh(): Conversation {
    return newConversation(this.deps.newId(), this.deps.now());
  }

  /** Takes a conversation in (again). */
  put(conversation: Conversation): void {
    this.#conversations.set(conversation.id, conversation);
    this.#saver.changed(conversation.id);
  }

  apply(id: string, event: ConversationEvent): void {
    const conversation = this.#conversations.get(id);
    if (conversation === undefined) return;
    this.#conversations.set(id, reduceConversation(conversation, event));
    this.#saver.changed(id);
    this.#eventEmitter.fire({ id, event });
  }

  /** Settles when the conversation is on the disk, or the failure was told by `onSave`. */
  save(id: string): Promise<void> {
    return this.#saver.flush(id);
  }

  saveAll(): Promise<void> {
    return this.#saver.flushAll();
  }

  /** Rejects with `storageFailed`. */
  async remove(id: string): Promise<Conversation | undefined> {
    const conversation = this.#conversations.get(id);
    this.#conversations.delete(id);
    await this.#saver.forget(id);
    await this.deps.store.remove(id);
    return conversation;
  }

  dispose(): void {
    this.#owned.dispose();
  }

  async #write(id: string): Promise<WriteOutcome> {
    const conversation = this.#conversations.get(id);
    return conversation === undefined ? { kind: 'written' } : this.deps.store.write(conversation);
  }

  /** Both are kept: theirs under the old id, ours under a new one. */
  async #resolveConflict(id: string): Promise<void> {
    const ours = this.#conversations.get(id);
    const theirs = await this.deps.store.read(id).catch(() => null);
    if (ours === undefined || theirs?.kind !== 'read') return;
    this.deps.store.seen(id, theirs.revision);
    const copy: Conversation = { ...ours, id: this.deps.newId() };
    this.#conversations.set(id, interrupted(theirs.conversation));
    this.put(copy);
    this.#conflictEmitter.fire({ id, copyId: copy.id });
  }
}
