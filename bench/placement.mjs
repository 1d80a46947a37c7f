// How long a plan takes: no model and no machine is needed for it.
import { median } from './statistics.mjs';

export async function placement({ seekpod, rounds, say }) {
  return [5, 10, 100, 1_000].flatMap((machines) => {
    say(`planning over ${machines} machines`);
    const { times, parts } = seekpod.measurePlacement(machines, Math.max(3, rounds));
    const what = `plan of 61 layers over ${machines.toLocaleString('en')} machines, up to ${parts} parts`;
    return [{ what: `${what}, median`, value: median(times), unit: 'ms', ...(machines === 1_000 ? { aim: '< 1,000' } : {}) }];
  });
}
