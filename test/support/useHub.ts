import { createHash } from 'node:crypto';
import path from 'node:path';
import { fetchFile } from '../../src/engine/models/fetch/fetchFile.js';
import type { FetchProgress, FetchRequest, FetchTuning } from '../../src/engine/models/fetch/fetchRequest.js';
import { type HttpSource, httpSource } from '../../src/engine/models/fetch/httpSource.js';
import { type Network, type NetworkEnvironment, type NetworkLimits, openNetwork } from '../../src/engine/models/fetch/network.js';
import type { RangeSource } from '../../src/engine/models/fetch/rangeSource.js';
import type { NetworkOptions } from '../../src/engine/protocol/modelTypes.js';
import { seededRandom } from './ggufFixture.js';
import { type HubOptions, HubServer } from './hubServer.js';
import { HurriedClock } from './hurriedClock.js';
import type { TestHome } from './leaks.js';

/** Bytes that are the same for the same seed, and repeat nowhere. */
export function someBytes(length: number, seed = 1): Buffer {
  const random = seededRandom(seed);
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at++) bytes[at] = Math.floor(random() * 256);
  return bytes;
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A hub with one file, and somebody who downloads it without waiting between tries. */
export class HubUser {
  readonly clock = new HurriedClock();
  readonly url: string;
  readonly sha256: string;
  /** Of the last download. */
  readonly progress: FetchProgress[] = [];

  private constructor(readonly home: TestHome, readonly hub: HubServer, readonly bytes: Buffer) {
    this.sha256 = hub.put('someone/some-model', 'model.gguf', bytes);
    this.url = hub.url('someone/some-model', 'model.gguf');
  }

  static async open(home: TestHome, bytes: Buffer, options: HubOptions = {}): Promise<HubUser> {
    return new HubUser(home, await HubServer.open(home, options), bytes);
  }

  /** Closed at the end of the test. */
  network(changes: Partial<NetworkOptions> = {}, environment: NetworkEnvironment = {}): Network {
    const network = openNetwork(this.hub.network(changes), { clock: this.clock, random: () => 0.5, env: {}, ...environment, limits: { stallMs: 10_000, ...environment.limits } });
    this.home.atEnd(() => network.dispose());
    return network;
  }

  source(changes: Partial<NetworkOptions> = {}, signal = new AbortController().signal, limits: Partial<NetworkLimits> = {}): Promise<HttpSource> {
    return httpSource(this.url, this.network(changes, { limits }), signal);
  }

  get part(): string {
    return path.join(this.home.runtimeDirectory, 'model.gguf.part');
  }

  /** Downloads the file in pieces of 16 kB, over three connections. */
  async fetch(sources: RangeSource | readonly RangeSource[], changes: Partial<FetchRequest> = {}, tuning: FetchTuning = {}): Promise<{ readonly sha256: string }> {
    this.progress.length = 0;
    return fetchFile(
      { sources: [sources].flat(), part: this.part, bytes: this.bytes.length, sha256: this.sha256, onProgress: (progress) => this.progress.push(progress), signal: new AbortController().signal, ...changes },
      { clock: this.clock, random: () => 0.5, connections: 3, pieceBytes: 16_384, ...tuning },
    );
  }
}
