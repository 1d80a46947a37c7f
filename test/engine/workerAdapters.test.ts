import assert from 'node:assert/strict';
import path from 'node:path';
import type { EngineError } from '../../src/engine/base/errors.js';
import type { Lora } from '../../src/engine/protocol/engineTypes.js';
import type { LoadResult } from '../../src/engine/protocol/workerMessages.js';
import { adapterBytes, calfDown } from '../support/adapters.js';
import { workerFolder } from '../support/workerFolder.js';
import { calf, type WorkerProcess } from '../support/workerProcess.js';

const prompt = { context: [], prefix: 'function add(a, b) {\n', suffix: '\n}\n', tail: '  return ' };
const turns = [{ role: 'user' as const, text: 'Write a function that adds two numbers.' }];

describe('worker: LoRA adapters', () => {
  const folder = workerFolder();

  const start = async (lora: Lora[]): Promise<{ worker: WorkerProcess; loaded: LoadResult }> => {
    const worker = folder.fork();
    const context = { contextSize: 512, slots: 1 };
    return { worker, loaded: await worker.load({ model: { ...calf, lora }, completion: context, chat: context, remote: null }) };
  };
  const texts = async (lora: Lora[]): Promise<[string, string]> => {
    const { worker } = await start(lora);
    return [(await worker.complete({ prompt, maxTokens: 24 })).text, (await worker.chat({ turns, maxTokens: 24 })).text];
  };
  const refusal = async (lora: Lora[]): Promise<EngineError['failure']> => {
    const error = await start(lora).then(() => assert.fail('it was applied'), (reason: EngineError) => reason);
    return error.failure;
  };

  it('an adapter changes what the model says in both roles, and with the scale 0 it does not', async () => {
    const own = await texts([]);
    const adapter = folder.file('strong.gguf', adapterBytes([calfDown]));
    const adapted = await texts([{ path: adapter, scale: 1 }]);
    assert.notEqual(adapted[0], own[0]);
    assert.notEqual(adapted[1], own[1]);
    assert.deepEqual(await texts([{ path: adapter, scale: 0 }]), own);
  });

  it('two adapters are applied together: what one adds the other takes away', async () => {
    const own = await texts([]);
    const adapter = adapterBytes([calfDown]);
    const both = [{ path: folder.file('one.gguf', adapter), scale: 1 }, { path: folder.file('two.gguf', adapter), scale: -1 }];
    assert.deepEqual(await texts(both), own);
  });

  it('the model says which adapters are applied', async () => {
    const { loaded } = await start([{ path: folder.file('style.gguf', adapterBytes([calfDown])), scale: 0.5 }]);
    assert.deepEqual([loaded.chat?.lora, loaded.completion?.lora], [['style.gguf'], ['style.gguf']]);
  });

  it('an adapter that is not there is named', async () => {
    const missing = path.join(folder.path, 'missing.gguf');
    assert.deepEqual(await refusal([{ path: missing, scale: 1 }]), { code: 'loraFailed', path: missing, reason: 'there is no such file' });
  });

  it('of several adapters the one that cannot be applied is named, with the reason', async () => {
    const good = folder.file('good.gguf', adapterBytes([calfDown]));
    const foreign = folder.file('foreign.gguf', adapterBytes([calfDown], { metadata: { 'general.architecture': 'qwen2' } }));
    const reason = 'it is made for models of the architecture "qwen2", and this one has "deepseek2"';
    assert.deepEqual(await refusal([{ path: good, scale: 1 }, { path: foreign, scale: 1 }]), { code: 'loraFailed', path: foreign, reason });
  });

  it('an adapter that has been cut off is refused before anything is loaded', async () => {
    const whole = adapterBytes([calfDown]);
    const cut = folder.file('cut.gguf', whole.subarray(0, whole.length - 64));
    assert.deepEqual(await refusal([{ path: cut, scale: 1 }]), { code: 'loraFailed', path: cut, reason: `it has ${whole.length - 64} of ${whole.length} bytes` });
  });

  it('an adapter that would do nothing is refused', async () => {
    const idle = folder.file('idle.gguf', adapterBytes([{ base: 'blk.0.attn_q_a.weight', inputs: 256, outputs: 128 }]));
    const failure = await refusal([{ path: idle, scale: 1 }]);
    assert.ok(failure.code === 'loraFailed' && failure.reason.startsWith('it would do nothing'), JSON.stringify(failure));
  });

  it('an alpha that would end the process is refused', async () => {
    const odd = folder.file('odd.gguf', adapterBytes([calfDown], { metadata: { 'adapter.lora.alpha': 16 } }));
    assert.deepEqual(await refusal([{ path: odd, scale: 1 }]), { code: 'loraFailed', path: odd, reason: 'its alpha is no 32-bit float' });
  });
});
