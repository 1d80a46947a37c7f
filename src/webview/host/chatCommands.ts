import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../engine/base/disposable.js';
import { type SelectionAction, templateQuestion } from '../../engine/chat/questionTemplates.js';
import { maxTitleCharacters } from '../../engine/chat/conversation.js';
import { documentAttachment, selectionAttachment } from './attachmentSources.js';
import type { ChatController } from './chatController.js';
import type { ChatModel } from './chatModel.js';
import type { AttachmentSource } from './chatPorts.js';
import type { ChatViewProvider } from './chatViewProvider.js';
import { targetEditor } from './proposedChange.js';

interface CommandDeps {
  readonly chat: ChatController;
  readonly model: ChatModel;
  readonly view: ChatViewProvider;
}

/** The selection, if there is one. */
function selectedSource(): AttachmentSource | undefined {
  const editor = targetEditor();
  const outcome = editor === undefined ? undefined : selectionAttachment(editor);
  return outcome?.kind === 'attached' ? outcome.source : undefined;
}

/** The selection, else the whole file. */
function codeSource(): AttachmentSource | undefined {
  const editor = targetEditor();
  if (editor === undefined) return undefined;
  const outcome = editor.selection.isEmpty ? documentAttachment(editor.document) : selectionAttachment(editor);
  return outcome.kind === 'attached' ? outcome.source : undefined;
}

async function askDeepSeek({ chat, view }: CommandDeps, question: unknown): Promise<void> {
  const source = selectedSource();
  const text =
    typeof question === 'string'
      ? question
      : await vscode.window.showInputBox({
          title: vscode.l10n.t('Ask DeepSeek'),
          prompt: source === undefined ? vscode.l10n.t('Answered on your machine, in the Seekpod chat.') : vscode.l10n.t('The selection of {0} goes along.', source.path),
          placeHolder: vscode.l10n.t('What do you want to know?'),
          ignoreFocusOut: true,
        });
  if (text === undefined || text.trim() === '') return;
  await view.reveal({ type: 'focusComposer' });
  await chat.askFresh(text, source === undefined ? [] : [source]);
}

async function askAboutCode({ chat, view }: CommandDeps, action: SelectionAction): Promise<void> {
  const source = codeSource();
  if (source === undefined) {
    void vscode.window.showInformationMessage(vscode.l10n.t('Open a file and select the code first.'));
    return;
  }
  await view.reveal({ type: 'focusComposer' });
  await chat.askFresh(templateQuestion(action), [source]);
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
