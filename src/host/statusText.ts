import * as l10n from '@vscode/l10n';
import { assertNever, type Role } from '../engine/base/errors.js';
import type { EngineStatus, GenerationStats, ModelInfo, RoleState } from '../engine/protocol/engineTypes.js';
import type { PodRun } from '../engine/protocol/podTypes.js';
import { modelPath, type Places } from './engineOptions.js';
import { modelLabel } from './modelLabel.js';
import type { Settings } from './settingsTable.js';
import { type InvalidSetting } from './settingsValidation.js';

/** All that the status bar shows comes from here. */
export interface StatusFacts {
  readonly status: EngineStatus;
  readonly settings: Settings;
  readonly invalid: readonly InvalidSetting[];
  readonly places: Places;
  /** The language of the active editor and whether code is completed in it; undefined without an editor. */
  readonly language: { readonly id: string; readonly enabled: boolean } | undefined;
  /** What became of the model that is meant for the pod; `null` where that is not known. */
  readonly podRun: PodRun | null;
  /** Measures of the last answer of either role in this window or another. */
  readonly lastStats: GenerationStats | undefined;
}

export interface StatusText {
  /** With a codicon in front. */
  readonly text: string;
  readonly severity: 'normal' | 'warning' | 'error';
  /** For screen readers: the text in words. */
  readonly label: string;
}

/** The states in the order in which they win the one line of the status bar. */
const precedence = ['error', 'recovering', 'generating', 'loading', 'ready', 'unloaded', 'off'] as const satisfies readonly RoleState['state'][];

/** The role that the status bar speaks about: the one with the weightier state, chat when they are equal. */
export function leadingRole(status: EngineStatus): Role {
  const weight = (role: Role): number => precedence.indexOf(status[role].state);
  return weight('completion') < weight('chat') ? 'completion' : 'chat';
}

/** `52.3`, `1,204`: as many digits as mean something. */
export function formatRate(tokensPerSecond: number): string {
  return tokensPerSecond < 100 ? tokensPerSecond.toFixed(1) : String(Math.round(tokensPerSecond));
}

/** Whether the local chat model answers in place of the one that is meant for the pod. */
export function onFallback({ podRun }: Pick<StatusFacts, 'podRun'>): boolean {
  return podRun?.state === 'fallback';
}

/** The path of the model that a role uses under the present settings. */
export function rolePath(role: Role, facts: Pick<StatusFacts, 'settings' | 'places' | 'podRun'>): string {
  const { settings: { model, pod }, places } = facts;
  if (role === 'completion') return modelPath(model.completionPath, places);
  return modelPath(pod.model.trim() === '' || onFallback(facts) ? model.chatPath : pod.model, places);
}

function withModel(model: ModelInfo | string): string {
  return modelLabel(typeof model === 'string' ? model : model.path);
}

/** Where the model runs, as an icon: on this machine, on the pod, or here in place of the pod. */
function readyIcon(facts: StatusFacts, role: Role, { remoteMachines }: ModelInfo): string {
  if (role === 'chat' && onFallback(facts)) return '$(debug-disconnect)';
  if (remoteMachines > 0) return '$(server)';
  return facts.language?.enabled === false || !facts.settings.completion.enabled ? '$(circle-slash)' : '$(check)';
}

function readyLabel(facts: StatusFacts, role: Role, model: ModelInfo): string {
  const name = withModel(model);
  if (role === 'chat' && onFallback(facts)) return l10n.t('Seekpod: {0} answers in place of the model on the pod; select for what to do', name);
  return model.remoteMachines > 0 ? l10n.t('Seekpod: {0} is ready on {1} machines', name, model.remoteMachines + 1) : l10n.t('Seekpod: {0} is ready', name);
}

function ready(facts: StatusFacts, role: Role, model: ModelInfo): StatusText {
  const name = withModel(model);
  const rate = facts.lastStats === undefined ? undefined : formatRate(facts.lastStats.decodeTokensPerSecond);
  const label = readyLabel(facts, role, model);
  return {
    text: `${readyIcon(facts, role, model)} ${rate === undefined ? name : l10n.t('{0} {1} tok/s', name, rate)}`,
    severity: role === 'chat' && onFallback(facts) ? 'warning' : 'normal',
    label: rate === undefined ? label : l10n.t('{0}, last answer {1} tokens per second', label, rate),
  };
}

function stateText(facts: StatusFacts): StatusText {
  const role = leadingRole(facts.status);
  const state = facts.status[role];
  const name = withModel(rolePath(role, facts));
  switch (state.state) {
    case 'off':
      return { text: `$(circle-slash) ${l10n.t('Seekpod off')}`, severity: 'normal', label: l10n.t('Seekpod: chat and completion are off') };
    case 'unloaded':
      return { text: `$(circle-outline) ${name}`, severity: 'normal', label: l10n.t('Seekpod: {0} is not loaded; the next request loads it', name) };
    case 'loading': {
      const percent = Math.floor(state.progress * 100);
      return { text: `$(loading~spin) ${l10n.t('{0} loading {1} %', name, percent)}`, severity: 'normal', label: l10n.t('Seekpod: {0} is loading, {1} percent', name, percent) };
    }
    case 'ready':
      return ready(facts, role, state.model);
    case 'generating': {
      const model = withModel(state.model);
      const rate = formatRate(state.tokensPerSecond);
      return { text: `$(sync~spin) ${l10n.t('{0} {1} tok/s', model, rate)}`, severity: 'normal', label: l10n.t('Seekpod: {0} is generating, {1} tokens per second', model, rate) };
    }
    case 'recovering':
      return { text: `$(sync~spin) ${l10n.t('{0} recovering', name)}`, severity: 'warning', label: l10n.t('Seekpod: the model process ended and is being started again') };
    case 'error':
      return role === 'chat'
        ? { text: `$(error) ${l10n.t('Seekpod: chat failed')}`, severity: 'error', label: l10n.t('Seekpod: the chat model failed; select for what to do') }
        : { text: `$(error) ${l10n.t('Seekpod: completion failed')}`, severity: 'error', label: l10n.t('Seekpod: the completion model failed; select for what to do') };
    default:
      return assertNever(state);
  }
}

/** The line in the status bar. Settings that cannot be used are a warning unless something worse is shown. */
export function statusText(facts: StatusFacts): StatusText {
  const shown = stateText(facts);
  if (facts.invalid.length === 0 || shown.severity === 'error') return shown;
  return { text: `${shown.text} $(warning)`, severity: 'warning', label: l10n.t('{0}. Some settings cannot be used.', shown.label) };
}
