import assert from 'node:assert/strict';
import fs from 'node:fs';
import type { EngineClient } from '../../src/engine/client/engineClient.js';
import type { ModelOptions } from '../../src/engine/protocol/engineTypes.js';
import { checkLeaks } from '../support/leaks.js';
import { processesOf } from '../support/leftovers.mjs';
import { type Answer, chat, failsWith, isAlive, openClient, optionsFor, until, workerPid } from '../support/testClient.js';
import { layeredModel } from '../support/testModels.js';
import { calf, calfFile } from '../support/workerProcess.js';

const question = 'Write a function that adds two numbers.';
const signal = new AbortController().signal;

describe('daemon with the real model', () => {
  const home = checkLeaks();

  async function open(model: ModelOptions): Promise<EngineClient> {
    const { client } = openClient(home);
    await client.configure(optionsFor(model));
    return client;
  }
  const openCalf = (): Promise<EngineClient> => open(calf);
  /** A model that writes on for long, so that there is time to end its answer. */
  const openRambling = (): Promise<EngineClient> => open({ ...calf, path: layeredModel() });

  it('a question through client, daemon and worker is answered with code', async () => {
    const client = await openCalf();
    const { text, result, events } = await chat(client, question);
    assert.match(text, /addNumbers/);
    assert.equal(result.finish, 'end');
    assert.equal(events[0]?.kind, 'started');
    assert.ok(client.status.chat.state === 'ready' || client.status.chat.state === 'generating');
  });

  it('two clients have the model in memory once', async () => {
    const first = await openCalf();
    const second = await openCalf();
    const answers = await Promise.all([chat(first, question, { slot: 'first' }), chat(second, question, { slot: 'second' })]);
    assert.equal(answers[0].text, answers[1].text);
    await first.load('completion', signal);
    const workers = processesOf(home.runtimeDirectory).filter(({ command }) => command.endsWith('worker.mjs') && !command.includes('daemon.cjs'));
    assert.equal(workers.length, 1);
  });

  /**
   * The answer to the question by a worker that dies after some characters of it. Calf is quick and may have written all of it before the
   * signal comes: then it is asked again.
   */
  async function answerOfDying(client: EngineClient, end: NodeJS.Signals, afterCharacters: number): Promise<Answer> {
    const pid = await workerPid(client);
    assert.ok(pid !== null);
    let killed = false;
    const answer = await chat(client, question, {
      slot: 'other',
      onEvent: (_, text) => {
        if (killed || text.length < afterCharacters) return;
        killed = true;
        process.kill(pid, end);
      },
    });
    await until(() => !isAlive(pid));
    if (answer.events.some(({ kind }) => kind === 'recovering')) return answer;
    await client.load('chat', signal);
    return answerOfDying(client, end, afterCharacters);
  }

  it('killing the worker in the middle of an answer does not change the answer', async () => {
    const client = await openCalf();
    const whole = await chat(client, question);
    const pid = await workerPid(client);
    const broken = await answerOfDying(client, 'SIGKILL', 40);
    assert.equal(broken.text, whole.text);
    assert.deepEqual(broken.events.map(({ kind }) => kind).filter((kind) => kind !== 'text'), ['started', 'recovering', 'recovered']);
    assert.equal(broken.result.stats.generatedTokens, whole.result.stats.generatedTokens);
    assert.notEqual(await workerPid(client), pid);
  });

  it('a worker that aborts in the middle of an answer is recovered from too', async () => {
    const client = await openCalf();
    const whole = await chat(client, question);
    assert.equal((await answerOfDying(client, 'SIGABRT', 1)).text, whole.text);
  });

  it('killing the daemon ends its worker, and the next question has a new daemon', async () => {
    const client = await openRambling();
    await client.load('chat', signal);
    const { pid } = await client.diagnostics();
    const worker = await workerPid(client);
    assert.ok(worker !== null);
    await assert.rejects(chat(client, question, { onEvent: () => isAlive(pid) && process.kill(pid, 'SIGKILL') }), failsWith('connectionLost'));
    await until(() => !isAlive(worker));
    assert.equal((await chat(client, question, { maxTokens: 5 })).result.stats.generatedTokens, 5);
  });

  it('two clients that take turns evaluate nothing twice', async () => {
    const first = await openCalf();
    const second = await openCalf();
    const sampling = { temperature: 0, topP: 1, topK: 0, minP: 0, repeatPenalty: 1, seed: null };
    const ask = async (client: typeof first, slot: string, tail: string): Promise<number> => {
      const prefix = `// ${slot}\n${'const value = compute(input);\n'.repeat(20)}`;
      const { stats } = await client.complete({ slot, prompt: { context: [], prefix, suffix: '\n', tail }, maxTokens: 4, sampling }, () => undefined, signal);
      return stats.evaluatedTokens;
    };
    const cold = await ask(first, 'first', 'const a');
    await ask(second, 'second', 'const b');
    assert.ok(cold > 100);
    for (const tail of ['const ab', 'const abc', 'const abcd']) {
      assert.ok((await ask(first, 'first', tail)) < 10);
      assert.ok((await ask(second, 'second', tail)) < 10);
    }
  });

  it('unloading frees the memory: the process is gone', async () => {
    const client = await openCalf();
    await client.load('chat', signal);
    const pid = await workerPid(client);
    assert.ok(pid !== null);
    await client.unload('chat');
    assert.equal(isAlive(pid), false);
    await until(() => client.status.chat.state === 'unloaded');
  });

  it('a link to the model is the same model', async () => {
    const link = `${home.runtimeDirectory}/link.gguf`;
    fs.symlinkSync(calfFile, link);
    const { client } = openClient(home);
    const options = optionsFor(calf);
    await client.configure({ ...options, completion: options.completion && { ...options.completion, model: { ...calf, path: link } } });
    await client.load('chat', signal);
    await client.load('completion', signal);
    assert.equal((await client.diagnostics()).workers.length, 1);
  });

  it('a model that does not exist is a typed error, and the daemon goes on', async () => {
    const { client } = openClient(home);
    await client.configure(optionsFor({ ...calf, path: '/nowhere/model.gguf' }));
    await assert.rejects(chat(client, question), failsWith('modelNotFound'));
    await until(() => client.status.chat.state === 'error');
    await client.configure(optionsFor(calf));
    assert.match((await chat(client, question)).text, /addNumbers/);
  });

  it('cancelling an answer ends it and keeps the worker', async () => {
    const client = await openRambling();
    await client.load('chat', signal);
    const pid = await workerPid(client);
    const stopping = new AbortController();
    await assert.rejects(chat(client, question, { signal: stopping.signal, onEvent: (event) => event.kind === 'text' && stopping.abort() }), failsWith('cancelled'));
    assert.equal((await chat(client, question, { maxTokens: 5 })).result.stats.generatedTokens, 5);
    assert.equal(await workerPid(client), pid);
  });
});
