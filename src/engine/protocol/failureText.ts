import * as l10n from '@vscode/l10n';
import { assertNever, type Failure, type FileRefusal, type LeaseRefusal, type MemoryChoice, type PairingRefusal } from '../base/errors.js';

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

/** What would make a model fit, in the user's language. */
export function memoryChoiceText(choice: MemoryChoice): string {
  switch (choice.kind) {
    case 'kvType':
      return l10n.t('a KV cache of the type {0} (seekpod.engine.kvType)', choice.kvType);
    case 'smallerContext':
      return l10n.t('a context of {0} tokens (seekpod.chat.contextSize, seekpod.completion.contextSize)', choice.contextSize);
    case 'smallerQuantization':
      return l10n.t('a smaller model or quantization ("Seekpod: Choose a Model…")');
    case 'pod':
      return l10n.t('several machines, for a chat model ("Seekpod: Run a Model on the Pod…")');
    default:
      return assertNever(choice);
  }
}

/** A failure in the user's language: what happened, why, what to do next. */
export function failureText(failure: Failure): string {
  switch (failure.code) {
    case 'modelNotFound':
      return l10n.t('There is no model file at {0}. Choose another file in the settings (seekpod.model), or clear the setting to use the bundled model.', failure.path);
    case 'modelUnreadable':
      return l10n.t('The model file {0} cannot be read: {1}. Check its permissions, or choose another file in the settings (seekpod.model).', failure.path, failure.reason);
    case 'notGguf':
      return l10n.t('{0} is not a GGUF model file. Choose a file in GGUF format in the settings (seekpod.model).', failure.path);
    case 'modelDamaged':
      return l10n.t('The model file {0} is damaged: {1}. Download it again, or choose another file.', failure.path, failure.reason);
    case 'modelTruncated':
      return l10n.t('The model file {0} is incomplete: it has {1} of {2}. Download it again.', failure.path, formatBytes(failure.actualBytes), formatBytes(failure.expectedBytes));
    case 'unsupportedArchitecture':
      return l10n.t('The model {0} has the architecture "{1}", which this version cannot run. Choose another model, or update Seekpod.', failure.path, failure.architecture);
    case 'insufficientMemory':
      return `${l10n.t('The model {0} needs {1} of memory, and {2} can be used.', failure.path, formatBytes(failure.requiredBytes), formatBytes(failure.availableBytes))} ${l10n.t('What would help: {0}.', failure.choices.map(memoryChoiceText).join('; '))}`;
    case 'memoryPressure':
      return l10n.t('The model {0} is not loaded: the system is short of memory, with {1} left. Close other programs, then try again; a smaller model or context needs less.', failure.path, formatBytes(failure.availableBytes));
    case 'loadFailed':
      return l10n.t('The model {0} could not be loaded: {1}. See the output channel "Seekpod" for details.', failure.path, failure.reason);
    case 'gpuUnavailable':
      return l10n.t('The GPU backend "{0}" cannot be used: {1}. Set seekpod.engine.gpu to "auto" or "cpu".', failure.gpu, failure.reason);
    case 'fimUnsupported':
      return l10n.t('{0} has no fill-in-the-middle tokens, so it cannot complete code. Choose a base or coder model for seekpod.model.completionPath.', failure.model);
    case 'wrongRole':
      return failure.role === 'completion'
        ? l10n.t('{0} is made for conversations and does not complete code well. Choose a base model with fill-in-the-middle for seekpod.model.completionPath ("Seekpod: Choose a Model…").', failure.model)
        : l10n.t('{0} is a base model: it continues text and does not answer questions. Choose a chat or reasoning model for seekpod.model.chatPath ("Seekpod: Choose a Model…").', failure.model);
    case 'unsupportedQuantization':
      return l10n.t('The model {0} has weights of the type {1}, which this version cannot run. Choose another quantization, or update Seekpod.', failure.path, failure.type);
    case 'loraFailed':
      return l10n.t('The LoRA adapter {0} cannot be applied: {1}. Correct or remove it in seekpod.model.lora.', failure.path, failure.reason);
    case 'roleOff':
      return failure.role === 'chat'
        ? l10n.t('Chat is turned off. Turn on seekpod.chat.enabled to use it.')
        : l10n.t('Code completion is turned off. Turn on seekpod.completion.enabled to use it.');
    case 'promptTooLong':
      return l10n.t('The message has {0} tokens, and the context has room for {1}. Shorten it, attach less, or raise seekpod.chat.contextSize.', failure.tokens, failure.limit);
    case 'cancelled':
      return l10n.t('Cancelled.');
    case 'queueFull':
      return l10n.t('Too many requests are waiting. Try again when the present ones are done.');
    case 'workerLost':
      return l10n.t('The model process ended {0} times: {1}. The text so far is kept. Try again; if it happens again, lower seekpod.engine.gpuLayers or choose a smaller model.', failure.restarts, failure.reason);
    case 'daemonUnavailable':
      return l10n.t('The engine could not be started: {0}. Run "Seekpod: Restart Engine"; the output channel "Seekpod" has the details.', failure.reason);
    case 'nodeUnavailable':
      return l10n.t('The Node program {0} that should run the engine cannot be started: {1}. Correct or clear the setting seekpod.engine.nodePath.', failure.path, failure.reason);
    case 'connectionLost':
      return l10n.t('The connection to the engine was lost. It is started again with the next request.');
    case 'versionMismatch':
      return l10n.t('An engine of version {0} is in use by another window, and this window has version {1}. Reload the other windows.', failure.daemonVersion, failure.clientVersion);
    case 'remoteLayersUnavailable':
      return l10n.t('This machine cannot use or lend layers: {0}. Everything else works. Install a package of Seekpod for this platform, or build with a C++ compiler at hand.', failure.reason);
    case 'unknownMachine':
      return l10n.t('No machine {0} is known here. Add it by its address ("Seekpod: Add a Machine…").', failure.machine);
    case 'machineUnreachable':
      return l10n.t('{0} cannot be reached: {1}. Is it on, in the same network, and sharing? "Seekpod: Pod Doctor" looks for the cause.', failure.machine, failure.reason);
    case 'notPaired':
      return l10n.t('{0} and this machine are not paired. Pair them and compare the six digits on both screens.', failure.machine);
    case 'keyChanged':
      return l10n.t('{0} answers with another key than the one it was paired with, so it may be another machine. If it was set up anew, unpair it and pair it again.', failure.machine);
    case 'pairingRefused':
      return pairingRefusalText(failure.machine, failure.reason);
    case 'differentBuild':
      return l10n.t('{0} has another build ({2}) than this machine ({1}). Install the same version of Seekpod on both.', failure.machine, failure.ours, failure.theirs);
    case 'leaseHeld':
      return l10n.t('{0} is in use by {1}. Unload the model there, or wait.', failure.machine, failure.holder);
    case 'leaseRefused':
      return leaseRefusalText(failure.machine, failure.reason);
    case 'fileRefused':
      return fileRefusalText(failure.machine, failure.reason);
    case 'noPlacement':
      return l10n.t('The model {0} needs {1} of memory, and this machine and the pod have {2} together. Add or share another machine, or choose a smaller model, quantization or context.', failure.path, formatBytes(failure.requiredBytes), formatBytes(failure.availableBytes));
    case 'podLost':
      return l10n.t('{0} left the pod ({1}), and the model does not fit on the machines that remain. The text so far is kept, and the local model answers from now on.', failure.machine, failure.reason);
    case 'podPortTaken':
      return l10n.t('This machine cannot be shared: another program uses port {0}. Choose another one in the settings (seekpod.pod.port).', failure.port);
    case 'identityUnusable':
      return l10n.t('The key of this machine in {0} cannot be used: {1}. Repair the file or restore it from a backup. Or delete it: a new key is made, and the paired machines must be paired again.', failure.path, failure.reason);
    case 'pairedListDamaged':
      return l10n.t('The list of paired machines in {0} was damaged and has been set aside as {1}. No machine is paired now: pair them again.', failure.path, failure.keptAs);
    case 'unknownModel':
      return l10n.t('There is no model {0}, neither in the catalogue nor on this machine. "seekpod models list" and the Models view show those there are.', failure.model);
    case 'modelInUse':
      return l10n.t('{0} is in use. Choose another model for its role first, or unload the models.', failure.model);
    case 'modelBundled':
      return l10n.t('{0} is part of Seekpod and stays, so that something can answer without any download. It takes no memory while it is not used.', failure.model);
    case 'licenceNotAccepted':
      return l10n.t('{0} comes with the licence {1}, which has to be read and accepted before the download.', failure.model, failure.licence);
    case 'unknownDownload':
      return l10n.t('That download is over. The Models view shows what is under way.');
    case 'serverUnreachable':
      return l10n.t('{0} cannot be reached: {1}. Check the network, the proxy (http.proxy), or set another address (seekpod.models.endpoint); what has come is kept.', failure.host, failure.reason);
    case 'serverRefused':
      return l10n.t('The server refused {0} with status {1}. Try again later, or set another address (seekpod.models.endpoint).', failure.url, failure.status);
    case 'accessDenied':
      return failure.withToken
        ? l10n.t('{0} does not let this access token have the model. Accept its conditions on the model\'s page, or set another token ("Seekpod: Set the Access Token…").', failure.host)
        : l10n.t('{0} gives the model only to those who are signed in. Set an access token ("Seekpod: Set the Access Token…", or HF_TOKEN in the terminal).', failure.host);
    case 'notOnServer':
      return l10n.t('The server has no {0}. Check the name and the revision; the file may have been renamed.', failure.url);
    case 'downloadBroken':
      return l10n.t('The download of {0} broke off: {1}. Resume it; what has come is kept.', failure.url, failure.reason);
    case 'checksumMismatch':
      return l10n.t('{0} is not the file it should be: its checksum is {1} and not {2}. It is not used. Download it again, and from another address if it happens again.', failure.path, failure.actual.slice(0, 12), failure.expected.slice(0, 12));
    case 'fileInTheWay':
      return l10n.t('There is another file at {0}, where the download should go. It is left as it is: move or rename it, then resume the download; what has come is kept.', failure.path);
    case 'notEnoughDisk':
      return l10n.t('The download needs {0} in {1}, and {2} are free. Remove models that you do not need, or choose another folder (seekpod.models.directory).', formatBytes(failure.requiredBytes), failure.path, formatBytes(failure.availableBytes));
    case 'invalidMessage':
      return l10n.t('A message ({0}) was not understood: {1}. Reload all windows so that they have the same version.', failure.method, failure.reason);
    case 'messageTooLarge':
      return l10n.t('A message of {0} is larger than the limit of {1}. Attach less text.', formatBytes(failure.bytes), formatBytes(failure.limit));
    case 'unknownMethod':
      return l10n.t('The engine does not know "{0}". Reload all windows so that they have the same version.', failure.method);
    case 'diskFull':
      return l10n.t('The disk is full, so {0} could not be written. Free some space; nothing is lost while this window stays open.', failure.path);
    case 'fileUnreadable':
      return l10n.t('The file {0} cannot be read: {1}. Check its name and its permissions.', failure.path, failure.reason);
    case 'storageFailed':
      return l10n.t('{0} could not be written: {1}. Nothing is lost while this window stays open.', failure.path, failure.reason);
    case 'internal':
      return l10n.t('Something went wrong inside Seekpod: {0}. Run "Seekpod: Copy Diagnostics" and report it.', failure.reason);
    default:
      return assertNever(failure);
  }
}

function pairingRefusalText(machine: string, reason: PairingRefusal): string {
  switch (reason) {
    case 'rejected':
      return l10n.t('The user of {0} did not confirm the pairing.', machine);
    case 'digitsDiffer':
      return l10n.t('Nothing was paired with {0}: a user did not say that the digits are equal. If they did differ, somebody may be between the machines; try again on a network that you trust.', machine);
    case 'expired':
      return l10n.t('The pairing with {0} took too long and has lapsed. Start it again, and confirm on both screens.', machine);
    case 'busy':
      return l10n.t('{0} is pairing with another machine. Try again when that is done.', machine);
    case 'tooMany':
      return l10n.t('{0} has had too many attempts to pair. Wait a minute and try again.', machine);
    case 'notSharing':
      return l10n.t('{0} is not being shared. Run "Seekpod: Share This Machine with the Pod" there, or "seekpod pod share" in a terminal.', machine);
    case 'cheated':
      return l10n.t('{0} broke the rules of pairing. Nothing was paired. It may not be the machine that it says it is.', machine);
    default:
      return assertNever(reason);
  }
}

function leaseRefusalText(machine: string, reason: LeaseRefusal): string {
  switch (reason) {
    case 'notSharing':
      return l10n.t('{0} is not being shared. Run "Seekpod: Share This Machine with the Pod" there, or "seekpod pod share" in a terminal.', machine);
    case 'notAllowed':
      return l10n.t('{0} is shared with other machines only. Add this machine to seekpod.pod.shareOnlyWith there.', machine);
    case 'noMemory':
      return l10n.t('{0} does not lend enough memory for its part. Close programs there or raise seekpod.pod.shareMemoryGb.', machine);
    case 'noDevice':
      return l10n.t('{0} has no GPU to lend. Turn on seekpod.pod.shareCpu there to lend its processor.', machine);
    case 'noLibrary':
      return l10n.t('{0} cannot lend layers: the library for it is missing there. Install a package of Seekpod for its platform.', machine);
    default:
      return assertNever(reason);
  }
}

function fileRefusalText(machine: string, reason: FileRefusal): string {
  switch (reason) {
    case 'unknownFile':
      return l10n.t('{0} no longer has the model. Resume the download: another machine or the server is asked.', machine);
    case 'notAllowed':
      return l10n.t('{0} is shared with other machines only. Add this machine to seekpod.pod.shareOnlyWith there.', machine);
    case 'busy':
      return l10n.t('{0} is giving models to too many at once. Resume the download later.', machine);
    case 'unreadable':
      return l10n.t('{0} cannot read its file of the model. Verify the model there, or resume the download: another machine or the server is asked.', machine);
    default:
      return assertNever(reason);
  }
}
