import type { LeftOutReason, PlanPreview } from '../../../protocol/podTypes.js';
import type { ModelCost } from './modelCost.js';
import { here, type PlacementContext, type PlacementMachine, type RangeCost, rangeCost } from './rangeCost.js';
import { fastestInOrder, fastestOfAll, mostExact, mostRemotes, type Spread, type SpreadProblem } from './spread.js';

/**
 * Seconds of a token that no machine's part explains: sampling, turning it into text, and the bindings. Measured with 12 to 34 ms per
 * token (docs/adr/0006-the-pod.md); the same wherever the layers are, so that it changes what is predicted and not what is chosen.
 */
const tokenOverhead = 1.5e-3;

/** Layers on one machine. An output layer alone has `last` = `first` - 1. */
export interface PodPart {
  /** Fingerprint, or `here`. */
  readonly id: string;
  readonly device: 'gpu' | 'cpu';
  readonly first: number;
  readonly last: number;
  readonly output: boolean;
  readonly bytes: number;
  readonly usableBytes: number;
}

/** Which layers go where, in the order of the layers: the processor here, remote machines, the GPU here. */
export interface PodPlan {
  /** Of the model, without the output layer. */
  readonly layers: number;
  readonly parts: readonly PodPart[];
  readonly secondsPerToken: number;
}

/** What can be done with a model, and why not otherwise. */
export interface Placement {
  /** Alone on this machine; `plan` is `null` where it does not fit. Its time is infinite where the speed here is not known. */
  readonly local: { readonly requiredBytes: number; readonly availableBytes: number; readonly plan: PodPlan | null };
  /** The fastest with other machines; `null` when there is none. */
  readonly pod: PodPlan | null;
  readonly leftOut: readonly { readonly id: string; readonly reason: LeftOutReason }[];
  readonly advice: PlanPreview['advice'];
  /** What the model needs on one device that had the room. */
  readonly requiredBytes: number;
  /** Memory of all machines that could take part. */
  readonly availableBytes: number;
}

/**
 * The spread of a model over machines with the least predicted time per token (`rangeCost`) that fits their memory. With up to ten
 * remote machines it is the best of all. With more, it is the best for one order, from slow to fast so that the fastest has the
 * output layer, and then the best of all for the machines that this one chose. The same input in any order gives the same plan.
 */
export function place(machines: readonly PlacementMachine[], model: ModelCost, context: PlacementContext): Placement {
  const cost = rangeCost(model, context);
  const sorted = [...machines].sort(slowToFast);
  const ours = (device: 'cpu' | 'gpu'): PlacementMachine | null => sorted.find((machine) => machine.id === here && machine.device === device) ?? null;
  const [processor, gpu] = [ours('cpu'), ours('gpu')];
  const remote = sorted.filter((machine) => machine.id !== here);
  const problem: SpreadProblem = {
    cost,
    processor: processor !== null && hasSpeed(processor) ? processor : null,
    gpu: gpu !== null && hasSpeed(gpu) ? gpu : null,
    remotes: remote.filter((machine) => whyNot(machine, cost) === null),
  };

  const alone = placeHere(cost, processor, gpu);
  const spread = cost.layers === 0 ? null : fastestSpread(problem);
  const pod = spread === null ? null : planOf(cost, rangesOf(spread), spread.seconds);
  const used = new Set(pod?.parts.map((part) => part.id));
  const unused = pod === null ? 'noMemory' : used.size - (used.has(here) ? 1 : 0) === mostRemotes ? 'tooMany' : 'slower';
  return {
    local: alone,
    pod,
    leftOut: remote.filter((machine) => !used.has(machine.id)).map((machine) => ({ id: machine.id, reason: whyNot(machine, cost) ?? unused })),
    advice: adviceFor(alone, pod),
    requiredBytes: cost.bytes({ id: '', device: 'gpu', usableBytes: 0, bandwidth: 0, layerOverhead: 0, link: null }, 0, cost.layers, true),
    availableBytes: problem.remotes.reduce((sum, machine) => sum + machine.usableBytes, alone.availableBytes),
  };
}

function adviceFor(alone: Placement['local'], pod: PodPlan | null): Placement['advice'] {
  const { plan } = alone;
  if (plan !== null && (pod === null || plan.secondsPerToken === Infinity || plan.secondsPerToken <= pod.secondsPerToken)) return 'local';
  return pod === null ? 'none' : 'pod';
}

function fastestSpread(problem: SpreadProblem): Spread | null {
  if (problem.remotes.length <= mostExact) return fastestOfAll(problem);
  const inOrder = fastestInOrder(problem);
  if (inOrder === null) return null;
  const chosen = new Set(rangesOf(inOrder).map((range) => range.machine));
  const remotes = problem.remotes.filter((machine) => chosen.has(machine));
  return remotes.length <= mostExact ? (fastestOfAll({ ...problem, remotes }) ?? inOrder) : inOrder;
}

/** Layers `first` to `end` (not included) on a machine. */
interface Range {
  readonly machine: PlacementMachine;
  readonly first: number;
  readonly end: number;
  readonly output: boolean;
}

/** All layers on the processor here, or the first ones there, none up to all, and the rest on the GPU here. */
function placeHere(cost: RangeCost, processor: PlacementMachine | null, gpu: PlacementMachine | null): Placement['local'] {
  const { layers } = cost;
  const main = gpu ?? processor;
  if (main === null || layers === 0) return { requiredBytes: 0, availableBytes: 0, plan: null };
  const ways: Range[][] = [gpu, processor].flatMap((machine) => (machine === null ? [] : [[{ machine, first: 0, end: layers, output: true }]]));
  if (processor !== null && gpu !== null) {
    for (let end = 1; end <= layers; end++) ways.push([{ machine: processor, first: 0, end, output: false }, { machine: gpu, first: end, end: layers, output: true }]);
  }
  let best: PodPlan | null = null;
  for (const way of ways) {
    if (way.some(({ machine, first, end, output }) => cost.bytes(machine, first, end, output) > machine.usableBytes)) continue;
    const seconds = way.every(({ machine }) => hasSpeed(machine)) ? way.reduce((sum, { machine, first, end, output }) => sum + cost.seconds(machine, first, end, output), 0) : Infinity;
    const plan = planOf(cost, way, seconds);
    if (best === null || plan.secondsPerToken < best.secondsPerToken) best = plan;
  }
  return { requiredBytes: cost.bytes(main, 0, layers, true), availableBytes: (processor?.usableBytes ?? 0) + (gpu?.usableBytes ?? 0), plan: best };
}

/** Why a remote machine can have no part, whatever the others are. */
function whyNot(machine: PlacementMachine, cost: RangeCost): LeftOutReason | null {
  if (machine.link === null || !(machine.link.throughput > 0)) return 'notConnected';
  if (!hasSpeed(machine)) return 'noDevice';
  for (let first = 0; first < cost.layers; first++) if (cost.bytes(machine, first, first + 1, false) <= machine.usableBytes) return null;
  return cost.bytes(machine, cost.layers, cost.layers, true) <= machine.usableBytes ? null : 'noMemory';
}

const hasSpeed = (machine: PlacementMachine): boolean => Number.isFinite(machine.bandwidth) && machine.bandwidth > 0;

function slowToFast(a: PlacementMachine, b: PlacementMachine): number {
  return a.bandwidth - b.bandwidth || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0) || (a.device < b.device ? -1 : 1);
}

function rangesOf(spread: Spread): readonly Range[] {
  const ranges: Range[] = [];
  for (let at = spread; at.machine !== null && at.previous !== null; at = at.previous) ranges.unshift({ machine: at.machine, first: at.previous.end, end: at.end, output: at.output });
  return ranges;
}

/** `seconds` is the time of all parts. */
function planOf(cost: RangeCost, ranges: readonly Range[], seconds: number): PodPlan {
  const parts = ranges.map(({ machine, first, end, output }) => ({
    id: machine.id,
    device: machine.device,
    first,
    last: end - 1,
    output,
    bytes: cost.bytes(machine, first, end, output),
    usableBytes: machine.usableBytes,
  }));
  return { layers: cost.layers, parts, secondsPerToken: seconds + tokenOverhead };
}
