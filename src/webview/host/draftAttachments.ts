import type { Disposable } from '../../engine/base/disposable.js';
import { type Attachment, maxAttachments } from '../../engine/chat/conversation.js';
import { estimateTokens } from '../../engine/chat/tokenEstimate.js';
import type { ChatModel } from './chatModel.js';
import type { AttachmentSource } from './chatPorts.js';
import type { TokenCounter } from './tokenCounter.js';

export function newAttachment(source: AttachmentSource, id: string): Attachment {
  return { ...source, id, tokens: { count: estimateTokens(source.text), exact: false } };
}

/** What goes with the next question. Sizes are estimated at once and counted by the model as soon as it can. */
export class DraftAttachments implements Disposable {
  readonly #counting = new Map<string, Disposable>();

  constructor(
    private readonly model: ChatModel,
    private readonly counter: TokenCounter,
    private readonly newId: () => string,
  ) {}

  /** Attaching the same piece twice has no effect; one too many is told. */
  add(source: AttachmentSource): void {
    const { attachments } = this.model.state;
    const same = (other: Attachment): boolean =>
      other.uri === source.uri && other.text === source.text && other.lines?.first === source.lines?.first && other.lines?.last === source.lines?.last;
    if (attachments.some(same)) return;
    if (attachments.length >= maxAttachments) {
      this.model.notify({ kind: 'hint', hint: 'tooManyAttachments' });
      return;
    }
    const attachment = newAttachment(source, this.newId());
    this.model.dispatch({ kind: 'attachments', attachments: [...attachments, attachment] });
    this.#counting.set(attachment.id, this.counter.count(attachment.text, (count) => this.#counted(attachment.id, count)));
  }

  remove(id: string): void {
    this.#stopCounting(id);
    const attachments = this.model.state.attachments.filter((attachment) => attachment.id !== id);
    this.model.dispatch({ kind: 'attachments', attachments });
  }

  /** Hands them over to a question; none are left. */
  take(): Attachment[] {
    const { attachments } = this.model.state;
    for (const { id } of attachments) this.#stopCounting(id);
    if (attachments.length > 0) this.model.dispatch({ kind: 'attachments', attachments: [] });
    return attachments;
  }

  dispose(): void {
    for (const id of this.#counting.keys()) this.#stopCounting(id);
  }

  #counted(id: string, count: number): void {
    this.#counting.delete(id);
    const attachments = this.model.state.attachments.map((attachment) => (attachment.id === id ? { ...attachment, tokens: { count, exact: true } } : attachment));
    this.model.dispatch({ kind: 'attachments', attachments });
  }

  #stopCounting(id: string): void {
    this.#counting.get(id)?.dispose();
    this.#counting.delete(id);
  }
}
