import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { systemClock } from '../base/clock.js';
import { toDisposable } from '../base/disposable.js';
import { isDiskFull, messageOf } from '../base/errors.js';
import { Logger, type LogRecord, type LogSink } from '../base/logger.js';
import { endWithParent } from '../base/parentWatch.js';
import { ensurePrivateDirectory } from '../base/privateDirectory.js';
import { diskFullExitCode } from '../protocol/daemonMessages.js';
import { EngineRuntime, type EngineRuntimeOptions } from '../runtime/engineRuntime.js';
import { readMemory } from '../runtime/pressure/readMemory.js';
import { forkWorker } from '../runtime/forkedWorker.js';
import { defaultRestartPolicy } from '../runtime/restartPolicy.js';
import { defaultPatience } from '../runtime/stuckWorker.js';
import { Trials } from '../runtime/trials.js';
import { composeJudge } from './composeJudge.js';
import { composeModels, realPath } from './composeModels.js';
import { composePod, measurePod } from './composePod.js';
import { type DaemonArguments, daemonArguments } from './daemonArguments.js';
import { DaemonServer } from './daemonServer.js';
import { acquireLock } from './instanceLock.js';
import { LogFile } from './logFile.js';

declare const __SEEKPOD_VERSION__: string;

/** How long a daemon that holds the lock may take until it answers. */
const startLimitMs = 3_000;

async function main(args: DaemonArguments): Promise<void> {
  await ensurePrivateDirectory(args.runtimeDirectory);
  await ensurePrivateDirectory(path.dirname(args.logFile));
  // Below this level there may be text of the user, which is for the eyes of connected clients only.
  const sinks: LogSink[] = [new LogFile(args.logFile, 'info', () => new Date())];
  if (args.foreground) {
    endWithParent();
    // A terminal that has gone is no defect: taken for one it would be logged, to the terminal that has gone, without end.
    process.stderr.on('error', () => undefined);
    sinks.push({ write: ({ level, source, message }) => void process.stderr.write(`${level} ${source}: ${message}\n`) });
  }
  const log = new Logger({ write: (record: LogRecord) => sinks.forEach((sink) => sink.write(record)) }, 'daemon');

  const outcome = await acquireLock({ file: path.join(args.runtimeDirectory, 'daemon.lock'), answers: () => answers(args.socket), startLimitMs });
  if (outcome.kind === 'running') {
    log.info(`process ${outcome.pid} is already serving; this one (${process.pid}) ends`);
    return;
  }

  const pod = composePod(args, __SEEKPOD_VERSION__, (sha256) => models.sharedFile(sha256), log);
  const engineSetup: EngineRuntimeOptions = {
    launch: (localMemory) => forkWorker(args.worker, localMemory, log),
    policy: defaultRestartPolicy,
    patience: defaultPatience,
    clock: systemClock,
    log: log.child('runtime'),
    realPath,
    placement: pod.placement,
    readMemory,
  };
  const runtime = new EngineRuntime(engineSetup);
  const trials = new Trials(engineSetup, runtime);
  measurePod(runtime, pod);
  const heldFiles = (): string[] => [...runtime.heldFiles, ...trials.heldFiles];
  const models = composeModels(args, heldFiles, composeJudge(args, pod.predictor, runtime, trials), pod.files, log);
  // However this process ends, the workers and what the pod has started must not outlive it; the workers first, since they use the pod's tunnels.
  const killChildren = toDisposable(() => {
    models.dispose();
    trials.dispose();
    runtime.dispose();
    pod.dispose();
  });
  process.once('exit', () => killChildren.dispose());

  let ending = false;
  const end = async (why: string, exitCode: number): Promise<void> => {
    if (ending) return;
    ending = true;
    log.info(`daemon ${process.pid} ends: ${why}`);
    // From now on a client that comes finds nobody and starts another daemon.
    if (await outcome.lock.held()) fs.rmSync(args.socket, { force: true });
    server.dispose();
    killChildren.dispose();
    await outcome.lock.release();
    process.exitCode = exitCode;
    // What still keeps the process, such as a client that does not close, may not do so for long.
    setTimeout(() => process.exit(), 1_000).unref();
    await pod.farewell();
  };
  const crash = (error: unknown): void => {
    log.error(`daemon failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    void end('a defect', 1);
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void end(signal, 0));

  const server = new DaemonServer({ version: __SEEKPOD_VERSION__, engine: runtime, pod, models, clock: systemClock, log, stays: args.foreground, onEnd: (why) => void end(why, 0) });
  sinks.push({ write: (record) => record.level !== 'trace' && server.broadcast(record) });
  await server.listen(args.socket);
  models.start();
  log.info(`daemon ${__SEEKPOD_VERSION__} listens, process ${process.pid}`);
  if (!(await outcome.lock.held())) await end('another daemon took its place', 0);
}

function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(socketPath);
    const settle = (value: boolean): void => {
      socket.destroy();
      resolve(value);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}

main(daemonArguments(process.argv.slice(2))).catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exit(isDiskFull(error) ? diskFullExitCode : 1);
});
