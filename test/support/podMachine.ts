import fs from 'node:fs';
import path from 'node:path';
import type { LogRecord } from '../../src/engine/base/logger.js';
import { connectEngine, currentEnginePaths } from '../../src/engine/client/connectEngine.js';
import type { EngineClient } from '../../src/engine/client/engineClient.js';
import type { EngineOptions, RoleOptions } from '../../src/engine/protocol/engineTypes.js';
import type { Machine, PodStatus, ShareOptions } from '../../src/engine/protocol/podTypes.js';
import type { TestHome } from './leaks.js';
import { calf } from './workerProcess.js';

export const lendCpu: ShareOptions = { memoryLimit: 0, cpu: true, only: [], port: 0, cacheLimit: 0 };
export const calfRole: RoleOptions = { model: calf, contextSize: 2_048, slots: 1 };
/** Calf on the pod and, unless said otherwise, calf here in its place. */
export const podOptions = (change: Partial<EngineOptions> = {}): EngineOptions => ({
  completion: null,
  chat: calfRole,
  pod: calfRole,
  unloadAfterMs: 0,
  memoryBudgetBytes: 0,
  exitAfterMs: 200,
  ...change,
});

/** A machine of a pod: a daemon of its own with its own state, and a client that watches it. All of them are on this one machine. */
export class PodMachine {
  private constructor(
    readonly name: string,
    readonly client: EngineClient,
    readonly records: LogRecord[],
    readonly env: Readonly<Record<string, string | undefined>>,
  ) {}

  static async start(home: TestHome, name: string, { watch = true } = {}): Promise<PodMachine> {
    const directory = path.join(home.runtimeDirectory, name);
    fs.mkdirSync(directory, { mode: 0o700 });
    const env = { ...home.env, SEEKPOD_RUNTIME_DIR: directory, SEEKPOD_STATE_DIR: path.join(directory, 'state') };
    const records: LogRecord[] = [];
    const client = connectEngine({ root: path.resolve('.'), clientName: 'test', log: { write: (record) => records.push(record) }, env });
    home.atEnd(() => client.dispose());
    await client.configure(podOptions({ chat: null, pod: null }));
    keepSpeeds(home, path.join(env.SEEKPOD_STATE_DIR, 'pod'));
    if (watch) {
      await client.pod.watch(true);
      await client.pod.rename(name);
    }
    return new PodMachine(name, client, records, env);
  }

  get status(): PodStatus {
    const { status } = this.client.pod;
    if (status === null) throw new Error(`${this.name} says no status`);
    return status;
  }

  get fingerprint(): string {
    return this.status.self.fingerprint ?? '';
  }

  get logFile(): string {
    return currentEnginePaths(this.env).logFile;
  }

  machine(other: PodMachine): Machine | undefined {
    return this.status.machines.find(({ fingerprint }) => fingerprint === other.fingerprint);
  }

  /** Waits until the status shows something; mocha's limit ends a test in which it never does. */
  until(shows: (status: PodStatus) => boolean): Promise<PodStatus> {
    return new Promise((resolve) => {
      const look = (): void => {
        const { status } = this.client.pod;
        if (status === null || !shows(status)) return;
        subscription.dispose();
        resolve(status);
      };
      const subscription = this.client.pod.onStatus(look);
      look();
    });
  }

  async share(options: Partial<ShareOptions> = {}): Promise<number> {
    await this.client.pod.share({ ...lendCpu, ...options });
    const { sharing } = await this.until((status) => status.sharing.state === 'on');
    return sharing.state === 'on' ? sharing.port : 0;
  }
}

/** Both users press Pair and find the digits equal. */
export async function pair(asking: PodMachine, asked: PodMachine, port: number): Promise<void> {
  const signal = new AbortController().signal;
  await asking.client.pod.add({ host: '127.0.0.1', port }, signal);
  const pairing = asking.client.pod.pair(asked.fingerprint, signal);
  const shown = await Promise.all([asking, asked].map(async (machine) => (await machine.until(({ pairings }) => pairings.length > 0)).pairings[0]));
  const [here, there] = shown;
  if (here === undefined || there === undefined || here.digits !== there.digits) throw new Error('the digits differ');
  await Promise.all([asking.client.pod.confirmPairing(here.id, true), asked.client.pod.confirmPairing(there.id, true)]);
  await pairing;
}

let speeds: string | null = null;

/** All these machines are this one: measured once, the speeds are there for the next ones. */
function keepSpeeds(home: TestHome, directory: string): void {
  const file = path.join(directory, 'speeds.json');
  if (speeds !== null) {
    fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
    fs.writeFileSync(file, speeds);
  }
  home.atEnd(() => {
    if (fs.existsSync(file)) speeds = fs.readFileSync(file, 'utf8');
  });
}
