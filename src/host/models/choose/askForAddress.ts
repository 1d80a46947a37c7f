import * as vscode from 'vscode';
import type { Role } from '../../../engine/base/errors.js';
import type { ModelOffer } from '../../../engine/protocol/modelTypes.js';
import { parseModelSource } from '../../../engine/protocol/parseModelSource.js';
import { lookAt, type LookDeps } from './lookAt.js';

/** Asks for a model that is elsewhere and looks at its header. Undefined when the user changes their mind. */
export async function askForAddress(deps: LookDeps, role: Role): Promise<ModelOffer | undefined> {
  const { endpoint } = deps.settings.current.models;
  const text = await vscode.window.showInputBox({
    title: vscode.l10n.t('A model of Hugging Face or any address'),
    prompt: vscode.l10n.t('owner/repository lists the models of a repository; owner/repository/file.gguf (and @revision) or an address names one. Of a model in parts, name the first.'),
    placeHolder: 'bartowski/DeepSeek-R1-Distill-Qwen-7B-GGUF',
    ignoreFocusOut: true,
    validateInput: (value) => (value.trim() === '' || parseModelSource(value, endpoint) !== null ? undefined : vscode.l10n.t('Write owner/repository, owner/repository/file.gguf, or an address that begins with https://.')),
  });
  const source = text === undefined ? null : parseModelSource(text, endpoint);
  return source === null ? undefined : lookAt(deps, role, source);
}
