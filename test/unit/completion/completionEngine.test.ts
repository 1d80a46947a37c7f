import assert from 'node:assert/strict';
import { CompletionEngine } from '../../../src/engine/completion/completionEngine.js';
import type { CompletionSettings } from '../../../src/engine/completion/completionSettings.js';
import type { CompletionOutcome } from '../../../src/engine/completion/outcome.js';
import { RecentChunks } from '../../../src/engine/completion/recentChunks.js';
import type { DocumentSnapshot } from '../../../src/engine/completion/snapshot.js';
import { FakeCompletionStream } from '../../support/fakeCompletionStream.js';
import { ManualClock, settle } from '../../support/manualClock.js';
import { snapshotAt } from '../../support/snapshotAt.js';
import { defaultCompletionSettings } from '../../support/typist.js';

/** An engine on a fake model, with a keyboard. */
class Bench {
  readonly model = new FakeCompletionStream();
  readonly clock = new ManualClock();
  readonly chunks = new RecentChunks();
  settings = defaultCompletionSettings;
  readonly engine = new CompletionEngine({
    stream: this.model.stream,
    settings: () => this.settings,
    clock: this.clock,
    chunks: this.chunks,
    slot: 'window-1',
  });

  /** Asks for a completion of a text typed just now; a second has to pass for the debounce. */
  type(marked: string, changes: Partial<DocumentSnapshot> = {}, signal = new AbortController().signal): Promise<CompletionOutcome> {
    return this.engine.complete(snapshotAt(marked, { changedAt: this.clock.now(), ...changes }), signal);
  }

  /** Asks, lets the model answer and be done. */
  async answer(marked: string, text: string, changes: Partial<DocumentSnapshot> = {}): Promise<CompletionOutcome> {
    const outcome = this.type(marked, changes);
    await this.clock.advance(1_000);
    this.model.last.say(text).end();
    return outcome;
  }
}

function textOf(outcome: CompletionOutcome): string {
  assert.equal(outcome.kind, 'shown', JSON.stringify(outcome));
  return outcome.kind === 'shown' ? outcome.text : '';
}

/** What an outcome says without its figures. */
function gist(outcome: CompletionOutcome): unknown {
  if (outcome.kind !== 'shown') return outcome;
  return { text: outcome.text, source: outcome.source, overtype: outcome.overtype };
}

describe('CompletionEngine', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });
  afterEach(async () => {
    bench.engine.dispose();
    await settle();
    assert.equal(bench.clock.waiting, 0, 'no timer outlives the engine');
  });

  describe('a request', () => {
    it('shows what the model says, up to the end of the line', async () => {
      const outcome = await bench.answer('const x = |\nconst y = 2;\n', 'add(1);\nmore\n');
      assert.deepEqual(gist(outcome), { text: 'add(1);', source: 'model', overtype: 0 });
    });

    it('is aborted in the worker as soon as the line is complete', async () => {
      const outcome = bench.type('const x = |');
      await bench.clock.advance(1_000);
      const request = bench.model.last;
      request.say('add(1);', '\n', 'more');
      assert.equal(textOf(await outcome), 'add(1);');
      assert.equal(request.aborted, true);
    });

    it('counts tokens and times', async () => {
      const outcome = bench.type('const x = |');
      await bench.clock.advance(75);
      await bench.clock.advance(20);
      bench.model.last.say('a', 'dd').end();
      const result = await outcome;
      assert.deepEqual(result.kind === 'shown' ? result.stats : null, {
        latencyMs: 95,
        debounceMs: 75,
        promptTokens: 10,
        cachedTokens: 8,
        generatedTokens: 2,
        timeToFirstTokenMs: 20,
      });
    });

    it('differs from the one of the keystroke before in its tail alone', async () => {
      void bench.type('let a = 1;\nco|\nlet z;\n');
      await bench.clock.advance(1_000);
      const first = bench.model.last.request;
      bench.model.last.say('x').end();
      await settle();
      void bench.type('let a = 1;\ncon|\nlet z;\n');
      await bench.clock.advance(1_000);
      const second = bench.model.last.request;
      assert.notEqual(first, second);
      assert.deepEqual({ ...second, prompt: { ...second.prompt, tail: 'co' } }, first);
    });

    it('is empty when the model says nothing, and is not asked again at the same place', async () => {
      const marked = 'const x = 1;|\nlet y;\n';
      assert.deepEqual(await bench.answer(marked, ''), { kind: 'empty', reason: 'nothing' });
      assert.deepEqual(await bench.type(marked), { kind: 'empty', reason: 'nothing' });
      assert.equal(bench.model.requests.length, 1);
    });

    it('fails with the failure of the engine, and nothing is thrown', async () => {
      const outcome = bench.type('const x = |');
      await bench.clock.advance(1_000);
      bench.model.last.fail({ code: 'fimUnsupported', model: 'chatty' });
      assert.deepEqual(await outcome, { kind: 'failed', failure: { code: 'fimUnsupported', model: 'chatty' } });
    });

    it('pauses after a failure unless the user asks for it', async () => {
      const failing = bench.type('const x = |');
      await bench.clock.advance(1_000);
      bench.model.last.fail({ code: 'connectionLost' });
      await failing;
      assert.deepEqual(await bench.type('const xy = |'), { kind: 'empty', reason: 'pausedAfterFailure' });
      assert.equal(textOf(await bench.answer('const xy = |', 'ok', { trigger: 'manual' })), 'ok');
      assert.equal(textOf(await bench.answer('const abc = |', 'fine')), 'fine');
    });
  });

  describe('guards', () => {
    const refused: readonly [string, Partial<DocumentSnapshot>, Partial<CompletionSettings>, string][] = [
      ['const x = |', {}, { enabled: false }, 'off'],
      ['const x = |', {}, { languages: { typescript: false } }, 'languageOff'],
      ['const x = |', {}, { languages: { '*': false } }, 'languageOff'],
      ['const x = |', {}, { automatic: false }, 'manualOnly'],
      ['const x = |, 123456789', {}, {}, 'textRightOfCursor'],
      ['  \n|\n', {}, {}, 'emptyDocument'],
      [`${'x'.repeat(2_001)}|`, {}, {}, 'lineTooLong'],
    ];
    for (const [marked, changes, settings, reason] of refused) {
      it(`ask nothing of the model: ${reason}`, async () => {
        bench.settings = { ...defaultCompletionSettings, ...settings };
        assert.deepEqual(await bench.type(marked, changes), { kind: 'empty', reason });
        assert.equal(bench.model.requests.length, 0);
      });
    }

    it('let a language through that is on while the others are off', async () => {
      bench.settings = { ...defaultCompletionSettings, languages: { '*': false, typescript: true } };
      assert.equal(textOf(await bench.answer('const x = |', '1')), '1');
    });

    it('let the manual trigger through where automatic completion is off', async () => {
      bench.settings = { ...defaultCompletionSettings, automatic: false };
      assert.equal(textOf(await bench.answer('const x = |', '1', { trigger: 'manual' })), '1');
    });

    it('abort the running request', async () => {
      void bench.type('const x = |');
      await bench.clock.advance(1_000);
      await bench.type('const x = |, 123456789');
      assert.equal(bench.model.last.aborted, true);
    });
  });

  describe('typing along', () => {
    const origin = 'const x = |\nlet y;\n';
    beforeEach(async () => {
      await bench.answer(origin, 'add(1, 2);');
      bench.model.last.say('').end();
      await settle();
    });

    const along: readonly [string, unknown][] = [
      ['const x = a|\nlet y;\n', { text: 'dd(1, 2);', source: 'typedThrough', overtype: 0 }],
      ['const x = add(1, 2)|\nlet y;\n', { text: ';', source: 'typedThrough', overtype: 0 }],
      ['const x = add(|)\nlet y;\n', { text: '1, 2);', source: 'typedThrough', overtype: 1 }],
    ];
    for (const [marked, expected] of along) {
      it(`shows the rest without a request: ${JSON.stringify(marked)}`, async () => {
        const before = bench.model.requests.length;
        assert.deepEqual(gist(await bench.type(marked)), expected);
        assert.equal(bench.model.requests.length, before);
      });
    }

    it('shows it again after going back within it', async () => {
      await bench.type('const x = add|\nlet y;\n');
      assert.equal(textOf(await bench.type('const x = a|\nlet y;\n')), 'dd(1, 2);');
    });

    it('asks the model when something else is typed', async () => {
      const outcome = await bench.answer('const x = s|\nlet y;\n', 'ub(1);');
      assert.deepEqual(gist(outcome), { text: 'ub(1);', source: 'model', overtype: 0 });
    });

    it('asks the model when the text after the cursor has changed', async () => {
      const outcome = await bench.answer('const x = a|\nlet other;\n', 'b');
      assert.deepEqual(gist(outcome), { text: 'b', source: 'model', overtype: 0 });
    });
  });

  describe('the cache', () => {
    it('serves an earlier completion after another one has been shown', async () => {
      await bench.answer('const x = |\nlet y;\n', 'add(1);');
      await bench.answer('const x = s|\nlet y;\n', 'ub(1);');
      assert.deepEqual(gist(await bench.type('const x = a|\nlet y;\n')), { text: 'dd(1);', source: 'cache', overtype: 0 });
    });

    it('is empty after a reset', async () => {
      await bench.answer('const x = |', 'add(1);');
      bench.engine.reset();
      assert.equal(textOf(await bench.answer('const x = |', 'other')), 'other');
    });
  });

  describe('a running request', () => {
    it('is shared by the next keystroke when the model says what is typed', async () => {
      const first = bench.type('const x = |');
      await bench.clock.advance(1_000);
      const request = bench.model.last.say('ad');
      const second = bench.type('const x = a|');
      request.say('d(1);').end();
      assert.deepEqual(await first, { kind: 'cancelled', stage: 'stream' });
      assert.deepEqual(gist(await second), { text: 'dd(1);', source: 'inFlight', overtype: 0 });
    });

    it('is shared before it has said anything', async () => {
      void bench.type('const x = |');
      await bench.clock.advance(1_000);
      const second = bench.type('const x = ad|');
      bench.model.last.say('add').end();
      assert.equal(textOf(await second), 'd');
    });

    it('is aborted when the typed text is not what it says', async () => {
      const first = bench.type('const x = |');
      await bench.clock.advance(1_000);
      const request = bench.model.last.say('ad');
      const second = bench.type('const x = s|');
      assert.equal(request.aborted, true);
      assert.deepEqual(await first, { kind: 'cancelled', stage: 'stream' });
      await bench.clock.advance(1_000);
      assert.equal(bench.model.requests.length, 2);
      bench.model.last.say('ub').end();
      assert.deepEqual(gist(await second), { text: 'ub', source: 'model', overtype: 0 });
    });

    it('is aborted and replaced when it turns out later to say something else', async () => {
      void bench.type('const x = |');
      await bench.clock.advance(1_000);
      const request = bench.model.last;
      const second = bench.type('const x = s|');
      await settle();
      assert.equal(request.aborted, false);
      request.say('add');
      await bench.clock.advance(1_000);
      assert.equal(request.aborted, true);
      bench.model.last.say('ub').end();
      assert.equal(textOf(await second), 'ub');
    });

    it('is aborted when the cursor is somewhere else', async () => {
      void bench.type('const x = |\nlet y;\n');
      await bench.clock.advance(1_000);
      const request = bench.model.last;
      void bench.type('const x = \nlet |y;\n');
      assert.equal(request.aborted, true);
    });

    it('goes on for a moment after its caller has left, and is aborted when nobody comes', async () => {
      const caller = new AbortController();
      const outcome = bench.type('const x = |', {}, caller.signal);
      await bench.clock.advance(1_000);
      caller.abort();
      assert.deepEqual(await outcome, { kind: 'cancelled', stage: 'stream' });
      assert.equal(bench.model.last.aborted, false);
      await bench.clock.advance(200);
      assert.equal(bench.model.last.aborted, true);
    });

    it('passes its failure to whoever has joined it', async () => {
      void bench.type('const x = |');
      await bench.clock.advance(1_000);
      const second = bench.type('const x = a|');
      bench.model.last.fail({ code: 'connectionLost' });
      assert.deepEqual(await second, { kind: 'failed', failure: { code: 'connectionLost' } });
    });
  });

  describe('the debounce', () => {
    it('counts the time that has passed since the keystroke', async () => {
      void bench.type('const x = |', { changedAt: -70 });
      await bench.clock.advance(4);
      assert.equal(bench.model.requests.length, 0);
      await bench.clock.advance(1);
      assert.equal(bench.model.requests.length, 1);
    });

    it('is over for a document that has been quiet, and left out for the manual trigger', async () => {
      void bench.type('const x = |', { changedAt: Number.NEGATIVE_INFINITY });
      await settle();
      assert.equal(bench.model.requests.length, 1);
      void bench.type('const y = |', { trigger: 'manual' });
      await settle();
      assert.equal(bench.model.requests.length, 2);
    });

    it('is ended by the next keystroke, and one request is made for both', async () => {
      const first = bench.type('const x = |');
      await bench.clock.advance(10);
      const second = bench.type('const x = a|');
      assert.deepEqual(await first, { kind: 'cancelled', stage: 'debounce' });
      await bench.clock.advance(1_000);
      assert.equal(bench.model.requests.length, 1);
      bench.model.last.say('b').end();
      assert.equal(textOf(await second), 'b');
    });

    it('is ended by the caller', async () => {
      const caller = new AbortController();
      const outcome = bench.type('const x = |', {}, caller.signal);
      caller.abort();
      assert.deepEqual(await outcome, { kind: 'cancelled', stage: 'debounce' });
      assert.equal(bench.clock.waiting, 0);
    });
  });

  describe('computing ahead', () => {
    const origin = 'const x = |\nlet y;\n';
    const accepted = 'const x = add(1);|\nlet y;\n';

    it('asks for what follows an accepted line, which is there when it is accepted', async () => {
      await bench.answer(origin, 'add(1);');
      assert.equal(bench.model.last.request.prompt.tail, 'const x = add(1);');
      bench.model.last.say('\nconst z = 3;', '\n').end();
      await settle();
      assert.deepEqual(gist(await bench.type(accepted)), { text: '\nconst z = 3;', source: 'cache', overtype: 0 });
    });

    it('is joined when it is still running', async () => {
      await bench.answer(origin, 'add(1);');
      const outcome = bench.type(accepted);
      bench.model.last.say(' // sum').end();
      assert.deepEqual(gist(await outcome), { text: ' // sum', source: 'inFlight', overtype: 0 });
    });

    it('goes on while the suggestion is typed, and is aborted by any other keystroke', async () => {
      await bench.answer(origin, 'add(1);');
      const ahead = bench.model.last;
      await bench.type('const x = ad|\nlet y;\n');
      assert.equal(ahead.aborted, false);
      void bench.type('const x = ax|\nlet y;\n');
      assert.equal(ahead.aborted, true);
    });

    it('has several lines where the accepted line opens a block', async () => {
      await bench.answer('if (|\nnext();\n', 'x) {');
      bench.model.last.say('\n  a();\n', '  b();\n', '}\n', 'c();').end();
      await settle();
      assert.equal(textOf(await bench.type('if (x) {|\nnext();\n')), '\n  a();\n  b();\n}');
    });

    it('is left out for who asks by key', async () => {
      await bench.answer(origin, 'add(1);', { trigger: 'manual' });
      assert.equal(bench.model.requests.length, 1);
    });

    it('is left out after several lines, which would move the prefix', async () => {
      await bench.answer('function f() {|\n', '\n  return 1;\n}');
      assert.equal(bench.model.requests.length, 1);
    });
  });

  describe('warming', () => {
    it('evaluates the prompt with the recent chunks and ends at the first text', async () => {
      bench.chunks.offer({ uri: 'file:///other.ts', path: 'other.ts', text: 'const first = 1;\nconst second = 2;\nconst third = 3;\n' });
      bench.chunks.admit(16);
      const warmed = bench.engine.warm(snapshotAt('const x = |'));
      const request = bench.model.last;
      assert.deepEqual(request.request.prompt.context, ['#other.ts\nconst first = 1;\nconst second = 2;\nconst third = 3;\n']);
      request.say('x');
      await warmed;
      assert.equal(request.aborted, true);
    });

    it('gives way to the next request', async () => {
      const warmed = bench.engine.warm(snapshotAt('const x = |'));
      const warming = bench.model.last;
      void bench.type('const x = a|');
      await bench.clock.advance(1_000);
      await warmed;
      assert.equal(warming.aborted, true);
      assert.equal(bench.model.requests.length, 2);
    });
  });

  describe('the end', () => {
    it('settles what is open and aborts the worker', async () => {
      const outcome = bench.type('const x = |');
      await bench.clock.advance(1_000);
      bench.engine.dispose();
      assert.deepEqual(await outcome, { kind: 'cancelled', stage: 'stream' });
      assert.equal(bench.model.last.aborted, true);
      assert.deepEqual(await bench.type('const x = a|'), { kind: 'cancelled', stage: 'start' });
    });
  });
});
