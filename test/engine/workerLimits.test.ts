import assert from 'node:assert/strict';
import { EngineError } from '../../src/engine/base/errors.js';
import type { ChatTurn } from '../../src/engine/protocol/engineTypes.js';
import { isFailure } from '../support/failures.js';
import { openWorkers, WorkerProcess } from '../support/workerProcess.js';

const pair = (index: number): ChatTurn[] => [
  { role: 'user', text: `Question ${index}: ${'what does this function do? '.repeat(12)}` },
  { role: 'assistant', text: `Answer ${index}: ${'it adds two numbers. '.repeat(12)}` },
];
const last: ChatTurn = { role: 'user', text: 'Write a function that adds two numbers.' };

describe('worker: prompts and the context', () => {
  let worker: WorkerProcess;
  before(async () => {
    worker = await WorkerProcess.withCalf({ completion: { contextSize: 512, slots: 1 }, chat: { contextSize: 1_024, slots: 1 } });
  });
  after(async () => {
    await worker.stop();
    assert.deepEqual(openWorkers(), []);
  });

  it('drops the oldest turns of a chat that is too long, whole pairs, and says how many', async () => {
    const turns = [...Array.from({ length: 20 }, (_, index) => pair(index)).flat(), last];
    const { events, result } = await worker.chat({ turns, maxTokens: 8 });
    const started = events[0];
    assert.ok(started?.kind === 'started');
    assert.ok(started.droppedTurns > 0 && started.droppedTurns < 40);
    assert.equal(started.droppedTurns % 2, 0);
    assert.ok(result.stats.promptTokens < 1_024 - 8);
  });

  it('keeps the same turns for the next question, so that the cache stays valid', async () => {
    const turns = [...Array.from({ length: 20 }, (_, index) => pair(index)).flat(), last];
    const first = await worker.chat({ turns, maxTokens: 8, slot: 'long' });
    const next = await worker.chat({ turns: [...turns, { role: 'assistant', text: 'Here.' }, { role: 'user', text: 'And two more?' }], maxTokens: 8, slot: 'long' });
    assert.ok(next.result.stats.cachedTokens >= first.result.stats.promptTokens - 8, JSON.stringify([first.result.stats, next.result.stats]));
  });

  it('refuses a last message that is too long alone, with its tokens and the limit', async () => {
    await assert.rejects(worker.chat({ turns: [...pair(1), { role: 'user', text: 'word '.repeat(3_000) }] }), (error: unknown) => {
      assert.ok(EngineError.is(error, 'promptTooLong') && error.failure.code === 'promptTooLong');
      assert.ok(error.failure.tokens > error.failure.limit && error.failure.limit < 1_024);
      return true;
    });
    assert.match((await worker.chat({ turns: [last] })).text, /addNumbers/);
  });

  it('cuts a completion prompt that is too long, and ends an answer without end where the context ends', async () => {
    const code = Array.from({ length: 200 }, (_, index) => `const value${index} = ${index};\n`).join('');
    const prompt = { context: [`#a.ts\n${code}`, '#b.ts\nconst b = 1;\n'], prefix: code, suffix: `\n${code}`, tail: 'const list = [value1, value2, ' };
    const { result } = await worker.complete({ prompt, maxTokens: 32_768 });
    const { promptTokens, generatedTokens } = result.stats;
    assert.equal(result.finish, 'length');
    assert.ok(promptTokens > 256 && promptTokens < 512 - 100, `${promptTokens} tokens`);
    assert.equal(promptTokens + generatedTokens, 511);
  });

  it('does not slide the cut while a line is typed', async () => {
    const code = Array.from({ length: 200 }, (_, index) => `const value${index} = ${index};\n`).join('');
    const ask = (tail: string): Promise<{ result: { stats: { evaluatedTokens: number } } }> =>
      worker.complete({ prompt: { context: [], prefix: code, suffix: `\n${code}`, tail }, maxTokens: 1 });
    const line = 'const total = value1 + value2 + value3 + value4;';
    await ask('');
    const costs: number[] = [];
    for (let typed = 1; typed <= line.length; typed++) costs.push((await ask(line.slice(0, typed))).result.stats.evaluatedTokens);
    // The room shrinks by a token now and then, and the cut moves by a block at most once on the way.
    assert.ok(costs.filter((cost) => cost > 6).length <= 1, costs.join(' '));
  });

  it('refuses a tail that is too long alone', async () => {
    await assert.rejects(worker.complete({ prompt: { context: [], prefix: '', suffix: '', tail: 'a + '.repeat(2_000) } }), isFailure('promptTooLong'));
  });

  it('survives runs of one character that llama.cpp cannot split', async () => {
    for (const kind of ['a', '漢', '=', ' ', '\n', '7', '\uD800']) {
      const run = kind.repeat(50_000);
      assert.ok((await worker.countTokens(run)) > 100, JSON.stringify(kind));
      await assert.rejects(worker.chat({ turns: [{ role: 'user', text: run }] }), isFailure('promptTooLong'));
      await worker.complete({ prompt: { context: [run], prefix: run, suffix: run, tail: '' }, maxTokens: 1 });
    }
    // Short enough to be tokenized in a context of this size, and more than the stack takes.
    const larger = await WorkerProcess.withCalf({ completion: null });
    await assert.rejects(larger.chat({ turns: [{ role: 'user', text: '漢'.repeat(30_000) }] }), isFailure('promptTooLong'));
    await larger.stop();
  });

  it('counts the same in pieces as at once', async () => {
    const line = 'export const answer = compute(1, 2);\n';
    const one = await worker.countTokens(line);
    assert.equal(await worker.countTokens(line.repeat(10_000)), one * 10_000);
  });
});
