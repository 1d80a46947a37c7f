import path from 'node:path';
import * as v from 'valibot';
import { failureOf } from '../../engine/base/errors.js';
import type { Logger } from '../../engine/base/logger.js';
import { draftSchema, noDraft } from '../chatState.js';
import type { StoreFiles } from './conversationStore.js';

const factsSchema = v.object({
  draft: draftSchema,
  /** Id of the one that was open; empty for none. */
  conversation: v.string(),
});
type Facts = v.InferOutput<typeof factsSchema>;

/**
 * Small facts of one workspace that outlive a crash of the window. A file, since VS Code writes its own memento only
 * now and then. What cannot be read or written is logged: it is a comfort, and the view has its own copy.
 */
export class ChatMemory {
  #facts: Promise<Facts> | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly file: string,
    private readonly files: StoreFiles,
    private readonly log: Logger,
  ) {}

  recall(): Promise<Facts> {
    this.#facts ??= this.files
      .read(this.file)
      .then((text) => v.parse(factsSchema, JSON.parse(text)))
      .catch((error: unknown) => {
        // Most often there is none yet.
        this.log.debug(`the chat starts without a memory: ${error instanceof Error ? error.name : 'unknown'}`);
        return { draft: noDraft, conversation: '' };
      });
    return this.#facts;
  }

  /** Settles when the facts are on the disk; never rejects. */
  remember(change: Partial<Facts>): Promise<void> {
    this.#writing = this.#writing.then(async () => {
      const facts = { ...(await this.recall()), ...change };
      this.#facts = Promise.resolve(facts);
      await this.#write(facts);
    });
    return this.#writing;
  }

  /** Settles when all that was to be remembered so far is on the disk, or could not be written. */
  settled(): Promise<void> {
    return this.#writing;
  }

  async #write(facts: Facts): Promise<void> {
    const temporary = `${this.file}.${process.pid}.tmp`;
    try {
      await this.files.makeFolder(path.dirname(this.file));
      await this.files.write(temporary, JSON.stringify(facts));
      await this.files.rename(temporary, this.file);
    } catch (error) {
      await this.files.remove(temporary).catch(() => undefined);
      this.log.warn(`the chat's memory could not be written: ${failureOf(error).code}`);
    }
  }
}
