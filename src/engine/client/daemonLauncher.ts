import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import { EngineError, type Failure, isDiskFull } from '../base/errors.js';
import { ensurePrivateDirectory } from '../base/privateDirectory.js';
import { diskFullExitCode } from '../protocol/daemonMessages.js';
import type { BundledFiles } from './bundledFiles.js';
import type { EnginePaths } from './enginePaths.js';

/** A daemon process that has been started and may be listening soon. */
export interface LaunchedDaemon {
  /** Settles when the process ends: `null` after an orderly end (also when another daemon already runs), else why it failed. */
  readonly ended: Promise<Failure | null>;
}

/** @throws EngineError `daemonUnavailable`, `diskFull` */
export type DaemonLauncher = () => Promise<LaunchedDaemon>;

export interface LaunchOptions {
  readonly paths: EnginePaths;
  readonly files: BundledFiles;
  /** The Node to run; in VS Code `process.execPath` is Electron, which acts as Node when told to. */
  readonly nodePath: () => string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The command line of the daemon. */
export function daemonArguments(paths: EnginePaths, files: BundledFiles): string[] {
  const options = {
    'runtime-directory': paths.runtimeDirectory,
    socket: paths.socket,
    'log-file': paths.logFile,
    'state-directory': paths.stateDirectory,
    worker: files.worker,
    'layer-server': files.layerServer,
    'bundled-model': files.model,
  };
  return [files.daemon, ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, value])];
}

/** Starts the daemon detached, so that it outlives the window that happened to need it first. */
export function daemonLauncher({ paths, files, nodePath, env }: LaunchOptions): DaemonLauncher {
  return async () => {
    await ensurePrivateDirectory(paths.runtimeDirectory);
    await ensurePrivateDirectory(paths.stateDirectory);
    // What Node itself prints when it dies goes to the log too.
    const log = await fs.open(paths.logFile, 'a', 0o600).catch((error: Error) => {
      throw new EngineError(isDiskFull(error) ? { code: 'diskFull', path: paths.logFile } : { code: 'daemonUnavailable', reason: error.message }, { cause: error });
    });
    try {
      const node = nodePath();
      const child = spawn(node, daemonArguments(paths, files), {
        detached: true,
        // Anything else would keep the folder of the first window in use.
        cwd: paths.stateDirectory,
        // Options for the window's own Node, such as a debugger to wait for, are not meant for the daemon.
        env: { ...env, NODE_OPTIONS: undefined, ELECTRON_RUN_AS_NODE: '1' },
        stdio: ['ignore', 'ignore', log.fd],
        windowsHide: true,
      });
      const ended = new Promise<Failure | null>((resolve) => {
        child.once('error', (error) => resolve({ code: 'nodeUnavailable', path: node, reason: error.message }));
        child.once('exit', (code, signal) => {
          if (code === 0) resolve(null);
          else if (code === diskFullExitCode) resolve({ code: 'diskFull', path: paths.runtimeDirectory });
          else resolve({ code: 'daemonUnavailable', reason: `it ended with ${signal ?? `code ${code}`}, see ${paths.logFile}` });
        });
      });
      child.unref();
      return { ended };
    } finally {
      await log.close();
    }
  };
}
