import * as l10n from '@vscode/l10n';
import { type Disposable, DisposableStore, toDisposable } from '../engine/base/disposable.js';
import { failureOf } from '../engine/base/errors.js';
import type { PodClient } from '../engine/client/podClient.js';
import { digitGroups } from '../engine/protocol/podText.js';
import type { Pairing, PodStatus } from '../engine/protocol/podTypes.js';
import type { TerminalStream } from './answerPrinter.js';
import { isYes, type LineReader } from './lineReader.js';
import { failureWords } from './words.js';

/**
 * Shows the digits of pairings and asks whether they are the same on the other screen. Only a person can say so: there is no option that
 * answers in advance, and the end of the input is a no.
 */
export class PairingDialogs implements Disposable {
  readonly #store = new DisposableStore();
  /** Pairings that this user has been asked about. */
  readonly #asked = new Set<string>();
  /** The question on the screen: one at a time. */
  #open: { readonly id: string; readonly closed: AbortController } | null = null;

  /** @param concerns which pairings are this terminal's. */
  constructor(private readonly pod: PodClient, private readonly out: TerminalStream, private readonly lines: LineReader, private readonly concerns: (pairing: Pairing) => boolean) {
    this.#store.add(pod.onStatus((status) => this.#see(status)));
    this.#store.add(toDisposable(() => this.#open?.closed.abort()));
    this.#see(pod.status);
  }

  dispose(): void {
    this.#store.dispose();
  }

  #see(status: PodStatus | null): void {
    const pairings = status?.pairings.filter(this.concerns) ?? [];
    if (this.#open !== null) {
      const { id, closed } = this.#open;
      if (!pairings.some((pairing) => pairing.id === id)) closed.abort();
      return;
    }
    const next = pairings.find(({ id, state }) => state === 'compare' && !this.#asked.has(id));
    if (next !== undefined && !this.#store.disposed) void this.#ask(next);
  }

  async #ask({ id, name, digits, side }: Pairing): Promise<void> {
    const closed = new AbortController();
    this.#open = { id, closed };
    this.#asked.add(id);
    if (side === 'asked') this.out.write(`${l10n.t('{0} asks to be paired with this machine, and may then use what it lends.', name)}\n`);
    this.out.write(`${l10n.t('Do both screens show {0}? [y/N]', digitGroups(digits))} `);
    const line = await this.lines.next(closed.signal);
    this.#open = null;
    if (closed.signal.aborted) {
      this.out.write(`\n${l10n.t('The pairing with {0} has ended.', name)}\n`);
    } else {
      await this.#answer(id, name, line);
    }
    this.#see(this.pod.status);
  }

  async #answer(id: string, name: string, line: string | null): Promise<void> {
    const equal = isYes(line);
    this.out.write(line === null ? `\n${l10n.t('Nobody can compare the digits where there is no input: run it in a terminal. Not paired with {0}.', name)}\n` : `${answerText(equal, name)}\n`);
    try {
      await this.pod.confirmPairing(id, equal);
    } catch (error) {
      this.out.write(`${failureWords(failureOf(error))}\n`);
    }
  }
}

function answerText(equal: boolean, name: string): string {
  return equal ? l10n.t('Waiting for {0} to confirm too.', name) : l10n.t('Not paired with {0}.', name);
}
