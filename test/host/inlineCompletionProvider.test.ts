import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { systemClock } from '../../src/engine/base/clock.js';
import { CompletionEngine } from '../../src/engine/completion/completionEngine.js';
import type { CompletionOutcome } from '../../src/engine/completion/outcome.js';
import { RecentChunks } from '../../src/engine/completion/recentChunks.js';
import { Logger, type LogRecord } from '../../src/engine/base/logger.js';
import type { Acceptance } from '../../src/host/acceptance.js';
import { DocumentChanges } from '../../src/host/documentChanges.js';
import { InlineCompletionProvider } from '../../src/host/inlineCompletionProvider.js';
import { FakeCompletionStream } from '../support/fakeCompletionStream.js';
import { TestSettings } from '../support/hostSettings.js';

const automatic = vscode.InlineCompletionTriggerKind.Automatic;
const byKey = vscode.InlineCompletionTriggerKind.Invoke;

describe('InlineCompletionProvider', () => {
  let model: FakeCompletionStream;
  let settings: TestSettings;
  let engine: CompletionEngine;
  let changes: DocumentChanges;
  let provider: InlineCompletionProvider;
  let outcomes: CompletionOutcome[];
  let logged: LogRecord[];
  beforeEach(() => {
    model = new FakeCompletionStream();
    settings = new TestSettings();
    engine = new CompletionEngine({ stream: model.stream, settings: () => settings.current.completion, clock: systemClock, chunks: new RecentChunks(), slot: 'test' });
    changes = new DocumentChanges(systemClock);
    outcomes = [];
    logged = [];
    const acceptance: Pick<Acceptance, 'offer'> = { offer: () => ({ command: 'none', title: '' }) };
    const log = new Logger({ write: (record) => logged.push(record) }, 'test');
    provider = new InlineCompletionProvider(engine, changes, acceptance, { log, onOutcome: (outcome) => outcomes.push(outcome) });
  });
  afterEach(() => {
    engine.dispose();
    changes.dispose();
  });

  interface Asked {
    readonly items: Promise<vscode.InlineCompletionItem[]>;
    readonly position: vscode.Position;
    readonly cancellation: vscode.CancellationTokenSource;
  }

  /** Asks at the cursor `|` of a new document. */
  async function ask(marked: string, context: Partial<vscode.InlineCompletionContext> = {}): Promise<Asked> {
    const offset = marked.indexOf('|');
    const document = await vscode.workspace.openTextDocument({ language: 'typescript', content: marked.slice(0, offset) + marked.slice(offset + 1) });
    const position = document.positionAt(offset);
    const cancellation = new vscode.CancellationTokenSource();
    const items = provider.provideInlineCompletionItems(document, position, { triggerKind: automatic, selectedCompletionInfo: undefined, ...context }, cancellation.token);
    return { items, position, cancellation };
  }

  it('puts the text at the cursor', async () => {
    const { items, position } = await ask('const x = |');
    model.last.say('add(1);').end();
    const [item] = await items;
    assert.equal(item?.insertText, 'add(1);');
    assert.deepEqual(item?.range, new vscode.Range(position, position));
  });

  it('types over the closers that the text brings along', async () => {
    const { items, position } = await ask('call(|);');
    model.last.say('a);').end();
    assert.deepEqual((await items)[0]?.range, new vscode.Range(position, position.translate(0, 2)));
  });

  it('goes on from the item of the suggest widget', async () => {
    const range = new vscode.Range(0, 8, 0, 10);
    const { items } = await ask('console.lo|', { selectedCompletionInfo: { range, text: 'log' } });
    assert.equal(model.last.request.prompt.tail, 'console.log');
    model.last.say('(x);').end();
    const [item] = await items;
    assert.equal(item?.insertText, 'log(x);');
    assert.deepEqual(item?.range, range);
  });

  it('asks for nothing in a language that is off', async () => {
    settings.change({ languages: { '*': true, typescript: false } });
    assert.deepEqual(await (await ask('const x = |')).items, []);
    assert.deepEqual(outcomes, [{ kind: 'empty', reason: 'languageOff' }]);
    assert.equal(model.requests.length, 0);
  });

  it('answers the key where automatic completion is off', async () => {
    settings.change({ automatic: false });
    assert.deepEqual(await (await ask('const x = |')).items, []);
    assert.deepEqual(outcomes, [{ kind: 'empty', reason: 'manualOnly' }]);
    const { items } = await ask('const x = |', { triggerKind: byKey });
    model.last.say('1').end();
    assert.equal((await items)[0]?.insertText, '1');
  });

  it('ends with the cancellation of the editor', async () => {
    const { items, cancellation } = await ask('const x = |');
    cancellation.cancel();
    assert.deepEqual(await items, []);
    assert.deepEqual(outcomes, [{ kind: 'cancelled', stage: 'stream' }]);
  });

  it('reports a failure and shows nothing', async () => {
    const { items } = await ask('const x = |');
    model.last.fail({ code: 'fimUnsupported', model: 'chatty' });
    assert.deepEqual(await items, []);
    assert.deepEqual(outcomes, [{ kind: 'failed', failure: { code: 'fimUnsupported', model: 'chatty' } }]);
  });

  it('logs nothing of the text', async () => {
    const { items } = await ask('const secret = |');
    model.last.say('hidden(1);').end();
    await items;
    assert.equal(logged.length, 1);
    assert.doesNotMatch(JSON.stringify(logged), /secret|hidden/);
  });
});
