import type { PlanPart, PlanPreview } from '../../../protocol/podTypes.js';
import { decide } from './decidePlan.js';
import type { PodPlan } from '../placement/placement.js';
import type { PodState, Wish } from './podState.js';
import { here } from '../placement/rangeCost.js';

/** What would happen with a model now. */
export function planPreview(state: PodState, wish: Wish, ownName: string): PlanPreview {
  const { placement, leftOut, obstacle } = decide(state, wish);
  const { local, pod } = placement;
  return {
    model: { path: wish.path, name: wish.name, layers: wish.cost.layers.length, bytes: wish.bytes, contextSize: wish.context.tokens },
    local: {
      fits: local.plan !== null,
      requiredBytes: local.requiredBytes || placement.requiredBytes,
      availableBytes: local.availableBytes,
      tokensPerSecond: local.plan === null || local.plan.secondsPerToken === Infinity ? null : rateOf(local.plan),
    },
    pod: pod === null ? null : { parts: planParts(state, pod, ownName), tokensPerSecond: rateOf(pod) },
    failure: placement.advice === 'none' ? obstacle : null,
    advice: placement.advice,
    leftOut: leftOut.map(({ machine, reason, holder }) => ({ machine: machine.fingerprint, name: machine.name, reason, holder })),
  };
}

/** Predicted tokens per second. */
export function rateOf(plan: PodPlan): number {
  return 1 / plan.secondsPerToken;
}

/** The parts of a plan with the names of their machines. */
export function planParts(state: PodState, plan: PodPlan, ownName: string): PlanPart[] {
  return plan.parts.map(({ id, first, last, output, bytes, usableBytes }) => ({
    machine: id === here ? null : id,
    name: id === here ? ownName : (state.machines.get(id)?.name ?? id.slice(0, 8)),
    layers: { first, last, output },
    bytes,
    usableBytes,
  }));
}
