import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { maxTextCharacters } from '../../src/engine/chat/conversation.js';
import { codeAtHand, selectedCode } from '../../src/webview/host/attachmentSources.js';

const show = async (content: string): Promise<vscode.TextEditor> => vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ language: 'typescript', content }));
const all = (editor: vscode.TextEditor): vscode.Selection => new vscode.Selection(0, 0, editor.document.lineCount, 0);

describe('the code that a question is about', () => {
  afterEach(() => vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor'));

  it('is the selection, else the whole file', async () => {
    const editor = await show('one\ntwo\n');
    assert.deepEqual(selectedCode(), { kind: 'refused', reason: 'noSelection' });
    const whole = codeAtHand();
    assert.deepEqual(whole.kind === 'attached' && [whole.source.kind, whole.source.text], ['file', 'one\ntwo\n']);
    editor.selection = new vscode.Selection(0, 0, 1, 0);
    const selected = codeAtHand();
    assert.deepEqual(selected.kind === 'attached' && [selected.source.text, selected.source.lines], ['one\n', { first: 1, last: 1 }]);
  });

  it('is refused for its size, not as if there were none', async () => {
    const editor = await show('x'.repeat(maxTextCharacters + 1));
    editor.selection = all(editor);
    assert.deepEqual([codeAtHand(), selectedCode()], [{ kind: 'refused', reason: 'attachmentTooLarge' }, { kind: 'refused', reason: 'attachmentTooLarge' }]);
  });

  it('is that of a cell of a notebook, and not of a file beside it', async () => {
    const cell = new vscode.NotebookCellData(vscode.NotebookCellKind.Code, 'x = 1 + 1', 'python');
    const notebook = await vscode.workspace.openNotebookDocument('jupyter-notebook', new vscode.NotebookData([cell]));
    await show('in a file');
    await vscode.window.showNotebookDocument(notebook, { viewColumn: vscode.ViewColumn.Beside });
    await vscode.commands.executeCommand('notebook.cell.edit');
    const editor = vscode.window.activeTextEditor;
    assert.equal(editor?.document.uri.scheme, 'vscode-notebook-cell');
    editor.selection = all(editor);
    const selected = selectedCode();
    assert.deepEqual(selected.kind === 'attached' && selected.source.text, 'x = 1 + 1');
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });
});
