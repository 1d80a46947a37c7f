import * as l10n from '@vscode/l10n';
import { assertNever, type Failure, type FileRefusal, type LeaseRefusal, type MemoryChoice, type PairingRefusal } from '../base/errors.js';
import { type Surface, wordsFor } from './surface.js';

/** What to do next about a failure: settings and commands of VS Code in the editor, flags, variables and commands in a terminal. Empty where nothing is to be done. */
export function failureAdvice(failure: Failure, surface: Surface): string {
  const by = wordsFor(surface);
  switch (failure.code) {
    case 'modelNotFound':
      return by(
        l10n.t('Choose another file in the settings (seekpod.model), or clear the setting to use the bundled model.'),
        l10n.t('Check the path, or name a model that "seekpod models list" shows.'),
      );
    case 'modelUnreadable':
      return by(l10n.t('Check its permissions, or choose another file in the settings (seekpod.model).'), l10n.t('Check its permissions, or name another model.'));
    case 'notGguf':
      return by(l10n.t('Choose a file in GGUF format in the settings (seekpod.model).'), l10n.t('Name a file in GGUF format.'));
    case 'modelDamaged':
      return l10n.t('Download it again, or choose another file.');
    case 'modelTruncated':
      return l10n.t('Download it again.');
    case 'unsupportedArchitecture':
      return l10n.t('Choose another model, or update Seekpod.');
    case 'insufficientMemory':
      return failure.choices.length === 0 ? '' : l10n.t('What would help: {0}.', failure.choices.map((choice) => memoryChoiceText(choice, surface)).join('; '));
    case 'memoryPressure':
      return l10n.t('Close other programs, then try again; a smaller model or context needs less.');
    case 'loadFailed':
      return by(l10n.t('See the output channel "Seekpod" for details.'), l10n.t('For details run "seekpod stop", then "seekpod serve", and try again in another terminal.'));
    case 'gpuUnavailable':
      return by(l10n.t('Set seekpod.engine.gpu to "auto" or "cpu".'), l10n.t('It is asked for by the settings of a window of VS Code; a model that is named with --model runs on whatever there is.'));
    case 'fimUnsupported':
      return by(l10n.t('Choose a base or coder model for seekpod.model.completionPath.'), l10n.t('Take a base or coder model for completion.'));
    case 'wrongRole':
      return failure.role === 'completion'
        ? by(l10n.t('Choose a base model with fill-in-the-middle for seekpod.model.completionPath ("Seekpod: Choose a Model…").'), l10n.t('Take a base model with fill-in-the-middle; "seekpod models list" says what each is for.'))
        : by(l10n.t('Choose a chat or reasoning model for seekpod.model.chatPath ("Seekpod: Choose a Model…").'), l10n.t('Name a chat or reasoning model; "seekpod models list" says what each is for.'));
    case 'unsupportedQuantization':
      return l10n.t('Choose another quantization, or update Seekpod.');
    case 'loraFailed':
      return by(l10n.t('Correct or remove it in seekpod.model.lora.'), l10n.t('It is named in the settings of a window of VS Code: correct it there, or name a model with --model, which runs without it.'));
    case 'roleOff':
      return failure.role === 'chat'
        ? by(l10n.t('Turn on seekpod.chat.enabled to use it.'), l10n.t('It is turned off in a window of VS Code; a model that is named with --model answers nevertheless.'))
        : by(l10n.t('Turn on seekpod.completion.enabled to use it.'), l10n.t('It is turned off in a window of VS Code.'));
    case 'promptTooLong':
      return by(l10n.t('Shorten it, attach less, or raise seekpod.chat.contextSize.'), l10n.t('Shorten it, leave out a --file, or name a model with --model and a larger --context.'));
    case 'queueFull':
      return l10n.t('Try again when the present ones are done.');
    case 'workerLost':
      return by(l10n.t('Try again; if it happens again, lower seekpod.engine.gpuLayers or choose a smaller model.'), l10n.t('Try again; if it happens again, name a smaller model, or a smaller --context.'));
    case 'daemonUnavailable':
      return by(l10n.t('Run "Seekpod: Restart Engine"; the output channel "Seekpod" has the details.'), l10n.t('"seekpod serve" runs it in the terminal and shows what it says.'));
    case 'nodeUnavailable':
      return by(l10n.t('Correct or clear the setting seekpod.engine.nodePath.'), l10n.t('Run seekpod with another Node.'));
    case 'connectionLost':
      return l10n.t('It is started again with the next request.');
    case 'versionMismatch':
      return by(l10n.t('Reload the other windows.'), l10n.t('Reload or close the windows of VS Code, so that all have the same version.'));
    case 'remoteLayersUnavailable':
      return l10n.t('Install a package of Seekpod for this platform, or build with a C++ compiler at hand.');
    case 'unknownMachine':
      return by(l10n.t('Add it by its address ("Seekpod: Add a Machine…").'), l10n.t('Add it by its address ("seekpod pod add HOST:PORT").'));
    case 'machineUnreachable':
      return by(
        l10n.t('Is it on, in the same network, and sharing? "Seekpod: Pod Doctor" looks for the cause.'),
        l10n.t('Is it on, in the same network, and sharing? "seekpod pod doctor" looks for the cause.'),
      );
    case 'notPaired':
      return by(l10n.t('Pair them and compare the six digits on both screens.'), l10n.t('Pair them ("seekpod pod pair {0}") and compare the six digits on both screens.', failure.machine));
    case 'keyChanged':
      return l10n.t('If it was set up anew, unpair it and pair it again.');
    case 'pairingRefused':
      return pairingAdvice(failure.reason, surface);
    case 'differentBuild':
      return l10n.t('Install the same version of Seekpod on both.');
    case 'leaseHeld':
      return l10n.t('Unload the model there, or wait.');
    case 'leaseRefused':
      return leaseAdvice(failure.reason, surface);
    case 'fileRefused':
      return fileAdvice(failure.reason, surface);
    case 'noPlacement':
      return l10n.t('Add or share another machine, or choose a smaller model, quantization or context.');
    case 'podLost':
      return l10n.t('The text so far is kept, and the local model answers from now on.');
    case 'podPortTaken':
      return by(l10n.t('Choose another one in the settings (seekpod.pod.port).'), l10n.t('Choose another one with --port; 0 takes any free one.'));
    case 'identityUnusable':
      return l10n.t('Repair the file or restore it from a backup. Or delete it: a new key is made, and the paired machines must be paired again.');
    case 'pairedListDamaged':
      return l10n.t('No machine is paired now: pair them again.');
    case 'unknownModel':
      return by(l10n.t('The Models view shows those there are.'), l10n.t('"seekpod models list" shows those there are.'));
    case 'modelInUse':
      return by(l10n.t('Choose another model for its role first, or unload the models.'), l10n.t('Choose another model in the windows of VS Code that use it, or close them; then "seekpod stop" ends what is left of it.'));
    case 'modelBundled':
      return l10n.t('It takes no memory while it is not used.');
    case 'unknownDownload':
      return by(l10n.t('The Models view shows what is under way.'), l10n.t('"seekpod models list" shows what is under way.'));
    case 'serverUnreachable':
      return by(
        l10n.t('Check the network, the proxy (http.proxy), or set another address (seekpod.models.endpoint); what has come is kept.'),
        l10n.t('Check the network, the proxy (HTTPS_PROXY), or set another address (HF_ENDPOINT); what has come is kept.'),
      );
    case 'serverRefused':
      return by(l10n.t('Try again later, or set another address (seekpod.models.endpoint).'), l10n.t('Try again later, or set another address (HF_ENDPOINT).'));
    case 'accessDenied':
      return failure.withToken
        ? by(
            l10n.t('Accept its conditions on the model\'s page, or set another token ("Seekpod: Set the Access Token…").'),
            l10n.t('Accept its conditions on the model\'s page, or set another token in HF_TOKEN.'),
          )
        : by(l10n.t('Set an access token ("Seekpod: Set the Access Token…").'), l10n.t('Set an access token in HF_TOKEN.'));
    case 'notOnServer':
      return l10n.t('Check the name and the revision; the file may have been renamed.');
    case 'downloadBroken':
      return by(l10n.t('Resume it; what has come is kept.'), l10n.t('The same "seekpod models pull" goes on; what has come is kept.'));
    case 'checksumMismatch':
      return l10n.t('Download it again, and from another address if it happens again.');
    case 'fileInTheWay':
      return by(l10n.t('Move or rename it, then resume the download; what has come is kept.'), l10n.t('Move or rename it; the same "seekpod models pull" then goes on with what has come.'));
    case 'notEnoughDisk':
      return by(l10n.t('Remove models that you do not need, or choose another folder (seekpod.models.directory).'), l10n.t('Remove models that you do not need ("seekpod models remove").'));
    case 'invalidMessage':
    case 'unknownMethod':
      return by(l10n.t('Reload all windows so that they have the same version.'), l10n.t('Reload or close the windows of VS Code, so that all have the same version.'));
    case 'messageTooLarge':
      return l10n.t('Attach less text.');
    case 'diskFull':
      return by(l10n.t('Free some space; nothing is lost while this window stays open.'), l10n.t('Free some space, then try again.'));
    case 'fileUnreadable':
      return l10n.t('Check its name and its permissions.');
    case 'storageFailed':
      return by(l10n.t('Nothing is lost while this window stays open.'), l10n.t('Check the permissions, then try again.'));
    case 'internal':
      return by(l10n.t('Run "Seekpod: Copy Diagnostics" and report it.'), l10n.t('Report it, with what is printed where SEEKPOD_LOG_LEVEL is "debug".'));
    case 'cancelled':
    case 'licenceNotAccepted':
      return '';
    default:
      return assertNever(failure);
  }
}

/** What would make a model fit. */
function memoryChoiceText(choice: MemoryChoice, surface: Surface): string {
  const by = wordsFor(surface);
  switch (choice.kind) {
    case 'kvType':
      return by(l10n.t('a KV cache of the type {0} (seekpod.engine.kvType)', choice.kvType), l10n.t('a KV cache of the type {0} (--kv-type {0})', choice.kvType));
    case 'smallerContext':
      return by(
        l10n.t('a context of {0} tokens (seekpod.chat.contextSize, seekpod.completion.contextSize)', choice.contextSize),
        l10n.t('a context of {0} tokens (--context {0})', choice.contextSize),
      );
    case 'smallerQuantization':
      return by(l10n.t('a smaller model or quantization ("Seekpod: Choose a Model…")'), l10n.t('a smaller model or quantization ("seekpod models list" says which fit)'));
    case 'pod':
      return by(l10n.t('several machines, for a chat model ("Seekpod: Run a Model on the Pod…")'), l10n.t('several machines, for a chat model ("seekpod ask --pod", "seekpod pod run")'));
    default:
      return assertNever(choice);
  }
}

/** About a machine that is not being shared. */
export function shareAdvice(surface: Surface): string {
  return wordsFor(surface)(l10n.t('Run "Seekpod: Share This Machine with the Pod" there, or "seekpod pod share" in a terminal.'), l10n.t('Run "seekpod pod share" there.'));
}

function allowAdvice(surface: Surface): string {
  return wordsFor(surface)(l10n.t('Add this machine to seekpod.pod.shareOnlyWith there.'), l10n.t('Add this machine to those of "seekpod pod share --only" there.'));
}

function pairingAdvice(reason: PairingRefusal, surface: Surface): string {
  switch (reason) {
    case 'rejected':
      return '';
    case 'digitsDiffer':
      return l10n.t('If they did differ, somebody may be between the machines; try again on a network that you trust.');
    case 'expired':
      return l10n.t('Start it again, and confirm on both screens.');
    case 'busy':
      return l10n.t('Try again when that is done.');
    case 'tooMany':
      return l10n.t('Wait a minute and try again.');
    case 'notSharing':
      return shareAdvice(surface);
    case 'cheated':
      return l10n.t('It may not be the machine that it says it is.');
    default:
      return assertNever(reason);
  }
}

function leaseAdvice(reason: LeaseRefusal, surface: Surface): string {
  const by = wordsFor(surface);
  switch (reason) {
    case 'notSharing':
      return shareAdvice(surface);
    case 'notAllowed':
      return allowAdvice(surface);
    case 'noMemory':
      return by(l10n.t('Close programs there or raise seekpod.pod.shareMemoryGb.'), l10n.t('Close programs there or raise the --memory of "seekpod pod share".'));
    case 'noDevice':
      return by(l10n.t('Turn on seekpod.pod.shareCpu there to lend its processor.'), l10n.t('To lend its processor, share it with --cpu.'));
    case 'noLibrary':
      return l10n.t('Install a package of Seekpod for its platform.');
    default:
      return assertNever(reason);
  }
}

function fileAdvice(reason: FileRefusal, surface: Surface): string {
  const by = wordsFor(surface);
  const resume = by(l10n.t('Resume the download: another machine or the server is asked.'), l10n.t('Begin the same "seekpod models pull" again: another machine or the server is asked.'));
  switch (reason) {
    case 'unknownFile':
      return resume;
    case 'notAllowed':
      return allowAdvice(surface);
    case 'busy':
      return by(l10n.t('Resume the download later.'), l10n.t('Begin the same "seekpod models pull" again later.'));
    case 'unreadable':
      return `${l10n.t('Verify the model there.')} ${resume}`;
    default:
      return assertNever(reason);
  }
}
