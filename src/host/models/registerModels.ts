import path from 'node:path';
import type * as vscode from 'vscode';
import type { Clock } from '../../engine/base/clock.js';
import { type Disposable, DisposableStore } from '../../engine/base/disposable.js';
import type { Logger } from '../../engine/base/logger.js';
import type { ModelsClient } from '../../engine/client/modelsClient.js';
import type { Places } from '../engineOptions.js';
import type { LastFocus } from '../lastFocus.js';
import { reportFailure } from '../reportFailure.js';
import type { SettingsReader } from '../settingsReader.js';
import { WatchedStatus } from '../watchedStatus.js';
import { showDownloads } from './downloadItem.js';
import { addDropped } from './droppedFiles.js';
import { Licences } from './licences.js';
import { ModelDownloads } from './modelDownloads.js';
import { ModelFiles } from './modelFiles.js';
import { registerModelsCommands } from './modelsCommands.js';
import { ModelsView } from './modelsView.js';
import { AccessToken } from './network/accessToken.js';
import { NetworkFollower } from './network/networkFollower.js';
import { WantedFiles } from './wantedFiles.js';

export interface ModelsDeps {
  readonly models: ModelsClient;
  readonly settings: SettingsReader;
  readonly places: Places;
  readonly context: Pick<vscode.ExtensionContext, 'secrets' | 'globalStorageUri'>;
  readonly lastFocus: LastFocus;
  /** Offers the pod for a chat model that does not fit here; answers whether that is settled. */
  readonly offerPod: (file: string) => Promise<boolean>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Composes the models' part of a window and registers its view and commands. The daemon is not started by it. */
export function registerModels({ models, settings, places, context, lastFocus, offerPod, clock, log }: ModelsDeps): Disposable {
  const store = new DisposableStore();
  const state = store.add(new WatchedStatus(models));
  const token = new AccessToken(context.secrets);
  const network = store.add(new NetworkFollower({ models, settings, places, token, clock, log }));
  const licences = store.add(new Licences(models));
  const files = new ModelFiles({ models, state, settings, places, offerPod });
  const wanted = new WantedFiles(path.join(context.globalStorageUri.fsPath, 'wantedDownloads'), log);
  const downloads = store.add(new ModelDownloads({ models, state, licences, files, network, wanted, lastFocus, clock, log }));
  store.add(new ModelsView({ state, settings, places, onDrop: (transfer) => reportFailure(log, () => addDropped(transfer, files)) }));
  store.add(showDownloads(state));
  store.add(registerModelsCommands({ models, state, files, downloads, licences, settings, places, token, network, log }));
  return store;
}
