import * as v from 'valibot';
import type { PairingRefusal } from '../base/errors.js';
import { buildSchema, deviceSchema, fingerprintSchema, labelSchema as label, machineNameSchema } from './podTypes.js';
import type { Notification, Request } from './wire.js';

// Between two machines. Everything runs over mutual TLS 1.3; what a connection is for is its ALPN protocol:
//   seekpod-pair/1    JSON-RPC, also with keys that are not pinned: pairing and nothing else
//   seekpod-peer/1    JSON-RPC between paired machines: hello, heartbeat, lease
//   seekpod-layers/1  32 bytes of a lease's token, then ggml's RPC
//   seekpod-link/1    bytes that the receiver counts and discards, to measure the link
//   seekpod-file/1    one request for a part of a model file by its SHA-256, and the answer: `pod/core/files/fileWire.ts`
export const peerProtocols = { pair: 'seekpod-pair/1', control: 'seekpod-peer/1', layers: 'seekpod-layers/1', link: 'seekpod-link/1', file: 'seekpod-file/1' } as const;
export type PeerPurpose = keyof typeof peerProtocols;

/**
 * The listener's first byte on every connection, before anything of its purpose. In TLS 1.3 the dialing side is done with the handshake
 * before the listener has seen its key, so that only an answer can tell it whether it is let in.
 */
export const admission = { admitted: 1, notPaired: 2 } as const;

/** Raised whenever a message of this wire changes its meaning. */
export const peerProtocolVersion = 1;

/** Messages between machines are small. */
export const peerLimits = { headerBytes: 256, messageBytes: 256 * 1_024 };

/** How often a coordinator sends `ping`, and after which silence either side gives the other up, in milliseconds. */
export const heartbeatMs = 500;
export const silenceMs = 2_500;

const wholeNumber = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const nothing = v.null();
const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

/** What one machine tells the other about itself. */
export const peerFactsSchema = v.object({
  protocolVersion: wholeNumber,
  seekpodVersion: label,
  name: machineNameSchema,
  os: label,
  build: v.nullable(buildSchema),
  /** Milliseconds since 1970 on the machine's own clock. */
  clock: v.pipe(v.number(), v.finite()),
  devices: v.pipe(v.array(deviceSchema), v.maxLength(32)),
  /** The device that would be lent to the one who asks, and how much of it; `null` with the reason. */
  offer: v.variant('kind', [
    v.object({ kind: v.literal('offered'), device: label, bytes: wholeNumber }),
    v.object({ kind: v.literal('held'), holder: label }),
    v.object({ kind: v.literal('refused'), reason: v.picklist(['notSharing', 'notAllowed', 'noDevice', 'noLibrary']) }),
  ]),
});
export type PeerFacts = v.InferOutput<typeof peerFactsSchema>;

/** coordinator ↔ lender: the first message on a control connection, and again whenever facts are wanted anew. */
export const peerHelloRequest: Request<PeerFacts, PeerFacts> = { method: 'peer/hello', params: peerFactsSchema, result: peerFactsSchema };

/** coordinator → lender: proves that both live, and measures the round trip. */
export const pingRequest: Request<null, null> = { method: 'peer/ping', params: nothing, result: nothing };

const leaseParams = v.object({ build: buildSchema, bytes: wholeNumber, model: label });
const leaseResult = v.object({ id: label, /** 32 bytes in hexadecimal: the start of every `layers` connection. */ token: hash, bytes: wholeNumber });
export type LeaseParams = v.InferOutput<typeof leaseParams>;
export type LeaseResult = v.InferOutput<typeof leaseResult>;
/** coordinator → lender: the use of its device until `release` or the end of the connection. Fails with `leaseHeld`, `leaseRefused`, `differentBuild`. */
export const leaseRequest: Request<LeaseParams, LeaseResult> = { method: 'peer/lease', params: leaseParams, result: leaseResult };

/** coordinator → lender */
export const releaseRequest: Request<{ id: string }, null> = { method: 'peer/release', params: v.object({ id: label }), result: nothing };

/** lender → coordinator: the lease is over: stopped sharing, unpaired, or the layer server died. */
export const leaseEndedNotification: Notification<{ id: string; reason: string }> = { method: 'peer/leaseEnded', params: v.object({ id: label, reason: label }) };

// Pairing: commit, reveal, compare (as Bluetooth's numeric comparison). The asking side commits before it knows the other's nonce.
/** asking → asked: SHA-256 commitment to the asking side's nonce. Answers the other's nonce. Fails with `pairingRefused`. */
const commitParams = v.object({ protocolVersion: wholeNumber, name: machineNameSchema, commitment: hash });
const commitResult = v.object({ name: machineNameSchema, nonce: hash });
export type PairCommit = v.InferOutput<typeof commitParams>;
export type PairAnswer = v.InferOutput<typeof commitResult>;
export const pairCommitRequest: Request<PairCommit, PairAnswer> = { method: 'pair/commit', params: commitParams, result: commitResult };
/** asking → asked: opens the commitment. From here both show the digits. */
export const pairRevealRequest: Request<{ nonce: string }, null> = { method: 'pair/reveal', params: v.object({ nonce: hash }), result: nothing };
/** both ways: what this side's user said about the digits. When both said `equal`, the asked side closes the connection as soon as it has stored the key. */
export const pairVerdictNotification: Notification<{ equal: boolean }> = { method: 'pair/verdict', params: v.object({ equal: v.boolean() }) };
/** both ways: this side ends the pairing before both users have spoken, and why. */
export const pairEndNotification: Notification<{ reason: PairingRefusal }> = {
  method: 'pair/end',
  params: v.object({ reason: v.picklist(['rejected', 'digitsDiffer', 'expired', 'busy', 'tooMany', 'notSharing', 'cheated']) }),
};
/** Who one is before pairing, for a machine that was added by its address: answers the name. The key is in the certificate. */
export const pairNameRequest: Request<null, { name: string; fingerprint: string }> = {
  method: 'pair/name',
  params: nothing,
  result: v.object({ name: machineNameSchema, fingerprint: fingerprintSchema }),
};
