import type { Clock } from '../base/clock.js';
import type { Disposable } from '../base/disposable.js';
import { assertNever, EngineError, type Failure, failureOf } from '../base/errors.js';
import type { Logger } from '../base/logger.js';
import type { LeaseParams, PeerFacts } from '../protocol/peerMessages.js';
import type { Address, Link, Traffic } from '../protocol/podTypes.js';
import type { PodPlan } from './core/placement/placement.js';
import { distinctAddresses } from './core/state/addresses.js';
import type { MachineEvent } from './core/state/podEvent.js';
import type { MachineAction, PodState } from './core/state/podState.js';
import { memoryAnswers, remoteParts } from './core/placement/split.js';
import type { Identity } from './net/identity/identity.js';
import type { PeerConnection } from './net/peers/peerConnection.js';
import { RemoteMachine } from './net/peers/remoteMachine.js';

/** Of what a machine offers, how much is asked for: a little less may be left by the time it is asked. */
const askedShare = 0.9;

export interface PodMachinesOptions {
  readonly identity: Identity;
  readonly clock: Clock;
  readonly log: Logger;
  /** About this machine, as of now. */
  facts(): PeerFacts;
  /** Where a machine may be beside what the state says: where it was before. */
  knownAddresses(fingerprint: string): readonly Address[];
  /** A machine was reached and measured. */
  onReached(fingerprint: string, link: Link): void;
  happened(event: MachineEvent): void;
}

/** Carries out the steps that are about one machine, and says what came of each. */
export class PodMachines implements Disposable {
  readonly #machines = new Map<string, RemoteMachine>();
  /** What they are called in failures, as of the last step: a machine may be renamed. */
  readonly #names = new Map<string, string>();

  constructor(private readonly options: PodMachinesOptions) {}

  /** Traffic of the open tunnels, by fingerprint. */
  get traffic(): ReadonlyMap<string, Traffic> {
    const all = new Map<string, Traffic>();
    for (const [fingerprint, { traffic }] of this.#machines) if (traffic !== null) all.set(fingerprint, traffic);
    return all;
  }

  /** The tunnels of a plan, in its order. @throws EngineError `internal` when one is not open */
  endpoints(plan: PodPlan): string[] {
    return remoteParts(plan).map(({ id }) => {
      const endpoint = this.#machines.get(id)?.endpoint ?? null;
      if (endpoint === null) throw new EngineError({ code: 'internal', reason: 'a tunnel of the plan is not open' });
      return endpoint;
    });
  }

  /** Fixes what the tunnels answer for memory, so that llama.cpp splits as planned. @throws EngineError `gpuUnavailable` */
  setMemory(plan: PodPlan, localFreeBytes: number): void {
    const answers = memoryAnswers(plan, localFreeBytes);
    for (const [index, { id }] of remoteParts(plan).entries()) {
      const answer = answers[index];
      if (answer !== undefined) this.#machines.get(id)?.setMemory(answer);
    }
  }

  /** A new connection for a part of a file. @throws EngineError `connectionLost` while there is no connection to the machine, `machineUnreachable`, `cancelled` */
  async openFile(fingerprint: string, signal: AbortSignal): Promise<PeerConnection> {
    const machine = this.#machines.get(fingerprint);
    if (machine === undefined) throw new EngineError({ code: 'connectionLost' });
    return machine.openFile(signal);
  }

  /** Begins a step; its event comes now or later. */
  perform(action: MachineAction, fingerprint: string, state: PodState): void {
    this.#act(action, fingerprint, state).then(
      (event) => this.options.happened(event),
      (error: unknown) => {
        const failure = this.#named(failureOf(error), fingerprint, state);
        this.options.log.debug(`${action} ${fingerprint}: ${JSON.stringify(failure)}`);
        this.options.happened({ kind: 'failed', machine: fingerprint, action, failure });
      },
    );
  }

  /** Cuts the connections to a machine at once. */
  cut(fingerprint: string): void {
    this.#machines.get(fingerprint)?.disconnect();
  }

  dispose(): void {
    for (const machine of this.#machines.values()) machine.dispose();
    this.#machines.clear();
  }

  async #act(action: MachineAction, fingerprint: string, state: PodState): Promise<MachineEvent> {
    const machine = this.#machine(fingerprint, state);
    switch (action) {
      case 'connect':
        await machine.connect(this.#addresses(fingerprint, state));
        return { kind: 'connected', machine: fingerprint };
      case 'greet':
        return { kind: 'greeted', machine: fingerprint, facts: await machine.greet() };
      case 'measure': {
        const link = await machine.measure();
        this.options.onReached(fingerprint, link);
        return { kind: 'measured', machine: fingerprint, link };
      }
      case 'lease':
        await machine.lease(leaseParams(fingerprint, state));
        return { kind: 'leased', machine: fingerprint };
      case 'openTunnel':
        await machine.openTunnel();
        return { kind: 'tunnelOpened', machine: fingerprint };
      case 'closeTunnel':
        machine.closeTunnel();
        return { kind: 'tunnelClosed', machine: fingerprint };
      case 'release':
        await machine.release();
        return { kind: 'released', machine: fingerprint };
      case 'disconnect':
        machine.disconnect();
        return { kind: 'disconnected', machine: fingerprint };
      default:
        return assertNever(action);
    }
  }

  #machine(fingerprint: string, state: PodState): RemoteMachine {
    this.#names.set(fingerprint, state.machines.get(fingerprint)?.name ?? fingerprint.slice(0, 8));
    const known = this.#machines.get(fingerprint);
    if (known !== undefined) return known;
    const { identity, clock, log, facts, happened } = this.options;
    const name = (): string => this.#names.get(fingerprint) ?? '';
    const gone = (reason: string): Failure => ({ code: 'machineUnreachable', machine: name(), reason });
    const machine = new RemoteMachine({
      fingerprint,
      identity,
      clock,
      log,
      name,
      facts,
      onLost: (reason) => happened({ kind: 'lost', machine: fingerprint, failure: gone(reason) }),
      onTunnelBroke: (reason) => happened({ kind: 'tunnelBroke', machine: fingerprint, failure: gone(reason) }),
      onRevoked: (reason) => happened({ kind: 'revoked', machine: fingerprint, failure: gone(reason) }),
    });
    this.#machines.set(fingerprint, machine);
    return machine;
  }

  /** What is known of where it is. */
  #addresses(fingerprint: string, state: PodState): Address[] {
    return distinctAddresses([...(state.machines.get(fingerprint)?.addresses ?? []), ...this.options.knownAddresses(fingerprint)]);
  }

  /** A lost connection says which machine it was to. */
  #named(failure: Failure, fingerprint: string, state: PodState): Failure {
    if (failure.code !== 'connectionLost') return failure;
    return { code: 'machineUnreachable', machine: state.machines.get(fingerprint)?.name ?? fingerprint, reason: 'the connection was lost' };
  }
}

function leaseParams(fingerprint: string, { self, wish, current }: PodState): LeaseParams {
  const part = current?.plan.parts.find(({ id }) => id === fingerprint);
  if (self === null || wish === null || part === undefined) throw new EngineError({ code: 'internal', reason: 'a lease without a plan' });
  return { build: self.build, bytes: Math.max(part.bytes, Math.floor(part.usableBytes * askedShare)), model: wish.name };
}
