import * as vscode from 'vscode';
import type { Role } from '../../../engine/base/errors.js';
import type { ModelsClient } from '../../../engine/client/modelsClient.js';
import type { ModelOffer, ModelSource } from '../../../engine/protocol/modelTypes.js';
import { contextSizeOf } from '../../modelOverrides.js';
import type { SettingsReader } from '../../settingsReader.js';
import { withCancel } from '../../withCancel.js';

export interface LookDeps {
  readonly models: ModelsClient;
  readonly settings: SettingsReader;
}

/** Looks at the header of a model that is elsewhere, while a message offers to cancel. @throws EngineError */
export function lookAt({ models, settings }: LookDeps, role: Role, source: ModelSource): Promise<ModelOffer> {
  return withCancel(vscode.l10n.t('Looking at the model'), (signal) => models.inspect(source, { role, contextSize: contextSizeOf(settings.current, role, source) }, signal));
}
