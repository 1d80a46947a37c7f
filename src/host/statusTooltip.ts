import * as l10n from '@vscode/l10n';
import { assertNever, type Role } from '../engine/base/errors.js';
import type { GenerationStats, ModelInfo, RoleState } from '../engine/protocol/engineTypes.js';
import { failureText, formatBytes } from '../engine/protocol/failureText.js';
import { escapeMarkdown } from './markdownText.js';
import { modelLabel } from './modelLabel.js';
import { invalidSettingText } from './settingsValidation.js';
import { formatRate, rolePath, type StatusFacts } from './statusText.js';

/** Commands that links in the tooltip may run. */
export const tooltipCommands = ['seekpod.chooseChatModel', 'seekpod.chooseCompletionModel', 'seekpod.copyDiagnostics', 'workbench.action.openSettings'] as const;

function formatDuration(milliseconds: number): string {
  return milliseconds < 1_000 ? l10n.t('{0} ms', Math.round(milliseconds)) : l10n.t('{0} s', (milliseconds / 1_000).toFixed(1));
}

function modelLines(model: ModelInfo): string[] {
  const { ram, vram } = model.memoryBytes;
  const memory = vram === 0
    ? l10n.t('Memory: {0}', formatBytes(ram))
    : l10n.t('Memory: {0}, and {1} on the GPU', formatBytes(ram), formatBytes(vram));
  const compute = model.gpu === 'cpu'
    ? l10n.t('Processor, {0} threads', model.threads)
    : l10n.t('{0}, {1} of {2} layers', model.gpu, model.gpuLayers, model.layers);
  const machines = model.remoteMachines === 0 ? [] : [l10n.t('On the pod: {0} machines', model.remoteMachines + 1)];
  const context = model.kvType === 'f16' ? l10n.t('Context: {0} tokens', model.contextSize) : l10n.t('Context: {0} tokens, in a KV cache of the type {1}', model.contextSize, model.kvType);
  const adapters = model.lora.length === 0 ? [] : [l10n.t('Adapters: {0}', model.lora.join(', '))];
  return [...machines, memory, compute, context, ...adapters];
}

function statsLines(stats: GenerationStats): string[] {
  return [
    l10n.t('Last answer: {0} tokens at {1} tokens/s', stats.generatedTokens, formatRate(stats.decodeTokensPerSecond)),
    l10n.t('Time to first token: {0}', formatDuration(stats.timeToFirstTokenMs)),
    l10n.t('Prompt: {0} tokens, {1} cached, {2} evaluated', stats.promptTokens, stats.cachedTokens, stats.evaluatedTokens),
  ];
}

function stateWords(state: RoleState): string {
  switch (state.state) {
    case 'off':
      return l10n.t('off');
    case 'unloaded':
      return l10n.t('not loaded');
    case 'loading':
      return l10n.t('loading {0} %', Math.floor(state.progress * 100));
    case 'ready':
      return l10n.t('ready');
    case 'generating':
      return l10n.t('generating');
    case 'recovering':
      return l10n.t('recovering');
    case 'error':
      return l10n.t('error');
    default:
      return assertNever(state);
  }
}

/** Both roles use one model and it is loaded once. */
function shared({ status: { chat, completion } }: StatusFacts): boolean {
  const model = (state: RoleState): string | undefined => (state.state === 'ready' || state.state === 'generating' ? state.model.path : undefined);
  return model(chat) !== undefined && model(chat) === model(completion);
}

function roleSection(role: Role, facts: StatusFacts): string {
  const state = facts.status[role];
  const path = rolePath(role, facts);
  const title = role === 'chat' ? l10n.t('Chat') : l10n.t('Completion');
  const lines: string[] = [];
  if (state.state === 'ready' || state.state === 'generating') {
    lines.push(...(role === 'completion' && shared(facts) ? [l10n.t('The model is in memory once for both')] : modelLines(state.model)));
  }
  if (state.state === 'ready' && state.lastStats !== null) lines.push(...statsLines(state.lastStats));
  if (state.state === 'error') lines.push(failureText(state.failure));
  if (role === 'chat' && facts.podRun?.state === 'fallback') lines.push(l10n.t('In place of {0}: {1}', modelLabel(facts.podRun.path), failureText(facts.podRun.failure)));
  const head = `**${title}**: ${state.state === 'off' ? stateWords(state) : `${escapeMarkdown(modelLabel(path))}, ${stateWords(state)}`}`;
  return [head, ...lines.map((line) => `- ${escapeMarkdown(line)}`)].join('\n');
}

function usesDemonstrationModel(facts: StatusFacts): boolean {
  return (['chat', 'completion'] as const).some(
    (role) => facts.status[role].state !== 'off' && rolePath(role, facts) === facts.places.bundledModel,
  );
}

/** The tooltip of the status bar item, in markdown; everything that comes from files or settings is escaped. */
export function statusTooltip(facts: StatusFacts): string {
  const sections = [roleSection('chat', facts), roleSection('completion', facts)];
  if (facts.language !== undefined && facts.settings.completion.enabled && !facts.language.enabled) {
    sections.push(l10n.t('Completion is off for {0}.', escapeMarkdown(facts.language.id)));
  }
  if (usesDemonstrationModel(facts)) {
    sections.push(l10n.t('calf is a small demonstration model: it shows how Seekpod works and is often wrong. [Choose a model](command:seekpod.chooseChatModel)'));
  }
  sections.push(...facts.invalid.map((setting) => `$(warning) ${escapeMarkdown(invalidSettingText(setting))}`));
  return sections.join('\n\n');
}
