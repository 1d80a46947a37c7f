import * as vscode from 'vscode';
import type { Failure, Role } from '../engine/base/errors.js';
import { failureText } from '../engine/protocol/failureText.js';
import { languageEnabled } from '../engine/completion/completionSettings.js';
import { memoryButtons } from './models/memoryChoices.js';
import { notificationText } from './notificationText.js';
import { invalidSettingText } from './settingsValidation.js';
import type { StatusFacts } from './statusText.js';

interface MenuItem extends vscode.QuickPickItem {
  /** The command that the item runs, with its arguments. */
  readonly run?: readonly [command: string, ...args: readonly unknown[]];
  /** A failure that the item explains in full: a line of the menu is too short for it. */
  readonly explain?: { readonly role: Role; readonly failure: Failure };
}

const separator = (label: string): MenuItem => ({ label, kind: vscode.QuickPickItemKind.Separator });

/** What is wrong and what to do about it: first in the menu, where the status bar leads. */
function problems({ status, invalid, podRun }: StatusFacts): MenuItem[] {
  const seen = new Set<string>();
  const items: MenuItem[] = [];
  for (const role of ['chat', 'completion'] as const) {
    const state = status[role];
    if (state.state !== 'error' || seen.has(failureText(state.failure))) continue;
    seen.add(failureText(state.failure));
    items.push({
      label: `$(error) ${role === 'chat' ? vscode.l10n.t('The chat model failed') : vscode.l10n.t('The completion model failed')}`,
      detail: failureText(state.failure),
      explain: { role, failure: state.failure },
    });
  }
  if (podRun?.state === 'fallback') {
    items.push({ label: `$(debug-disconnect) ${vscode.l10n.t('The model does not run on the pod')}`, detail: failureText(podRun.failure), run: ['seekpod.pod.focus'] });
  }
  for (const setting of invalid) {
    items.push({
      label: `$(warning) ${vscode.l10n.t('A setting cannot be used')}`,
      detail: invalidSettingText(setting),
      run: ['workbench.action.openSettings', `seekpod.${setting.key}`],
    });
  }
  return items.length === 0 ? [] : [separator(vscode.l10n.t('Problems')), ...items];
}

function completionItems({ settings, language }: StatusFacts): MenuItem[] {
  const { enabled, languages } = settings.completion;
  const items: MenuItem[] = [
    separator(vscode.l10n.t('Code completion')),
    enabled
      ? { label: `$(circle-slash) ${vscode.l10n.t('Turn completion off')}`, run: ['seekpod.completion.toggle'] }
      : { label: `$(check) ${vscode.l10n.t('Turn completion on')}`, run: ['seekpod.completion.toggle'] },
  ];
  if (enabled && language !== undefined) {
    items.push({
      label: languageEnabled(languages, language.id)
        ? `$(circle-slash) ${vscode.l10n.t('Turn completion off for {0}', language.id)}`
        : `$(check) ${vscode.l10n.t('Turn completion on for {0}', language.id)}`,
      run: ['seekpod.completion.toggleLanguage'],
    });
  }
  return items;
}

function engineItems({ status }: StatusFacts): MenuItem[] {
  const loaded = [status.completion, status.chat].some(({ state }) => state === 'ready' || state === 'generating');
  return [
    separator(vscode.l10n.t('Models')),
    { label: `$(comment-discussion) ${vscode.l10n.t('Choose chat model…')}`, run: ['seekpod.chooseChatModel'] },
    { label: `$(code) ${vscode.l10n.t('Choose completion model…')}`, run: ['seekpod.chooseCompletionModel'] },
    loaded
      ? { label: `$(debug-disconnect) ${vscode.l10n.t('Unload models')}`, description: vscode.l10n.t('frees their memory'), run: ['seekpod.unloadModels'] }
      : { label: `$(cloud-download) ${vscode.l10n.t('Load models')}`, description: vscode.l10n.t('now, not with the next request'), run: ['seekpod.loadModels'] },
    { label: `$(dashboard) ${vscode.l10n.t('Benchmark this machine')}`, description: vscode.l10n.t('how fast the installed models are'), run: ['seekpod.benchmark'] },
    separator(vscode.l10n.t('Several machines')),
    { label: `$(server) ${vscode.l10n.t('Pod')}`, description: vscode.l10n.t('machines, plans and what runs on them'), run: ['seekpod.pod.focus'] },
    separator(vscode.l10n.t('Seekpod')),
    { label: `$(gear) ${vscode.l10n.t('Settings')}`, run: ['workbench.action.openSettings', '@ext:seekpod.seekpod'] },
    { label: `$(output) ${vscode.l10n.t('Show output')}`, run: ['seekpod.showOutput'] },
    { label: `$(debug-restart) ${vscode.l10n.t('Restart engine')}`, run: ['seekpod.restartEngine'] },
    { label: `$(copy) ${vscode.l10n.t('Copy diagnostics')}`, description: vscode.l10n.t('without your text'), run: ['seekpod.copyDiagnostics'] },
  ];
}

async function explainFailure(role: Role, failure: Failure): Promise<void> {
  const choose = vscode.l10n.t('Choose Model…');
  const restart = vscode.l10n.t('Restart Engine');
  const output = vscode.l10n.t('Show Output');
  const remedies = failure.code === 'insufficientMemory' ? memoryButtons(failure, role) : [];
  const usual = remedies.length === 0 ? [choose, restart, output] : [choose, output];
  const chosen = await vscode.window.showErrorMessage(notificationText(failureText(failure)), ...remedies.map(({ title }) => title), ...usual);
  await remedies.find(({ title }) => title === chosen)?.take();
  if (chosen === choose) await vscode.commands.executeCommand(role === 'chat' ? 'seekpod.chooseChatModel' : 'seekpod.chooseCompletionModel');
  if (chosen === restart) await vscode.commands.executeCommand('seekpod.restartEngine');
  if (chosen === output) await vscode.commands.executeCommand('seekpod.showOutput');
}

/** The menu of the status bar item. */
export async function showMenu(facts: StatusFacts): Promise<void> {
  const ask: MenuItem = { label: `$(comment-discussion) ${vscode.l10n.t('Ask DeepSeek')}`, run: ['seekpod.ask'] };
  const items = [...problems(facts), ask, ...completionItems(facts), ...engineItems(facts)];
  const chosen = await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Seekpod'), placeHolder: vscode.l10n.t('What do you want to do?') });
  if (chosen?.explain !== undefined) await explainFailure(chosen.explain.role, chosen.explain.failure);
  if (chosen?.run !== undefined) await vscode.commands.executeCommand(...chosen.run);
}
