import { type Disposable, DisposableStore } from '../../engine/base/disposable.js';
import { failureOf } from '../../engine/base/errors.js';
import { inTurn } from '../../engine/base/inTurn.js';
import type { Clock } from '../../engine/base/clock.js';
import type { Logger } from '../../engine/base/logger.js';
import type { PodClient } from '../../engine/client/podClient.js';
import { Hold } from '../hold.js';
import type { SettingsReader } from '../settingsReader.js';
import type { PodState } from './podState.js';
import { shareOptions } from './shareOptions.js';

/** A window that has just been opened has more urgent things to do than to lend its machine. */
const afterStartMs = 2_000;

export interface PodPresenceDeps {
  readonly pod: PodClient;
  readonly state: PodState;
  readonly settings: SettingsReader;
  /** The name of this machine where the settings give none. */
  readonly hostName: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Tells the daemon what the settings say of sharing and of this machine's name, some time after the start and at every change.
 * Nothing is told while there is nothing to share: another program of this user may share by itself.
 */
export class PodPresence implements Disposable {
  readonly #store = new DisposableStore();
  readonly #sharing: Hold;
  #told = { options: 'null', name: '' };
  readonly #inTurn = inTurn();
  #connected = false;

  constructor(private readonly deps: PodPresenceDeps) {
    const { settings, state, clock } = deps;
    this.#sharing = this.#store.add(new Hold(() => state.hold()));
    this.#store.add(clock.setTimeout(() => this.#tell(), afterStartMs));
    this.#store.add(settings.onChange(() => this.#tell()));
    this.#store.add(state.onChange(({ status }) => {
      const arrived = status !== null && !this.#connected;
      this.#connected = status !== null;
      if (arrived) this.#tell();
    }));
  }

  /** Settles when the daemon has taken what the settings say now; rejects with the reason why not. */
  apply(): Promise<void> {
    return this.#inTurn(() => this.#apply());
  }

  dispose(): void {
    this.#store.dispose();
  }

  #tell(): void {
    this.apply().catch((error: unknown) => this.deps.log.warn(`the pod did not take the settings: ${JSON.stringify(failureOf(error))}`));
  }

  async #apply(): Promise<void> {
    if (this.#store.disposed) return;
    const { pod, settings } = this.deps;
    const options = shareOptions(settings.current);
    const shared = JSON.stringify(options);
    if (options !== null || pod.status !== null) await this.#rename(settings.current.pod.name.trim());
    if (shared === this.#told.options) return;
    await pod.share(options);
    this.#told = { ...this.#told, options: shared };
    // Whoever lends hears who asks to be paired, also while the view is closed.
    this.#sharing.set(options !== null);
  }

  async #rename(name: string): Promise<void> {
    if (name === this.#told.name) return;
    const wanted = name === '' ? this.deps.hostName : name;
    if (this.deps.pod.status?.self.name !== wanted) await this.deps.pod.rename(wanted);
    this.#told = { ...this.#told, name };
  }
}
