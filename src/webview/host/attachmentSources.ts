import * as vscode from 'vscode';
import { maxTextCharacters } from '../../engine/chat/conversation.js';
import type { AttachSource } from '../protocol.js';
import type { AttachOutcome, AttachRefusal } from './chatPorts.js';
import { targetEditor } from './proposedChange.js';

/** Most files offered for a choice. */
const maxFiles = 5_000;

const refused = (reason: AttachRefusal): AttachOutcome => ({ kind: 'refused', reason });

/** A whole document as an attachment. */
function documentAttachment(document: vscode.TextDocument): AttachOutcome {
  const text = document.getText();
  if (text.length > maxTextCharacters) return refused('attachmentTooLarge');
  if (text.includes('\0')) return refused('binaryFile');
  const path = vscode.workspace.asRelativePath(document.uri);
  return { kind: 'attached', source: { kind: 'file', path, uri: document.uri.toString(), language: document.languageId, lines: null, text } };
}

/** The selected lines of an editor as an attachment. */
function selectionAttachment(editor: vscode.TextEditor): AttachOutcome {
  const { document, selection } = editor;
  if (selection.isEmpty) return refused('noSelection');
  const text = document.getText(selection);
  if (text.length > maxTextCharacters) return refused('attachmentTooLarge');
  // A selection that ends at the start of a line does not take that line in.
  const last = selection.end.character === 0 && selection.end.line > selection.start.line ? selection.end.line : selection.end.line + 1;
  const path = vscode.workspace.asRelativePath(document.uri);
  return {
    kind: 'attached',
    source: { kind: 'selection', path, uri: document.uri.toString(), language: document.languageId, lines: { first: selection.start.line + 1, last }, text },
  };
}

/** The editor that a question is about. Code of a notebook or of an earlier state is read, too, though no answer can be put there. */
function sourceEditor(): vscode.TextEditor | undefined {
  const active = vscode.window.activeTextEditor;
  return active !== undefined && ['vscode-notebook-cell', 'git'].includes(active.document.uri.scheme) ? active : targetEditor();
}

/** The selection in the editor. */
export function selectedCode(): AttachOutcome {
  const editor = sourceEditor();
  return editor === undefined ? refused('noEditor') : selectionAttachment(editor);
}

/** The selection in the editor, else all that is in it. */
export function codeAtHand(): AttachOutcome {
  const editor = sourceEditor();
  if (editor === undefined) return refused('noEditor');
  return editor.selection.isEmpty ? documentAttachment(editor.document) : selectionAttachment(editor);
}

async function pickFile(): Promise<vscode.Uri | undefined> {
  const found = vscode.workspace.findFiles('**/*', undefined, maxFiles);
  const items = found.then((uris) =>
    uris
      .map((uri) => ({ label: vscode.workspace.asRelativePath(uri), uri }))
      .sort((a, b) => a.label.localeCompare(b.label)),
  );
  const picked = await vscode.window.showQuickPick(items, { placeHolder: vscode.l10n.t('File to attach to the question') });
  return picked?.uri;
}

/** Gets what the user wants to attach; rejects when a picked file cannot be opened. */
export async function attachFrom(source: AttachSource): Promise<AttachOutcome> {
  if (source === 'pick') {
    const uri = await pickFile();
    if (uri === undefined) return refused('dismissed');
    try {
      return documentAttachment(await vscode.workspace.openTextDocument(uri));
    } catch {
      return refused('binaryFile');
    }
  }
  if (source === 'selection') return selectedCode();
  const editor = sourceEditor();
  return editor === undefined ? refused('noEditor') : documentAttachment(editor.document);
}
