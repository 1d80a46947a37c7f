import os from 'node:os';
import * as vscode from 'vscode';
import { type Failure, failureOf } from '../engine/base/errors.js';
import { currentEnginePaths } from '../engine/client/connectEngine.js';
import type { EngineClient } from '../engine/client/engineClient.js';
import { isServed } from '../engine/client/socketConnector.js';
import type { DaemonDiagnostics } from '../engine/protocol/daemonMessages.js';
import { diagnosticsReport } from './diagnosticsReport.js';
import type { FailureHistory } from './failureHistory.js';
import type { VscodeSettings } from './settings.js';

declare const __SEEKPOD_VERSION__: string;

export interface DiagnosticsDeps {
  readonly engine: EngineClient;
  readonly settings: VscodeSettings;
  readonly history: FailureHistory;
}

function versions(): Record<string, string> {
  return {
    Seekpod: __SEEKPOD_VERSION__,
    'VS Code': `${vscode.version} (${vscode.env.appName}, ${vscode.env.uiKind === vscode.UIKind.Web ? 'browser' : 'desktop'}${vscode.env.remoteName === undefined ? '' : `, remote ${vscode.env.remoteName}`})`,
    Node: process.versions.node,
    System: `${os.type()} ${os.release()} ${process.arch}`,
    Processor: `${os.cpus()[0]?.model.trim() ?? 'unknown'}, ${os.cpus().length} threads`,
    Memory: `${(os.totalmem() / 1e9).toFixed(1)} GB, ${(os.freemem() / 1e9).toFixed(1)} GB free`,
  };
}

/** What the engine says of itself. One that does not run is not started for that: what is asked about may be its start. */
async function engineFacts(engine: EngineClient): Promise<DaemonDiagnostics | Failure | 'not running'> {
  try {
    return (await isServed(currentEnginePaths().socket)) ? await engine.diagnostics() : 'not running';
  } catch (error) {
    return failureOf(error);
  }
}

/** Puts a report for the maintainers on the clipboard. */
export async function copyDiagnostics({ engine, settings, history }: DiagnosticsDeps): Promise<void> {
  const report = diagnosticsReport({
    versions: versions(),
    settings: settings.current,
    invalid: settings.invalid,
    engine: await engineFacts(engine),
    failures: history.failures,
    home: os.homedir(),
  });
  await vscode.env.clipboard.writeText(report);
  vscode.window.setStatusBarMessage(vscode.l10n.t('Seekpod: the diagnostics are on the clipboard.'), 5_000);
}
