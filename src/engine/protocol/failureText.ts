import * as l10n from '@vscode/l10n';
import { assertNever, type Failure, type FileRefusal, type LeaseRefusal, type PairingRefusal } from '../base/errors.js';
import { failureAdvice } from './failureAdvice.js';
import type { Surface } from './surface.js';

/** Bytes in the unit people compare with their machine's memory: `3.2 GB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1_000 && unit < units.length - 1) {
    value /= 1_000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit] ?? ''}`;
}

/** A failure in the user's language: what happened, why, what to do next where it is read. */
export function failureText(failure: Failure, surface: Surface = 'editor'): string {
  return [whatHappened(failure), failureAdvice(failure, surface)].filter((text) => text !== '').join(' ');
}

/** What happened and why, which is the same everywhere. */
function whatHappened(failure: Failure): string {
  switch (failure.code) {
    case 'modelNotFound':
      return l10n.t('There is no model file at {0}.', failure.path);
    case 'modelUnreadable':
      return l10n.t('The model file {0} cannot be read: {1}.', failure.path, failure.reason);
    case 'notGguf':
      return l10n.t('{0} is not a GGUF model file.', failure.path);
    case 'modelDamaged':
      return l10n.t('The model file {0} is damaged: {1}.', failure.path, failure.reason);
    case 'modelTruncated':
      return l10n.t('The model file {0} is incomplete: it has {1} of {2}.', failure.path, formatBytes(failure.actualBytes), formatBytes(failure.expectedBytes));
    case 'unsupportedArchitecture':
      return l10n.t('The model {0} has the architecture "{1}", which this version cannot run.', failure.path, failure.architecture);
    case 'insufficientMemory':
      return l10n.t('The model {0} needs {1} of memory, and {2} can be used.', failure.path, formatBytes(failure.requiredBytes), formatBytes(failure.availableBytes));
    case 'memoryPressure':
      return l10n.t('The model {0} is not loaded: the system is short of memory, with {1} left.', failure.path, formatBytes(failure.availableBytes));
    case 'loadFailed':
      return l10n.t('The model {0} could not be loaded: {1}.', failure.path, failure.reason);
    case 'gpuUnavailable':
      return l10n.t('The GPU backend "{0}" cannot be used: {1}.', failure.gpu, failure.reason);
    case 'fimUnsupported':
      return l10n.t('{0} has no fill-in-the-middle tokens, so it cannot complete code.', failure.model);
    case 'wrongRole':
      return failure.role === 'completion'
        ? l10n.t('{0} is made for conversations and does not complete code well.', failure.model)
        : l10n.t('{0} is a base model: it continues text and does not answer questions.', failure.model);
    case 'unsupportedQuantization':
      return l10n.t('The model {0} has weights of the type {1}, which this version cannot run.', failure.path, failure.type);
    case 'loraFailed':
      return l10n.t('The LoRA adapter {0} cannot be applied: {1}.', failure.path, failure.reason);
    case 'roleOff':
      return failure.role === 'chat' ? l10n.t('Chat is turned off.') : l10n.t('Code completion is turned off.');
    case 'promptTooLong':
      return l10n.t('The message has {0} tokens, and the context has room for {1}.', failure.tokens, failure.limit);
    case 'cancelled':
      return l10n.t('Cancelled.');
    case 'queueFull':
      return l10n.t('Too many requests are waiting.');
    case 'workerLost':
      return l10n.t('The model process ended {0} times: {1}. The text so far is kept.', failure.restarts, failure.reason);
    case 'daemonUnavailable':
      return l10n.t('The engine could not be started: {0}.', failure.reason);
    case 'nodeUnavailable':
      return l10n.t('The Node program {0} that should run the engine cannot be started: {1}.', failure.path, failure.reason);
    case 'connectionLost':
      return l10n.t('The connection to the engine was lost.');
    case 'versionMismatch':
      return l10n.t('An engine of version {0} is in use elsewhere, and this is version {1}.', failure.daemonVersion, failure.clientVersion);
    case 'remoteLayersUnavailable':
      return l10n.t('This machine cannot use or lend layers: {0}. Everything else works.', failure.reason);
    case 'unknownMachine':
      return l10n.t('No machine {0} is known here.', failure.machine);
    case 'machineUnreachable':
      return l10n.t('{0} cannot be reached: {1}.', failure.machine, failure.reason);
    case 'notPaired':
      return l10n.t('{0} and this machine are not paired.', failure.machine);
    case 'keyChanged':
      return l10n.t('{0} answers with another key than the one it was paired with, so it may be another machine.', failure.machine);
    case 'pairingRefused':
      return pairingRefusalText(failure.machine, failure.reason);
    case 'differentBuild':
      return l10n.t('{0} has another build ({2}) than this machine ({1}).', failure.machine, failure.ours, failure.theirs);
    case 'leaseHeld':
      return l10n.t('{0} is in use by {1}.', failure.machine, failure.holder);
    case 'leaseRefused':
      return leaseRefusalText(failure.machine, failure.reason);
    case 'fileRefused':
      return fileRefusalText(failure.machine, failure.reason);
    case 'noPlacement':
      return l10n.t('The model {0} needs {1} of memory, and this machine and the pod have {2} together.', failure.path, formatBytes(failure.requiredBytes), formatBytes(failure.availableBytes));
    case 'podLost':
      return l10n.t('{0} left the pod ({1}), and the model does not fit on the machines that remain.', failure.machine, failure.reason);
    case 'podPortTaken':
      return l10n.t('This machine cannot be shared: another program uses port {0}.', failure.port);
    case 'identityUnusable':
      return l10n.t('The key of this machine in {0} cannot be used: {1}.', failure.path, failure.reason);
    case 'pairedListDamaged':
      return l10n.t('The list of paired machines in {0} was damaged and has been set aside as {1}.', failure.path, failure.keptAs);
    case 'unknownModel':
      return l10n.t('There is no model {0}, neither in the catalogue nor on this machine.', failure.model);
    case 'modelInUse':
      return l10n.t('{0} is in use.', failure.model);
    case 'modelBundled':
      return l10n.t('{0} is part of Seekpod and stays, so that something can answer without any download.', failure.model);
    case 'licenceNotAccepted':
      return l10n.t('{0} comes with the licence {1}, which has to be read and accepted before the download.', failure.model, failure.licence);
    case 'unknownDownload':
      return l10n.t('That download is over.');
    case 'serverUnreachable':
      return l10n.t('{0} cannot be reached: {1}.', failure.host, failure.reason);
    case 'serverRefused':
      return l10n.t('The server refused {0} with status {1}.', failure.url, failure.status);
    case 'accessDenied':
      return failure.withToken
        ? l10n.t('{0} does not let this access token have the model.', failure.host)
        : l10n.t('{0} gives the model only to those who are signed in.', failure.host);
    case 'notOnServer':
      return l10n.t('The server has no {0}.', failure.url);
    case 'downloadBroken':
      return l10n.t('The download of {0} broke off: {1}.', failure.url, failure.reason);
    case 'checksumMismatch':
      return l10n.t('{0} is not the file it should be: its checksum is {1} and not {2}. It is not used.', failure.path, failure.actual.slice(0, 12), failure.expected.slice(0, 12));
    case 'fileInTheWay':
      return l10n.t('There is another file at {0}, where the download should go. It is left as it is.', failure.path);
    case 'notEnoughDisk':
      return l10n.t('The download needs {0} in {1}, and {2} are free.', formatBytes(failure.requiredBytes), failure.path, formatBytes(failure.availableBytes));
    case 'invalidMessage':
      return l10n.t('A message ({0}) was not understood: {1}.', failure.method, failure.reason);
    case 'messageTooLarge':
      return l10n.t('A message of {0} is larger than the limit of {1}.', formatBytes(failure.bytes), formatBytes(failure.limit));
    case 'unknownMethod':
      return l10n.t('The engine does not know "{0}".', failure.method);
    case 'diskFull':
      return l10n.t('The disk is full, so {0} could not be written.', failure.path);
    case 'fileUnreadable':
      return l10n.t('The file {0} cannot be read: {1}.', failure.path, failure.reason);
    case 'storageFailed':
      return l10n.t('{0} could not be written: {1}.', failure.path, failure.reason);
    case 'internal':
      return l10n.t('Something went wrong inside Seekpod: {0}.', failure.reason);
    default:
      return assertNever(failure);
  }
}

function pairingRefusalText(machine: string, reason: PairingRefusal): string {
  switch (reason) {
    case 'rejected':
      return l10n.t('The user of {0} did not confirm the pairing.', machine);
    case 'digitsDiffer':
      return l10n.t('Nothing was paired with {0}: a user did not say that the digits are equal.', machine);
    case 'expired':
      return l10n.t('The pairing with {0} took too long and has lapsed.', machine);
    case 'busy':
      return l10n.t('{0} is pairing with another machine.', machine);
    case 'tooMany':
      return l10n.t('{0} has had too many attempts to pair.', machine);
    case 'notSharing':
      return l10n.t('{0} is not being shared.', machine);
    case 'cheated':
      return l10n.t('{0} broke the rules of pairing. Nothing was paired.', machine);
    default:
      return assertNever(reason);
  }
}

function leaseRefusalText(machine: string, reason: LeaseRefusal): string {
  switch (reason) {
    case 'notSharing':
      return l10n.t('{0} is not being shared.', machine);
    case 'notAllowed':
      return l10n.t('{0} is shared with other machines only.', machine);
    case 'noMemory':
      return l10n.t('{0} does not lend enough memory for its part.', machine);
    case 'noDevice':
      return l10n.t('{0} has no GPU to lend.', machine);
    case 'noLibrary':
      return l10n.t('{0} cannot lend layers: the library for it is missing there.', machine);
    default:
      return assertNever(reason);
  }
}

function fileRefusalText(machine: string, reason: FileRefusal): string {
  switch (reason) {
    case 'unknownFile':
      return l10n.t('{0} no longer has the model.', machine);
    case 'notAllowed':
      return l10n.t('{0} is shared with other machines only.', machine);
    case 'busy':
      return l10n.t('{0} is giving models to too many at once.', machine);
    case 'unreadable':
      return l10n.t('{0} cannot read its file of the model.', machine);
    default:
      return assertNever(reason);
  }
}
