import assert from 'node:assert/strict';
import { deferred } from '../../src/engine/base/async.js';
import { isFailure } from '../support/failures.js';
import { layeredModel } from '../support/testModels.js';
import { calf, openWorkers, WorkerProcess } from '../support/workerProcess.js';

const functions = Array.from({ length: 40 }, (_, index) => `export function twice${index}(n: number): number {\n  return n * ${index};\n}\n`).join('\n');
const prompt = (tail: string, prefix = functions): { context: string[]; prefix: string; suffix: string; tail: string } => ({
  context: ['#src/other.ts\nexport const one = 1;\n'],
  prefix: `${prefix}\nexport function add(a: number, b: number): number {\n`,
  suffix: '\n}\n',
  tail,
});

describe('worker: slots and the KV cache', () => {
  let worker: WorkerProcess;
  beforeEach(async () => {
    worker = await WorkerProcess.withCalf();
  });
  afterEach(async () => {
    await worker.stop();
    assert.deepEqual(openWorkers(), []);
  });

  it('evaluates at most the typed tokens and a few more for a keystroke in the same line', async () => {
    const cold = await worker.complete({ prompt: prompt('  '), maxTokens: 4 });
    assert.equal(cold.result.stats.cachedTokens, 0);
    for (const tail of ['  r', '  re', '  ret', '  return', '  return ', '  return a', '  return a +']) {
      const before = await worker.counters();
      const { result } = await worker.complete({ prompt: prompt(tail), maxTokens: 1 });
      const evaluated = (await worker.counters()).evaluatedTokens - before.evaluatedTokens;
      assert.equal(evaluated, result.stats.evaluatedTokens);
      assert.ok(evaluated <= 4, `${tail}: ${evaluated} evaluated`);
      assert.ok(result.stats.cachedTokens > 400);
    }
  });

  it('warms a slot without generating, and the request that follows finds all of it', async () => {
    const warm = await worker.complete({ prompt: prompt('  return'), maxTokens: 0 });
    assert.deepEqual([warm.text, warm.tokens, warm.result.finish], ['', [], 'length']);
    const { result } = await worker.complete({ prompt: prompt('  return'), maxTokens: 8 });
    assert.ok(result.stats.evaluatedTokens <= 1);
  });

  it('evaluates nothing anew when two slots alternate', async () => {
    const ask = async (slot: string): Promise<number> =>
      (await worker.complete({ slot, prompt: prompt('  return', slot === 'a' ? functions : `${functions}// b`), maxTokens: 4 })).result.stats.evaluatedTokens;
    await ask('a');
    await ask('b');
    for (const slot of ['a', 'b', 'a', 'b']) assert.equal(await ask(slot), 1);
  });

  it('gives the slot used longest ago to a newcomer', async () => {
    const cached = async (slot: string): Promise<number> => {
      const own = `// ${slot}\n${functions}`;
      return (await worker.complete({ slot, prompt: { context: [], prefix: own, suffix: '', tail: '' }, maxTokens: 1 })).result.stats.cachedTokens;
    };
    await cached('a');
    await cached('b');
    await cached('a');
    await cached('c');
    assert.ok((await cached('a')) > 400, 'a was used after b and stayed');
    assert.ok((await cached('b')) < 20, 'b had to go');
  });

  it('answers two slots at once as it answers them alone', async () => {
    const questions = ['Write a function that adds two numbers.', 'Write a function that reverses a string.'];
    const ask = (slot: string, text = ''): Promise<{ text: string }> => worker.chat({ slot, turns: [{ role: 'user', text }] });
    const alone = [(await ask('x', questions[0])).text, (await ask('y', questions[1])).text];
    const together = await Promise.all([ask('x', questions[0]), ask('y', questions[1])]);
    assert.deepEqual(together.map((answer) => answer.text), alone);
  });

  it('lets a second request of a slot wait for the first', async () => {
    const order: string[] = [];
    const ask = async (name: string, text: string): Promise<string> => {
      const answer = await worker.chat({ slot: 'same', turns: [{ role: 'user', text }] }, { onEvent: (event) => event.kind === 'started' && order.push(name) });
      order.push(`${name} done`);
      return answer.text;
    };
    const [first, second] = await Promise.all([ask('first', 'Write a function that adds two numbers.'), ask('second', 'Write a function that doubles a number.')]);
    assert.deepEqual(order, ['first', 'first done', 'second', 'second done']);
    assert.match(first, /addNumbers/);
    assert.notEqual(second, first);
  });

  it('stops decoding within one step when a stream is cancelled', async () => {
    await worker.stop();
    worker = await WorkerProcess.withCalf({ model: { ...calf, path: layeredModel() } });
    const controller = new AbortController();
    const atCancel = deferred<number>();
    let texts = 0;
    const asked = worker.chat({ turns: [{ role: 'user', text: 'Write a function that adds two numbers.' }] }, {
      signal: controller.signal,
      onEvent: (event) => {
        if (event.kind !== 'text' || ++texts !== 3) return;
        controller.abort();
        // On the same channel after the cancellation: the answer shows the steps at the time it was heard.
        void worker.counters().then(({ decodeSteps }) => atCancel.resolve(decodeSteps), (error: unknown) => atCancel.reject(error));
      },
    });
    await assert.rejects(asked, isFailure('cancelled'));
    const then = await atCancel.promise;
    // Another request goes through all of the worker, so a step that was still under way has ended.
    const before = (await worker.counters()).decodeSteps;
    assert.ok(before - then <= 1, `${before - then} steps after the cancellation`);
    const { result } = await worker.chat({ slot: 'next', maxTokens: 1, turns: [{ role: 'user', text: 'Hi' }] });
    assert.equal((await worker.counters()).decodeSteps - before, 1, `only the next request decodes: ${JSON.stringify(result)}`);
  });

  it('stops within one batch when a long prompt is cancelled while it is evaluated', async () => {
    await worker.stop();
    worker = WorkerProcess.fork();
    await worker.load({ model: { ...calf, batchSize: 16 }, completion: { contextSize: 2_048, slots: 1 }, chat: null, remote: null });
    const controller = new AbortController();
    const asked = worker.complete({ prompt: prompt('  return') }, { signal: controller.signal, onEvent: (event) => event.kind === 'started' && controller.abort() });
    await assert.rejects(asked, isFailure('cancelled'));
    const { decodeSteps, evaluatedTokens } = await worker.counters();
    assert.ok(decodeSteps <= 4, `${decodeSteps} steps`);
    assert.equal(evaluatedTokens, 16 * decodeSteps);
    const again = await worker.complete({ prompt: prompt('  return'), maxTokens: 4 });
    assert.equal(again.result.stats.cachedTokens, evaluatedTokens, 'what was evaluated is used');
  });

  it('rejects a cancelled request that still waits for its slot, and serves the next', async () => {
    const controller = new AbortController();
    const first = worker.chat({ slot: 's', turns: [{ role: 'user', text: 'Write a function that adds two numbers.' }] });
    const second = worker.chat({ slot: 's', turns: [{ role: 'user', text: 'Hi' }] }, { signal: controller.signal });
    const third = worker.chat({ slot: 's', maxTokens: 2, turns: [{ role: 'user', text: 'Hi' }] });
    controller.abort();
    await assert.rejects(second, isFailure('cancelled'));
    assert.match((await first).text, /addNumbers/);
    assert.equal((await third).tokens.length, 2);
  });
});
