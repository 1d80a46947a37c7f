import fs from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { type Disposable, DisposableStore, toDisposable } from '../base/disposable.js';
import { type Failure, failureOf } from '../base/errors.js';
import { Emitter, type Event } from '../base/event.js';
import type { Logger } from '../base/logger.js';
import type { ProbeResult } from '../protocol/layerServerMessages.js';
import { type Build, type Device, deviceSchema } from '../protocol/podTypes.js';
import type { LayerServers } from './net/lending/layerServerProcess.js';

const cacheSchema = v.object({ key: v.string(), devices: v.array(deviceSchema) });
const cacheBytes = 1_024 * 1_024;

export interface OwnMachineOptions {
  readonly servers: LayerServers;
  /** Where the measured speeds are kept. */
  readonly directory: string;
  readonly log: Logger;
}

/**
 * What this machine has to compute with. Looking starts a process and measuring takes seconds, so both wait until somebody wants to
 * know, and what was measured is kept for as long as the build and the devices stay the same.
 */
export class OwnMachine implements Disposable {
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new Emitter<void>());
  readonly #ended = new AbortController();
  #looking: Promise<void> | null = null;
  #measuring: Promise<void> | null = null;
  #build: Build | null = null;
  #devices: readonly Device[] = [];
  #problem: Failure | null = null;

  /** Something about it has become known. */
  readonly onChange: Event<void> = this.#changed.event;

  constructor(private readonly options: OwnMachineOptions) {
    this.#store.add(toDisposable(() => this.#ended.abort()));
  }

  /** `null` while it is not known, and where there is no library for remote layers. */
  get build(): Build | null {
    return this.#build;
  }

  get devices(): readonly Device[] {
    return this.#devices;
  }

  /** Why this machine can take no part in a pod. */
  get problem(): Failure | null {
    return this.#problem;
  }

  /** Settles when build and devices are known, or are known not to be; their speeds follow. Looked at again after a failure. */
  async look(): Promise<void> {
    this.#looking ??= this.#lookOnce();
    await this.#looking;
  }

  /** Settles when the speeds are known too. */
  async measured(): Promise<void> {
    await this.look();
    await this.#measuring;
  }

  /** What the devices have free now. */
  async refresh(signal: AbortSignal): Promise<void> {
    if (this.#build === null || !this.#devices.some(({ kind }) => kind === 'gpu')) return;
    const { devices } = await this.options.servers.probe(false, signal);
    this.#devices = this.#devices.map((known) => ({ ...known, freeBytes: devices.find(({ name }) => name === known.name)?.freeBytes ?? known.freeBytes }));
    this.#changed.fire();
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #lookOnce(): Promise<void> {
    try {
      const found = await this.options.servers.probe(false, this.#ended.signal);
      this.#build = found.build;
      this.#problem = null;
      const kept = await this.#read(keyOf(found));
      this.#devices = found.devices.map((device) => {
        const same = kept.find(({ name }) => name === device.name);
        return same === undefined ? device : { ...device, bandwidth: same.bandwidth, layerOverhead: same.layerOverhead };
      });
      if (kept.length === 0) this.#measuring = this.#measure(keyOf(found));
    } catch (error) {
      if (this.#ended.signal.aborted) return;
      this.#problem = failureOf(error);
      this.#looking = null;
      this.options.log.warn(`this machine can take no part in a pod: ${JSON.stringify(this.#problem)}`);
    }
    this.#changed.fire();
  }

  async #measure(key: string): Promise<void> {
    try {
      const { devices } = await this.options.servers.probe(true, this.#ended.signal);
      this.#devices = devices;
      await fs.mkdir(this.options.directory, { recursive: true, mode: 0o700 });
      await fs.writeFile(this.#file, JSON.stringify({ key, devices }), { mode: 0o600 });
    } catch (error) {
      if (this.#ended.signal.aborted) return;
      this.options.log.warn(`the speed of this machine is not known: ${JSON.stringify(failureOf(error))}`);
    }
    this.#changed.fire();
  }

  get #file(): string {
    return path.join(this.options.directory, 'speeds.json');
  }

  /** The devices as measured before; none if the machine has changed since, or the file has. */
  async #read(key: string): Promise<readonly Device[]> {
    try {
      const text = await fs.readFile(this.#file, 'utf8');
      if (text.length > cacheBytes) return [];
      const kept = v.parse(cacheSchema, JSON.parse(text));
      return kept.key === key ? kept.devices : [];
    } catch {
      return [];
    }
  }
}

/** Speeds hold for one build and the very same devices. */
function keyOf({ build, devices }: ProbeResult): string {
  return JSON.stringify([build, devices.map(({ name, kind, description, memoryBytes }) => [name, kind, description, memoryBytes])]);
}
