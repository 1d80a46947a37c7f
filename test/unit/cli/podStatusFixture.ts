import type { Machine, PodStatus } from '../../../src/engine/protocol/podTypes.js';

export const studioKey = 'ab'.repeat(32);

/** A paired machine that is ready to lend 32 GB. */
export function machine(change: Partial<Machine> = {}): Machine {
  return {
    fingerprint: studioKey,
    name: 'studio',
    paired: true,
    presence: 'connected',
    addresses: [{ host: '10.0.0.2', port: 4_343 }],
    devices: [],
    lendableBytes: 32e9,
    holder: null,
    link: null,
    problem: null,
    part: null,
    traffic: null,
    ...change,
  };
}

/** A pod in which nothing happens yet. */
export function podStatus(change: Partial<PodStatus> = {}): PodStatus {
  return {
    self: { fingerprint: 'cd'.repeat(32), name: 'laptop', build: null, devices: [] },
    problem: null,
    sharing: { state: 'off' },
    machines: [],
    pairings: [],
    run: { state: 'off' },
    ...change,
  };
}
