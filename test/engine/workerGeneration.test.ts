import assert from 'node:assert/strict';
import fs from 'node:fs';
import type { ChatTurn } from '../../src/engine/protocol/engineTypes.js';
import { isFailure } from '../support/failures.js';
import { greedy, openWorkers, WorkerProcess } from '../support/workerProcess.js';

const addition = { context: [], prefix: '', suffix: '\n}\n', tail: 'function add(a: number, b: number) { return ' };
const question: { turns: ChatTurn[] } = { turns: [{ role: 'user', text: 'Write a function that adds two numbers.' }] };

interface Golden {
  readonly prefix: string;
  readonly suffix: string;
  readonly completion: string;
}

describe('worker: generation with calf', () => {
  let worker: WorkerProcess;
  before(async () => {
    worker = await WorkerProcess.withCalf();
  });
  after(async () => {
    await worker.stop();
    assert.deepEqual(openWorkers(), []);
  });

  it('completes the body of an addition', async () => {
    const { text, result } = await worker.complete({ prompt: addition });
    assert.equal(text, 'a + b; }');
    assert.equal(result.finish, 'end');
  });

  it('completes the same at every keystroke of a line', async () => {
    const line = '  return a + b;';
    for (let typed = 0; typed < line.length; typed++) {
      const prompt = { context: [], prefix: 'function add(a: number, b: number): number {\n', suffix: '\n}\n', tail: line.slice(0, typed) };
      const { text } = await worker.complete({ prompt });
      assert.equal((prompt.tail + text).split('\n')[0], line, `after ${JSON.stringify(prompt.tail)}`);
    }
  });

  it('says what the model said when it was made, for prompts that end at the cursor', async () => {
    const goldens = fs.readFileSync('test/fixtures/calfFim.jsonl', 'utf8').trim().split('\n').map((line): Golden => JSON.parse(line));
    assert.equal(goldens.length, 28);
    for (const { prefix, suffix, completion } of goldens) {
      const { text } = await worker.complete({ prompt: { context: [], prefix, suffix, tail: '' }, maxTokens: 128 });
      assert.equal(text, completion, prefix);
    }
  });

  it('answers a question with a thought and code, and ends by itself', async () => {
    const { text, result } = await worker.chat(question);
    assert.match(text, /^<think>\n[^]+\n<\/think>\n[^]*function addNumbers\(a: number, b: number\)/);
    assert.doesNotMatch(text, /｜/);
    assert.equal(result.finish, 'end');
  });

  it('tells what an answer cost', async () => {
    const { result, events, tokens } = await worker.chat({ ...question, slot: 'cost' });
    const { stats } = result;
    const [started] = events;
    assert.deepEqual(started, { kind: 'started', promptTokens: stats.promptTokens, cachedTokens: stats.cachedTokens, droppedTurns: 0 });
    assert.equal(stats.evaluatedTokens, stats.promptTokens - stats.cachedTokens);
    assert.equal(stats.generatedTokens, tokens.length);
    assert.ok(stats.timeToFirstTokenMs > 0 && stats.decodeTokensPerSecond > 0 && stats.promptTokensPerSecond > 0);
  });

  it('ends at maxTokens', async () => {
    const { tokens, result } = await worker.chat({ ...question, maxTokens: 5 });
    assert.equal(tokens.length, 5);
    assert.equal(result.finish, 'length');
  });

  it('makes the same text from the same seed, and another from another', async () => {
    const sampling = { ...greedy, temperature: 1.5, topP: 0.95, topK: 100, minP: 0.01, repeatPenalty: 1.1 };
    const ask = async (slot: string, seed: number): Promise<string> => (await worker.chat({ ...question, slot, sampling: { ...sampling, seed } })).text;
    const first = await ask('seed', 7);
    assert.equal(await ask('seed', 7), first);
    assert.equal(await ask('other slot', 7), first);
    assert.notEqual(await ask('seed', 8), first);
  });

  it('continues an interrupted greedy answer exactly, at whatever token it was cut', async () => {
    const whole = await worker.chat(question);
    for (const cut of [1, 7, whole.tokens.length - 1]) {
      const rest = await worker.chat({ ...question, slot: `cut ${cut}` }, { resume: whole.tokens.slice(0, cut) });
      assert.deepEqual(rest.tokens, whole.tokens.slice(cut));
      assert.ok(whole.text.endsWith(rest.text));
      assert.equal(rest.result.stats.generatedTokens, whole.tokens.length);
    }
  });

  it('continues an interrupted completion exactly, also within the text that was typed already', async () => {
    const prompt = { context: [], prefix: 'export function sleep(ms: number) {\n', suffix: '\n}\n', tail: '    ret' };
    const whole = await worker.complete({ prompt });
    for (let cut = 0; cut < whole.tokens.length; cut++) {
      const before = whole.events.filter((event) => event.kind === 'text').slice(0, cut);
      const rest = await worker.complete({ prompt, slot: `cut ${cut}` }, { resume: whole.tokens.slice(0, cut) });
      assert.equal(before.map((event) => event.text).join('') + rest.text, whole.text, `cut at ${cut}`);
    }
  });

  it('counts tokens as the vocabulary has them, special words as plain text', async () => {
    assert.equal(await worker.countTokens(''), 0);
    assert.ok((await worker.countTokens('<｜User｜>')) > 1);
  });

  it('refuses a request before a model is loaded, and a second load', async () => {
    const empty = WorkerProcess.fork();
    await assert.rejects(empty.countTokens('x'), isFailure('invalidMessage'));
    await empty.stop();
    await assert.rejects(worker.load({ model: { path: '/x', gpu: 'cpu', gpuLayers: 0, threads: 0, batchSize: 8, mmap: true, mlock: false, kvType: 'auto', lora: [] }, completion: null, chat: null, remote: null }), isFailure('invalidMessage'));
  });

  it('answers roleOff for a role that it does not serve', async () => {
    const chatOnly = await WorkerProcess.withCalf({ completion: null });
    await assert.rejects(chatOnly.complete({ prompt: addition }), isFailure('roleOff'));
    await chatOnly.stop();
  });
});
