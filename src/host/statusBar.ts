import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../engine/base/disposable.js';
import type { Failure } from '../engine/base/errors.js';
import type { EngineClient } from '../engine/client/engineClient.js';
import type { RoleState } from '../engine/protocol/engineTypes.js';
import type { CompletionOutcome } from '../engine/completion/outcome.js';
import type { Places } from './engineOptions.js';
import { languageEnabled } from '../engine/completion/completionSettings.js';
import { noStats, withStatus } from './lastStats.js';
import type { VscodeSettings } from './settings.js';
import { failureAfter, shownStatus } from './shownStatus.js';
import { type StatusFacts, statusText } from './statusText.js';
import { statusTooltip, tooltipCommands } from './statusTooltip.js';

const backgrounds = {
  normal: undefined,
  warning: new vscode.ThemeColor('statusBarItem.warningBackground'),
  error: new vscode.ThemeColor('statusBarItem.errorBackground'),
} as const;

export interface StatusBarDeps {
  readonly engine: EngineClient;
  readonly settings: VscodeSettings;
  readonly places: Places;
}

/** Shows what the engine is doing; a failure of completion is seen here and nowhere else. */
export class StatusBar implements Disposable {
  readonly #store = new DisposableStore();
  readonly #item = this.#store.add(vscode.window.createStatusBarItem('seekpod.status', vscode.StatusBarAlignment.Right, 100));
  #stats = noStats;
  #completionFailure: Failure | undefined;
  /** The pod speaks some times a second while it is in use; only what becomes of its model is shown here. */
  #podRun: string | undefined;
  #completion: RoleState = { state: 'unloaded' };

  constructor(private readonly deps: StatusBarDeps) {
    this.#item.name = vscode.l10n.t('Seekpod');
    this.#item.command = 'seekpod.menu';
    const update = (): void => this.#update();
    this.#store.add(deps.engine.onStatus(update));
    this.#store.add(deps.engine.pod.onStatus((status) => {
      if (JSON.stringify(status?.run) !== this.#podRun) update();
    }));
    this.#store.add(deps.settings.onChange(update));
    this.#store.add(vscode.window.onDidChangeActiveTextEditor(update));
    this.#update();
    this.#item.show();
  }

  /** What is shown at the moment. */
  get facts(): StatusFacts {
    const { engine, settings, places } = this.deps;
    const languageId = vscode.window.activeTextEditor?.document.languageId;
    return {
      status: shownStatus(engine.status, this.#completionFailure),
      settings: settings.current,
      invalid: settings.invalid,
      places,
      podRun: engine.pod.status?.run ?? null,
      language: languageId === undefined ? undefined : { id: languageId, enabled: languageEnabled(settings.current.completion.languages, languageId) },
      lastStats: this.#stats.latest,
    };
  }

  /** Takes note of how a completion request ended: the engine cannot report a failure to start. */
  completionEnded(outcome: CompletionOutcome): void {
    const before = this.#completionFailure;
    if (outcome.kind === 'failed') this.#completionFailure = outcome.failure;
    else if (outcome.kind === 'shown') this.#completionFailure = undefined;
    if (this.#completionFailure !== before) this.#update();
  }

  #update(): void {
    const { status } = this.deps.engine;
    this.#stats = withStatus(this.#stats, status);
    this.#completionFailure = failureAfter(this.#completionFailure, this.#completion, status.completion);
    this.#completion = status.completion;
    this.#podRun = JSON.stringify(this.deps.engine.pod.status?.run);
    const facts = this.facts;
    const { text, severity, label } = statusText(facts);
    const tooltip = new vscode.MarkdownString(statusTooltip(facts), true);
    tooltip.isTrusted = { enabledCommands: tooltipCommands };
    this.#item.text = text;
    this.#item.tooltip = tooltip;
    this.#item.backgroundColor = backgrounds[severity];
    this.#item.accessibilityInformation = { label, role: 'button' };
  }

  dispose(): void {
    this.#store.dispose();
  }
}
