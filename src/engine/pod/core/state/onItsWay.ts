import { isLasting, whyNotLent } from './machineProblem.js';
import type { MachineState, PodState } from './podState.js';

/** Whether a paired machine will soon be connected, and measured if it lends, as far as one knows. */
export function isOnItsWay(state: PodState, machine: MachineState): boolean {
  const { paired, problem, seen, facts, link } = machine;
  if (!paired || isLasting(problem)) return false;
  // One that failed is tried again soon if it shows itself; one that does not is off, or elsewhere.
  if (problem !== null && !seen) return false;
  return facts === null || (link === null && whyNotLent(state, machine) === null);
}
