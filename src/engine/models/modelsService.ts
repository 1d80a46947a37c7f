import path from 'node:path';
import type { Clock } from '../base/clock.js';
import { type Disposable, DisposableStore, toDisposable } from '../base/disposable.js';
import { EngineError } from '../base/errors.js';
import type { Logger } from '../base/logger.js';
import { StatusFeed } from '../base/statusFeed.js';
import type { BenchmarkEvent, BenchmarkRow, InstalledModel, ModelOffer, ModelsStatus, NetworkOptions } from '../protocol/modelTypes.js';
import type { BenchmarkWish } from './fit/benchmarkSubjects.js';
import type { ModelJudge } from './fit/modelJudge.js';
import type { ModelsApi } from './modelsApi.js';
import { allThere, freeDiskBytes } from './store/disk.js';
import { readModel } from './store/importModel.js';
import { firstFile, InstalledModels, type InstalledRecord } from './store/installedModels.js';
import { deleteFiles } from './store/removeModel.js';
import { checksumOf, verifyModel } from './store/verifyModel.js';

export interface ModelsServiceOptions {
  /** Holds the lists, and the downloads unless the user has named another folder. */
  readonly directory: string;
  /** The model that ships inside. */
  readonly bundledModel: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly judge: ModelJudge;
  /** Whether a model is loaded, so that its file must stay. */
  inUse(path: string): boolean;
}

/** What is there once somebody needs it. */
interface Opened {
  readonly installed: InstalledModels;
}

/** The models of this machine: the list, the downloads, and what can be said of a model before it is used. */
export class ModelsService implements ModelsApi, Disposable {
  readonly #store = new DisposableStore();
  readonly #ended = new AbortController();
  readonly #feed: StatusFeed<ModelsStatus>;
  #opening: Promise<Opened> | null = null;
  #opened: Opened | null = null;
  #network: NetworkOptions | null = null;
  #missing: ReadonlySet<string> = new Set();
  #freeDiskBytes = 0;

  constructor(private readonly options: ModelsServiceOptions) {
    this.#feed = this.#store.add(new StatusFeed(options.clock, () => this.status));
    this.#store.add(toDisposable(() => this.#ended.abort()));
  }

  get status(): ModelsStatus {
    const installed = this.#opened?.installed.list() ?? [];
    return { installed: installed.map((record) => this.#view(record)), downloads: [], directory: this.#directory, freeDiskBytes: this.#freeDiskBytes };
  }

  get busy(): boolean {
    return false;
  }

  async watch(hear: (status: ModelsStatus) => void): Promise<Disposable> {
    await this.#open();
    await this.#look();
    return this.#feed.add(hear);
  }

  async network(options: NetworkOptions): Promise<void> {
    this.#network = options;
    await this.#look();
    this.#feed.ask();
  }

  async offers(): Promise<ModelOffer[]> {
    return [];
  }
  async inspect(): Promise<ModelOffer> {
    throw new EngineError({ code: 'unknownModel', model: '' });
  }
  async fit(): Promise<ModelOffer> {
    throw new EngineError({ code: 'unknownModel', model: '' });
  }
  async licenceText(): Promise<string> {
    throw new EngineError({ code: 'unknownModel', model: '' });
  }
  async pull(): Promise<string> {
    throw new EngineError({ code: 'unknownModel', model: '' });
  }
  async pause(id: string): Promise<void> {
    throw new EngineError({ code: 'unknownDownload', id });
  }
  async resume(id: string): Promise<void> {
    throw new EngineError({ code: 'unknownDownload', id });
  }
  async cancel(id: string): Promise<void> {
    throw new EngineError({ code: 'unknownDownload', id });
  }

  async import(file: string, signal: AbortSignal): Promise<InstalledModel> {
    const { installed } = await this.#open();
    const read = await readModel(file, 'imported', signal);
    const present = installed.list().find(({ id }) => id === read.id);
    const record = present === undefined ? read : withKnown(read, present);
    await installed.put(record);
    await this.#look();
    return this.#view(record);
  }

  async verify(id: string, onProgress: (progress: number) => void, signal: AbortSignal): Promise<InstalledModel> {
    const { installed } = await this.#open();
    const verified = await verifyModel(installed.get(id), onProgress, signal);
    await installed.put(verified);
    return this.#view(verified);
  }

  async remove(id: string): Promise<void> {
    const { installed } = await this.#open();
    const record = installed.get(id);
    if (record.origin === 'bundled') throw new EngineError({ code: 'modelBundled', model: record.name });
    if (record.files.some(({ path: file }) => this.options.inUse(file))) throw new EngineError({ code: 'modelInUse', model: record.name });
    if (record.origin === 'downloaded') await deleteFiles(record);
    await installed.remove(id);
    await this.#look();
  }

  async benchmark(what: BenchmarkWish, onEvent: (event: BenchmarkEvent) => void, signal: AbortSignal): Promise<BenchmarkRow[]> {
    await this.#open();
    await this.#look();
    return this.options.judge.benchmark(what, this.status.installed, onEvent, signal);
  }

  dispose(): void {
    this.#store.dispose();
  }

  get #directory(): string {
    return this.#network?.directory ?? path.join(this.options.directory, 'files');
  }

  #view({ files, ...record }: InstalledRecord): InstalledModel {
    const bytes = files.reduce((sum, part) => sum + part.bytes, 0);
    return { ...record, path: firstFile({ files, ...record }), bytes, parts: files.length, missing: this.#missing.has(record.id) };
  }

  #open(): Promise<Opened> {
    if (this.#store.disposed) throw new EngineError({ code: 'cancelled' });
    this.#opening ??= this.#openAll().catch((error: unknown) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  async #openAll(): Promise<Opened> {
    const { directory, log } = this.options;
    const installed = await InstalledModels.open(directory, await this.#bundled());
    if (installed.damagedKeptAs !== null) log.warn(`the list of installed models was damaged and is now ${installed.damagedKeptAs}`);
    this.#store.add(installed.onChange(() => this.#feed.ask()));
    this.#opened = { installed };
    return this.#opened;
  }

  async #bundled(): Promise<InstalledRecord | null> {
    try {
      return await readModel(this.options.bundledModel, 'bundled', this.#ended.signal);
    } catch (error) {
      this.options.log.warn(`the bundled model is not listed: ${String(error)}`);
      return null;
    }
  }

  /** Which files are still there, and how much room is left. */
  async #look(): Promise<void> {
    const missing = new Set<string>();
    for (const { id, files } of this.#opened?.installed.list() ?? []) {
      if (!(await allThere(files))) missing.add(id);
    }
    this.#missing = missing;
    this.#freeDiskBytes = await freeDiskBytes(this.#directory);
    this.#feed.ask();
  }
}

/** What was read now, with what is known from before of the same file. */
function withKnown(read: InstalledRecord, present: InstalledRecord): InstalledRecord {
  const files = read.files.map((part) => {
    const before = present.files.find(({ path: file, bytes }) => file === part.path && bytes === part.bytes);
    return before ?? part;
  });
  return { ...read, name: present.name, origin: present.origin, source: present.source, files, checksum: checksumOf(files) };
}
