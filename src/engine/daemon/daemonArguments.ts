import { parseArgs } from 'node:util';

/** What the launcher tells the daemon. */
export interface DaemonArguments {
  readonly runtimeDirectory: string;
  readonly socket: string;
  readonly logFile: string;
  /** What outlives the daemon: the pod's identity and paired machines. */
  readonly stateDirectory: string;
  /** Entry file of the worker process. */
  readonly worker: string;
  /** Entry file of the process that lends a device. */
  readonly layerServer: string;
  /** The model that ships inside. */
  readonly bundledModel: string;
  /** Log to the terminal too. */
  readonly foreground: boolean;
}

/** @throws Error when an argument is missing or unknown */
export function daemonArguments(args: readonly string[]): DaemonArguments {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      'runtime-directory': text,
      socket: text,
      'log-file': text,
      'state-directory': text,
      worker: text,
      'layer-server': text,
      'bundled-model': text,
      foreground: { type: 'boolean', default: false },
    },
  });
  const required = (name: Exclude<keyof typeof values, 'foreground'>): string => {
    const value = values[name];
    if (value === undefined || value === '') throw new Error(`--${name} is missing`);
    return value;
  };
  return {
    runtimeDirectory: required('runtime-directory'),
    socket: required('socket'),
    logFile: required('log-file'),
    stateDirectory: required('state-directory'),
    worker: required('worker'),
    layerServer: required('layer-server'),
    bundledModel: required('bundled-model'),
    foreground: values.foreground,
  };
}
