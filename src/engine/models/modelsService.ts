import path from 'node:path';
import type { Clock } from '../base/clock.js';
import { type Disposable, DisposableStore, toDisposable } from '../base/disposable.js';
import { EngineError } from '../base/errors.js';
import { inTurn } from '../base/inTurn.js';
import type { Logger } from '../base/logger.js';
import { StatusFeed } from '../base/statusFeed.js';
import type { BenchmarkEvent, BenchmarkRow, InstalledModel, IntendedUse, ModelOffer, ModelSource, ModelsStatus, NetworkOptions } from '../protocol/modelTypes.js';
import { licenceText } from './catalogue/licences.js';
import type { FileFinder } from './fetch/rangeSource.js';
import { usualNetwork } from './fetch/usualNetwork.js';
import type { BenchmarkWish } from './fit/benchmarkSubjects.js';
import type { ModelJudge } from './fit/modelJudge.js';
import type { ModelsApi } from './modelsApi.js';
import { lookElsewhere } from './offer/lookElsewhere.js';
import { fileAt, lookAtCatalogue, lookHere } from './offer/lookHere.js';
import { hashModel, withSums } from './store/checksums.js';
import { allThere, freeDiskBytes } from './store/disk.js';
import { identified } from './store/identify.js';
import { modelIdOf, readModel, withKnown } from './store/importModel.js';
import { firstFile, type InstalledModels, type InstalledPart, type InstalledRecord } from './store/installedModels.js';
import { installedView } from './store/installedView.js';
import { type ModelStore, openStore } from './store/openStore.js';
import { planDownload, sameSource } from './store/planDownload.js';
import { removeFiles } from './store/removeFiles.js';
import { runDownload } from './store/runDownload.js';

export interface ModelsServiceOptions {
  /** Holds the lists, and the downloads unless the user has named another folder. */
  readonly directory: string;
  /** The model that ships inside. */
  readonly bundledModel: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly judge: ModelJudge;
  /** The paired machines, which may have a file that is wanted. */
  readonly pod: FileFinder;
  /** Whether a model is loaded, so that its file must stay. */
  inUse(path: string): boolean;
}

/** How long downloads of an earlier daemon wait to be told how to fetch, in milliseconds. */
const networkLimitMs = 5_000;

/** The models of this machine: the list, the downloads, and what can be said of a model before it is used. */
export class ModelsService implements ModelsApi, Disposable {
  readonly #store = new DisposableStore();
  readonly #ended = new AbortController();
  readonly #feed: StatusFeed<ModelsStatus>;
  /** What changes the queue, each wholly: who asks for what somebody cancels gets a new download, and not the one that goes. */
  readonly #inTurn = inTurn();
  #opening: Promise<ModelStore> | null = null;
  #opened: ModelStore | null = null;
  #network: NetworkOptions = usualNetwork;
  #missing: ReadonlySet<string> = new Set();
  #freeDiskBytes = 0;

  constructor(private readonly options: ModelsServiceOptions) {
    this.#feed = this.#store.add(new StatusFeed(options.clock, () => this.status));
    this.#store.add(toDisposable(() => this.#ended.abort()));
  }

  /** Goes on with the downloads of an earlier daemon as soon as it is known how to fetch, or nobody has said so. */
  start(): void {
    this.#store.add(this.options.clock.setTimeout(() => void this.#startQueue(), networkLimitMs));
    this.#open().catch((error: unknown) => this.options.log.warn(`the lists of models cannot be read: ${String(error)}`));
  }

  get status(): ModelsStatus {
    const { installed, queue } = this.#opened ?? { installed: null, queue: null };
    return {
      installed: (installed?.list() ?? []).map((record) => this.#view(record)),
      downloads: queue?.list ?? [],
      directory: this.#directory,
      freeDiskBytes: this.#freeDiskBytes,
    };
  }

  get busy(): boolean {
    return this.#opened?.queue.busy ?? false;
  }

  /** The file of a model of the list that has this checksum, so that another machine may have it. */
  sharedFile(sha256: string): Pick<InstalledPart, 'path' | 'bytes'> | null {
    const parts = this.#opened?.installed.list().flatMap(({ files }) => files) ?? [];
    return parts.find(({ actual }) => actual === sha256) ?? null;
  }

  async watch(hear: (status: ModelsStatus) => void): Promise<Disposable> {
    await this.#open();
    return this.#feed.add(hear);
  }

  async look(): Promise<void> {
    const missing = new Set<string>();
    for (const { id, files } of this.#opened?.installed.list() ?? []) {
      if (!(await allThere(files))) missing.add(id);
    }
    this.#missing = missing;
    this.#freeDiskBytes = await freeDiskBytes(this.#directory);
    this.#feed.tell();
  }

  async network(options: NetworkOptions): Promise<void> {
    this.#network = options;
    await this.look();
    await this.#startQueue();
  }

  async offers(use: IntendedUse, signal: AbortSignal): Promise<ModelOffer[]> {
    const { installed } = await this.#open();
    await this.look();
    const there = installed.list().filter(({ id }) => !this.#missing.has(id));
    return this.options.judge.offers(await lookAtCatalogue(there, signal), use, signal);
  }

  async inspect(source: ModelSource, use: IntendedUse, signal: AbortSignal): Promise<ModelOffer> {
    if (source.kind === 'url' && source.url.startsWith('file:')) return this.fit(fileAt(source.url), use, signal);
    const { installed } = await this.#open();
    const here = (wanted: ModelSource): { readonly id: string; readonly path: string } | null => {
      const record = installed.list().find((other) => other.source !== null && sameSource(other.source, wanted));
      return record === undefined || this.#missing.has(record.id) ? null : { id: record.id, path: firstFile(record) };
    };
    return this.options.judge.offer(await lookElsewhere(source, this.#network, here, signal), use, signal);
  }

  async fit(file: string, use: IntendedUse, signal: AbortSignal): Promise<ModelOffer> {
    const { installed } = await this.#open();
    return this.options.judge.offer(await lookHere(file, installed.find(await modelIdOf(file)), signal), use, signal);
  }

  async licenceText(id: string): Promise<string> {
    const text = licenceText(id);
    if (text === null) throw new EngineError({ code: 'unknownModel', model: id });
    return text;
  }

  pull(source: ModelSource, acceptedLicence: string | null): Promise<string> {
    return this.#inTurn(() => this.#pull(source, acceptedLicence));
  }

  async pause(id: string): Promise<void> {
    const { queue } = await this.#open();
    await this.#inTurn(() => queue.pause(id));
    this.#feed.tell();
  }

  resume(id: string): Promise<void> {
    return this.#inTurn(() => this.#resume(id, null));
  }

  async cancel(id: string): Promise<void> {
    const { queue } = await this.#open();
    await this.#inTurn(() => queue.cancel(id));
    await this.look();
  }

  async import(file: string, signal: AbortSignal): Promise<InstalledModel> {
    const { installed } = await this.#open();
    const read = await readModel(file, 'imported', signal);
    const record = await installed.put(read, (present) => withKnown(read, present));
    await this.look();
    return this.#view(record);
  }

  async verify(id: string, onProgress: (progress: number) => void, signal: AbortSignal): Promise<InstalledModel> {
    const { installed } = await this.#open();
    const hashed = await hashModel(installed.get(id), onProgress, signal);
    const verified = await installed.change(id, (present) => identified(withSums(present, hashed)));
    this.#feed.tell();
    return this.#view(verified);
  }

  async remove(id: string): Promise<void> {
    const { installed } = await this.#open();
    const record = installed.get(id);
    const files = record.files.map((part) => part.path);
    if (record.origin === 'bundled') throw new EngineError({ code: 'modelBundled', model: record.name });
    if (record.origin === 'downloaded') {
      if (files.some((file) => this.options.inUse(file))) throw new EngineError({ code: 'modelInUse', model: record.name });
      await removeFiles(path.dirname(firstFile(record)), files);
    }
    await installed.remove(id);
    await this.look();
  }

  async benchmark(what: BenchmarkWish, onEvent: (event: BenchmarkEvent) => void, signal: AbortSignal): Promise<BenchmarkRow[]> {
    await this.#open();
    await this.look();
    return this.options.judge.benchmark(what, this.status.installed, onEvent, signal);
  }

  dispose(): void {
    this.#store.dispose();
  }

  get #directory(): string {
    return this.#network.directory ?? path.join(this.options.directory, 'files');
  }

  async #pull(source: ModelSource, acceptedLicence: string | null): Promise<string> {
    const { installed, queue } = await this.#open();
    const present = queue.records.find((record) => sameSource(record.source, source));
    if (present !== undefined) {
      await this.#resume(present.id, acceptedLicence);
      return present.id;
    }
    const record = await planDownload(source, acceptedLicence, this.#network, this.#directory, { downloads: queue.records, isOf: (file, wanted) => isOwn(installed, file, wanted) });
    await queue.add(record);
    await this.#startQueue();
    this.#feed.tell();
    return record.id;
  }

  async #resume(id: string, acceptedLicence: string | null): Promise<void> {
    await (await this.#open()).queue.resume(id, acceptedLicence);
    await this.#startQueue();
    this.#feed.tell();
  }

  #view(record: InstalledRecord): InstalledModel {
    return installedView(record, this.#missing.has(record.id));
  }

  #open(): Promise<ModelStore> {
    if (this.#store.disposed) return Promise.reject(new EngineError({ code: 'cancelled' }));
    this.#opening ??= this.#openAll().catch((error: unknown) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  async #openAll(): Promise<ModelStore> {
    const { directory, bundledModel, clock, log, pod } = this.options;
    const opened: ModelStore = await openStore(
      { directory, bundledModel, downloads: this.#directory, log },
      {
        clock,
        run: (record, listener, signal) => runDownload(record, { pod, network: () => this.#network, isOwn: (file, source) => isOwn(opened.installed, file, source) }, listener, signal),
        done: async (record) => {
          await opened.installed.put(record);
          await this.look();
        },
      },
      this.#ended.signal,
    );
    this.#store.add(opened.queue);
    for (const { onChange } of [opened.installed, opened.queue]) this.#store.add(onChange(() => this.#changed()));
    this.#opened = opened;
    return opened;
  }

  /** Nothing to do for lists that cannot be read: whoever asks for them hears why. */
  async #startQueue(): Promise<void> {
    const opened = await this.#opening?.catch(() => null);
    opened?.queue.start();
  }

  #changed(): void {
    this.#feed.follow(this.busy);
    this.#feed.ask();
  }
}

/** Whether an earlier download of a source has brought a file. */
function isOwn(installed: InstalledModels, file: string, source: ModelSource): boolean {
  const record = installed.at(file);
  return record?.origin === 'downloaded' && record.source !== null && sameSource(record.source, source);
}
