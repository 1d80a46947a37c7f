import type { Failure } from '../../../base/errors.js';
import { peerProtocolVersion } from '../../../protocol/peerMessages.js';
import type { Build } from '../../../protocol/podTypes.js';
import type { MachineState, PodState } from './podState.js';

const textOf = (build: Build): string => `${build.llama}, RPC ${build.rpcProtocol}`;
const protocolText = (version: number): string => `protocol ${version}`;

/**
 * What keeps a machine from taking part now, as far as one knows: that the keys do not agree, which only the users can change; what
 * it says itself; else why the last attempt failed.
 */
export function machineProblem(state: PodState, machine: MachineState): Failure | null {
  const { problem } = machine;
  if (isLasting(problem)) return problem;
  return whyNotLent(state, machine) ?? problem;
}

/** That the keys do not agree is changed by the users alone. */
export function isLasting(problem: Failure | null): problem is Failure {
  return problem?.code === 'notPaired' || problem?.code === 'keyChanged';
}

/** Why a machine does not lend what it has. `null` also for one that was not asked. */
export function whyNotLent(state: PodState, { refusal, facts, name }: MachineState): Failure | null {
  if (refusal !== null && refusal.until > state.now) return refusal.failure;
  if (facts === null) return null;
  if (facts.protocolVersion !== peerProtocolVersion) {
    return { code: 'differentBuild', machine: name, ours: protocolText(peerProtocolVersion), theirs: protocolText(facts.protocolVersion) };
  }
  if (facts.build === null) return { code: 'leaseRefused', machine: name, reason: 'noLibrary' };
  if (state.self !== null && textOf(facts.build) !== textOf(state.self.build)) {
    return { code: 'differentBuild', machine: name, ours: textOf(state.self.build), theirs: textOf(facts.build) };
  }
  switch (facts.offer.kind) {
    case 'offered':
      return null;
    case 'held':
      return { code: 'leaseHeld', machine: name, holder: facts.offer.holder };
    case 'refused':
      return { code: 'leaseRefused', machine: name, reason: facts.offer.reason };
  }
}
