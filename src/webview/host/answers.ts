import type { Clock } from '../../engine/base/clock.js';
import { type Disposable, DisposableStore } from '../../engine/base/disposable.js';
import { chatPrompt } from '../../engine/chat/chatPrompt.js';
import { newAnswer, openAnswer, type Question } from '../../engine/chat/conversation.js';
import type { EngineClient } from '../../engine/client/engineClient.js';
import type { Places } from '../../host/engineOptions.js';
import { chatSampling } from '../../host/modelOverrides.js';
import type { SettingsReader } from '../../host/settingsReader.js';
import { rolePath } from '../../host/statusText.js';
import { type RunEvent, runAnswer } from './answerRun.js';
import type { ConversationLibrary } from './conversationLibrary.js';

interface Run {
  /** Changes when a conflict moves the conversation. */
  conversationId: string;
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

export interface AnswersDeps {
  readonly engine: EngineClient;
  readonly library: ConversationLibrary;
  readonly settings: SettingsReader;
  readonly places: Places;
  readonly clock: Clock;
  readonly now: () => number;
  readonly newId: () => string;
  /** After an answer began or ended; `count` are being made. */
  readonly onRunning: (count: number) => void;
}

/** Makes answers, at most one in each conversation. */
export class Answers implements Disposable {
  readonly #owned = new DisposableStore();
  readonly #runs = new Set<Run>();
  #closing = false;

  constructor(private readonly deps: AnswersDeps) {
    this.#owned.add(
      deps.library.onConflict(({ id, copyId }) => {
        for (const run of this.#runs) if (run.conversationId === id) run.conversationId = copyId;
      }),
    );
  }

  /** Adds the question and has it answered. The answer's end is in the conversation; this settles with it, and never rejects. */
  ask(conversationId: string, question: Question): Promise<void> {
    this.deps.library.apply(conversationId, { kind: 'turnAdded', turn: question });
    return this.answerLast(conversationId);
  }

  /** Answers the last question of the conversation. */
  answerLast(conversationId: string): Promise<void> {
    const { library, newId, now } = this.deps;
    const answer = newAnswer(newId(), now());
    library.apply(conversationId, { kind: 'turnAdded', turn: answer });
    const begin: { run?: Run } = {};
    const run: Run = {
      conversationId,
      abort: new AbortController(),
      // Begins in a later microtask, when `run` is in its place.
      done: Promise.resolve().then(() => (begin.run === undefined ? undefined : this.#make(begin.run, answer.id))),
    };
    begin.run = run;
    this.#runs.add(run);
    this.deps.onRunning(this.#runs.size);
    return run.done;
  }

  /** Stops the answer of a conversation; answers whether there was one. */
  stop(conversationId: string): boolean {
    const runs = [...this.#runs].filter((run) => run.conversationId === conversationId);
    for (const run of runs) run.abort.abort();
    return runs.length > 0;
  }

  stopAll(): void {
    for (const run of this.#runs) run.abort.abort();
  }

  /** Ends all answers as interrupted and waits for them. */
  async close(): Promise<void> {
    this.#closing = true;
    this.stopAll();
    await Promise.all([...this.#runs].map((run) => run.done));
  }

  dispose(): void {
    this.#closing = true;
    this.stopAll();
    this.#owned.dispose();
  }

  async #make(run: Run, answerId: string): Promise<void> {
    const { engine, library, settings: { current: settings }, places, clock, now } = this.deps;
    const emit = (event: RunEvent): void => {
      if (event.kind !== 'ended') {
        library.apply(run.conversationId, { ...event, answerId });
        return;
      }
      const state = this.#closing && event.state.state === 'stopped' ? ({ state: 'interrupted' } as const) : event.state;
      library.apply(run.conversationId, { ...event, state, answerId, at: now() });
    };
    // The user's words are on the disk before anything is done with them.
    await library.save(run.conversationId);
    const conversation = library.get(run.conversationId);
    if (conversation === undefined || run.abort.signal.aborted || openAnswer(conversation)?.id !== answerId) {
      emit({ kind: 'ended', state: { state: 'stopped' }, meta: null });
    } else {
      const { chat } = settings;
      const model = rolePath('chat', { settings, places, podRun: engine.pod.status?.run ?? null });
      const request = {
        slot: conversation.id,
        turns: chatPrompt(conversation.turns.slice(0, -1), chat.systemPrompt),
        maxTokens: chat.maxTokens,
        sampling: chatSampling(settings, model),
      };
      await runAnswer(engine, request, clock, emit, run.abort.signal);
    }
    this.#runs.delete(run);
    this.deps.onRunning(this.#runs.size);
    await library.save(run.conversationId);
  }
}
