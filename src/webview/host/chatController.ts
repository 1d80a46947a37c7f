import { type Disposable, DisposableStore } from '../../engine/base/disposable.js';
import { failureOf, type MemoryChoice } from '../../engine/base/errors.js';
import type { Logger } from '../../engine/base/logger.js';
import { answerText, type Attachment, type Conversation, openAnswer, type Question } from '../../engine/chat/conversation.js';
import { exportFileName, exportMarkdown } from '../../engine/chat/exportMarkdown.js';
import { interrupted } from '../../engine/chat/conversationReducer.js';
import type { EngineClient } from '../../engine/client/engineClient.js';
import type { Draft } from '../chatState.js';
import type { AttachSource, CodeAction } from '../protocol.js';
import type { Answers } from './answers.js';
import type { ChatMemory } from './chatMemory.js';
import type { ChatModel } from './chatModel.js';
import type { AttachmentSource, ChatPorts, CodeOutcome } from './chatPorts.js';
import type { ConversationLibrary } from './conversationLibrary.js';
import { DraftAttachments, newAttachment } from './draftAttachments.js';
import { TokenCounter } from './tokenCounter.js';

export interface ChatControllerDeps {
  readonly engine: EngineClient;
  readonly library: ConversationLibrary;
  readonly model: ChatModel;
  readonly answers: Answers;
  readonly ports: ChatPorts;
  readonly memory: ChatMemory;
  readonly log: Logger;
  readonly now: () => number;
  readonly newId: () => string;
}

/** What the user can do in the chat, whether from the view or by a command. */
export class ChatController implements Disposable {
  readonly #owned = new DisposableStore();
  readonly #counter: TokenCounter;
  readonly #drafts: DraftAttachments;
  /** Deleted, but not for good before their notices are dismissed. */
  readonly #removed = new Map<string, Conversation>();
  #restored = false;

  constructor(private readonly deps: ChatControllerDeps) {
    const { engine, library, model } = deps;
    this.#counter = this.#owned.add(new TokenCounter(engine, deps.log));
    this.#drafts = this.#owned.add(new DraftAttachments(model, this.#counter, deps.newId));
    this.#owned.add(
      library.onEvent(({ id, event }) => {
        if (id === this.#current.id) model.dispatch({ kind: 'event', event });
        if (event.kind === 'ended') model.dismiss((notice) => notice.kind === 'hint' && notice.hint === 'busy');
        if (event.kind !== 'pieces') this.#listChanged();
      }),
    );
    this.#owned.add(
      library.onSave((failure) => {
        if (failure === null) model.dismiss((notice) => notice.kind === 'failure' && isStorage(notice.failure.code));
        else this.#report(failure);
      }),
    );
    this.#owned.add(
      library.onConflict(({ id, copyId }) => {
        const copy = library.get(copyId);
        if (copy === undefined) return;
        if (id === this.#current.id) this.#show(copy);
        this.#listChanged();
        model.notify({ kind: 'conflict', title: copy.title });
      }),
    );
  }

  get #current(): Conversation {
    return this.deps.model.state.conversation;
  }

  /** Reads the conversations and, the first time, opens the one that was open last. */
  async restore(): Promise<void> {
    const { library, model, memory } = this.deps;
    await this.refresh();
    if (this.#restored) return;
    this.#restored = true;
    const { conversation, draft } = await memory.recall();
    const last = library.get(conversation);
    // The user may have asked something already.
    if (last !== undefined && this.#current.turns.length === 0) this.#show(last);
    if (draft.at > model.state.draft.at) model.dispatch({ kind: 'draft', draft });
  }

  /** Takes over what other windows have written. */
  async refresh(): Promise<void> {
    const { library, model } = this.deps;
    await this.#guard(async () => {
      for (const path of await library.refresh()) model.notify({ kind: 'damaged', path });
      const newer = library.get(this.#current.id);
      if (newer !== undefined && newer !== this.#current && openAnswer(this.#current) === undefined) this.#show(newer);
      this.#listChanged();
    });
  }

  /**
   * Asks in the open conversation, with what is attached.
   * @param draftAt when the view took the text from where it was written, by the view's clock, which need not be the host's: what is written
   *   there since then is newer. A refused text goes back there.
   */
  async send(text: string, draftAt?: number): Promise<void> {
    const refused = this.#refuseWhileBusy();
    if (draftAt !== undefined) void this.saveDraft(refused ? { text, at: draftAt + 1 } : { text: '', at: draftAt });
    if (refused) return;
    await this.#ask(text, this.#drafts.take());
  }

  /** Asks in a conversation of its own, so that nothing said before has a part in the answer. */
  async askFresh(text: string, sources: readonly AttachmentSource[]): Promise<void> {
    if (this.#current.turns.length > 0) this.newConversation();
    await this.#ask(text, sources.map((source) => newAttachment(source, this.deps.newId())));
  }

  /** Puts another question in the place of an earlier one; all that followed is gone. */
  async resend(turnId: string, text: string): Promise<void> {
    if (this.#refuseWhileBusy()) return;
    const turn = this.#current.turns.find((candidate) => candidate.id === turnId);
    if (turn?.role !== 'user') return;
    this.deps.library.apply(this.#keep(), { kind: 'truncated', fromTurnId: turnId });
    await this.#ask(text, turn.attachments);
  }

  /** Makes an answer anew, from its question. */
  async regenerate(turnId: string): Promise<void> {
    if (this.#refuseWhileBusy()) return;
    const turn = this.#current.turns.find((candidate) => candidate.id === turnId);
    if (turn?.role !== 'assistant') return;
    const id = this.#keep();
    this.deps.library.apply(id, { kind: 'truncated', fromTurnId: turnId });
    await this.deps.answers.answerLast(id);
  }

  /** Stops the answer that is shown, or those in other conversations if it is done. */
  stop(): void {
    if (!this.deps.answers.stop(this.#current.id)) this.deps.answers.stopAll();
  }

  newConversation(): void {
    if (this.#current.turns.length > 0) this.#show(this.deps.library.fresh());
  }

  async open(id: string): Promise<void> {
    const { library, model } = this.deps;
    await this.#guard(async () => {
      const movedTo = await library.refreshOne(id);
      if (movedTo !== null) model.notify({ kind: 'damaged', path: movedTo });
      const conversation = library.get(id);
      if (conversation !== undefined) this.#show(conversation);
    });
  }

  rename(id: string, title: string): void {
    if (id === this.#current.id) this.#keep();
    this.deps.library.apply(id, { kind: 'renamed', title });
  }

  async remove(id: string): Promise<void> {
    const { answers, library, model } = this.deps;
    answers.stop(id);
    if (id === this.#current.id) this.#show(library.fresh());
    await this.#guard(async () => {
      const conversation = await library.remove(id);
      this.#listChanged();
      if (conversation === undefined) return;
      this.#removed.set(id, conversation);
      model.notify({ kind: 'deleted', conversationId: id, title: conversation.title });
    });
  }

  /** Brings back what was deleted, as long as its notice is there. */
  undoRemove(id: string): void {
    const conversation = this.#removed.get(id);
    if (conversation === undefined) return;
    this.deps.library.put(interrupted(conversation));
    this.deps.model.dismiss((notice) => notice.kind === 'deleted' && notice.conversationId === id);
    this.#removed.delete(id);
    void this.open(id);
    this.#listChanged();
  }

  search(query: string): void {
    const search = query.trim() === '' ? null : { query, hits: this.deps.library.search(query) };
    this.deps.model.dispatch({ kind: 'search', search });
  }

  async exportMarkdown(id: string): Promise<void> {
    const conversation = this.deps.library.get(id);
    if (conversation === undefined) return;
    await this.#guard(() => this.deps.ports.saveMarkdown(exportFileName(conversation), exportMarkdown(conversation)));
  }

  async attach(source: AttachSource): Promise<void> {
    await this.#guard(async () => {
      const outcome = await this.deps.ports.attach(source);
      if (outcome.kind === 'attached') this.#drafts.add(outcome.source);
      else if (outcome.reason !== 'dismissed') this.deps.model.notify({ kind: 'hint', hint: outcome.reason });
    });
  }

  detach(attachmentId: string): void {
    this.#drafts.remove(attachmentId);
  }

  async useCode(action: CodeAction, turnId: string, code: string, language: string): Promise<void> {
    const { ports } = this.deps;
    const block = { code, language, attachments: this.#questionOf(turnId)?.attachments ?? [] };
    await this.#guard(async () => {
      switch (action) {
        case 'copy':
          return ports.copy(code);
        case 'newFile':
          return ports.newFile(block);
        case 'insert':
          return this.#hint(await ports.insertAtCursor(code));
        case 'apply':
          return this.#hint(await ports.proposeChange(block));
      }
    });
  }

  async copyAnswer(turnId: string): Promise<void> {
    const turn = this.#current.turns.find((candidate) => candidate.id === turnId);
    if (turn?.role === 'assistant') await this.#guard(() => this.deps.ports.copy(answerText(turn)));
  }

  async openLink(url: string): Promise<void> {
    await this.#guard(() => this.deps.ports.openLink(url));
  }

  async chooseModel(): Promise<void> {
    await this.#guard(() => this.deps.ports.chooseModel());
  }

  /** Does what would make the chat model fit, while it does not. */
  async takeMemoryChoice(choice: MemoryChoice): Promise<void> {
    const { engine } = this.deps.model.state;
    if (engine.state !== 'error' || engine.failure.code !== 'insufficientMemory') return;
    const { path } = engine.failure;
    await this.#guard(() => this.deps.ports.takeMemoryChoice(choice, path));
  }

  /** Settles when the unsent question is on the disk. */
  saveDraft(draft: Draft): Promise<void> {
    this.deps.model.dispatch({ kind: 'draft', draft });
    return this.deps.memory.remember({ draft });
  }

  async retrySave(): Promise<void> {
    await this.deps.library.saveAll();
  }

  dismissNotice(id: string): void {
    const notice = this.deps.model.state.notices.find((candidate) => candidate.id === id);
    if (notice?.kind === 'deleted') this.#removed.delete(notice.conversationId);
    this.deps.model.dismiss((candidate) => candidate.id === id);
  }

  /** Ends open answers and waits until they, the unsent question and what was open are on the disk. */
  async close(): Promise<void> {
    const { answers, library, memory } = this.deps;
    await answers.close();
    await library.saveAll();
    await memory.settled();
  }

  dispose(): void {
    this.#owned.dispose();
  }

  async #ask(text: string, attachments: Attachment[]): Promise<void> {
    const { answers, newId, now } = this.deps;
    const id = this.#keep();
    void this.deps.memory.remember({ conversation: id });
    const question: Question = { role: 'user', id: newId(), at: now(), text: text.trim(), attachments };
    const answered = answers.ask(id, question);
    for (const attachment of attachments) this.#countTokens(id, question.id, attachment);
    await answered;
  }

  /** The id of what is shown, in the library from now on: it may be new, or another window may have deleted it. */
  #keep(): string {
    const { library } = this.deps;
    const { id } = this.#current;
    if (library.get(id) === undefined) library.put(this.#current);
    return id;
  }

  #countTokens(conversationId: string, turnId: string, { id, text, tokens }: Attachment): void {
    if (tokens.exact) return;
    this.#counter.count(text, (count) => {
      this.deps.library.apply(conversationId, { kind: 'counted', turnId, attachmentId: id, tokens: { count, exact: true } });
    });
  }

  #questionOf(answerId: string): Question | undefined {
    const { turns } = this.#current;
    const question = turns[turns.findIndex((turn) => turn.id === answerId) - 1];
    return question?.role === 'user' ? question : undefined;
  }

  #show(conversation: Conversation): void {
    this.deps.model.dispatch({ kind: 'conversation', conversation });
    void this.deps.memory.remember({ conversation: conversation.id });
  }

  #listChanged(): void {
    this.deps.model.dispatch({ kind: 'summaries', summaries: this.deps.library.summaries() });
  }

  #refuseWhileBusy(): boolean {
    const busy = openAnswer(this.#current) !== undefined;
    if (busy) this.deps.model.notify({ kind: 'hint', hint: 'busy' });
    return busy;
  }

  #hint(outcome: CodeOutcome): void {
    if (outcome !== 'done') this.deps.model.notify({ kind: 'hint', hint: outcome });
  }

  #report(failure: ReturnType<typeof failureOf>): void {
    this.deps.log.warn(`chat: ${failure.code}`);
    this.deps.model.notify({ kind: 'failure', failure });
  }

  /** An action of the user that fails is told in the view. */
  async #guard(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      this.#report(failureOf(error));
    }
  }
}

function isStorage(code: string): boolean {
  return code === 'diskFull' || code === 'storageFailed';
}
