import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { systemClock } from './engine/base/clock.js';
import { DisposableStore } from './engine/base/disposable.js';
import { Logger } from './engine/base/logger.js';
import { bundledFiles } from './engine/client/bundledFiles.js';
import { connectEngine } from './engine/client/connectEngine.js';
import { registerCommands } from './host/commands.js';
import { registerCompletionCommands } from './host/completionCommands.js';
import { followSettings } from './host/followSettings.js';
import { FailureHistory } from './host/failureHistory.js';
import { registerInlineCompletion } from './host/inlineCompletionProvider.js';
import { registerModels } from './host/models/registerModels.js';
import { registerPod } from './host/pod/registerPod.js';
import { LastFocus } from './host/lastFocus.js';
import { configureLocalisation } from './host/localisation.js';
import { followStores, type TestAccess } from './host/openStores.js';
import { showNotices } from './host/notices.js';
import { OutputLog } from './host/outputLog.js';
import { VscodeSettings } from './host/settings.js';
import { StatusBar } from './host/statusBar.js';
import { warmUpOnFirstUse } from './host/warmUp.js';
import { windowFocus } from './host/windowFocus.js';
import { registerBenchmark } from './webview/host/benchmark/registerBenchmark.js';
import { type Chat, registerChat } from './webview/host/registerChat.js';

/** What `deactivate` ends, for VS Code disposes the rest without waiting until the text is on the disk. */
let chat: Chat | undefined;

/** Composes the parts and registers them. Nothing else happens here: the engine starts with the first request. */
export function activate(context: vscode.ExtensionContext): TestAccess | undefined {
  const openStores = context.extensionMode === vscode.ExtensionMode.Test ? followStores() : undefined;
  configureLocalisation();
  const store = new DisposableStore();
  context.subscriptions.push(store);

  const settings = store.add(new VscodeSettings());
  const output = store.add(new OutputLog(() => settings.current.log.level));
  const log = new Logger(output, 'window');
  const places = { bundledModel: bundledFiles(context.extensionPath).model, home: os.homedir() };
  const engine = store.add(connectEngine({ root: context.extensionPath, clientName: 'vscode', log: output, nodePath: () => settings.current.engine.nodePath }));
  const history = new FailureHistory(Date.now);

  store.add(followSettings({ engine, settings, places, history, log }));
  const lastFocus = store.add(new LastFocus(path.join(context.globalStorageUri.fsPath, 'lastFocus'), windowFocus, log));
  store.add(showNotices(engine, lastFocus, systemClock, log));
  const pod = store.add(registerPod({ engine, settings, places, log: log.child('pod'), clock: systemClock }));
  const statusBar = store.add(new StatusBar({ engine, settings, places }));
  store.add(registerModels({ models: engine.models, settings, places, context, lastFocus, offerPod: (file) => pod.offer(file), clock: systemClock, log: log.child('models') }));
  store.add(registerCommands({ engine, settings, history, output, log, statusBar }));
  store.add(registerCompletionCommands(settings));
  store.add(registerInlineCompletion({
    engine,
    settings,
    places,
    log: log.child('completion'),
    clock: systemClock,
    onOutcome: (outcome) => statusBar.completionEnded(outcome),
  }));
  chat = store.add(registerChat({ context, engine, settings, places, log: log.child('chat'), clock: systemClock }));
  store.add(registerBenchmark({ extensionUri: context.extensionUri, models: engine.models, log: log.child('benchmark') }));
  store.add(warmUpOnFirstUse(engine, settings, log.child('warmUp')));
  if (openStores === undefined) return undefined;
  return {
    openStores,
    async deactivate() {
      await deactivate();
      store.dispose();
    },
  };
}

/** Waits until open answers have ended and everything is on the disk. */
export async function deactivate(): Promise<void> {
  await chat?.close();
  chat = undefined;
}
