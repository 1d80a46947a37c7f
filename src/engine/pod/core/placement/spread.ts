import type { PlacementMachine, RangeCost } from './rangeCost.js';

/** A way to place the layers before `end`, as a chain from the last machine to the first; `machine` is `null` where it begins. */
export interface Spread {
  readonly previous: Spread | null;
  readonly machine: PlacementMachine | null;
  readonly end: number;
  /** The output layer comes with the last machine: nothing follows. */
  readonly output: boolean;
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

const nothing: Spread = { previous: null, machine: null, end: 0, output: false, seconds: 0 };

/**
 * The fastest spread with at least one remote machine, among all subsets, orders and ranges; `null` when none fits.
 *
 * The time of a spread is a sum over its machines, and a machine's share depends on its own range alone. So of all spreads of the
 * layers before `l` over the machines of a set, only the fastest can be the beginning of the fastest whole: one row per set, one
 * place in it per `l`. Sets are numbers whose bits are machines; a larger set is a larger number, so one pass in their order is
 * enough. Takes `2^m · m · layers²` steps at most.
 */
export function fastestOfAll(problem: SpreadProblem): Spread | null {
  const { cost, remotes } = problem;
  const ranges = remotes.map((machine) => rangesOf(cost, machine));
  const rows = Array.from({ length: 1 << remotes.length }, (_, set) => (set === 0 ? beginnings(problem) : emptyRow(cost)));
  let best: Spread | null = null;
  for (const [set, row] of rows.entries()) {
    for (const [index, machine] of remotes.entries()) {
      const larger = rows[set | (1 << index)];
      if (larger === undefined || larger === row) continue;
      best = lengthen(cost, row, machine, ranges[index] ?? [], larger, best);
    }
    if (set !== 0) best = finishHere(problem, row, best);
  }
  return best;
}

/**
 * The fastest spread with at least one and at most 16 remote machines that follow each other in the order of `remotes`, of which
 * any can be left out. With layers of equal size the order does not matter but for who comes last and has the output layer.
 * One row per number of machines, machine after machine: `m · 16 · layers²` steps at most.
 */
export function fastestInOrder(problem: SpreadProblem): Spread | null {
  const { cost, remotes } = problem;
  const rows = Array.from({ length: mostRemotes + 1 }, (_, count) => (count === 0 ? beginnings(problem) : emptyRow(cost)));
  let best: Spread | null = null;
  for (const machine of remotes) {
    const ranges = rangesOf(cost, machine);
    // From many machines to few, so that no spread has the same machine twice.
    for (let count = mostRemotes - 1; count >= 0; count--) {
      const [row, longer] = [rows[count], rows[count + 1]];
      if (row !== undefined && longer !== undefined) best = lengthen(cost, row, machine, ranges, longer, best);
    }
  }
  for (const row of rows.slice(1)) best = finishHere(problem, row, best);
  return best;
}

/** The fastest spreads found so far, by the number of layers that they place. */
interface Row {
  readonly spreads: (Spread | null)[];
  /** Their times, infinite where there is none: compared far more often than spreads are made. */
  readonly seconds: Float64Array;
}

function emptyRow({ layers }: RangeCost): Row {
  return { spreads: Array.from({ length: layers + 1 }, () => null), seconds: new Float64Array(layers + 1).fill(Infinity) };
}

function put(row: Row, spread: Spread): void {
  row.spreads[spread.end] = spread;
  row.seconds[spread.end] = spread.seconds;
}

/** Without remote machines: none or some layers on the processor here. */
function beginnings({ cost, processor }: SpreadProblem): Row {
  const row = emptyRow(cost);
  put(row, nothing);
  if (processor === null) return row;
  for (const [index, seconds] of (rangesOf(cost, processor)[0] ?? []).entries()) put(row, { previous: nothing, machine: processor, end: index + 1, output: false, seconds });
  return row;
}

/** Adds a machine to all spreads of `row`, which go to `longer` where they are faster. Returns the best that is whole with it. */
function lengthen(cost: RangeCost, row: Row, machine: PlacementMachine, ranges: readonly Float64Array[], longer: Row, best: Spread | null): Spread | null {
  let found = best;
  for (const previous of row.spreads) {
    if (previous === null || (found !== null && previous.seconds >= found.seconds)) continue;
    const whole = previous.seconds + cost.seconds(machine, previous.end, cost.layers, true);
    if (whole < (found?.seconds ?? Infinity)) found = { previous, machine, end: cost.layers, output: true, seconds: whole };
    const own = ranges[previous.end];
    if (own === undefined) continue;
    for (let index = 0; index < own.length; index++) {
      const end = previous.end + index + 1;
      const seconds = previous.seconds + (own[index] ?? Infinity);
      if (seconds < (longer.seconds[end] ?? 0)) put(longer, { previous, machine, end, output: false, seconds });
    }
  }
  return found;
}

/** The GPU here takes the rest and the output layer. */
function finishHere({ cost, gpu }: SpreadProblem, row: Row, best: Spread | null): Spread | null {
  let found = best;
  if (gpu === null) return found;
  for (const previous of row.spreads) {
    if (previous === null) continue;
    const seconds = previous.seconds + cost.seconds(gpu, previous.end, cost.layers, true);
    if (seconds < (found?.seconds ?? Infinity)) found = { previous, machine: gpu, end: cost.layers, output: true, seconds };
  }
  return found;
}

/** Seconds of one, two, … layers from each first one on, as many as fit: the same for all spreads, so they are counted once. */
function rangesOf(cost: RangeCost, machine: PlacementMachine): readonly Float64Array[] {
  return Array.from({ length: cost.layers }, (_, first) => {
    const all: number[] = [];
    for (let end = first + 1; end <= cost.layers; end++) {
      const seconds = cost.seconds(machine, first, end, false);
      if (seconds === Infinity) break;
      all.push(seconds);
    }
    return Float64Array.from(all);
  });
}
