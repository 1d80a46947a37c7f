import * as vscode from 'vscode';
import { takeMemoryChoice } from '../../host/models/memoryChoices.js';
import { safeLink } from '../protocol.js';
import { attachFrom } from './attachmentSources.js';
import type { ChatPorts } from './chatPorts.js';
import { languageId } from './languageId.js';
import { type ProposedChanges, targetEditor } from './proposedChange.js';

/** What the chat does in VS Code. */
export function editorPorts(changes: ProposedChanges): ChatPorts {
  return {
    attach: attachFrom,
    copy: async (text) => vscode.env.clipboard.writeText(text),
    async insertAtCursor(code) {
      const editor = targetEditor();
      if (editor === undefined) return 'noEditor';
      await editor.edit((edit) => {
        for (const selection of editor.selections) edit.replace(selection, code);
      });
      await vscode.window.showTextDocument(editor.document, { viewColumn: editor.viewColumn ?? vscode.ViewColumn.Active });
      return 'done';
    },
    proposeChange: (block) => changes.propose(block),
    async newFile({ code, language }) {
      const known = new Set(await vscode.languages.getLanguages());
      const id = languageId(language);
      const document = await vscode.workspace.openTextDocument({ content: code, ...(known.has(id) ? { language: id } : {}) });
      await vscode.window.showTextDocument(document);
    },
    async openLink(url) {
      const link = safeLink(url);
      if (link !== null) await vscode.env.openExternal(vscode.Uri.parse(link));
    },
    async saveMarkdown(fileName, markdown) {
      const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
      const uri = await vscode.window.showSaveDialog({
        ...(folder === undefined ? {} : { defaultUri: vscode.Uri.joinPath(folder, fileName) }),
        filters: { Markdown: ['md'] },
        title: vscode.l10n.t('Export Conversation'),
      });
      if (uri === undefined) return;
      await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(markdown));
      await vscode.window.showTextDocument(uri);
    },
    async chooseModel() {
      await vscode.commands.executeCommand('seekpod.chooseChatModel');
    },
    takeMemoryChoice: (choice, path) => takeMemoryChoice(choice, 'chat', path),
    setBusy: (busy) => void vscode.commands.executeCommand('setContext', 'seekpod.chatBusy', busy),
  };
}
