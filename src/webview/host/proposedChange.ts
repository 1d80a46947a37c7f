import path from 'node:path';
import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../engine/base/disposable.js';
import { Emitter } from '../../engine/base/event.js';
import type { CodeBlock, CodeOutcome } from './chatPorts.js';
import { proposedText } from './proposedText.js';

/** Scheme of the right side of the diff; package.json shows the buttons of the editor's title for it. */
export const proposedScheme = 'seekpod-proposed';

interface Proposal {
  readonly target: vscode.Uri;
  /** Of the file when the change was proposed. */
  readonly base: string;
  readonly text: string;
}

/** The editor that a code block is for: the one with the cursor, else one that can be seen. */
export function targetEditor(): vscode.TextEditor | undefined {
  const isFile = (editor: vscode.TextEditor): boolean => ['file', 'untitled', 'vscode-remote', 'vscode-vfs'].includes(editor.document.uri.scheme);
  const active = vscode.window.activeTextEditor;
  return active !== undefined && isFile(active) ? active : vscode.window.visibleTextEditors.find(isFile);
}

/** Shows a code block as a change of the file in an editor; nothing is changed until the user accepts. */
export class ProposedChanges implements vscode.TextDocumentContentProvider, Disposable {
  readonly #owned = new DisposableStore();
  readonly #changed = this.#owned.add(new Emitter<vscode.Uri>());
  readonly onDidChange: vscode.Event<vscode.Uri> = (listener, self, disposables) => {
    const subscription = this.#changed.event(self === undefined ? listener : listener.bind(self));
    disposables?.push(subscription);
    return subscription;
  };
  readonly #proposals = new Map<string, Proposal>();

  constructor() {
    // Comparisons that VS Code has brought back with the window: what they proposed is gone.
    void vscode.window.tabGroups.close(this.#openTabs().map(({ tab }) => tab));
    this.#owned.add(vscode.workspace.registerTextDocumentContentProvider(proposedScheme, this));
    this.#owned.add(vscode.window.tabGroups.onDidChangeTabs(() => this.#forgetClosed()));
    this.#owned.add(vscode.commands.registerCommand('seekpod.acceptDiff', () => this.#accept()));
    this.#owned.add(vscode.commands.registerCommand('seekpod.discardDiff', () => this.#discard()));
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#proposals.get(uri.toString())?.text ?? '';
  }

  async propose({ code, attachments }: CodeBlock): Promise<CodeOutcome> {
    const editor = targetEditor();
    if (editor === undefined) return 'noEditor';
    const { document, selection } = editor;
    const base = document.getText();
    const text = proposedText(
      {
        uri: document.uri.toString(),
        text: base,
        selection: { start: document.offsetAt(selection.start), end: document.offsetAt(selection.end) },
      },
      document.eol === vscode.EndOfLine.CRLF ? code.replace(/\r?\n/g, '\r\n') : code,
      attachments,
    );
    if (text === base) return 'nothingChanges';
    const uri = document.uri.with({ scheme: proposedScheme, query: document.uri.toString(), authority: '' });
    this.#proposals.set(uri.toString(), { target: document.uri, base, text });
    this.#changed.fire(uri);
    const title = vscode.l10n.t('{0} (proposed change)', path.basename(document.uri.path));
    await vscode.commands.executeCommand('vscode.diff', document.uri, uri, title, { preview: true });
    return 'done';
  }

  dispose(): void {
    this.#proposals.clear();
    this.#owned.dispose();
  }

  #openTabs(): { readonly tab: vscode.Tab; readonly uri: vscode.Uri }[] {
    return vscode.window.tabGroups.all.flatMap((group) =>
      group.tabs.flatMap((tab) =>
        tab.input instanceof vscode.TabInputTextDiff && tab.input.modified.scheme === proposedScheme ? [{ tab, uri: tab.input.modified }] : [],
      ),
    );
  }

  /** The diff that the user looks at, in the group with the focus if there are several. */
  #shown(): { readonly tab: vscode.Tab; readonly uri: vscode.Uri } | undefined {
    const tabs = this.#openTabs();
    return tabs.find(({ tab }) => tab.isActive && tab.group.isActive) ?? tabs.find(({ tab }) => tab.isActive);
  }

  async #accept(): Promise<void> {
    const shown = this.#shown();
    const proposal = shown === undefined ? undefined : this.#proposals.get(shown.uri.toString());
    if (shown === undefined || proposal === undefined) return;
    const document = await vscode.workspace.openTextDocument(proposal.target);
    if (document.getText() !== proposal.base) {
      void vscode.window.showWarningMessage(vscode.l10n.t('{0} has changed since the change was proposed, so it was not applied. Close the comparison and apply the code block again.', path.basename(proposal.target.path)));
      return;
    }
    const edit = new vscode.WorkspaceEdit();
    edit.replace(proposal.target, ...minimalEdit(document, proposal.text));
    if (!(await vscode.workspace.applyEdit(edit))) {
      void vscode.window.showWarningMessage(vscode.l10n.t('{0} could not be changed. It may be read-only.', path.basename(proposal.target.path)));
      return;
    }
    await this.#close(shown);
    await vscode.window.showTextDocument(document, { preserveFocus: false });
  }

  async #discard(): Promise<void> {
    const shown = this.#shown();
    if (shown !== undefined) await this.#close(shown);
  }

  async #close({ tab, uri }: { readonly tab: vscode.Tab; readonly uri: vscode.Uri }): Promise<void> {
    this.#proposals.delete(uri.toString());
    await vscode.window.tabGroups.close(tab);
  }

  #forgetClosed(): void {
    const open = new Set(this.#openTabs().map(({ uri }) => uri.toString()));
    for (const key of this.#proposals.keys()) if (!open.has(key)) this.#proposals.delete(key);
  }
}

/** The smallest range and text that make the document read `text`, so that undo, cursors and breakpoints stay in place. */
function minimalEdit(document: vscode.TextDocument, text: string): [vscode.Range, string] {
  const old = document.getText();
  const shorter = Math.min(old.length, text.length);
  let start = 0;
  while (start < shorter && old[start] === text[start]) start++;
  let end = 0;
  while (end < shorter - start && old[old.length - 1 - end] === text[text.length - 1 - end]) end++;
  return [new vscode.Range(document.positionAt(start), document.positionAt(old.length - end)), text.slice(start, text.length - end)];
}
