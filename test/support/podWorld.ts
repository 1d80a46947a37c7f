import type { Failure } from '../../src/engine/base/errors.js';
import { apply } from '../../src/engine/pod/core/state/applyEvent.js';
import { decidePlan } from '../../src/engine/pod/core/state/decidePlan.js';
import type { PodEvent } from '../../src/engine/pod/core/state/podEvent.js';
import { emptyPod, type MachineAction, type MachineState, type PodState, type Wish } from '../../src/engine/pod/core/state/podState.js';
import type { PlacementMachine } from '../../src/engine/pod/core/placement/rangeCost.js';
import { nextStep, type Step } from '../../src/engine/pod/core/state/reconcile.js';
import type { PeerFacts } from '../../src/engine/protocol/peerMessages.js';
import { evenModel, gigabyte, ours } from './placementExamples.js';

export const build = { llama: 'v0.4.0', rpcProtocol: '6.0.0' };
export const fingerprintOf = (name: string): string => Buffer.from(name).toString('hex').padEnd(64, '0').slice(0, 64);

export function factsOf(name: string, changes: Partial<PeerFacts> = {}): PeerFacts {
  return {
    protocolVersion: 1,
    seekpodVersion: '0.2.0',
    name,
    os: 'linux',
    build,
    clock: 0,
    devices: [{ name: 'CUDA0', kind: 'gpu', description: 'a GPU', memoryBytes: 16 * gigabyte, freeBytes: 12 * gigabyte, bandwidth: 200 * gigabyte, layerOverhead: 0 }],
    offer: { kind: 'offered', device: 'CUDA0', bytes: 12 * gigabyte },
    ...changes,
  };
}

/** A model of 10 GB per ten layers. */
export function wishFor(path: string, layers: number): Wish {
  return { path, name: path, bytes: layers * gigabyte, cost: evenModel(layers, gigabyte), context: { tokens: 4_096, slots: 1, batchSize: 512 } };
}

export const unreachable = (machine: string): Failure => ({ code: 'machineUnreachable', machine, reason: 'nothing heard' });

/** How an action of the world ends. */
export type Outcome = (action: MachineAction, machine: MachineState) => PodEvent;

/** Everything goes well. */
export const well: Outcome = (action, machine) => {
  const { fingerprint, name } = machine;
  switch (action) {
    case 'connect':
      return { kind: 'connected', machine: fingerprint };
    case 'greet':
      return { kind: 'greeted', machine: fingerprint, facts: factsOf(name) };
    case 'measure':
      return { kind: 'measured', machine: fingerprint, link: { address: { host: '10.0.0.2', port: 4_000 }, roundTrip: 0.000_2, throughput: gigabyte } };
    case 'lease':
      return { kind: 'leased', machine: fingerprint };
    case 'openTunnel':
      return { kind: 'tunnelOpened', machine: fingerprint };
    case 'closeTunnel':
      return { kind: 'tunnelClosed', machine: fingerprint };
    case 'release':
      return { kind: 'released', machine: fingerprint };
    case 'disconnect':
      return { kind: 'disconnected', machine: fingerprint };
  }
};

/** A state and what is under way in it: the part of the service, with outcomes instead of effects. */
export class PodWorld {
  state: PodState = emptyPod;
  now = 1_000;
  /** Every step that was begun, as `kind` or `kind name`. */
  readonly steps: string[] = [];
  /** Steps that were begun and have not ended. */
  readonly pending: Step[] = [];
  onStep: (step: Step) => void = () => undefined;

  constructor(public outcome: Outcome = well, private readonly here: readonly PlacementMachine[] = [ours('gpu')]) {}

  happen(event: PodEvent): void {
    this.state = apply(this.state, { ...event, at: this.now });
  }

  meet(...names: readonly string[]): void {
    for (const name of names) this.happen({ kind: 'paired', machine: fingerprintOf(name), name, addresses: [{ host: '10.0.0.2', port: 4_000 }] });
  }

  /** Begins one step; `false` when there is nothing to do. */
  begin(): boolean {
    const step = nextStep(this.state);
    if (step.kind === 'wait') return false;
    this.onStep(step);
    this.steps.push('machine' in step ? `${step.kind} ${this.state.machines.get(step.machine)?.name}` : step.kind);
    this.happen({ kind: 'begun', step });
    if (step.kind === 'plan') this.happen(decidePlan(this.state));
    else if (step.kind !== 'fallBack' && step.kind !== 'drain') this.pending.push(step);
    return true;
  }

  /** Ends a step that is under way. */
  end(index: number): void {
    const [step] = this.pending.splice(index, 1);
    if (step !== undefined) this.happen(this.endOf(step));
  }

  endOf(step: Step): PodEvent {
    switch (step.kind) {
      case 'probe':
        return { kind: 'probed', build, machines: this.here };
      case 'load':
        return { kind: 'workerLoaded' };
      case 'stopWorker':
        return { kind: 'workerEnded' };
      case 'plan':
      case 'drain':
      case 'fallBack':
      case 'wait':
        return { kind: 'tick' };
      default: {
        const machine = this.state.machines.get(step.machine);
        return machine === undefined ? { kind: 'tick' } : this.outcome(step.kind, machine);
      }
    }
  }

  /** Does all there is to do, each step ending before the next one, and returns the steps. */
  run(): readonly string[] {
    const from = this.steps.length;
    for (let count = 0; this.pending.length > 0 || this.begin(); count++) {
      if (count > 1_000) throw new Error(`no end: ${this.steps.slice(-20).join(', ')}`);
      this.end(0);
    }
    return this.steps.slice(from);
  }

  pass(ms: number): void {
    this.now += ms;
    this.happen({ kind: 'tick' });
  }

  machine(name: string): MachineState {
    const machine = this.state.machines.get(fingerprintOf(name));
    if (machine === undefined) throw new Error(`no machine ${name}`);
    return machine;
  }
}
