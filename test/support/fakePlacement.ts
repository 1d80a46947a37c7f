import type { Failure } from '../../src/engine/base/errors.js';
import { Emitter } from '../../src/engine/base/event.js';
import type { LoadParams } from '../../src/engine/protocol/workerMessages.js';
import type { LayerPlacement, LoadSource } from '../../src/engine/runtime/layerPlacement.js';

/** In place of the pod: the test says what each start of a worker loads, and when a machine is lost. */
export class FakePlacement implements LayerPlacement {
  readonly #fallbackChanged = new Emitter<void>();
  readonly #lost = new Emitter<string>();
  readonly onFallback = this.#fallbackChanged.event;
  readonly onLost = this.#lost.event;
  fallback: Failure | null = null;
  /** What was asked and told, in order. */
  readonly calls: string[] = [];
  /** What was told about answers. */
  readonly answering: boolean[] = [];
  /** What the next starts load; the plain load with one machine when the test says nothing. */
  prepare: (load: LoadParams, signal: AbortSignal) => Promise<LoadParams> = async (load) => ({ ...load, remote: { endpoints: ['127.0.0.1:1'], gpuLayers: 1 } });

  setFallback(failure: Failure | null): void {
    this.fallback = failure;
    this.#fallbackChanged.fire();
  }

  lose(reason: string): void {
    this.#lost.fire(reason);
  }

  aim(load: LoadParams | null): void {
    this.calls.push(`aim ${load?.model.path ?? 'none'}`);
  }

  source(load: LoadParams): LoadSource {
    return {
      prepare: (signal) => {
        this.calls.push('prepare');
        return this.prepare(load, signal);
      },
      localMemory: (freeBytes) => void this.calls.push(`localMemory ${freeBytes}`),
      progress: (progress) => void this.calls.push(`progress ${progress}`),
      loaded: ({ layerDevices }) => void this.calls.push(`loaded ${layerDevices?.join() ?? 'here'}`),
      generating: (on) => void this.answering.push(on),
      ended: () => void this.calls.push('ended'),
    };
  }

  failed(failure: Failure): void {
    this.calls.push(`failed ${failure.code}`);
    this.setFallback(failure);
  }

  retry(): void {
    this.calls.push('retry');
    if (this.fallback !== null) this.setFallback(null);
  }
}
