import type { BenchmarkEvent, BenchmarkRow, InstalledModel, IntendedUse, ModelOffer, ModelSource, NetworkOptions } from './modelTypes.js';

/** What can be asked about models, the same on both sides of the daemon's wire. Every promise rejects with an `EngineError`. */
export interface ModelsActions {
  /** How to fetch from now on. */
  network(options: NetworkOptions): Promise<void>;
  /** The catalogue, judged for this machine. */
  offers(use: IntendedUse, signal: AbortSignal): Promise<ModelOffer[]>;
  /** A model elsewhere, by its header. */
  inspect(source: ModelSource, use: IntendedUse, signal: AbortSignal): Promise<ModelOffer>;
  /** A file on this machine. */
  fit(path: string, use: IntendedUse, signal: AbortSignal): Promise<ModelOffer>;
  licenceText(id: string): Promise<string>;
  /** Puts a download into the queue and answers its id; how it goes is in the status. */
  pull(source: ModelSource, acceptedLicence: string | null, signal: AbortSignal): Promise<string>;
  pause(id: string): Promise<void>;
  resume(id: string): Promise<void>;
  cancel(id: string): Promise<void>;
  import(path: string, signal: AbortSignal): Promise<InstalledModel>;
  verify(id: string, onProgress: (progress: number) => void, signal: AbortSignal): Promise<InstalledModel>;
  remove(id: string): Promise<void>;
  /** Measures installed models, all of them if none is named. */
  benchmark(what: { readonly ids: readonly string[]; readonly pod: boolean }, onEvent: (event: BenchmarkEvent) => void, signal: AbortSignal): Promise<BenchmarkRow[]>;
}
