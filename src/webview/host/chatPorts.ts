import type { MemoryChoice } from '../../engine/base/errors.js';
import type { Attachment } from '../../engine/chat/conversation.js';
import type { AttachSource } from '../protocol.js';

/** An attachment before it has an id and a token count. */
export type AttachmentSource = Pick<Attachment, 'kind' | 'path' | 'uri' | 'language' | 'lines' | 'text'>;

/** Why nothing was attached; `dismissed`: the user closed the choice. */
export type AttachRefusal = 'noEditor' | 'noSelection' | 'attachmentTooLarge' | 'binaryFile' | 'dismissed';
export type AttachOutcome = { readonly kind: 'attached'; readonly source: AttachmentSource } | { readonly kind: 'refused'; readonly reason: AttachRefusal };

/** A code block of an answer, and what its question was about. */
export interface CodeBlock {
  readonly code: string;
  /** As the model named it; may be empty. */
  readonly language: string;
  readonly attachments: readonly Attachment[];
}

export type CodeOutcome = 'done' | 'noEditor' | 'nothingChanges';

/** What the chat does in the editor; VS Code at run time. */
export interface ChatPorts {
  attach(source: AttachSource): Promise<AttachOutcome>;
  copy(text: string): Promise<void>;
  insertAtCursor(code: string): Promise<CodeOutcome>;
  /** Shows what would change; the user accepts or discards. */
  proposeChange(block: CodeBlock): Promise<CodeOutcome>;
  newFile(block: CodeBlock): Promise<void>;
  openLink(url: string): Promise<void>;
  saveMarkdown(fileName: string, markdown: string): Promise<void>;
  chooseModel(): Promise<void>;
  /** `path`: the file of the model that does not fit. */
  takeMemoryChoice(choice: MemoryChoice, path: string): Promise<void>;
  /** Whether an answer is being made anywhere; for the context key. */
  setBusy(busy: boolean): void;
}
