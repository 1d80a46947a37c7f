import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../engine/base/disposable.js';
import { failureOf } from '../engine/base/errors.js';
import type { Logger } from '../engine/base/logger.js';
import type { EngineClient } from '../engine/client/engineClient.js';
import { languageEnabled } from '../engine/completion/completionSettings.js';
import type { SettingsReader } from './settingsReader.js';

/**
 * Loads the completion model when the user first turns to code: an edit, a moved cursor or another editor.
 * Opening a window is no such sign, so a window that is only looked at costs nothing. A failure is in the status bar.
 */
export function warmUpOnFirstUse(engine: EngineClient, settings: SettingsReader, log: Logger): Disposable {
  const store = new DisposableStore();
  const cancel = new AbortController();
  store.add({ dispose: () => cancel.abort() });
  const listeners = store.add(new DisposableStore());

  const touched = (document: vscode.TextDocument): void => {
    const { enabled, automatic, languages } = settings.current.completion;
    const code = document.uri.scheme === 'file' || document.uri.scheme === 'untitled' || document.uri.scheme === 'vscode-remote';
    if (!enabled || !automatic || !code || !languageEnabled(languages, document.languageId)) return;
    store.release(listeners);
    engine.load('completion', cancel.signal).catch((error: unknown) => log.debug(`warming up: ${JSON.stringify(failureOf(error))}`));
  };
  listeners.add(vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
    if (contentChanges.length > 0 && document === vscode.window.activeTextEditor?.document) touched(document);
  }));
  listeners.add(vscode.window.onDidChangeTextEditorSelection(({ textEditor, kind }) => {
    if (kind !== undefined) touched(textEditor.document);
  }));
  return store;
}
