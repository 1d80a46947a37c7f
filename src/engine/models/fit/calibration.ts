import { median } from '../../base/median.js';
import type { PredictedSpeed } from '../predictor.js';

/** A model that was measured here: what was predicted from the memory bandwidth alone, and what came out, in tokens per second. */
export interface Measurement {
  readonly path: string;
  readonly where: 'here' | 'pod';
  readonly predicted: number;
  readonly measured: number;
}

/** Beyond this the measurement was disturbed, or something else than the memory decides; it would spoil what is predicted of others. */
const mostFactor = 4;

/**
 * A model that is so many times as fast or as slow says nothing of another one: a small one waits for other things than the memory.
 * Quiet, on four cores, 12 MB gave 0.7 of what was predicted, 232 MB 0.8, and 699 MB 1.1.
 */
const similarRates = 4;

const factorOf = ({ predicted, measured }: Measurement): number => Math.min(mostFactor, Math.max(1 / mostFactor, measured / predicted));

/**
 * A prediction corrected by what was measured: by the model's own measurement, else by the median of those of similar models in the same
 * place, for which what bandwidth alone does not explain is much the same.
 */
export function calibrated(speed: PredictedSpeed, path: string | null, measurements: readonly Measurement[]): PredictedSpeed & { readonly measured: boolean } {
  const usable = measurements.filter(({ predicted, measured }) => predicted > 0 && measured > 0);
  const correct = (rate: number | null, where: Measurement['where']): number | null => {
    if (rate === null) return null;
    const there = usable.filter((measurement) => measurement.where === where);
    const own = there.filter((measurement) => measurement.path === path);
    const similar = there.filter(({ predicted }) => Math.max(predicted / rate, rate / predicted) <= similarRates);
    return rate * (median((own.length > 0 ? own : similar).map(factorOf)) ?? 1);
  };
  const measured = usable.some((measurement) => measurement.path === path && measurement.where === 'here');
  return { here: correct(speed.here, 'here'), pod: correct(speed.pod, 'pod'), measured };
}
