import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import type { ChatTurn } from '../../src/engine/protocol/engineTypes.js';
import { isFailure } from '../support/failures.js';
import { withChatTemplate } from '../support/ggufFixture.js';
import { ended, isRunning } from '../support/processes.js';
import { layeredModel } from '../support/testModels.js';
import { calf, calfFile, greedy, openWorkers, workerFile, WorkerProcess } from '../support/workerProcess.js';

const load = { model: calf, completion: null, chat: { contextSize: 2_048, slots: 1 }, remote: null };
const question: ChatTurn[] = [{ role: 'user', text: 'Write a function that adds two numbers.' }];
const chatAsk = { method: 'worker/chat', body: { request: { slot: 's', turns: question, maxTokens: 256, sampling: greedy }, resume: [] } };
/** A parent that forks a worker, asks it something and does nothing else; it prints the worker's pid and what it hears. */
const parentProgram = (asks: readonly { method: string; body: unknown }[]): string => `
  const child = require('node:child_process').fork(${JSON.stringify(workerFile)}, [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const asks = ${JSON.stringify(asks)};
  console.log(child.pid);
  const next = () => {
    const ask = asks.shift();
    if (ask) child.send({ jsonrpc: '2.0', id: asks.length, method: ask.method, params: [{ progressToken: 'p', body: ask.body }] });
    if (asks.length === 0) console.log('asked all');
  };
  child.on('message', (message) => { if ('result' in message) next(); if (message.method === '$/progress') console.log(message.params.value.kind ?? 'load'); });
  next();
`;

describe('worker: end of the parent', () => {
  let parent: ChildProcess | undefined;
  afterEach(() => {
    parent?.kill('SIGKILL');
    assert.deepEqual(openWorkers(), []);
  });

  /** Answers the worker's pid as soon as `count` events of a kind were heard. */
  const start = async (asks: readonly { method: string; body: unknown }[], kind: string, count: number): Promise<number> => {
    parent = spawn(process.execPath, ['-e', parentProgram(asks)], { stdio: ['ignore', 'pipe', 'inherit'] });
    assert.ok(parent.stdout);
    let pid = 0;
    let heard = 0;
    for await (const line of createInterface({ input: parent.stdout })) {
      if (pid === 0) pid = Number(line);
      else if (line === kind) heard++;
      if (heard >= count) break;
    }
    assert.ok(isRunning(pid));
    return pid;
  };

  const loadAsk = { method: 'worker/load', body: load };
  for (const [moment, asks, kind, count] of [
    ['before anything is asked', [], '', 0],
    ['while a model is loaded', [loadAsk], 'load', 1],
    ['while an answer is decoded', [loadAsk, chatAsk], 'text', 3],
  ] as const) {
    it(`ends the worker when the parent is killed ${moment}`, async () => {
      const pid = await start(asks, kind, count);
      parent?.kill('SIGKILL');
      await ended(pid);
    });
  }

  it('ends the worker when the parent is killed while a chat template loops for ever', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'seekpod-loop-'));
    const file = path.join(folder, 'loop.gguf');
    const loop = '{% for a in range(9999) %}'.repeat(4) + '{% endfor %}'.repeat(4);
    fs.writeFileSync(file, withChatTemplate(fs.readFileSync(calfFile), (template) => loop + template));
    try {
      const pid = await start([{ ...loadAsk, body: { ...load, model: { ...calf, path: file } } }, chatAsk], 'asked all', 1);
      // The worker has the question and is in the template.
      await setTimeout(500);
      parent?.kill('SIGKILL');
      await ended(pid);
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });

  it('ends the worker when the channel is closed, and open requests are settled', async () => {
    const worker = await WorkerProcess.withCalf();
    const open = worker.chat({ turns: question });
    const settled = assert.rejects(open, isFailure('connectionLost'));
    await worker.stop();
    await settled;
    await ended(worker.pid);
  });

  it('is not ended by the signals that a terminal sends to its group', async () => {
    const worker = await WorkerProcess.withCalf();
    worker.child.kill('SIGINT');
    assert.ok((await worker.countTokens('still there')) > 0);
    await worker.stop();
  });

  it('settles open requests when the worker is killed', async () => {
    const worker = await WorkerProcess.withCalf({ model: { ...calf, path: layeredModel() } });
    const exited = once(worker.child, 'exit');
    const open = worker.chat({ turns: question }, {
      onEvent: (event) => event.kind === 'text' && worker.child.kill('SIGKILL'),
    });
    await assert.rejects(open, isFailure('connectionLost'));
    await exited;
    await worker.stop();
  });
});
