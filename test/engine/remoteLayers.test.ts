import assert from 'node:assert/strict';
import type { ChatTurn } from '../../src/engine/protocol/engineTypes.js';
import type { LoadParams } from '../../src/engine/protocol/workerMessages.js';
import { LayerServer } from '../support/layerServer.js';
import { checkLeaks } from '../support/leaks.js';
import { calf, WorkerProcess } from '../support/workerProcess.js';

const question: ChatTurn[] = [{ role: 'user', text: 'Write a function that adds two numbers.' }];
const alone: LoadParams = { model: calf, completion: null, chat: { contextSize: 2_048, slots: 1 }, remote: null };

describe('worker: layers on other machines', () => {
  const home = checkLeaks();
  const lend = async (): Promise<LayerServer & { readonly endpoint: string }> => {
    const server = await LayerServer.lending();
    home.atEnd(() => server.stop());
    return server;
  };
  const start = (): WorkerProcess => {
    const worker = WorkerProcess.fork();
    home.atEnd(() => worker.stop());
    return worker;
  };
  const localText = async (): Promise<string> => {
    const worker = start();
    await worker.load(alone);
    const { text } = await worker.chat({ turns: question });
    await worker.stop();
    return text;
  };

  it('answers with one machine as alone, all layers there', async () => {
    const server = await lend();
    const worker = start();
    const { chat, layerDevices } = await worker.load({ ...alone, remote: { endpoints: [server.endpoint], gpuLayers: 10_000 } });
    assert.equal(chat?.remoteMachines, 1);
    assert.deepEqual(layerDevices, Array.from({ length: 7 }, () => 'RPC0'));
    assert.deepEqual(worker.localMemory, [0]);
    const { text } = await worker.chat({ turns: question });
    assert.equal(text, await localText());
  });
});
