import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type { Clock } from '../engine/base/clock.js';
import { type Disposable, DisposableStore } from '../engine/base/disposable.js';
import type { Logger } from '../engine/base/logger.js';
import type { EngineClient } from '../engine/client/engineClient.js';
import { CompletionEngine } from '../engine/completion/completionEngine.js';
import type { CompletionOutcome, ShownCompletion } from '../engine/completion/outcome.js';
import { RecentChunks } from '../engine/completion/recentChunks.js';
import { abortSignalOf } from './abortSignal.js';
import { Acceptance } from './acceptance.js';
import { DocumentChanges } from './documentChanges.js';
import { documentSnapshot } from './documentSnapshot.js';
import { feedRecentChunks } from './recentChunksFeed.js';
import { modelPath, type Places } from './engineOptions.js';
import { completionSampling } from './modelOverrides.js';
import type { SettingsReader } from './settingsReader.js';

/** Where people write code; not the output channels, the chat's own inputs or the old side of a diff. */
const documents: vscode.DocumentSelector = ['file', 'untitled', 'vscode-remote', 'vscode-vfs', 'vscode-notebook-cell', 'vscode-userdata'].map(
  (scheme) => ({ scheme }),
);

export interface InlineCompletionDeps {
  readonly engine: EngineClient;
  readonly settings: SettingsReader;
  readonly places: Places;
  readonly log: Logger;
  readonly clock: Clock;
  /** Told of every end of a request, for the status bar and the tests. */
  readonly onOutcome?: (outcome: CompletionOutcome) => void;
}

/** Ghost text for this window, with its own slot in the worker. Starts nothing before the first keystroke. */
export function registerInlineCompletion(deps: InlineCompletionDeps): Disposable {
  const { engine, settings, places, clock } = deps;
  const store = new DisposableStore();
  const chunks = new RecentChunks();
  const completion = store.add(
    new CompletionEngine({
      stream: (request, onEvent, signal) => engine.complete(request, onEvent, signal),
      settings: () => ({ ...settings.current.completion, ...completionSampling(settings.current, modelPath(settings.current.model.completionPath, places)) }),
      clock,
      chunks,
      slot: `window-${randomUUID()}`,
    }),
  );
  store.add(settings.onChange(() => completion.reset()));
  store.add(feedRecentChunks({ chunks, completion, settings, clock, modelReady: () => engine.status.completion.state === 'ready' }));
  const changes = store.add(new DocumentChanges(clock));
  const acceptance = store.add(new Acceptance(deps.log));
  const provider = new InlineCompletionProvider(completion, changes, acceptance, deps);
  store.add(vscode.languages.registerInlineCompletionItemProvider(documents, provider));
  return store;
}

/** VS Code's side of the pipeline: its document in, its item out. */
export class InlineCompletionProvider implements vscode.InlineCompletionItemProvider {
  constructor(
    private readonly completion: CompletionEngine,
    private readonly changes: DocumentChanges,
    private readonly acceptance: Pick<Acceptance, 'offer'>,
    private readonly deps: Pick<InlineCompletionDeps, 'log' | 'onOutcome'>,
  ) {}

  async provideInlineCompletionItems(
    document: vscode.TextDocument,
    position: vscode.Position,
    context: vscode.InlineCompletionContext,
    token: vscode.CancellationToken,
  ): Promise<vscode.InlineCompletionItem[]> {
    const cancellation = abortSignalOf(token);
    try {
      const selected = context.selectedCompletionInfo;
      const trigger = context.triggerKind === vscode.InlineCompletionTriggerKind.Invoke ? 'manual' : 'automatic';
      const snapshot = documentSnapshot(document, position, { trigger, changedAt: this.changes.changedAt(document), selected });
      const outcome = await this.completion.complete(snapshot, cancellation.signal);
      report(outcome, this.deps.log);
      this.deps.onOutcome?.(outcome);
      if (outcome.kind !== 'shown') return [];
      return [toItem(outcome, position, selected, this.acceptance.offer(outcome.text, outcome.source))];
    } finally {
      cancellation.dispose();
    }
  }
}

function toItem(
  { text, overtype }: ShownCompletion,
  position: vscode.Position,
  selected: vscode.SelectedCompletionInfo | undefined,
  command: vscode.Command,
): vscode.InlineCompletionItem {
  const start = selected?.range.start ?? position;
  const end = (selected?.range.end ?? position).translate(0, overtype);
  return new vscode.InlineCompletionItem((selected?.text ?? '') + text, new vscode.Range(start, end), command);
}

/** A line per request, without a word of the user's text. */
function report(outcome: CompletionOutcome, log: Logger): void {
  switch (outcome.kind) {
    case 'shown': {
      const { latencyMs, promptTokens, cachedTokens, generatedTokens } = outcome.stats;
      const tokens = `prompt ${promptTokens} (${cachedTokens} cached), generated ${generatedTokens}`;
      log.debug(`shown from ${outcome.source} after ${Math.round(latencyMs)} ms, ${tokens}`);
      break;
    }
    case 'empty':
      log.trace(`empty: ${outcome.reason}`);
      break;
    case 'cancelled':
      log.trace(`cancelled: ${outcome.stage}`);
      break;
    case 'failed':
      log.warn(`failed: ${outcome.failure.code}`);
      break;
  }
}
