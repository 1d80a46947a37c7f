import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Disposable } from '../../src/engine/base/disposable.js';
import { RecentChunks } from '../../src/engine/completion/recentChunks.js';
import type { DocumentSnapshot } from '../../src/engine/completion/snapshot.js';
import { feedRecentChunks } from '../../src/host/recentChunksFeed.js';
import { TestSettings } from '../support/hostSettings.js';
import { ManualClock } from '../support/manualClock.js';
import { snapshotAt } from '../support/snapshotAt.js';

describe('feedRecentChunks', () => {
  let clock: ManualClock;
  let chunks: RecentChunks;
  let settings: TestSettings;
  let ready: boolean;
  let warmed: DocumentSnapshot[];
  let feed: Disposable;
  beforeEach(() => {
    clock = new ManualClock();
    chunks = new RecentChunks();
    settings = new TestSettings();
    warmed = [];
    ready = true;
    feed = feedRecentChunks({
      chunks,
      completion: {
        warm: async (snapshot) => {
          warmed.push(snapshot);
        },
      },
      settings,
      clock,
      modelReady: () => ready,
    });
  });
  afterEach(async () => {
    feed.dispose();
    assert.equal(clock.waiting, 0, 'no timer outlives the feed');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  async function show(name: string): Promise<vscode.TextEditor> {
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    assert.ok(folder);
    const uri = vscode.Uri.joinPath(folder.uri, name);
    const lines = Array.from({ length: 200 }, (_, line) => `export const ${name.replaceAll(/\W/g, '_')}${line} = ${line};`);
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(lines.join('\n')));
    const editor = await vscode.window.showTextDocument(uri);
    await moveTo(editor, 1);
    return editor;
  }

  /** Puts the cursor into a line and waits until the editor has said so. */
  async function moveTo(editor: vscode.TextEditor, line: number): Promise<void> {
    const moved = new Promise<void>((resolve) => {
      const subscription = vscode.window.onDidChangeTextEditorSelection(({ textEditor, selections }) => {
        if (textEditor.document !== editor.document || selections[0]?.active.line !== line) return;
        subscription.dispose();
        resolve();
      });
    });
    editor.selection = new vscode.Selection(line, 0, line, 0);
    await moved;
  }

  const texts = (): string[] => chunks.select(snapshotAt('|'), 16).map(({ text }) => text);

  it('keeps the place of the editor that was left, once the keyboard is still', async () => {
    await show('left.ts');
    await show('entered.ts');
    assert.equal(chunks.waiting, 1);
    await clock.advance(2_999);
    assert.deepEqual(texts(), []);
    await clock.advance(1);
    const [text] = texts();
    assert.match(text ?? '', /^export const left_ts0 = 0;\n/);
    assert.equal(text?.trimEnd().split('\n').length, 64);
    assert.equal(chunks.select(snapshotAt('|'), 16)[0]?.path, 'left.ts');
    assert.deepEqual(warmed.map(({ path }) => path), ['entered.ts']);
  });

  it('loads no model to warm it', async () => {
    ready = false;
    await show('unloaded.ts');
    await show('reading.ts');
    await clock.advance(3_000);
    assert.equal(texts().length, 1);
    assert.deepEqual(warmed, []);
  });

  it('keeps the place that a jump leaves', async () => {
    const editor = await show('jumping.ts');
    await moveTo(editor, 150);
    await clock.advance(3_000);
    assert.match(texts()[0] ?? '', /jumping_ts0 /);
  });

  it('does not keep a step', async () => {
    const editor = await show('stepping.ts');
    await moveTo(editor, 20);
    assert.equal(chunks.waiting, 0);
  });

  it('keeps nothing of files with secrets, nor when the setting is zero', async () => {
    await show('secrets.ts');
    settings.change({ recentChunks: 0 });
    await show('plain.ts');
    await show('other.ts');
    assert.equal(chunks.waiting, 0);
  });
});
