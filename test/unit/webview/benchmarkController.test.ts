import assert from 'node:assert/strict';
import { deferred } from '../../../src/engine/base/async.js';
import { EngineError } from '../../../src/engine/base/errors.js';
import { Emitter } from '../../../src/engine/base/event.js';
import { Logger, type LogRecord } from '../../../src/engine/base/logger.js';
import { benchmarkMarkdown } from '../../../src/engine/protocol/benchmarkText.js';
import type { ModelsActions } from '../../../src/engine/protocol/modelsActions.js';
import type { BenchmarkEvent, BenchmarkRow } from '../../../src/engine/protocol/modelTypes.js';
import { type BenchmarkHostMessage, type BenchmarkState, parseBenchmarkHostMessage } from '../../../src/webview/benchmarkProtocol.js';
import { BenchmarkController } from '../../../src/webview/host/benchmark/benchmarkController.js';
import { checkLeaks } from '../../support/leaks.js';
import { someRow } from '../../support/modelExamples.js';

/** A view whose engine the test plays. */
class Setup {
  readonly fromView = new Emitter<unknown>();
  readonly sent: BenchmarkHostMessage[] = [];
  readonly copied: string[] = [];
  readonly records: LogRecord[] = [];
  readonly asked: { readonly what: unknown; readonly onEvent: (event: BenchmarkEvent) => void; readonly signal: AbortSignal; readonly end: ReturnType<typeof deferred<BenchmarkRow[]>> }[] = [];

  readonly benchmark: ModelsActions['benchmark'] = (what, onEvent, signal) => {
    const end = deferred<BenchmarkRow[]>();
    signal.addEventListener('abort', () => end.reject(new EngineError({ code: 'cancelled' })));
    this.asked.push({ what, onEvent, signal, end });
    return end.promise;
  };

  readonly controller = new BenchmarkController({
    models: { benchmark: this.benchmark },
    // As it comes through to the page.
    post: (message) => this.sent.push(parseBenchmarkHostMessage(structuredClone(message)) ?? assert.fail('the page would not understand it')),
    onMessage: this.fromView.event,
    copy: async (text) => void this.copied.push(text),
    log: new Logger({ write: (record) => this.records.push(record) }, 'test'),
  });

  get shown(): BenchmarkState | null {
    const states = this.sent.flatMap((message) => (message.type === 'state' ? [message.state] : []));
    return states.at(-1) ?? null;
  }

  get run() {
    return this.asked.at(-1) ?? assert.fail('nothing was asked');
  }
}

describe('view of the benchmark', () => {
  const home = checkLeaks();
  let setup: Setup;
  beforeEach(() => {
    setup = new Setup();
    home.atEnd(() => setup.controller.dispose());
  });

  it('shows what is being measured, each row when it is there, and that it is done', async () => {
    const started = setup.controller.start();
    assert.deepEqual(setup.shown, { phase: { kind: 'measuring', now: null }, rows: [] });
    assert.deepEqual(setup.run.what, { ids: [], pod: true });
    setup.run.onEvent({ kind: 'measuring', model: 'Coder', where: 'here', done: 0, of: 2 });
    assert.deepEqual(setup.shown?.phase, { kind: 'measuring', now: { model: 'Coder', where: 'here', done: 0, of: 2 } });
    setup.run.onEvent({ kind: 'row', row: someRow });
    assert.deepEqual(setup.shown?.rows, [someRow]);
    setup.run.end.resolve([someRow]);
    await started;
    assert.deepEqual(setup.shown, { phase: { kind: 'done' }, rows: [someRow] });
  });

  it('is stopped by its button, and keeps what was measured', async () => {
    const started = setup.controller.start();
    setup.run.onEvent({ kind: 'row', row: someRow });
    setup.fromView.fire({ type: 'stop' });
    assert.ok(setup.run.signal.aborted);
    await started;
    assert.deepEqual(setup.shown, { phase: { kind: 'stopped' }, rows: [someRow] });
  });

  it('says why it could not measure', async () => {
    const started = setup.controller.start();
    setup.run.end.reject(new EngineError({ code: 'connectionLost' }));
    await started;
    assert.deepEqual(setup.shown, { phase: { kind: 'failed', failure: { code: 'connectionLost' } }, rows: [] });
  });

  it('measures once at a time, and again when it is asked to', async () => {
    const started = setup.controller.start();
    setup.fromView.fire({ type: 'start' });
    assert.equal(setup.asked.length, 1);
    setup.run.end.resolve([someRow]);
    await started;
    setup.fromView.fire({ type: 'start' });
    assert.equal(setup.asked.length, 2);
    assert.deepEqual(setup.shown?.rows, []);
  });

  it('tells a page that comes back where it is', () => {
    void setup.controller.start();
    const before = setup.sent.length;
    setup.fromView.fire({ type: 'ready' });
    assert.equal(setup.sent.length, before + 1);
    assert.deepEqual(setup.shown?.phase, { kind: 'measuring', now: null });
  });

  it('puts the table on the clipboard and says so', async () => {
    void setup.controller.start();
    setup.run.onEvent({ kind: 'row', row: someRow });
    setup.fromView.fire({ type: 'copy' });
    await new Promise(setImmediate);
    assert.deepEqual(setup.copied, [benchmarkMarkdown([someRow])]);
    assert.deepEqual(setup.sent.at(-1), { type: 'copied' });
  });

  it('that is closed ends the measuring and says nothing more', async () => {
    const started = setup.controller.start();
    const before = setup.sent.length;
    setup.controller.dispose();
    assert.ok(setup.run.signal.aborted);
    await started;
    assert.equal(setup.sent.length, before);
  });

  it('ignores what is no message of its page', () => {
    for (const value of [null, {}, { type: 'delete' }, 'start']) setup.fromView.fire(value);
    assert.equal(setup.asked.length, 0);
    assert.equal(setup.records.length, 4);
  });
});
