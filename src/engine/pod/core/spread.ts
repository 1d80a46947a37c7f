import type { PlacementMachine, RangeCost } from './rangeCost.js';

/** A stretch of layers on one machine; the chain of `previous` is a spread from its last machine to its first. */
export interface Stretch {
  readonly previous: Stretch | null;
  readonly machine: PlacementMachine;
  readonly first: number;
  /** Not included. */
  readonly end: number;
  readonly output: boolean;
  /** Of the whole spread up to here. */
  readonly seconds: number;
}

/** Who can take part. llama.cpp puts first layers on the processor here, then remote ones in any order, then those of a GPU here. */
export interface SpreadProblem {
  readonly cost: RangeCost;
  readonly processor: PlacementMachine | null;
  readonly remotes: readonly PlacementMachine[];
  readonly gpu: PlacementMachine | null;
}

/** `GGML_RPC_MAX_SERVERS`: llama.cpp's limit of remote machines. */
export const mostRemotes = 16;
/** Up to here all subsets of machines are looked at. */
export const mostExact = 10;

/** How the processor here can begin, by the number of its layers. */
function beginnings({ cost, processor }: SpreadProblem): (Stretch | 'nothing' | null)[] {
  return Array.from({ length: cost.layers + 1 }, (_, end) => {
    if (end === 0) return 'nothing';
    const seconds = processor === null ? Infinity : cost.seconds(processor, 0, end, false);
    return processor === null || seconds === Infinity ? null : { previous: null, machine: processor, first: 0, end, output: false, seconds };
  });
}

const secondsOf = (before: Stretch | 'nothing'): number => (before === 'nothing' ? 0 : before.seconds);
const faster = (a: Stretch, b: Stretch | null): Stretch => (b === null || a.seconds < b.seconds ? a : b);

function extend({ cost }: SpreadProblem, before: Stretch | 'nothing', machine: PlacementMachine, end: number, output: boolean): Stretch | null {
  const previous = before === 'nothing' ? null : before;
  const first = previous?.end ?? 0;
  const seconds = secondsOf(before) + cost.seconds(machine, first, end, output);
  return seconds === Infinity ? null : { previous, machine, first, end, output, seconds };
}

/** The fastest whole spread that begins with `before`: the GPU here takes the rest and the output layer. */
function finish(problem: SpreadProblem, before: Stretch, best: Stretch | null): Stretch | null {
  const whole = problem.gpu === null ? null : extend(problem, before, problem.gpu, problem.cost.layers, true);
  return whole === null ? best : faster(whole, best);
}

/**
 * The fastest spread with at least one remote machine, among all subsets, orders and ranges; `null` when none fits.
 *
 * The time of a spread is a sum over its machines, and a machine's share depends on its own range alone. So of all spreads of the
 * layers before `l` over the machines of a set, only the fastest can be the beginning of the fastest whole: one value per set and
 * `l`. Sets are numbers whose bits are machines; a larger set is a larger number, so one pass in their order is enough.
 * Takes `2^m · m · layers²` steps at most.
 */
export function fastestOfAll(problem: SpreadProblem): Stretch | null {
  const { cost, remotes } = problem;
  const width = cost.layers + 1;
  const fastest: (Stretch | 'nothing' | null)[] = Array.from({ length: width << remotes.length }, () => null);
  for (const [end, beginning] of beginnings(problem).entries()) fastest[end] = beginning;

  let best: Stretch | null = null;
  for (let set = 0; set < 1 << remotes.length; set++) {
    for (let first = 0; first < width; first++) {
      const before = fastest[set * width + first] ?? null;
      if (before === null) continue;
      if (set !== 0 && before !== 'nothing') best = finish(problem, before, best);
      for (const [index, machine] of remotes.entries()) {
        if ((set & (1 << index)) !== 0) continue;
        const last = extend(problem, before, machine, cost.layers, true);
        if (last !== null) best = faster(last, best);
        const larger = (set | (1 << index)) * width;
        for (let end = first + 1; end < width; end++) {
          const longer = secondsOf(before) + cost.seconds(machine, first, end, false);
          if (longer === Infinity) break;
          const known = fastest[larger + end] ?? null;
          if (known === null || known === 'nothing' || longer < known.seconds) fastest[larger + end] = extend(problem, before, machine, end, false);
        }
      }
    }
  }
  return best;
}

/**
 * The fastest spread with at least one and at most 16 remote machines that follow each other in the order of `remotes`, of which
 * any can be left out. With layers of equal size the order does not matter but for who comes last and has the output layer.
 * One value per number of machines and layers, machine after machine: `m · 16 · layers²` steps at most.
 */
export function fastestInOrder(problem: SpreadProblem): Stretch | null {
  const { cost, remotes } = problem;
  const width = cost.layers + 1;
  const fastest: (Stretch | 'nothing' | null)[][] = Array.from({ length: mostRemotes + 1 }, (_, count) => (count === 0 ? beginnings(problem) : Array.from({ length: width }, () => null)));

  let best: Stretch | null = null;
  for (const machine of remotes) {
    // The same for each number of machines, so it is counted once.
    const own = Array.from({ length: width }, (_, first) => rangesOf(cost, machine, first));
    // From many machines to few, so that no spread has the same machine twice.
    for (let count = mostRemotes - 1; count >= 0; count--) {
      for (let first = 0; first < width; first++) {
        const before = fastest[count]?.[first] ?? null;
        if (before === null) continue;
        const last = extend(problem, before, machine, cost.layers, true);
        if (last !== null) best = faster(last, best);
        const begun = secondsOf(before);
        for (const [length, seconds] of (own[first] ?? []).entries()) {
          const end = first + length + 1;
          const known = fastest[count + 1]?.[end] ?? null;
          if (known !== null && known !== 'nothing' && known.seconds <= begun + seconds) continue;
          const longer = extend(problem, before, machine, end, false);
          const row = fastest[count + 1];
          if (longer !== null && row !== undefined) row[end] = longer;
        }
      }
    }
  }
  for (const row of fastest.slice(1)) {
    for (const before of row) if (before !== null && before !== 'nothing') best = finish(problem, before, best);
  }
  return best;
}

/** Seconds of one, two, … layers from `first` on, as many as fit. */
function rangesOf(cost: RangeCost, machine: PlacementMachine, first: number): readonly number[] {
  const all: number[] = [];
  for (let end = first + 1; end <= cost.layers; end++) {
    const seconds = cost.seconds(machine, first, end, false);
    if (seconds === Infinity) break;
    all.push(seconds);
  }
  return all;
}
