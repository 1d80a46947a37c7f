import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { LogRecord } from '../../src/engine/base/logger.js';
import { systemClock } from '../../src/engine/base/clock.js';
import { EngineError } from '../../src/engine/base/errors.js';
import { currentEnginePaths } from '../../src/engine/client/connectEngine.js';
import { createEngineClient } from '../../src/engine/client/daemonEngineClient.js';
import type { EngineClient } from '../../src/engine/client/engineClient.js';
import type { EngineOptions, RoleOptions } from '../../src/engine/protocol/engineTypes.js';
import type { Machine, Pairing, PodStatus, ShareOptions } from '../../src/engine/protocol/podTypes.js';
import { type Hardware, withHardware } from './hardware.js';
import type { TestMachine } from './machines.js';
import { ended, isRunning } from './processes.js';
import { calf } from './workerProcess.js';

declare const __SEEKPOD_VERSION__: string;

const cli = path.resolve('dist/cli.cjs');

/** Lends the processor to every paired machine, with as much memory as there is. */
export const shareAll: ShareOptions = { memoryLimit: 0, cpu: true, only: [], port: 0, cacheLimit: 0 };

/**
 * The daemon of one machine, run by `seekpod serve` inside its namespace, and a client of it in the test: a Unix socket reaches
 * across network namespaces.
 */
export class MachineDaemon {
  #serve: ChildProcess;
  #output = '';
  #pid = 0;
  client: EngineClient;

  /** What the daemon and its workers have logged since the client came. */
  readonly records: LogRecord[] = [];

  private constructor(readonly machine: TestMachine, private readonly hardware: Hardware) {
    this.#serve = this.#start();
    this.client = this.#connect();
  }

  /** Starts the daemon and watches the pod. */
  static async start(machine: TestMachine, hardware: Hardware = {}): Promise<MachineDaemon> {
    const started = new MachineDaemon(machine, hardware);
    await started.#greet();
    return started;
  }

  get name(): string {
    return `m${this.machine.address.split('.').at(-1)}`;
  }

  get status(): PodStatus {
    const { status } = this.client.pod;
    if (status === null) throw new Error(`${this.name} has no status`);
    return status;
  }

  get fingerprint(): string {
    const { fingerprint } = this.status.self;
    if (fingerprint === null) throw new Error(`${this.name} has no key`);
    return fingerprint;
  }

  /** What the daemon has written. */
  get output(): string {
    return this.#output;
  }

  /** Settles with the value that a status first gives; the test's own timeout bounds it. */
  async when<T>(read: (status: PodStatus) => T | null | undefined | false): Promise<T> {
    const of = (status: PodStatus | null): T | null => (status === null ? null : read(status) || null);
    const now = of(this.client.pod.status);
    if (now !== null) return now;
    return new Promise((resolve) => {
      const heard = this.client.pod.onStatus((status) => {
        const value = of(status);
        if (value === null) return;
        heard.dispose();
        resolve(value);
      });
    });
  }

  /** This machine's view of another one. */
  view(of: MachineDaemon): Machine | null {
    return this.status.machines.find(({ fingerprint }) => fingerprint === of.fingerprint) ?? null;
  }

  whenSees(other: MachineDaemon, holds: (machine: Machine) => boolean): Promise<Machine> {
    const { fingerprint } = other;
    return this.when(({ machines }) => machines.find((machine) => machine.fingerprint === fingerprint && holds(machine)));
  }

  pairing(): Promise<Pairing> {
    return this.when(({ pairings }) => pairings.find(({ state }) => state === 'compare'));
  }

  /** Finds the other machine by multicast and pairs with it; both users see the same digits and confirm. */
  async pairWith(lender: MachineDaemon): Promise<void> {
    await this.whenSees(lender, () => true);
    const paired = this.client.pod.pair(lender.fingerprint, new AbortController().signal);
    const [here, there] = await Promise.all([this.pairing(), lender.pairing()]);
    if (here.digits !== there.digits) throw new Error(`digits differ: ${here.digits} and ${there.digits}`);
    await Promise.all([this.client.pod.confirmPairing(here.id, true), lender.client.pod.confirmPairing(there.id, true)]);
    await paired;
    await this.whenSees(lender, ({ paired: done, presence, lendableBytes, link, problem }) => done && ((presence === 'connected' && lendableBytes !== null && link !== null) || problem !== null));
  }

  /** Ends the daemon as a crash does and forgets the client; `restart` brings both back. */
  async kill(): Promise<void> {
    this.client.dispose();
    process.kill(this.#pid, 'SIGKILL');
    await ended(this.#pid);
    await this.#gone();
  }

  /** The daemon hears, answers and says nothing until `thaw`. */
  freeze(): void {
    process.kill(this.#pid, 'SIGSTOP');
  }

  thaw(): void {
    process.kill(this.#pid, 'SIGCONT');
  }

  async restart(): Promise<void> {
    this.#serve = this.#start();
    this.client = this.#connect();
    await this.#greet();
  }

  /** Ends the daemon and its processes in an orderly way. */
  async stop(): Promise<void> {
    this.client.dispose();
    if (this.#serve.pid !== undefined && isRunning(this.#serve.pid)) this.#serve.kill('SIGTERM');
    await this.#gone();
  }

  #start(): ChildProcess {
    const [command = '', ...args] = [...withHardware(this.machine, this.hardware), process.execPath, cli, 'serve'];
    return this.machine.run(command, args);
  }

  async #gone(): Promise<void> {
    if (this.#serve.exitCode === null && this.#serve.signalCode === null) await once(this.#serve, 'close');
  }

  async #greet(): Promise<void> {
    const { stdout, stderr } = this.#serve;
    await new Promise<void>((resolve, reject) => {
      const read = (chunk: Buffer): void => {
        this.#output += chunk.toString();
        if (this.#output.includes('listens')) resolve();
      };
      stdout?.on('data', read);
      stderr?.on('data', read);
      this.#serve.once('exit', (code) => reject(new Error(`the daemon of ${this.name} ended with ${code}: ${this.#output}`)));
    });
    await this.client.configure(podTestOptions({}));
    this.#pid = (await this.client.diagnostics()).pid;
    await this.client.pod.rename(this.name);
    await this.client.pod.watch(true);
    await this.when(({ self }) => self.fingerprint !== null && self.name === this.name);
  }

  #connect(): EngineClient {
    return createEngineClient({
      paths: currentEnginePaths(this.machine.env),
      // One that the client started would be outside the namespace.
      launch: () => Promise.reject(new EngineError({ code: 'daemonUnavailable', reason: `the daemon of ${this.name} does not run` })),
      clientName: 'test',
      clientVersion: __SEEKPOD_VERSION__,
      log: { write: (record) => this.records.push(record) },
      clock: systemClock,
      configure: 'always',
    });
  }
}

/** A role on the processor with two threads, so that several machines fit on one. */
export function roleFor(file: string, contextSize = 512): RoleOptions {
  return { model: { ...calf, path: file, threads: 2, mmap: false }, contextSize, slots: 1 };
}

/** Chat with calf, and what the test adds. */
export function podTestOptions(change: Partial<EngineOptions>): EngineOptions {
  return { completion: null, chat: roleFor(calf.path), pod: null, memoryBudgetBytes: 0, unloadAfterMs: 0, exitAfterMs: 60_000, ...change };
}
