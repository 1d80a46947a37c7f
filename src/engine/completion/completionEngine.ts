import { delay } from '../base/async.js';
import type { Clock } from '../base/clock.js';
import type { Disposable } from '../base/disposable.js';
import { assertNever, EngineError, type Failure, failureOf } from '../base/errors.js';
import type { CompletionRequest, GenerationEvent } from '../protocol/engineTypes.js';
import { CompletionsCache } from './completionsCache.js';
import type { CompletionSettings } from './completionSettings.js';
import { CurrentSuggestion } from './currentSuggestion.js';
import { debounceMs, remainingMs, withLatency } from './debounce.js';
import { type FailureStreak, noFailures, pausedAt } from './failurePause.js';
import { filtersFor } from './filterPipeline.js';
import { fimPrompt } from './fimPrompt.js';
import { guard, type GuardReason } from './guards.js';
import { InFlight } from './inFlight.js';
import { lineMode } from './multiline.js';
import { afterAccepting } from './nextSnapshot.js';
import type { CompletionOutcome, CompletionStats, ShownCompletion, SuggestionSource } from './outcome.js';
import { overtype } from './overtype.js';
import type { RecentChunks } from './recentChunks.js';
import { RequestMeter } from './requestMeter.js';
import { type Followed, RunningCompletion } from './runningCompletion.js';
import type { DocumentSnapshot } from './snapshot.js';
import { through } from './streamFilters/streamFilter.js';
import { type CompletionStream, textStream } from './textStream.js';

export interface CompletionEngineDeps {
  readonly stream: CompletionStream;
  readonly settings: () => CompletionSettings;
  readonly clock: Clock;
  readonly chunks: RecentChunks;
  /** The window's sequence in the worker. */
  readonly slot: string;
}

/** From a keystroke to a suggestion, for one window. The newest call supersedes the one before it. */
export class CompletionEngine implements Disposable {
  readonly #current = new CurrentSuggestion();
  readonly #cache = new CompletionsCache();
  readonly #inFlight = new InFlight();
  #call: AbortController | null = null;
  #warming: AbortController | null = null;
  #latencies: readonly number[] = [];
  #failures: FailureStreak = noFailures;
  #disposed = false;

  constructor(private readonly deps: CompletionEngineDeps) {}

  /** Never rejects. A call that is superseded or whose signal is aborted ends at once as `cancelled`. */
  async complete(snapshot: DocumentSnapshot, signal: AbortSignal): Promise<CompletionOutcome> {
    this.#call?.abort();
    if (signal.aborted || this.#disposed) return { kind: 'cancelled', stage: 'start' };
    const call = new AbortController();
    const onAbort = (): void => call.abort();
    signal.addEventListener('abort', onAbort, { once: true });
    this.#call = call;
    try {
      return await this.#complete(snapshot, call.signal);
    } catch (error) {
      return this.#failed(failureOf(error));
    } finally {
      signal.removeEventListener('abort', onAbort);
      if (this.#call === call) this.#call = null;
    }
  }

  /** Evaluates the prompt of a snapshot in an idle moment, so that the next keystroke finds it in the KV cache. Never rejects. */
  async warm(snapshot: DocumentSnapshot): Promise<void> {
    if (this.#disposed || this.#call !== null || this.#inFlight.busy || this.#guard(snapshot) !== null) return;
    this.#warming?.abort();
    const warming = new AbortController();
    this.#warming = warming;
    try {
      // The first text says that the prompt is evaluated.
      for await (const _ of textStream(this.deps.stream, this.#request(snapshot), () => undefined, warming.signal)) break;
    } catch (error) {
      if (!EngineError.is(error, 'cancelled')) this.#failed(failureOf(error));
    }
  }

  /** Forgets every suggestion: after another model or other settings they would be of the old ones. */
  reset(): void {
    this.#call?.abort();
    this.#warming?.abort();
    this.#inFlight.abort();
    this.#current.clear();
    this.#cache.clear();
    this.#latencies = [];
    this.#failures = noFailures;
  }

  dispose(): void {
    this.#disposed = true;
    this.reset();
  }

  async #complete(snapshot: DocumentSnapshot, signal: AbortSignal): Promise<CompletionOutcome> {
    const calledAt = this.deps.clock.now();
    const reason = this.#guard(snapshot);
    if (reason !== null) {
      this.#inFlight.abort();
      return { kind: 'empty', reason };
    }

    const rest = this.#current.rest(snapshot);
    if (rest !== null) return shown(snapshot, rest, 'typedThrough', this.#reusedStats(calledAt));

    const cached = this.#cache.get(snapshot);
    if (cached !== null) return this.#show(snapshot, cached, 'cache', this.#reusedStats(calledAt));

    const attached = this.#inFlight.attach(snapshot);
    if (attached !== null) {
      const followed = await attached.running.follow(attached.typed, signal);
      if (signal.aborted || followed.kind === 'cancelled') return { kind: 'cancelled', stage: 'attached' };
      if (followed.kind === 'failed') return this.#failed(followed.failure);
      if (followed.kind === 'finished' && (followed.text === '' || followed.text.length > attached.typed.length)) {
        return this.#show(snapshot, followed.text.slice(attached.typed.length), 'inFlight', this.#reusedStats(calledAt));
      }
    }
    this.#inFlight.abort();

    const waitMs = snapshot.trigger === 'manual' ? 0 : remainingMs(debounceMs(this.#latencies), snapshot.changedAt, calledAt);
    try {
      if (waitMs > 0) await delay(waitMs, signal, this.deps.clock);
    } catch {
      return { kind: 'cancelled', stage: 'debounce' };
    }

    const meter = new RequestMeter(() => this.deps.clock.now());
    const followed = await this.#start(snapshot, meter).follow('', signal);
    return this.#outcome(snapshot, followed, meter, { calledAt, debounceMs: waitMs });
  }

  #guard(snapshot: DocumentSnapshot): GuardReason | null {
    const reason = guard(snapshot, this.deps.settings());
    if (reason !== null) return reason;
    return snapshot.trigger === 'automatic' && pausedAt(this.#failures, this.deps.clock.now()) ? 'pausedAfterFailure' : null;
  }

  #outcome(
    snapshot: DocumentSnapshot,
    followed: Followed,
    meter: RequestMeter,
    { calledAt, debounceMs }: { readonly calledAt: number; readonly debounceMs: number },
  ): CompletionOutcome {
    switch (followed.kind) {
      case 'finished': {
        const { promptTokens, cachedTokens, generatedTokens, timeToFirstTokenMs } = meter;
        const latencyMs = this.deps.clock.now() - calledAt;
        return this.#show(snapshot, followed.text, 'model', { latencyMs, debounceMs, promptTokens, cachedTokens, generatedTokens, timeToFirstTokenMs });
      }
      case 'failed':
        return this.#failed(followed.failure);
      case 'cancelled':
      case 'diverged':
        return { kind: 'cancelled', stage: 'stream' };
      default:
        return assertNever(followed);
    }
  }

  /** Starts a request in the place of the one before it; its text goes into the cache whoever waits for it. */
  #start(snapshot: DocumentSnapshot, meter: RequestMeter): RunningCompletion {
    this.#warming?.abort();
    const request = this.#request(snapshot);
    const filters = filtersFor(snapshot, lineMode(snapshot, this.deps.settings().multiline), this.deps.clock);
    const running = new RunningCompletion(
      snapshot,
      (onRaw, signal) => {
        const hear = (event: GenerationEvent): void => {
          meter.hear(event);
          if (event.kind === 'text') onRaw(event.text);
        };
        return through(textStream(this.deps.stream, request, hear, signal), filters);
      },
      this.deps.clock,
      (text) => {
        this.#failures = noFailures;
        this.#latencies = withLatency(this.#latencies, meter.elapsedMs());
        this.#cache.put(snapshot, text);
      },
    );
    this.#inFlight.replace(running);
    return running;
  }

  /** Always with the same `maxTokens`: it decides how much room is left for the prompt, and so where a long one is cut. */
  #request(snapshot: DocumentSnapshot): CompletionRequest {
    const { maxTokens, temperature, topP, topK, minP, repeatPenalty, seed, recentChunks } = this.deps.settings();
    return {
      slot: this.deps.slot,
      prompt: fimPrompt(snapshot, this.deps.chunks.select(snapshot, recentChunks)),
      maxTokens,
      sampling: { temperature, topP, topK, minP, repeatPenalty, seed },
    };
  }

  #show(snapshot: DocumentSnapshot, text: string, source: SuggestionSource, stats: CompletionStats): CompletionOutcome {
    if (text === '') return { kind: 'empty', reason: 'nothing' };
    this.#current.set(snapshot, text);
    const outcome = shown(snapshot, text, source, stats);
    if (!text.includes('\n')) this.#computeAhead(afterAccepting(snapshot, text, outcome.overtype));
    return outcome;
  }

  /**
   * Asks for the suggestion after this one while the user reads. Only after a single line: then the prompt differs in
   * its tail alone, so the work is small and the KV cache stays good for the case that the user types something else.
   * Who asks by key gets what was asked for and no more.
   */
  #computeAhead(next: DocumentSnapshot): void {
    if (this.#inFlight.busy || next.trigger === 'manual' || guard(next, this.deps.settings()) !== null || this.#cache.get(next) !== null) return;
    this.#start(next, new RequestMeter(() => this.deps.clock.now()));
  }

  #failed(failure: Failure): CompletionOutcome {
    this.#failures = { failures: this.#failures.failures + 1, lastAt: this.deps.clock.now() };
    return { kind: 'failed', failure };
  }

  #reusedStats(calledAt: number): CompletionStats {
    const latencyMs = this.deps.clock.now() - calledAt;
    return { latencyMs, debounceMs: 0, promptTokens: 0, cachedTokens: 0, generatedTokens: 0, timeToFirstTokenMs: 0 };
  }
}

function shown(snapshot: DocumentSnapshot, text: string, source: SuggestionSource, stats: CompletionStats): ShownCompletion {
  return { kind: 'shown', text, overtype: overtype(text, snapshot.lineSuffix), source, stats };
}
