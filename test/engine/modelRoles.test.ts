import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { isFailure } from '../support/failures.js';
import { checkLeaks } from '../support/leaks.js';
import { chat, failsWith, openClient, optionsFor, until } from '../support/testClient.js';
import { calf, calfFile, WorkerProcess } from '../support/workerProcess.js';

const signal = new AbortController().signal;

describe('roles of a model', () => {
  const home = checkLeaks();
  const context = { contextSize: 512, slots: 1 };
  /** The bundled model by another name. */
  const named = (name: string): typeof calf => {
    const target = path.join(home.runtimeDirectory, name);
    fs.copyFileSync(calfFile, target);
    return { ...calf, path: target };
  };

  it('a worker does not load an instruct model for completion, nor a base model for chat', async () => {
    for (const load of [
      { model: named('calf-instruct.gguf'), completion: context, chat: null, remote: null },
      { model: named('calf-base.gguf'), completion: null, chat: context, remote: null },
    ]) {
      const worker = WorkerProcess.fork();
      try {
        await assert.rejects(worker.load(load), isFailure('wrongRole'));
      } finally {
        await worker.stop();
      }
    }
  });

  it('an instruct model for both roles chats in one worker, and completion says why it does not', async () => {
    const { client } = openClient(home);
    await client.configure(optionsFor(named('calf-instruct.gguf')));
    assert.match((await chat(client, 'Write a function that adds two numbers.')).text, /addNumbers/);
    await assert.rejects(client.load('completion', signal), failsWith('wrongRole'));
    const request = { slot: 'w', maxTokens: 8, prompt: { context: [], prefix: '', suffix: '', tail: 'const a' }, sampling: { temperature: 0, topP: 1, topK: 0, minP: 0, repeatPenalty: 1, seed: null } };
    await assert.rejects(client.complete(request, () => undefined, signal), failsWith('wrongRole'));
    await until(() => client.status.completion.state === 'error');
    const { completion } = client.status;
    assert.deepEqual(completion.state === 'error' && completion.failure, { code: 'wrongRole', model: 'Calf', role: 'completion' });
    assert.equal((await client.diagnostics()).workers.length, 1);
  });
});
