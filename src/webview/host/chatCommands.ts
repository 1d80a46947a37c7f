import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../engine/base/disposable.js';
import { type SelectionAction, templateQuestion } from '../../engine/chat/questionTemplates.js';
import { maxTitleCharacters } from '../../engine/chat/conversation.js';
import { codeAtHand, selectedCode } from './attachmentSources.js';
import type { ChatController } from './chatController.js';
import type { ChatModel } from './chatModel.js';
import type { AttachOutcome } from './chatPorts.js';
import type { ChatViewProvider } from './chatViewProvider.js';

interface CommandDeps {
  readonly chat: ChatController;
  readonly model: ChatModel;
  readonly view: ChatViewProvider;
}

function askPrompt(selected: AttachOutcome): string {
  if (selected.kind === 'attached') return vscode.l10n.t('The selection of {0} goes along.', selected.source.path);
  return selected.reason === 'attachmentTooLarge' ? vscode.l10n.t('The selection is too large to go along.') : vscode.l10n.t('Answered on your machine, in the Seekpod chat.');
}

async function askDeepSeek({ chat, view }: CommandDeps, question: unknown): Promise<void> {
  const selected = selectedCode();
  const source = selected.kind === 'attached' ? selected.source : undefined;
  const text =
    typeof question === 'string'
      ? question
      : await vscode.window.showInputBox({
          title: vscode.l10n.t('Ask DeepSeek'),
          prompt: askPrompt(selected),
          placeHolder: vscode.l10n.t('What do you want to know?'),
          ignoreFocusOut: true,
        });
  if (text === undefined || text.trim() === '') return;
  await view.reveal({ type: 'focusComposer' });
  await chat.askFresh(text, source === undefined ? [] : [source]);
}

async function askAboutCode({ chat, model, view }: CommandDeps, action: SelectionAction): Promise<void> {
  const code = codeAtHand();
  await view.reveal({ type: 'focusComposer' });
  if (code.kind === 'attached') await chat.askFresh(templateQuestion(action), [code.source]);
  else if (code.reason !== 'dismissed') model.notify({ kind: 'hint', hint: code.reason });
}

async function rename({ chat, model }: CommandDeps): Promise<void> {
  const { conversation } = model.state;
  if (conversation.turns.length === 0) return;
  const title = await vscode.window.showInputBox({
    title: vscode.l10n.t('Rename Conversation'),
    value: conversation.title,
    validateInput: (value) => (value.trim() === '' || value.length > maxTitleCharacters ? vscode.l10n.t('1 to {0} characters', maxTitleCharacters) : undefined),
  });
  if (title !== undefined && title.trim() !== '') chat.rename(conversation.id, title.trim().slice(0, maxTitleCharacters));
}

/** Registers the chat's commands; each settles when what it started is done. */
export function registerChatCommands(deps: CommandDeps): Disposable {
  const owned = new DisposableStore();
  const { chat, model, view } = deps;
  const register = (id: string, run: (argument: unknown) => Promise<void>): void => {
    owned.add(vscode.commands.registerCommand(id, run));
  };
  register('seekpod.ask', (question) => askDeepSeek(deps, question));
  register('seekpod.explain', () => askAboutCode(deps, 'explain'));
  register('seekpod.fix', () => askAboutCode(deps, 'fix'));
  register('seekpod.writeTests', () => askAboutCode(deps, 'writeTests'));
  register('seekpod.document', () => askAboutCode(deps, 'document'));
  register('seekpod.newChat', async () => {
    chat.newConversation();
    await view.reveal({ type: 'focusComposer' });
  });
  register('seekpod.renameChat', () => rename(deps));
  register('seekpod.deleteChat', () => chat.remove(model.state.conversation.id));
  register('seekpod.searchChats', () => view.reveal({ type: 'openSearch' }));
  register('seekpod.exportChat', () => chat.exportMarkdown(model.state.conversation.id));
  register('seekpod.stop', async () => chat.stop());
  register('seekpod.attachFile', async () => {
    await chat.attach('pick');
    await view.reveal({ type: 'focusComposer' });
  });
  register('seekpod.attachSelection', async () => {
    await chat.attach('selection');
    await view.reveal({ type: 'focusComposer' });
  });
  return owned;
}
