import { type Disposable, toDisposable } from '../../src/engine/base/disposable.js';
import type { ModelsApi } from '../../src/engine/models/modelsApi.js';
import type { ModelsStatus } from '../../src/engine/protocol/modelTypes.js';
import { FakeModelsClient } from './fakeModelsClient.js';
import { someModels } from './modelExamples.js';

/** In place of the daemon's models: the client's fake, as the connections of the daemon see it. */
export class FakeModels implements ModelsApi {
  readonly actions = new FakeModelsClient();
  readonly watchers = new Set<(status: ModelsStatus) => void>();
  status: ModelsStatus = someModels;
  busy = false;

  readonly network: ModelsApi['network'] = (options) => this.actions.network(options);
  readonly offers: ModelsApi['offers'] = (use) => this.actions.offers(use);
  readonly inspect: ModelsApi['inspect'] = (source, use) => this.actions.inspect(source, use);
  readonly fit: ModelsApi['fit'] = (path, use) => this.actions.fit(path, use);
  readonly licenceText: ModelsApi['licenceText'] = (id) => this.actions.licenceText(id);
  readonly pull: ModelsApi['pull'] = (source, licence) => this.actions.pull(source, licence);
  readonly pause: ModelsApi['pause'] = (id) => this.actions.pause(id);
  readonly resume: ModelsApi['resume'] = (id) => this.actions.resume(id);
  readonly cancel: ModelsApi['cancel'] = (id) => this.actions.cancel(id);
  readonly import: ModelsApi['import'] = (path) => this.actions.import(path);
  readonly verify: ModelsApi['verify'] = (id, onProgress) => this.actions.verify(id, onProgress);
  readonly remove: ModelsApi['remove'] = (id) => this.actions.remove(id);
  readonly benchmark: ModelsApi['benchmark'] = (what, onEvent) => this.actions.benchmark(what, onEvent);

  setStatus(status: ModelsStatus): void {
    this.status = status;
    for (const hear of this.watchers) hear(status);
  }

  async look(): Promise<void> {}

  async watch(hear: (status: ModelsStatus) => void): Promise<Disposable> {
    if (this.actions.failure !== null) throw this.actions.failure;
    this.watchers.add(hear);
    return toDisposable(() => this.watchers.delete(hear));
  }
}
