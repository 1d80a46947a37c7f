import { deferred, raceAbort } from '../base/async.js';
import type { LoadResult } from '../protocol/workerMessages.js';
import type { LoadSource } from './layerPlacement.js';

/**
 * Lets workers load one after the other, for what a model takes is known when it is loaded: a load that began before would plan with
 * the same free memory. Where the user has set a budget, each load may take what the others have left of it.
 */
export class MemoryLedger {
  /** 0 is no budget. */
  budgetBytes = 0;
  readonly #used = new Map<LoadSource, number>();
  #lastTurn: Promise<void> = Promise.resolve();

  /** The same loads, each in its turn and within the budget. */
  within(source: LoadSource): LoadSource {
    let endTurn = (): void => undefined;
    return {
      prepare: async (signal) => {
        const params = await source.prepare(signal);
        // Through the network a load takes minutes, in which no completion should have to wait for it.
        if (this.budgetBytes === 0 && params.remote !== null) return params;
        endTurn = await this.#turn(signal);
        return this.budgetBytes === 0 ? params : { ...params, memoryBudgetBytes: Math.max(0, this.budgetBytes - this.#usedBytes) };
      },
      localMemory: (freeBytes) => source.localMemory(freeBytes),
      progress: (progress) => source.progress(progress),
      loaded: (result) => {
        this.#used.set(source, usedBytes(result));
        endTurn();
        source.loaded(result);
      },
      generating: (on) => source.generating(on),
      ended: () => {
        this.#used.delete(source);
        endTurn();
        source.ended();
      },
    };
  }

  get #usedBytes(): number {
    return [...this.#used.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  /** Settles when the loads before have ended, with what ends this one. */
  async #turn(signal: AbortSignal): Promise<() => void> {
    const before = this.#lastTurn;
    const ended = deferred<void>();
    this.#lastTurn = before.then(() => ended.promise);
    try {
      await raceAbort(before, signal);
    } catch (error) {
      ended.resolve();
      throw error;
    }
    return () => ended.resolve();
  }
}

/** What a worker takes of this machine: two roles share the weights, and what is on other machines is counted as the memory of a GPU. */
function usedBytes({ completion, chat }: LoadResult): number {
  const roles = [completion, chat].filter((model) => model !== null);
  const own = roles.reduce((sum, { memoryBytes: { ram, vram }, remoteMachines }) => sum + ram + (remoteMachines > 0 ? 0 : vram), 0);
  const [shared] = roles;
  const twice = roles.length > 1 && shared?.remoteMachines === 0 ? shared.fileBytes : 0;
  return Math.max(0, own - twice);
}
