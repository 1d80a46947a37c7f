import * as vscode from 'vscode';
import type { Role } from '../engine/base/errors.js';
import type { EngineClient } from '../engine/client/engineClient.js';
import { percentProgress } from './percentProgress.js';
import type { Settings } from './settingsTable.js';
import { withCancel } from './withCancel.js';

function rolesInUse(settings: Settings): Role[] {
  return (['completion', 'chat'] as const).filter((role) => settings[role].enabled);
}

/** Loads the models of both roles and shows how far it is; the user may cancel. */
export async function loadModels(engine: EngineClient, settings: Settings): Promise<void> {
  await withCancel(vscode.l10n.t('Loading models'), async (signal, progress) => {
    const report = percentProgress(progress);
    const following = engine.onStatus(({ completion, chat }) => {
      const parts = [completion, chat].map((state) => (state.state === 'loading' ? state.progress : state.state === 'ready' ? 1 : 0));
      report(parts.reduce((sum, part) => sum + part, 0) / parts.length);
    });
    await Promise.all(rolesInUse(settings).map((role) => engine.load(role, signal))).finally(() => following.dispose());
  });
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
