import { parseArgs } from 'node:util';

/** What the launcher tells the daemon. */
export interface DaemonArguments {
  readonly runtimeDirectory: string;
  readonly socket: string;
  readonly logFile: string;
  /** Entry file of the worker process. */
  readonly worker: string;
  /** Log to the terminal too. */
  readonly foreground: boolean;
}

/** @throws Error when an argument is missing or unknown */
export function daemonArguments(args: readonly string[]): DaemonArguments {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { 'runtime-directory': text, socket: text, 'log-file': text, worker: text, foreground: { type: 'boolean', default: false } },
  });
  const required = (name: 'runtime-directory' | 'socket' | 'log-file' | 'worker'): string => {
    const value = values[name];
    if (value === undefined || value === '') throw new Error(`--${name} is missing`);
    return value;
  };
  return {
    runtimeDirectory: required('runtime-directory'),
    socket: required('socket'),
    logFile: required('log-file'),
    worker: required('worker'),
    foreground: values.foreground,
  };
}
