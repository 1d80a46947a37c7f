import { delay } from '../base/async.js';
import type { Clock } from '../base/clock.js';
import { EngineError } from '../base/errors.js';
import type { Logger } from '../base/logger.js';
import type { HelloResult } from '../protocol/daemonMessages.js';
import type { DaemonLauncher } from './daemonLauncher.js';
import { DaemonSession } from './daemonSession.js';
import { assertPrivateDirectory } from '../base/privateDirectory.js';
import type { EnginePaths } from './enginePaths.js';
import { connectOrLaunch } from './socketConnector.js';

export interface OpenSessionOptions {
  readonly paths: EnginePaths;
  readonly launch: DaemonLauncher;
  readonly clientName: string;
  readonly clientVersion: string;
  readonly log: Logger;
  readonly clock: Clock;
}

export interface OpenedSession {
  readonly session: DaemonSession;
  readonly hello: HelloResult;
}

const helloLimitMs = 10_000;
/** An ending daemon closes its socket at once, so few are needed. */
const attempts = 20;
const retryMs = 50;

/**
 * Finds or starts the daemon and greets it. An older daemon that no other client uses is replaced by one of this version;
 * one that is in use serves this client too if it speaks the same protocol.
 * @throws EngineError `daemonUnavailable`, `diskFull`, `versionMismatch`
 */
export async function openSession(options: OpenSessionOptions, signal: AbortSignal): Promise<OpenedSession> {
  let replaced = false;
  /** Ends an older daemon, once: what is started in its place is what this installation has. */
  const replace = async (session: DaemonSession, daemonVersion: string): Promise<boolean> => {
    if (replaced || !isNewer(options.clientVersion, daemonVersion)) return false;
    replaced = await session.shutdown(signal);
    return replaced;
  };
  for (let attempt = 1; ; attempt++) {
    const socket = await connectOrLaunch(options.paths.socket, options.launch, options.clock, signal);
    const session = new DaemonSession({ input: socket, output: socket, close: () => socket.destroy() }, options.log);
    let keep = false;
    try {
      // Whoever owns the folder of the socket could be listening in the daemon's place.
      await assertPrivateDirectory(options.paths.runtimeDirectory);
      const hello = await greet(session, options, signal);
      keep = !(await replace(session, hello.daemonVersion));
      if (keep) return { session, hello };
    } catch (error) {
      if (attempt === attempts) throw error;
      if (EngineError.is(error) && error.failure.code === 'versionMismatch') {
        if (!(await replace(session, error.failure.daemonVersion))) throw error;
      } else if (!EngineError.is(error, 'connectionLost')) {
        throw error;
      }
      // A daemon that was just ending: the next attempt starts another.
    } finally {
      if (!keep) session.dispose();
    }
    options.log.info('the daemon that answered is ending; looking again');
    await delay(retryMs, signal, options.clock);
  }
}

async function greet(session: DaemonSession, { clock, clientName, clientVersion }: OpenSessionOptions, signal: AbortSignal): Promise<HelloResult> {
  let late = false;
  const timer = clock.setTimeout(() => {
    late = true;
    session.dispose();
  }, helloLimitMs);
  try {
    return await session.hello(clientName, clientVersion, signal);
  } catch (error) {
    throw late ? new EngineError({ code: 'daemonUnavailable', reason: 'it does not answer' }, { cause: error }) : error;
  } finally {
    timer.dispose();
  }
}

/** Compares dotted versions number by number. */
export function isNewer(version: string, than: string): boolean {
  return version.localeCompare(than, 'en', { numeric: true }) > 0;
}
