import * as l10n from '@vscode/l10n';
import { assertNever, type Failure } from '../base/errors.js';

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
      return l10n.t('The model {0} needs {1} of memory, and {2} can be used. Choose a smaller model or quantization, or a smaller context (seekpod.chat.contextSize, seekpod.completion.contextSize).', failure.path, formatBytes(failure.requiredBytes), formatBytes(failure.availableBytes));
    case 'loadFailed':
      return l10n.t('The model {0} could not be loaded: {1}. See the output channel "Seekpod" for details.', failure.path, failure.reason);
    case 'gpuUnavailable':
      return l10n.t('The GPU backend "{0}" cannot be used: {1}. Set seekpod.engine.gpu to "auto" or "cpu".', failure.gpu, failure.reason);
    case 'fimUnsupported':
      return l10n.t('{0} has no fill-in-the-middle tokens, so it cannot complete code. Choose a base or coder model for seekpod.model.completionPath.', failure.model);
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
