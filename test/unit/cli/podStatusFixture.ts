import type { Machine, PodStatus } from '../../../src/engine/protocol/podTypes.js';
import * as fixtures from '../../support/podFixtures.js';

export const studioKey = 'ab'.repeat(32);

/** A paired machine that is ready to lend 32 GB, its link not measured yet. */
export function machine(change: Partial<Machine> = {}): Machine {
  return fixtures.machine({ fingerprint: studioKey, devices: [], lendableBytes: 32e9, link: null, ...change });
}

/** A pod in which nothing happens yet. */
export function podStatus(change: Partial<PodStatus> = {}): PodStatus {
  return fixtures.podStatus({ self: { fingerprint: 'cd'.repeat(32), name: 'laptop', build: null, devices: [] }, ...change });
}
