import path from 'node:path';
import type { Clock } from '../../base/clock.js';
import type { Disposable } from '../../base/disposable.js';
import { EngineError, failureOf } from '../../base/errors.js';
import { Emitter, type Event } from '../../base/event.js';
import { inTurn } from '../../base/inTurn.js';
import type { Logger } from '../../base/logger.js';
import { clippedFailure } from '../../protocol/failureSchema.js';
import type { Download } from '../../protocol/modelTypes.js';
import { type DownloadPart, type DownloadRecord, writeDownloads } from './downloadRecord.js';
import { downloadView, RunningProgress } from './downloadView.js';
import type { InstalledRecord } from './installedModels.js';
import { isOfNetwork, LaterTries } from './laterTries.js';
import { discardDownload, receivedBytes } from './partsOnDisk.js';
import type { DownloadListener } from './runDownload.js';

export interface DownloadQueueOptions {
  /** Holds the list of downloads. */
  readonly directory: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Fetches all of a download; rejects with an `EngineError`. */
  run(record: DownloadRecord, listener: DownloadListener, signal: AbortSignal): Promise<InstalledRecord>;
  /** A download is done: it leaves the queue when this has settled. */
  done(installed: InstalledRecord): Promise<void>;
  /** Whether a file belongs to a model of the list. */
  isInstalled(file: string): boolean;
}

interface Running {
  readonly id: string;
  readonly progress: RunningProgress;
  readonly stopping: AbortController;
  readonly ended: Promise<void>;
}

/** The downloads of this machine, one at a time in the order in which they were asked for. */
export class DownloadQueue implements Disposable {
  readonly #changed = new Emitter<void>();
  readonly #inTurn = inTurn();
  readonly #received = new Map<string, number>();
  readonly #later: LaterTries;
  #records: readonly DownloadRecord[];
  #running: Running | null = null;
  #started = false;
  #disposed = false;

  readonly onChange: Event<void> = this.#changed.event;

  private constructor(private readonly options: DownloadQueueOptions, records: readonly DownloadRecord[]) {
    this.#records = records;
    this.#later = new LaterTries(options.clock, (id) => void this.#tryAgain(id));
  }

  /** Goes on with what is there when `start` is called. */
  static async open(options: DownloadQueueOptions, records: readonly DownloadRecord[]): Promise<DownloadQueue> {
    const queue = new DownloadQueue(options, records);
    for (const record of records) {
      queue.#received.set(record.id, await receivedBytes(record));
      if (record.state.state === 'failed' && record.state.again === true) queue.#later.wait(record.id);
    }
    return queue;
  }

  get records(): readonly DownloadRecord[] {
    return this.#records;
  }

  get list(): Download[] {
    return this.#records.map((record) => {
      const running = this.#running?.id === record.id ? this.#running.progress : null;
      return downloadView(record, { running, received: this.#received.get(record.id) ?? 0, againAt: this.#later.next(record.id) });
    });
  }

  /** Whether something is under way. */
  get busy(): boolean {
    return this.#running !== null || (this.#started && this.#records.some(({ state }) => state.state === 'queued'));
  }

  /** From now on downloads run. */
  start(): void {
    this.#started = true;
    this.#next();
  }

  /** @throws EngineError `diskFull`, `storageFailed` */
  async add(record: DownloadRecord): Promise<void> {
    await this.#change((records) => [...records, record]);
    this.#next();
  }

  /** @throws EngineError `unknownDownload`, `diskFull`, `storageFailed` */
  async pause(id: string): Promise<void> {
    this.#get(id);
    this.#later.forget(id);
    await this.#change((records) => withState(records, id, { state: 'paused' }));
    await this.#stop(id);
    this.#next();
  }

  /** Goes on with it, and with what the user has accepted meanwhile. @throws EngineError `unknownDownload`, `diskFull`, `storageFailed` */
  async resume(id: string, acceptedLicence: string | null = null): Promise<void> {
    if (this.#get(id).state.state === 'queued') return;
    this.#later.forget(id);
    const accepted = (record: DownloadRecord): DownloadRecord => (record.id === id ? { ...record, acceptedLicence: acceptedLicence ?? record.acceptedLicence } : record);
    await this.#change((records) => withState(records, id, { state: 'queued' }).map(accepted));
    this.#next();
  }

  /** Ends it and removes what has come. @throws EngineError `unknownDownload`, `diskFull`, `storageFailed` */
  async cancel(id: string): Promise<void> {
    this.#get(id);
    // Nothing of it may go on if this process ends now.
    await this.#change((records) => withState(records, id, { state: 'paused' }));
    await this.#stop(id);
    const record = this.#records.find((other) => other.id === id);
    if (record !== undefined) {
      await discardDownload(record, (file) => this.options.isInstalled(file) || this.#isOthers(id, file));
      await this.#forget(id);
    }
    this.#next();
  }

  dispose(): void {
    this.#disposed = true;
    this.#later.dispose();
    this.#running?.stopping.abort();
    this.#changed.dispose();
  }

  #get(id: string): DownloadRecord {
    const record = this.#records.find((other) => other.id === id);
    if (record === undefined) throw new EngineError({ code: 'unknownDownload', id });
    return record;
  }

  #isOthers(id: string, file: string): boolean {
    return this.#records.some((record) => record.id !== id && record.parts.some(({ name }) => path.join(record.folder, name) === file));
  }

  #next(): void {
    if (!this.#started || this.#disposed || this.#running !== null) return;
    const record = this.#records.find(({ state }) => state.state === 'queued');
    if (record === undefined) return;
    const stopping = new AbortController();
    const progress = new RunningProgress(this.options.clock);
    const ended = this.#run(record, progress, stopping.signal).finally(() => {
      this.#running = null;
      this.#fire();
      this.#next();
    });
    this.#running = { id: record.id, progress, stopping, ended };
    this.#fire();
  }

  /** Never rejects: what goes wrong is in the list. */
  async #run(record: DownloadRecord, progress: RunningProgress, signal: AbortSignal): Promise<void> {
    const { run, done, log } = this.options;
    try {
      const listener: DownloadListener = {
        onKnown: (parts) => this.#note(record.id, parts),
        onProgress: (now) => {
          progress.add(now);
          this.#fire();
        },
      };
      await done(await run(record, listener, signal));
      log.info(`${record.name} ${record.quantization} is here`);
      await this.#forget(record.id);
    } catch (error) {
      this.#received.set(record.id, await receivedBytes(record));
      // Whoever stopped it has said what it is now; a daemon that ends leaves it to the next one.
      if (signal.aborted) return;
      const failure = clippedFailure(failureOf(error));
      log.warn(`download of ${record.name} failed: ${failure.code}`);
      const again = isOfNetwork(error);
      if (again) this.#later.wait(record.id);
      else this.#later.forget(record.id);
      // Whoever pauses it in this moment is heeded.
      const failed = (records: readonly DownloadRecord[]): readonly DownloadRecord[] => withState(records, record.id, { state: 'failed', failure, again }, 'queued');
      await this.#change(failed).catch((reason: unknown) => {
        log.warn(`the list of downloads was not written: ${String(reason)}`);
        this.#records = failed(this.#records);
      });
      if (this.#records.find(({ id }) => id === record.id)?.state.state !== 'failed') this.#later.forget(record.id);
    }
  }

  /** So that it can be said how large it is, and the pod be asked, also when the server is not there the next time. */
  #note(id: string, parts: readonly DownloadPart[]): Promise<void> {
    return this.#change((records) => records.map((record) => (record.id === id ? { ...record, parts: [...parts] } : record))).catch((error: unknown) => {
      this.options.log.warn(`the list of downloads was not written: ${String(error)}`);
    });
  }

  async #stop(id: string): Promise<void> {
    if (this.#running?.id !== id) return;
    const { stopping, ended } = this.#running;
    stopping.abort();
    await ended;
  }

  /** Whoever has paused or cancelled it meanwhile is heeded. */
  async #tryAgain(id: string): Promise<void> {
    await this.#change((records) => withState(records, id, { state: 'queued' }, 'failed')).catch((error: unknown) => this.options.log.warn(`the list of downloads was not written: ${String(error)}`));
    this.#next();
  }

  async #forget(id: string): Promise<void> {
    this.#later.forget(id);
    await this.#change((records) => records.filter((record) => record.id !== id));
    this.#received.delete(id);
  }

  /** In effect once it is on the disk. */
  async #change(change: (records: readonly DownloadRecord[]) => readonly DownloadRecord[]): Promise<void> {
    await this.#inTurn(async () => {
      const next = change(this.#records);
      await writeDownloads(this.options.directory, next);
      this.#records = next;
    });
    this.#fire();
  }

  #fire(): void {
    if (!this.#disposed) this.#changed.fire();
  }
}

/** `from` is the state in which alone it changes; in any, if it is left out. */
function withState(records: readonly DownloadRecord[], id: string, state: DownloadRecord['state'], from?: DownloadRecord['state']['state']): readonly DownloadRecord[] {
  return records.map((record) => (record.id === id && (from ?? record.state.state) === record.state.state ? { ...record, state } : record));
}
