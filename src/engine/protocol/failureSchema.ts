import * as v from 'valibot';
import { plainText } from '../base/plainText.js';
import type { Failure, LeaseRefusal, MemoryChoice, PairingRefusal, Role } from '../base/errors.js';

/** Longest text in a failure, in characters. */
const maxFailureText = 8_192;

/** It may come from another machine, and is shown. */
const text = v.pipe(v.string(), v.maxLength(maxFailureText), v.transform(plainText));
const count = v.pipe(v.number(), v.finite());

export const roleSchema: v.GenericSchema<unknown, Role> = v.picklist(['completion', 'chat']);

const pairingRefusal: v.GenericSchema<unknown, PairingRefusal> = v.picklist(['rejected', 'digitsDiffer', 'expired', 'busy', 'tooMany', 'notSharing', 'cheated']);
const leaseRefusal: v.GenericSchema<unknown, LeaseRefusal> = v.picklist(['notSharing', 'notAllowed', 'noMemory', 'noDevice', 'noLibrary']);

export const memoryChoiceSchema: v.GenericSchema<unknown, MemoryChoice> = v.variant('kind', [
  v.object({ kind: v.literal('kvType'), kvType: v.picklist(['q8_0', 'q4_0']) }),
  v.object({ kind: v.literal('smallerContext'), contextSize: count }),
  v.object({ kind: v.literal('smallerQuantization') }),
  v.object({ kind: v.literal('pod') }),
]);

/** A failure as it travels in the `data` of a JSON-RPC error. */
export const failureSchema: v.GenericSchema<unknown, Failure> = v.variant('code', [
  v.object({ code: v.literal('modelNotFound'), path: text }),
  v.object({ code: v.literal('modelUnreadable'), path: text, reason: text }),
  v.object({ code: v.literal('notGguf'), path: text }),
  v.object({ code: v.literal('modelDamaged'), path: text, reason: text }),
  v.object({ code: v.literal('modelTruncated'), path: text, expectedBytes: count, actualBytes: count }),
  v.object({ code: v.literal('unsupportedArchitecture'), path: text, architecture: text }),
  v.object({ code: v.literal('insufficientMemory'), path: text, requiredBytes: count, availableBytes: count, choices: v.pipe(v.array(memoryChoiceSchema), v.maxLength(16)) }),
  v.object({ code: v.literal('memoryPressure'), path: text, availableBytes: count }),
  v.object({ code: v.literal('loadFailed'), path: text, reason: text }),
  v.object({ code: v.literal('gpuUnavailable'), gpu: text, reason: text }),
  v.object({ code: v.literal('fimUnsupported'), model: text }),
  v.object({ code: v.literal('wrongRole'), model: text, role: roleSchema }),
  v.object({ code: v.literal('unsupportedQuantization'), path: text, type: text }),
  v.object({ code: v.literal('loraFailed'), path: text, reason: text }),
  v.object({ code: v.literal('roleOff'), role: roleSchema }),
  v.object({ code: v.literal('promptTooLong'), tokens: count, limit: count }),
  v.object({ code: v.literal('cancelled') }),
  v.object({ code: v.literal('queueFull'), role: roleSchema }),
  v.object({ code: v.literal('workerLost'), restarts: count, reason: text }),
  v.object({ code: v.literal('daemonUnavailable'), reason: text }),
  v.object({ code: v.literal('nodeUnavailable'), path: text, reason: text }),
  v.object({ code: v.literal('connectionLost') }),
  v.object({ code: v.literal('versionMismatch'), daemonVersion: text, clientVersion: text }),
  v.object({ code: v.literal('remoteLayersUnavailable'), reason: text }),
  v.object({ code: v.literal('unknownMachine'), machine: text }),
  v.object({ code: v.literal('machineUnreachable'), machine: text, reason: text }),
  v.object({ code: v.literal('notPaired'), machine: text }),
  v.object({ code: v.literal('keyChanged'), machine: text, expected: text, actual: text }),
  v.object({ code: v.literal('pairingRefused'), machine: text, reason: pairingRefusal }),
  v.object({ code: v.literal('differentBuild'), machine: text, ours: text, theirs: text }),
  v.object({ code: v.literal('leaseHeld'), machine: text, holder: text }),
  v.object({ code: v.literal('leaseRefused'), machine: text, reason: leaseRefusal }),
  v.object({ code: v.literal('fileRefused'), machine: text, reason: v.picklist(['unknownFile', 'notAllowed', 'busy', 'unreadable']) }),
  v.object({ code: v.literal('noPlacement'), path: text, requiredBytes: count, availableBytes: count }),
  v.object({ code: v.literal('podLost'), machine: text, reason: text }),
  v.object({ code: v.literal('podPortTaken'), port: count }),
  v.object({ code: v.literal('identityUnusable'), path: text, reason: text }),
  v.object({ code: v.literal('pairedListDamaged'), path: text, keptAs: text }),
  v.object({ code: v.literal('unknownModel'), model: text }),
  v.object({ code: v.literal('modelInUse'), model: text }),
  v.object({ code: v.literal('modelBundled'), model: text }),
  v.object({ code: v.literal('licenceNotAccepted'), model: text, licence: text }),
  v.object({ code: v.literal('unknownDownload'), id: text }),
  v.object({ code: v.literal('serverUnreachable'), host: text, reason: text }),
  v.object({ code: v.literal('serverRefused'), url: text, status: count }),
  v.object({ code: v.literal('accessDenied'), host: text, withToken: v.boolean() }),
  v.object({ code: v.literal('notOnServer'), url: text }),
  v.object({ code: v.literal('downloadBroken'), url: text, reason: text }),
  v.object({ code: v.literal('checksumMismatch'), path: text, expected: text, actual: text }),
  v.object({ code: v.literal('fileInTheWay'), path: text }),
  v.object({ code: v.literal('notEnoughDisk'), path: text, requiredBytes: count, availableBytes: count }),
  v.object({ code: v.literal('invalidMessage'), method: text, reason: text }),
  v.object({ code: v.literal('messageTooLarge'), bytes: count, limit: count }),
  v.object({ code: v.literal('unknownMethod'), method: text }),
  v.object({ code: v.literal('diskFull'), path: text }),
  v.object({ code: v.literal('fileUnreadable'), path: text, reason: text }),
  v.object({ code: v.literal('storageFailed'), path: text, reason: text }),
  v.object({ code: v.literal('internal'), reason: text }),
]);

/** Texts of a failure come from systems below and from servers: one that is longer than the schema allows could be neither told nor kept. */
export function clippedFailure(failure: Failure): Failure {
  const entries = Object.entries(failure).map(([key, value]: [string, unknown]) => [key, typeof value === 'string' ? value.slice(0, maxFailureText) : value]);
  return v.parse(failureSchema, Object.fromEntries(entries));
}
