import type { Failure, Role } from '../engine/base/errors.js';
import type { EngineStatus } from '../engine/protocol/engineTypes.js';

const kept = 10;

export interface PastFailure {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly role: Role;
  readonly failure: Failure;
}

/** The last failures that the status reported, oldest first, for the diagnostics. */
export class FailureHistory {
  readonly #failures: PastFailure[] = [];
  readonly #current: Record<Role, string | undefined> = { completion: undefined, chat: undefined };

  constructor(private readonly now: () => number) {}

  get failures(): readonly PastFailure[] {
    return this.#failures;
  }

  /** Takes note of a role that has entered an error; a repeated report of the same one is not counted again. */
  note(status: EngineStatus): PastFailure[] {
    const fresh: PastFailure[] = [];
    for (const role of ['completion', 'chat'] as const) {
      const state = status[role];
      const key = state.state === 'error' ? JSON.stringify(state.failure) : undefined;
      if (key !== this.#current[role] && state.state === 'error') fresh.push({ time: this.now(), role, failure: state.failure });
      this.#current[role] = key;
    }
    this.#failures.push(...fresh);
    this.#failures.splice(0, Math.max(0, this.#failures.length - kept));
    return fresh;
  }
}
