import { assertNever, failureOf } from '../../../engine/base/errors.js';
import { type Disposable, DisposableStore, toDisposable } from '../../../engine/base/disposable.js';
import type { Event } from '../../../engine/base/event.js';
import type { Logger } from '../../../engine/base/logger.js';
import { benchmarkMarkdown } from '../../../engine/protocol/benchmarkText.js';
import type { ModelsActions } from '../../../engine/protocol/modelsActions.js';
import type { BenchmarkEvent } from '../../../engine/protocol/modelTypes.js';
import { type BenchmarkHostMessage, type BenchmarkState, parseBenchmarkViewMessage } from '../../benchmarkProtocol.js';

export interface BenchmarkPorts {
  readonly models: Pick<ModelsActions, 'benchmark'>;
  /** The page, as long as it is there. */
  post(message: BenchmarkHostMessage): void;
  readonly onMessage: Event<unknown>;
  copy(text: string): Promise<void>;
  readonly log: Logger;
}

/** One open view of the benchmark: measures, and keeps its page up to date. Disposing ends what is being measured. */
export class BenchmarkController implements Disposable {
  readonly #store = new DisposableStore();
  #state: BenchmarkState = { phase: { kind: 'stopped' }, rows: [] };
  #running: AbortController | null = null;

  constructor(private readonly ports: BenchmarkPorts) {
    this.#store.add(ports.onMessage((value) => this.#receive(value)));
    this.#store.add(toDisposable(() => this.#running?.abort()));
  }

  /** Measures all installed models, and the one on the pod, unless that is under way. Never rejects: a failure is shown. */
  async start(): Promise<void> {
    if (this.#running !== null || this.#store.disposed) return;
    const running = new AbortController();
    this.#running = running;
    this.#show({ phase: { kind: 'measuring', now: null }, rows: [] });
    try {
      const rows = await this.ports.models.benchmark({ ids: [], pod: true }, (event) => this.#happened(event), running.signal);
      this.#show({ phase: { kind: 'done' }, rows });
    } catch (error) {
      const failure = failureOf(error);
      this.#show({ phase: running.signal.aborted ? { kind: 'stopped' } : { kind: 'failed', failure }, rows: this.#state.rows });
    } finally {
      this.#running = null;
    }
  }

  dispose(): void {
    this.#store.dispose();
  }

  #happened(event: BenchmarkEvent): void {
    const { rows, phase } = this.#state;
    switch (event.kind) {
      case 'measuring': {
        const { model, where, done, of } = event;
        this.#show({ phase: { kind: 'measuring', now: { model, where, done, of } }, rows });
        return;
      }
      case 'row':
        this.#show({ phase, rows: [...rows, event.row] });
        return;
      default:
        assertNever(event);
    }
  }

  #show(state: BenchmarkState): void {
    this.#state = state;
    if (!this.#store.disposed) this.ports.post({ type: 'state', state });
  }

  #receive(value: unknown): void {
    const message = parseBenchmarkViewMessage(value);
    switch (message?.type) {
      case undefined:
        this.ports.log.warn('a message of the benchmark view was ignored: it is not valid');
        return;
      case 'ready':
        this.#show(this.#state);
        return;
      case 'start':
        void this.start();
        return;
      case 'stop':
        this.#running?.abort();
        return;
      case 'copy':
        this.#copy().catch((error: unknown) => this.ports.log.error(`the table was not copied: ${failureOf(error).code}`));
    }
  }

  async #copy(): Promise<void> {
    await this.ports.copy(benchmarkMarkdown(this.#state.rows));
    if (!this.#store.disposed) this.ports.post({ type: 'copied' });
  }
}
