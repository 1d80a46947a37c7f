// Puts lenders, links, tunnels and workers together, each in a process of its own as on real machines.
import { execFile, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const greedy = { temperature: 0, topP: 1, topK: 0, minP: 0, repeatPenalty: 1, seed: 1 };
const never = new AbortController().signal;

export class Rig {
  #children = new Set();
  #open = new Set();
  #made = 0;

  constructor({ root, bundle, pieces, place, threads }) {
    Object.assign(this, { root, bundle, pieces, place, threads });
    this.log = new pieces.Logger(pieces.nullLogSink, 'bench');
  }

  async #fork(file, argument) {
    const child = fork(path.join(import.meta.dirname, file), [JSON.stringify(argument)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#children.add(child);
    const [said] = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => Promise.reject(new Error(`${file} ended`)))]);
    return { child, said };
  }

  /** A machine that lends its processor. */
  async lender({ cache = false } = {}) {
    const token = randomBytes(32).toString('hex');
    const directory = path.join(this.place, `lender-${this.#made++}`);
    fs.mkdirSync(directory, { recursive: true });
    const layerServer = path.join(this.root, 'dist', 'layerServer.cjs');
    const { said } = await this.#fork('lender.mjs', { bundle: this.bundle, layerServer, directory, threads: this.threads, cache, token });
    return { ...said, token };
  }

  /** A link in front of a lender's TLS port. */
  async link(lender, { roundTripMs = 0, bytesPerSecond = 0 }) {
    const { said } = await this.#fork('delayProxy.mjs', { port: lender.tls, roundTripMs, bytesPerSecond });
    return { ...lender, tls: said };
  }

  /** The near end; gives the endpoint. */
  async tunnel(lender) {
    const { dialPeer, loadIdentity, openLayerTunnel, systemClock } = this.pieces;
    const identity = await (this.identity ??= loadIdentity(path.join(this.place, 'coordinator')));
    const tunnel = await openLayerTunnel({
      connect: (signal) => dialPeer({ address: { host: '127.0.0.1', port: lender.tls }, purpose: 'layers', identity, expected: lender.fingerprint, signal, machine: 'lender' }),
      token: lender.token,
      maxBytes: 2 ** 40,
      onLost: (reason) => console.error(`a tunnel was lost: ${reason}`),
      clock: systemClock,
      log: this.log,
    });
    this.#open.add(tunnel);
    return tunnel.endpoint;
  }

  /** A worker with the model on the endpoints, or here without any; with the seconds that the load took. */
  async worker(model, endpoints, { layers = 0, contextSize = 1_024 } = {}) {
    const worker = this.pieces.forkWorker(path.join(this.root, 'dist', 'worker.mjs'), () => undefined, this.log);
    this.#open.add(worker);
    const begun = performance.now();
    const options = { path: model, gpu: 'cpu', gpuLayers: 'auto', threads: endpoints.length === 0 ? this.threads : 0, batchSize: 512, mmap: false, mlock: false };
    const result = await worker.load(
      { model: options, completion: null, chat: { contextSize, slots: 1 }, remote: endpoints.length === 0 ? null : { endpoints, gpuLayers: layers + 1 } },
      () => undefined,
      never,
    );
    return { worker, result, seconds: (performance.now() - begun) / 1_000 };
  }

  close(disposable) {
    this.#open.delete(disposable);
    disposable.dispose();
  }

  /** Prompt and decode rates of one answer; `round` makes the prompt new. */
  async measure({ worker }, round, tokens) {
    const text = `${round}: ${'Explain how a queue differs from a stack, with an example in TypeScript. '.repeat(12)}`;
    const request = { slot: 'bench', turns: [{ role: 'user', text }], maxTokens: tokens, sampling: greedy };
    const { finish, stats } = await worker.generate({ role: 'chat', request }, [], () => undefined, never);
    if (finish !== 'length') throw new Error('the answer ended before it was measured');
    return { prompt: stats.promptTokensPerSecond, decode: stats.decodeTokensPerSecond };
  }

  /** Bytes per second that an RPC server takes. */
  async bulk(port, { blockBytes = 64 * 1_024 * 1_024, blocks = 24 } = {}) {
    const { stdout } = await execute(process.execPath, [path.join(import.meta.dirname, 'bulk.mjs'), JSON.stringify({ port, blockBytes, blocks })]);
    return JSON.parse(stdout);
  }

  dispose() {
    for (const disposable of this.#open) disposable.dispose();
    for (const child of this.#children) child.disconnect();
  }
}
