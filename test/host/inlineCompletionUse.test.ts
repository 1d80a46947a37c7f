import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import * as vscode from 'vscode';

const head = 'function add(a: number, b: number) { return ';

/** Asks and accepts until something has come, and answers what; the suite's own time limit ends it otherwise. */
async function accept(document: vscode.TextDocument, command: 'commit' | 'acceptNextWord' | 'acceptNextLine'): Promise<string> {
  const before = document.getText();
  while (document.getText() === before) {
    await vscode.commands.executeCommand('seekpod.completion.trigger');
    await wait(100);
    await vscode.commands.executeCommand(`editor.action.inlineSuggest.${command}`);
  }
  return document.getText().slice(before.length);
}

async function write(content: string): Promise<vscode.TextDocument> {
  const document = await vscode.workspace.openTextDocument({ language: 'typescript', content });
  const editor = await vscode.window.showTextDocument(document);
  const end = document.positionAt(content.length);
  editor.selection = new vscode.Selection(end, end);
  return document;
}

describe('inline completion in the editor', () => {
  after(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  it('is asked for by a key and accepted, with calf behind it', async () => {
    assert.match(await accept(await write(head), 'commit'), /^a \+ b;/);
  });

  it('is accepted word by word', async () => {
    const document = await write(head);
    const words: string[] = [];
    while (!words.join('').includes(';')) words.push(await accept(document, 'acceptNextWord'));
    assert.equal(words[0], 'a');
    assert.match(words.join(''), /^a \+ b;/);
  });

  it('is accepted line by line', async () => {
    const document = await write('function sleep(ms: number): Promise<void> {');
    assert.equal(await accept(document, 'acceptNextLine'), '\n');
    assert.match(await accept(document, 'acceptNextLine'), /^ +return new Promise\(.*;\n?$/);
  });

  it('is turned off and on for all languages', async () => {
    const enabled = (): boolean | undefined => vscode.workspace.getConfiguration('seekpod.completion').get('enabled');
    await vscode.commands.executeCommand('seekpod.completion.toggle');
    assert.equal(enabled(), false);
    await vscode.commands.executeCommand('seekpod.completion.toggle');
    assert.equal(enabled(), true);
  });

  it('is turned off and on for the language of the editor', async () => {
    const languages = (): unknown => vscode.workspace.getConfiguration('seekpod.completion').get('languages');
    await vscode.commands.executeCommand('seekpod.completion.toggleLanguage');
    assert.deepEqual(languages(), { '*': true, typescript: false });
    await vscode.commands.executeCommand('seekpod.completion.toggleLanguage');
    assert.deepEqual(languages(), { '*': true, typescript: true });
  });
});
