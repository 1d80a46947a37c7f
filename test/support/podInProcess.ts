import path from 'node:path';
import { systemClock } from '../../src/engine/base/clock.js';
import { Logger, type LogRecord } from '../../src/engine/base/logger.js';
import type { SharedFile } from '../../src/engine/pod/net/files/fileLender.js';
import { forkLayerServers, type LayerServers } from '../../src/engine/pod/net/lending/layerServerProcess.js';
import { PodService } from '../../src/engine/pod/podService.js';
import type { Device, PodStatus } from '../../src/engine/protocol/podTypes.js';
import type { TestHome } from './leaks.js';
import { build, everyone, fakeLayerServer } from './lendingMachine.js';

export interface PodInProcess {
  readonly pod: PodService;
  readonly records: LogRecord[];
  readonly fingerprint: string;
  /** What it gives to paired machines, by SHA-256. */
  readonly files: Map<string, SharedFile>;
  /** Waits until the status shows something. */
  until(shows: (status: PodStatus) => boolean): Promise<PodStatus>;
  /** What is free of the main memory from now on, in bytes. */
  setFreeMemory(bytes: number): void;
}

const gpu: Device = { name: 'ok', kind: 'gpu', description: 'a test', memoryBytes: 8e9, freeBytes: 8e9, bandwidth: 1e10, layerOverhead: 1e-5 };
const processor: Device = { ...gpu, name: 'CPU', kind: 'cpu', bandwidth: 1e9 };

/** The pod of a machine that watches, with everything real but its devices: so much as the test says is free, and what is lent does not compute. */
export async function startPod(home: TestHome, name: string, kind: 'lender' | 'coordinator', { watch = true } = {}): Promise<PodInProcess> {
  const records: LogRecord[] = [];
  const log = new Logger({ write: (record) => records.push(record) }, name);
  const servers: LayerServers = { ...forkLayerServers(fakeLayerServer, log), probe: async () => ({ build, devices: kind === 'lender' ? [gpu, processor] : [processor] }) };
  let freeMemory = 8e9;
  const files = new Map<string, SharedFile>();
  const directory = path.join(home.runtimeDirectory, name);
  const pod = new PodService({ directory, version: '1.2.3', servers, clock: systemClock, log, freeMemory: () => freeMemory, totalMemory: () => 16e9, sharedFiles: (sha256) => files.get(sha256) ?? null });
  home.atEnd(async () => {
    pod.dispose();
    await pod.farewell();
  });
  const heard = new Set<() => void>();
  if (watch) {
    await pod.watch(() => heard.forEach((look) => look()));
    await pod.rename(name);
  }
  return {
    pod,
    records,
    files,
    get fingerprint() {
      return pod.status.self.fingerprint ?? '';
    },
    until: (shows) =>
      new Promise((resolve) => {
        const look = (): void => {
          const { status } = pod;
          if (!shows(status)) return;
          heard.delete(look);
          resolve(status);
        };
        heard.add(look);
        look();
      }),
    setFreeMemory: (bytes) => (freeMemory = bytes),
  };
}

/** `lender` shares, and both users confirm. */
export async function pairInProcess(asking: PodInProcess, lender: PodInProcess): Promise<void> {
  await lender.pod.share({ ...everyone, memoryLimit: 0 });
  const { sharing } = lender.pod.status;
  if (sharing.state !== 'on') throw new Error('it does not share');
  const signal = new AbortController().signal;
  const fingerprint = await asking.pod.add({ host: '127.0.0.1', port: sharing.port }, signal);
  const pairing = asking.pod.pair(fingerprint, signal);
  for (const side of [asking, lender]) {
    const { pairings } = await side.until((status) => status.pairings.length > 0);
    for (const { id } of pairings) await side.pod.confirmPairing(id, true);
  }
  await pairing;
}
