import net from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { EngineError } from '../base/errors.js';
import type { ServeParams } from '../protocol/layerServerMessages.js';
import { threadsFor, type LocalDevices } from './localDevices.js';

const host = '127.0.0.1';
const retryMs = 10;

/**
 * Resolves when the RPC server listens, which it does until the process ends; `onEnd` hears when it ends before. Fails with
 * `remoteLayersUnavailable` when it cannot listen.
 */
export async function serveDevice(local: LocalDevices, { device: name, port, threads, cacheDirectory }: ServeParams, onEnd: () => void): Promise<void> {
  const device = local.devices.find((candidate) => candidate.name === name);
  if (device === undefined) throw new EngineError({ code: 'remoteLayersUnavailable', reason: `there is no device ${name}` });
  if (await accepts(port)) throw new EngineError({ code: 'remoteLayersUnavailable', reason: `something else listens on ${host}:${port}` });
  let listening = false;
  const ended = local.rpc.startServer(`${host}:${port}`, cacheDirectory, threads === 0 ? threadsFor(local, device) : threads, [device.handle]).then(() => {
    if (listening) onEnd();
    throw new EngineError({ code: 'remoteLayersUnavailable', reason: `the server for ${name} cannot listen on ${host}:${port}` });
  });
  ended.catch(() => undefined);
  while (!(await Promise.race([accepts(port), ended]))) await Promise.race([setTimeout(retryMs), ended]);
  listening = true;
}

/** Whether somebody listens. The server takes the connection for a client that leaves at once. */
function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
