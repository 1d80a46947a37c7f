import * as fs from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { hasErrorCode, storageFailure } from '../../engine/base/errors.js';
import { type Conversation, conversationSchema, idSchema } from '../../engine/chat/conversation.js';

/** What the store needs of a file system; the seam at which tests let a disk be full. */
export interface StoreFiles {
  makeFolder(folder: string): Promise<void>;
  names(folder: string): Promise<string[]>;
  read(file: string): Promise<string>;
  /** Writes a whole file and waits until it is on the disk. */
  write(file: string, text: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  remove(file: string): Promise<void>;
}

export const diskFiles: StoreFiles = {
  async makeFolder(folder) {
    await fs.mkdir(folder, { recursive: true });
  },
  names: (folder) => fs.readdir(folder),
  read: (file) => fs.readFile(file, 'utf8'),
  async write(file, text) {
    const handle = await fs.open(file, 'w', 0o600);
    try {
      await handle.writeFile(text, 'utf8');
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  rename: (from, to) => fs.rename(from, to),
  remove: (file) => fs.rm(file, { force: true }),
};

const recordSchema = v.object({
  format: v.literal(1),
  /** Counts the writes, so that a window sees that another one wrote in between. */
  revision: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  conversation: conversationSchema,
});
type StoredRecord = v.InferOutput<typeof recordSchema>;

export type ReadOutcome =
  | { readonly kind: 'read'; readonly conversation: Conversation; readonly revision: number }
  | { readonly kind: 'missing' }
  /** Not a conversation; the file was renamed to `movedTo`. */
  | { readonly kind: 'damaged'; readonly movedTo: string };

export type WriteOutcome =
  | { readonly kind: 'written' }
  /** Another window wrote this conversation since it was read: nothing was written. */
  | { readonly kind: 'conflict' };

/**
 * Conversations as files of one folder that all windows share: `<id>.json`, replaced as a whole.
 * Rejects with `diskFull` or `storageFailed`. Calls about the same conversation must not overlap.
 */
export class ConversationStore {
  /** The revision that this window has seen last. */
  readonly #revisions = new Map<string, number>();

  constructor(
    private readonly folder: string,
    private readonly files: StoreFiles,
  ) {}

  /** Ids of all conversations in the folder, readable or not. */
  async ids(): Promise<string[]> {
    const names = await this.#names();
    return names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length)).filter((id) => v.is(idSchema, id));
  }

  /** Whether a revision is newer than what this window has seen. */
  isNew(id: string, revision: number): boolean {
    return revision > (this.#revisions.get(id) ?? -1);
  }

  /** This window goes on from the revision: its next write replaces it. */
  seen(id: string, revision: number): void {
    this.#revisions.set(id, revision);
  }

  async read(id: string): Promise<ReadOutcome> {
    const file = this.#file(id);
    let text: string;
    try {
      text = await this.files.read(file);
    } catch (error) {
      if (hasErrorCode(error, 'ENOENT')) return { kind: 'missing' };
      throw storageFailure(file, error);
    }
    const record = parseRecord(text, id);
    if (record !== null) return { kind: 'read', conversation: record.conversation, revision: record.revision };
    const movedTo = `${file}.damaged-${Date.now().toString(36)}`;
    try {
      await this.files.rename(file, movedTo);
    } catch (error) {
      throw storageFailure(file, error);
    }
    return { kind: 'damaged', movedTo };
  }

  async write(conversation: Conversation): Promise<WriteOutcome> {
    const { id } = conversation;
    const seen = this.#revisions.get(id);
    const present = await this.read(id);
    if (present.kind === 'read' && present.revision !== seen) return { kind: 'conflict' };
    const revision = (seen ?? 0) + 1;
    const record: StoredRecord = { format: 1, revision, conversation };
    const file = this.#file(id);
    const temporary = `${file}.${process.pid}.tmp`;
    try {
      await this.files.makeFolder(this.folder);
      await this.files.write(temporary, JSON.stringify(record));
      await this.files.rename(temporary, file);
    } catch (error) {
      // A half-written temporary file is of no use, and removing it is no second failure.
      await this.files.remove(temporary).catch(() => undefined);
      throw storageFailure(file, error);
    }
    this.#revisions.set(id, revision);
    return { kind: 'written' };
  }

  async remove(id: string): Promise<void> {
    this.#revisions.delete(id);
    try {
      await this.files.remove(this.#file(id));
    } catch (error) {
      throw storageFailure(this.#file(id), error);
    }
  }

  async #names(): Promise<string[]> {
    try {
      return await this.files.names(this.folder);
    } catch (error) {
      if (hasErrorCode(error, 'ENOENT')) return [];
      throw storageFailure(this.folder, error);
    }
  }

  #file(id: string): string {
    return path.join(this.folder, `${id}.json`);
  }
}

function parseRecord(text: string, id: string): StoredRecord | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const outcome = v.safeParse(recordSchema, value, { abortEarly: true });
  return outcome.success && outcome.output.conversation.id === id ? outcome.output : null;
}
