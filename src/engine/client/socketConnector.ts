import net from 'node:net';
import { delay } from '../base/async.js';
import type { Clock } from '../base/clock.js';
import { EngineError, type Failure } from '../base/errors.js';
import type { DaemonLauncher } from './daemonLauncher.js';

/** Long enough for a cold disk; a daemon that has not answered by then will not. */
const startLimitMs = 30_000;
const pollMs = 20;

/** Connects to a socket; `null` when nobody listens there. */
function tryConnect(path: string): Promise<net.Socket | null> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(path);
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      // From here on the JSON-RPC connection hears of errors; without any listener Node would throw.
      socket.on('error', () => undefined);
      resolve(socket);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.destroy();
      // ENOENT: no socket; ECONNREFUSED: left behind by a dead daemon; EAGAIN: too many wait there at this moment.
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED' || error.code === 'EAGAIN') resolve(null);
      else reject(new EngineError({ code: 'daemonUnavailable', reason: error.message }, { cause: error }));
    });
  });
}

/** Whether somebody answers at a socket. */
export async function isServed(path: string): Promise<boolean> {
  const socket = await tryConnect(path);
  socket?.destroy();
  return socket !== null;
}

/**
 * Connects to the daemon, starting one if nobody answers. When several clients do so at once, the lock leaves one daemon
 * and all of them reach it.
 * @throws EngineError `daemonUnavailable`, `diskFull`
 */
export async function connectOrLaunch(path: string, launch: DaemonLauncher, clock: Clock, signal: AbortSignal): Promise<net.Socket> {
  const first = await tryConnect(path);
  if (first !== null) return first;
  const deadline = clock.now() + startLimitMs;
  let ended: { readonly failure: Failure | null } | null = { failure: null };
  for (;;) {
    if (ended !== null) {
      if (ended.failure !== null) throw new EngineError(ended.failure);
      // An orderly end means that another daemon was there; should that one have ended too, this starts the next.
      ended = null;
      const daemon = await launch();
      void daemon.ended.then((failure) => (ended = { failure }));
    }
    await delay(pollMs, signal, clock);
    const socket = await tryConnect(path);
    if (socket !== null) return socket;
    if (clock.now() > deadline) throw new EngineError({ code: 'daemonUnavailable', reason: 'it did not answer in time' });
  }
}
