import { decidePlan } from './core/state/decidePlan.js';
import { hasGained, type Lenders, lendersOf, stillThere } from './core/state/lenders.js';
import type { PodState } from './core/state/podState.js';

/** While the local model answers: notices when the pod could do so again. */
export class ReturnWatch {
  /** Who would lend when the local model took over, and still does. */
  #lenders: Lenders | null = null;

  /** Whether a machine more than at the beginning would lend, and the model fits with it. To be asked at every change. */
  mayReturn(state: PodState): boolean {
    const before = this.#lenders;
    const now = lendersOf(state);
    this.#lenders = state.fallback === null ? null : before === null ? now : stillThere(before, now);
    if (state.fallback === null || before === null || !hasGained(before, now)) return false;
    return decidePlan({ ...state, lost: null }).kind === 'planned';
  }
}
