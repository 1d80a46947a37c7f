import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../../engine/base/disposable.js';
import type { Logger } from '../../../engine/base/logger.js';
import type { ModelsActions } from '../../../engine/protocol/modelsActions.js';
import { webviewPage } from '../html.js';
import { BenchmarkController } from './benchmarkController.js';

export interface BenchmarkDeps {
  readonly extensionUri: vscode.Uri;
  readonly models: Pick<ModelsActions, 'benchmark'>;
  readonly log: Logger;
}

/** Registers the command that measures this machine. Its view is there once; to ask again shows it, and measures again when it has ended. */
export function registerBenchmark(deps: BenchmarkDeps): Disposable {
  const store = new DisposableStore();
  let open: OpenBenchmark | undefined;
  const run = (): Promise<void> => {
    if (open === undefined) {
      const opened = store.add(openBenchmark(deps, () => {
        open = undefined;
        store.release(opened);
      }));
      open = opened;
    } else {
      open.panel.reveal();
    }
    return open.controller.start();
  };
  store.add(vscode.commands.registerCommand('seekpod.benchmark', () => void run()));
  return store;
}

interface OpenBenchmark extends Disposable {
  readonly panel: vscode.WebviewPanel;
  readonly controller: BenchmarkController;
}

function openBenchmark({ extensionUri, models, log }: BenchmarkDeps, closed: () => void): OpenBenchmark {
  const store = new DisposableStore();
  const folder = vscode.Uri.joinPath(extensionUri, 'dist', 'webview', 'benchmark');
  const title = vscode.l10n.t('Benchmark This Machine');
  const panel = store.add(vscode.window.createWebviewPanel('seekpod.benchmark', title, vscode.ViewColumn.Active, { enableScripts: true, localResourceRoots: [folder] }));
  const { webview } = panel;
  const controller = store.add(
    new BenchmarkController({
      models,
      post: (message) => void webview.postMessage(message),
      onMessage: (listener) => webview.onDidReceiveMessage(listener),
      copy: async (text) => vscode.env.clipboard.writeText(text),
      log,
    }),
  );
  store.add(panel.onDidDispose(closed));
  webview.html = webviewPage({
    title,
    scriptUri: webview.asWebviewUri(vscode.Uri.joinPath(folder, 'main.js')).toString(),
    styleUri: webview.asWebviewUri(vscode.Uri.joinPath(folder, 'main.css')).toString(),
    cspSource: webview.cspSource,
    language: vscode.env.language,
    translations: vscode.l10n.bundle,
  });
  return { panel, controller, dispose: () => store.dispose() };
}
