import * as vscode from 'vscode';
import { DisposableStore } from '../engine/base/disposable.js';
import type { Role } from '../engine/base/errors.js';
import type { EngineClient } from '../engine/client/engineClient.js';
import type { Settings } from './settingsTable.js';

function rolesInUse(settings: Settings): Role[] {
  return (['completion', 'chat'] as const).filter((role) => settings[role].enabled);
}

/** Loads the models of both roles and shows how far it is; the user may cancel. */
export async function loadModels(engine: EngineClient, settings: Settings): Promise<void> {
  await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, cancellable: true, title: vscode.l10n.t('Loading models') },
    async (progress, token) => {
      const store = new DisposableStore();
      const cancel = new AbortController();
      try {
        store.add(token.onCancellationRequested(() => cancel.abort()));
        let shown = 0;
        store.add(
          engine.onStatus(({ completion, chat }) => {
            const parts = [completion, chat].map((state) => (state.state === 'loading' ? state.progress : state.state === 'ready' ? 1 : 0));
            const percent = Math.round((parts.reduce((sum, part) => sum + part, 0) / parts.length) * 100);
            progress.report({ increment: Math.max(0, percent - shown), message: `${percent} %` });
            shown = Math.max(shown, percent);
          }),
        );
        await Promise.all(rolesInUse(settings).map((role) => engine.load(role, cancel.signal)));
      } finally {
        store.dispose();
      }
    },
  );
}

/** Frees the memory of both models; the next request loads them again. */
export async function unloadModels(engine: EngineClient): Promise<void> {
  await Promise.all([engine.unload('completion'), engine.unload('chat')]);
}

/** Ends the model processes, and the engine itself if no other window uses it, and loads the models afresh. */
export async function restartEngine(engine: EngineClient, settings: Settings): Promise<void> {
  await unloadModels(engine);
  await engine.shutdown();
  await loadModels(engine, settings);
}
