import os from 'node:os';
import { systemClock } from '../base/clock.js';
import type { LogSink } from '../base/logger.js';
import { bundledFiles } from './bundledFiles.js';
import { createEngineClient } from './daemonEngineClient.js';
import { daemonLauncher } from './daemonLauncher.js';
import type { EngineClient } from './engineClient.js';
import { enginePaths, type EnginePaths } from './enginePaths.js';

declare const __SEEKPOD_VERSION__: string;

export interface ConnectEngineOptions {
  /** The folder that holds `dist` and `models`. */
  readonly root: string;
  /** For the diagnostics: `vscode`, `cli` or a test's name. */
  readonly clientName: string;
  readonly log: LogSink;
  /** Another Node for the daemon and its workers, asked for at every start of a daemon; empty takes the running one. */
  readonly nodePath?: () => string;
  /** Environment of the daemon; the running process's own by default. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** See `EngineClientOptions.configure`; `always` by default. */
  readonly configure?: 'always' | 'ifUnset';
}

/** Where the daemon of the present user is, by the environment given. */
export function currentEnginePaths(env: Readonly<Record<string, string | undefined>> = process.env): EnginePaths {
  return enginePaths({
    platform: process.platform,
    env,
    temporaryDirectory: os.tmpdir(),
    homeDirectory: os.homedir(),
    // A container may run as a user that has no name.
    userName: process.platform === 'win32' ? os.userInfo().username : '',
    uid: process.getuid?.() ?? null,
  });
}

/** The engine client of a window or a terminal. Starts nothing before its first call. */
export function connectEngine(options: ConnectEngineOptions): EngineClient {
  const env = options.env ?? process.env;
  const paths = currentEnginePaths(env);
  return createEngineClient({
    paths,
    launch: daemonLauncher({ paths, files: bundledFiles(options.root), nodePath: () => options.nodePath?.() || process.execPath, env }),
    clientName: options.clientName,
    clientVersion: __SEEKPOD_VERSION__,
    log: options.log,
    clock: systemClock,
    configure: options.configure ?? 'always',
  });
}
