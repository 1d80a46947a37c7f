import type { EngineError } from '../../src/engine/base/errors.js';
import { Emitter } from '../../src/engine/base/event.js';
import type { ModelsClient } from '../../src/engine/client/modelsClient.js';
import type { BenchmarkEvent, BenchmarkRow, InstalledModel, IntendedUse, ModelOffer, ModelsStatus } from '../../src/engine/protocol/modelTypes.js';
import { someInstalled, someOffer } from './modelExamples.js';

/** The models' port with nothing behind it: remembers what it was asked, says the status that the test gives. */
export class FakeModelsClient implements ModelsClient {
  readonly calls: unknown[] = [];
  readonly #status = new Emitter<ModelsStatus | null>();
  readonly onStatus = this.#status.event;
  status: ModelsStatus | null = null;
  failure: EngineError | null = null;
  offered: ModelOffer[] = [someOffer];
  rows: BenchmarkRow[] = [];
  imported: InstalledModel = someInstalled;

  setStatus(status: ModelsStatus | null): void {
    this.status = status;
    this.#status.fire(status);
  }

  watch(on: boolean): Promise<void> {
    return this.#asked(undefined, 'watch', on);
  }
  network(options: unknown): Promise<void> {
    return this.#asked(undefined, 'network', options);
  }
  offers(use: IntendedUse): Promise<ModelOffer[]> {
    return this.#asked(this.offered, 'offers', use);
  }
  inspect(source: unknown, use: IntendedUse): Promise<ModelOffer> {
    return this.#asked(someOffer, 'inspect', source, use);
  }
  fit(path: string, use: IntendedUse): Promise<ModelOffer> {
    return this.#asked(someOffer, 'fit', path, use);
  }
  licenceText(id: string): Promise<string> {
    return this.#asked('You may use it.', 'licenceText', id);
  }
  pull(source: unknown, acceptedLicence: string | null): Promise<string> {
    return this.#asked('d1', 'pull', source, acceptedLicence);
  }
  pause(id: string): Promise<void> {
    return this.#asked(undefined, 'pause', id);
  }
  resume(id: string): Promise<void> {
    return this.#asked(undefined, 'resume', id);
  }
  cancel(id: string): Promise<void> {
    return this.#asked(undefined, 'cancel', id);
  }
  import(path: string): Promise<InstalledModel> {
    return this.#asked({ ...this.imported, path }, 'import', path);
  }
  verify(id: string, onProgress: (progress: number) => void): Promise<InstalledModel> {
    onProgress(0.5);
    return this.#asked({ ...someInstalled, id }, 'verify', id);
  }
  remove(id: string): Promise<void> {
    return this.#asked(undefined, 'remove', id);
  }
  benchmark(what: unknown, onEvent: (event: BenchmarkEvent) => void): Promise<BenchmarkRow[]> {
    for (const row of this.rows) onEvent({ kind: 'row', row });
    return this.#asked(this.rows, 'benchmark', what);
  }

  async #asked<T>(answer: T, ...call: unknown[]): Promise<T> {
    this.calls.push(call);
    if (this.failure !== null) throw this.failure;
    return answer;
  }
}
