import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { systemClock } from '../src/engine/base/clock.js';
import { DisposableStore, toDisposable, type Disposable } from '../src/engine/base/disposable.js';
import { Logger, nullLogSink } from '../src/engine/base/logger.js';
import { dialPeer } from '../src/engine/pod/net/peers/dialPeer.js';
import type { Identity } from '../src/engine/pod/net/identity/identity.js';
import { type LayerTunnel, openLayerTunnel } from '../src/engine/pod/net/tunnel/layerTunnel.js';
import { openPeerChannel } from '../src/engine/pod/net/peers/peerChannel.js';
import { heartbeatMs, leaseRequest, type PeerPurpose, pingRequest } from '../src/engine/protocol/peerMessages.js';
import type { Address } from '../src/engine/protocol/podTypes.js';
import type { ModelOptions } from '../src/engine/protocol/engineTypes.js';
import { call } from '../src/engine/protocol/wire.js';
import { LayerServer, layerServerFile } from '../test/support/layerServer.js';
import { newIdentity } from '../test/support/peers.js';
import { greedy, WorkerProcess } from '../test/support/workerProcess.js';

// Pieces of `npm run bench:pod`: the tunnel between processes as in real use, the lender's daemon apart from the coordinator's.

/** The bundle of `tunnelProcess.ts`, beside this one's; both run in the repository's root, after a build. */
const program = path.join(import.meta.dirname, 'tunnelProcess.mjs');
const log = new Logger(nullLogSink, 'bench');
const ends: Promise<unknown>[] = [];

/** Resolves when every part that was disposed is gone; only then are kept weights in order. */
export async function partsEnded(): Promise<void> {
  await Promise.all(ends.splice(0));
}

/** Starts a part and answers the first line that it prints. */
async function startPart<T>(store: DisposableStore, ...args: readonly string[]): Promise<T> {
  const child: ChildProcess = fork(program, args, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  // It ends in order, so that the weights that it kept are found again.
  store.add(toDisposable(() => child.connected && child.disconnect()));
  ends.push(child.exitCode === null ? once(child, 'exit') : Promise.resolve());
  if (child.stdout === null) throw new Error('a part has no output');
  const [line] = (await Promise.race([once(createInterface({ input: child.stdout }), 'line'), once(child, 'exit').then(() => ['null'])])) as [string];
  return JSON.parse(line) as T;
}

export interface LentTunnel extends Disposable {
  readonly tunnel: LayerTunnel;
  readonly address: Address;
}

/** A coordinator for several measurements. */
export const benchIdentity = newIdentity;

export interface LendOptions {
  /** Of the lease. */
  readonly bytes: number;
  /** A port on loopback where an RPC server listens; without it the lender starts a layer server with this machine's processor. */
  readonly target?: number;
  /** Where to dial in place of the lender: a proxy that imitates a link. */
  readonly between?: (address: Address) => Promise<Address>;
  /** Who borrows; kept weights are found by the same one alone. */
  readonly identity?: Identity;
  /** Where the lender keeps weights, for a load that finds them. */
  readonly cache?: { readonly directory: string; readonly limit: number };
}

/** A lender in a process of its own and a tunnel to it. */
export async function lendThroughTunnel({ bytes, target, between, cache, ...options }: LendOptions): Promise<LentTunnel> {
  const store = new DisposableStore();
  try {
    const identity = options.identity ?? (await newIdentity());
    const lends = target === undefined ? layerServerFile : String(target);
    const { port, fingerprint } = await startPart<{ port: number; fingerprint: string }>(store, 'lender', lends, identity.fingerprint, cache?.directory ?? os.tmpdir(), String(cache?.limit ?? 0));
    const here = { host: '127.0.0.1', port };
    const address = (await between?.(here)) ?? here;
    const dial = (purpose: PeerPurpose, signal: AbortSignal) => dialPeer({ address, purpose, identity, expected: fingerprint, signal, machine: 'bench' });
    const { socket } = await dial('control', new AbortController().signal);
    const channel = store.add(openPeerChannel(socket, log));
    channel.connection.listen();
    const beat = setInterval(() => void call(channel.connection, pingRequest, null).catch(() => undefined), heartbeatMs);
    store.add(toDisposable(() => clearInterval(beat)));
    const lease = await call(channel.connection, leaseRequest, { build: { llama: '', rpcProtocol: '' }, bytes, model: 'bench' });
    const tunnel = store.add(
      await openLayerTunnel({
        connect: (signal) => dial('layers', signal),
        token: lease.token,
        maxBytes: lease.bytes,
        onLost: (reason) => process.stderr.write(`tunnel lost: ${reason}\n`),
        clock: systemClock,
        log,
      }),
    );
    return { tunnel, address, dispose: () => store.dispose() };
  } catch (error) {
    store.dispose();
    throw error;
  }
}

export interface Transport {
  /** Bytes of tensors per second. */
  readonly throughput: number;
  /** Seconds from a small request to its answer, the median. */
  readonly latency: number;
}

/** Bytes from process to process: through a tunnel, and over loopback alone. */
export async function transport(bytes: number, requests: number): Promise<{ tunnel: Transport; loopback: Transport }> {
  const store = new DisposableStore();
  try {
    const { port } = await startPart<{ port: number }>(store, 'sink');
    const through = async (target: number): Promise<Transport> => {
      const asked = await startPart<{ seconds: number }>(store, 'asker', String(target), String(requests));
      const sent = await startPart<{ seconds: number; bytes: number }>(store, 'source', String(target), String(bytes));
      return { throughput: sent.bytes / sent.seconds, latency: asked.seconds };
    };
    const loopback = await through(port);
    const lent = store.add(await lendThroughTunnel({ bytes: 128 * 1_024 * 1_024, target: port }));
    return { loopback, tunnel: await through(Number(lent.tunnel.endpoint.split(':')[1])) };
  } finally {
    store.dispose();
  }
}

export interface LayersRate {
  /** Tokens per second. */
  readonly decode: number;
  readonly prompt: number;
  readonly loadSeconds: number;
}

/** A model on RPC servers on loopback, all layers there: the raw servers of `rawServers`, or tunnels to them. */
export async function layersRate(model: ModelOptions, endpoints: readonly string[], tokens: number): Promise<LayersRate> {
  const worker = WorkerProcess.fork();
  try {
    const start = performance.now();
    const remote = endpoints.length === 0 ? null : { endpoints: [...endpoints], gpuLayers: 10_000 };
    await worker.load({ model, completion: null, chat: { contextSize: 2_048, slots: 1 }, remote });
    const loadSeconds = (performance.now() - start) / 1_000;
    const turns = [{ role: 'user' as const, text: 'word '.repeat(500) }];
    // The first evaluation sends the graph and wakes everything.
    await worker.chat({ turns: [{ role: 'user', text: 'hello' }], maxTokens: 8, sampling: greedy, slot: 'a' });
    const { result } = await worker.chat({ turns, maxTokens: tokens, sampling: greedy, slot: 'a' });
    return { decode: result.stats.decodeTokensPerSecond, prompt: result.stats.promptTokensPerSecond, loadSeconds };
  } finally {
    await worker.stop();
  }
}

/** RPC servers on loopback without anything in between; the last one's layers come last. */
export async function rawServers(count: number, threads: number): Promise<Disposable & { readonly endpoints: readonly string[] }> {
  const servers: (LayerServer & { readonly endpoint: string })[] = [];
  for (let i = 0; i < count; i++) servers.push(await LayerServer.lending({ threads }));
  return { endpoints: servers.map(({ endpoint }) => endpoint), dispose: () => servers.forEach((server) => void server.stop()) };
}
