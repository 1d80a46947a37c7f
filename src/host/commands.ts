import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../engine/base/disposable.js';
import type { Logger } from '../engine/base/logger.js';
import type { EngineClient } from '../engine/client/engineClient.js';
import { copyDiagnostics } from './diagnostics.js';
import { loadModels, restartEngine, unloadModels } from './engineCommands.js';
import type { FailureHistory } from './failureHistory.js';
import { showMenu } from './menu.js';
import type { OutputLog } from './outputLog.js';
import { reportFailure } from './reportFailure.js';
import type { VscodeSettings } from './settings.js';
import type { StatusBar } from './statusBar.js';

export interface CommandDeps {
  readonly engine: EngineClient;
  readonly settings: VscodeSettings;
  readonly history: FailureHistory;
  readonly output: OutputLog;
  readonly log: Logger;
  readonly statusBar: StatusBar;
}

/** The commands of the engine; models, completion and the chat register their own. */
export function registerCommands({ engine, settings, history, output, log, statusBar }: CommandDeps): Disposable {
  const store = new DisposableStore();
  const register = (id: string, action: () => Promise<void>): void => {
    store.add(vscode.commands.registerCommand(id, () => reportFailure(log, action)));
  };
  register('seekpod.menu', () => showMenu(statusBar.facts));
  register('seekpod.loadModels', () => loadModels(engine, settings.current));
  register('seekpod.unloadModels', () => unloadModels(engine));
  register('seekpod.restartEngine', () => restartEngine(engine, settings.current));
  register('seekpod.showOutput', async () => output.show());
  register('seekpod.copyDiagnostics', () => copyDiagnostics({ engine, settings, history }));
  return store;
}
