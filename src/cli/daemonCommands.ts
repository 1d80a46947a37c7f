import { spawn } from 'node:child_process';
import * as l10n from '@vscode/l10n';
import type { LogSink } from '../engine/base/logger.js';
import { bundledFiles } from '../engine/client/bundledFiles.js';
import { connectEngine, currentEnginePaths } from '../engine/client/connectEngine.js';
import { daemonArguments } from '../engine/client/daemonLauncher.js';
import type { EngineClient } from '../engine/client/engineClient.js';
import { isServed } from '../engine/client/socketConnector.js';
import type { RoleState } from '../engine/protocol/engineTypes.js';
import type { Terminal } from './answerPrinter.js';
import { failureWords } from './words.js';

/** Runs the daemon in this terminal until it ends; answers its exit code. */
export function serve(root: string): Promise<number> {
  const child = spawn(process.execPath, [...daemonArguments(currentEnginePaths(), bundledFiles(root)), '--foreground'], { stdio: 'inherit' });
  // Ctrl+C goes to both, a supervisor's signal to this process alone, which waits for the daemon to end.
  const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.on('SIGINT', pass);
  process.on('SIGTERM', pass);
  process.on('SIGHUP', pass);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

/** Says what the running daemon does, without starting one. */
export async function status(root: string, { out }: Terminal, log: LogSink): Promise<number> {
  return withRunning(root, out, log, async (client) => {
    const facts = await client.diagnostics();
    out.write(`${l10n.t('Engine {0}, process {1}, running for {2} s, other clients: {3}', facts.daemonVersion, facts.pid, Math.round(facts.uptimeMs / 1_000), facts.clients - 1)}\n`);
    for (const worker of facts.workers) {
      if (worker.pid !== null) out.write(`${l10n.t('Model process {0} for {1}, restarts: {2}', worker.pid, worker.roles.join(', '), worker.restarts)}\n`);
    }
    out.write(`${l10n.t('Completion: {0}', describe(facts.status.completion))}\n${l10n.t('Chat: {0}', describe(facts.status.chat))}\n`);
    return 0;
  });
}

/** Ends the running daemon unless somebody uses it. */
export async function stop(root: string, { out }: Terminal, log: LogSink): Promise<number> {
  return withRunning(root, out, log, async (client) => {
    const ended = await client.shutdown();
    out.write(`${ended ? l10n.t('The engine has ended.') : l10n.t('Other windows use the engine. Close them first.')}\n`);
    return ended ? 0 : 1;
  });
}

async function withRunning(root: string, out: Terminal['out'], log: LogSink, work: (client: EngineClient) => Promise<number>): Promise<number> {
  if (!(await isServed(currentEnginePaths().socket))) {
    out.write(`${l10n.t('The engine is not running.')}\n`);
    return 0;
  }
  const client = connectEngine({ root, clientName: 'cli', log, configure: 'ifUnset' });
  try {
    return await work(client);
  } finally {
    client.dispose();
  }
}

function describe(role: RoleState): string {
  switch (role.state) {
    case 'off':
      return l10n.t('off');
    case 'unloaded':
      return l10n.t('not loaded');
    case 'loading':
      return l10n.t('loading, {0} %', Math.round(role.progress * 100));
    case 'ready':
      return l10n.t('ready, {0}', role.model.name);
    case 'generating':
      return l10n.t('generating with {0}, {1} tokens/s', role.model.name, role.tokensPerSecond.toFixed(1));
    case 'recovering':
      return l10n.t('recovering');
    case 'error':
      return failureWords(role.failure);
  }
}
