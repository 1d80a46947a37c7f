import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { type Disposable, DisposableStore } from '../engine/base/disposable.js';
import type { Event } from '../engine/base/event.js';
import { inTurn } from '../engine/base/inTurn.js';
import type { Logger } from '../engine/base/logger.js';

/** Whether the user is in this window, and when that changes. */
export interface WindowFocus {
  readonly focused: boolean;
  readonly onChange: Event<boolean>;
}

/**
 * Which of several windows the user was in last. Windows know nothing of each other: the one that gets the focus writes its mark into a
 * file that all of them read.
 */
export class LastFocus implements Disposable {
  readonly #store = new DisposableStore();
  readonly #mark = randomUUID();
  readonly #inTurn = inTurn();

  constructor(
    private readonly file: string,
    private readonly window: WindowFocus,
    private readonly log: Logger,
  ) {
    this.#store.add(window.onChange((focused) => {
      if (focused) this.#write();
    }));
    if (window.focused) this.#write();
  }

  /** Whether the user is in this window, or was in it last. Where no window has said so, each may be the one. */
  async isHere(): Promise<boolean> {
    if (this.window.focused) return true;
    const mark = await this.#inTurn(() => fs.promises.readFile(this.file, 'utf8')).catch(() => null);
    return mark === null || mark === this.#mark;
  }

  dispose(): void {
    this.#store.dispose();
    // At once: nobody waits for a window that closes.
    try {
      if (fs.readFileSync(this.file, 'utf8') === this.#mark) fs.rmSync(this.file);
    } catch {
      // There is none.
    }
  }

  #write(): void {
    this.#inTurn(async () => {
      await fs.promises.mkdir(path.dirname(this.file), { recursive: true });
      if (!this.#store.disposed) await fs.promises.writeFile(this.file, this.#mark);
    }).catch((error: unknown) => this.log.debug(`other windows do not hear of the focus: ${String(error)}`));
  }
}
