import type { Machine, Pairing, PlanPart, PlanPreview, PodStatus } from '../../src/engine/protocol/podTypes.js';

export const studio = 'a1'.repeat(32);
export const mini = 'b2'.repeat(32);

/** A pod of which nothing is known yet but this machine, with what a test changes. */
export function podStatus(changes: Partial<PodStatus> = {}): PodStatus {
  return {
    self: { fingerprint: 'ab'.repeat(32), name: 'here', build: { llama: 'v0.4.0', rpcProtocol: '6.0.0' }, devices: [] },
    problem: null,
    sharing: { state: 'off' },
    machines: [],
    pairings: [],
    run: { state: 'off' },
    ...changes,
  };
}

/** A paired machine that is connected and lends its GPU. */
export function machine(changes: Partial<Machine> = {}): Machine {
  return {
    fingerprint: studio,
    name: 'studio',
    paired: true,
    presence: 'connected',
    addresses: [{ host: '10.0.0.2', port: 47_613 }],
    devices: [{ name: 'MTL0', kind: 'gpu', description: 'Apple M3 Ultra', memoryBytes: 256e9, freeBytes: 240e9, bandwidth: 700e9, layerOverhead: 0.000_02 }],
    lendableBytes: 200e9,
    holder: null,
    link: { address: { host: '10.0.0.2', port: 47_613 }, roundTrip: 0.000_34, throughput: 1.1e9 },
    problem: null,
    part: null,
    traffic: null,
    ...changes,
  };
}

/** A machine that has only been seen. */
export function stranger(changes: Partial<Machine> = {}): Machine {
  return machine({ fingerprint: mini, name: 'mini', paired: false, presence: 'seen', devices: [], lendableBytes: null, link: null, addresses: [{ host: '10.0.0.3', port: 47_613 }], ...changes });
}

export const localPart: PlanPart = { machine: null, name: 'here', layers: { first: 0, last: 11, output: false }, bytes: 12e9, usableBytes: 14e9 };
export const remotePart: PlanPart = { machine: studio, name: 'studio', layers: { first: 12, last: 60, output: true }, bytes: 52e9, usableBytes: 200e9 };
export const traffic = { sentBytes: 4_200_000, receivedBytes: 3_100_000, rate: 260_000, latency: 0.021 };

/** A model that fits on the pod only. */
export function preview(changes: Partial<PlanPreview> = {}): PlanPreview {
  return {
    model: { path: '/models/large.gguf', name: 'Large', layers: 61, bytes: 60e9, contextSize: 8_192 },
    local: { fits: false, requiredBytes: 64e9, availableBytes: 14e9, tokensPerSecond: null },
    pod: { parts: [localPart, remotePart], tokensPerSecond: 12.9 },
    failure: null,
    advice: 'pod',
    leftOut: [{ machine: mini, name: 'mini', reason: 'notPaired', holder: null }],
    ...changes,
  };
}

/** Another machine's user has asked to pair. */
export function pairing(changes: Partial<Pairing> = {}): Pairing {
  return { id: 'p1', name: 'mini', fingerprint: mini, side: 'asked', digits: '012345', state: 'compare', expiresAt: 1_900_000_000_000, ...changes };
}
