import assert from 'node:assert/strict';
import * as v from 'valibot';
import { engineOptionsSchema } from '../../../src/engine/protocol/engineTypes.js';
import { engineOptions, modelPath } from '../../../src/host/engineOptions.js';
import type { SettingKey } from '../../../src/host/settingsTable.js';
import { validateSettings } from '../../../src/host/settingsValidation.js';

const places = { bundledModel: '/ext/models/calf.gguf', home: '/home/ada' };
const optionsFor = (values: Partial<Record<SettingKey, unknown>>) => engineOptions(validateSettings((key) => values[key]).settings, places);

describe('engine options', () => {
  it('use the bundled model for both roles by default', () => {
    const { completion, chat } = optionsFor({});
    assert.equal(completion?.model.path, '/ext/models/calf.gguf');
    assert.deepEqual(completion?.model, chat?.model);
  });

  it('pass the check of the wire', () => {
    assert.equal(v.safeParse(engineOptionsSchema, optionsFor({})).success, true);
  });

  it('have no role that is turned off', () => {
    assert.equal(optionsFor({ 'completion.enabled': false }).completion, null);
    assert.equal(optionsFor({ 'chat.enabled': false }).chat, null);
  });

  it('keep the paths of the roles apart', () => {
    const { completion, chat } = optionsFor({ 'model.completionPath': '/m/coder.gguf', 'model.chatPath': '/m/r1.gguf' });
    assert.equal(completion?.model.path, '/m/coder.gguf');
    assert.equal(chat?.model.path, '/m/r1.gguf');
  });

  it('put the model of the pod beside the chat model, with the context and slots of the chat', () => {
    const { chat, pod } = optionsFor({ 'model.chatPath': '/m/small.gguf', 'pod.model': '~/large.gguf', 'chat.contextSize': 4_096, 'chat.slots': 3 });
    assert.equal(chat?.model.path, '/m/small.gguf');
    assert.deepEqual(pod, { ...chat, model: { ...chat.model, path: '/home/ada/large.gguf' } });
    assert.deepEqual([pod.contextSize, pod.slots], [4_096, 3]);
  });

  it('have no model for the pod unless one is named and the chat is on', () => {
    assert.equal(optionsFor({}).pod, null);
    assert.equal(optionsFor({ 'pod.model': ' ' }).pod, null);
    assert.equal(optionsFor({ 'pod.model': '/m/large.gguf', 'chat.enabled': false }).pod, null);
  });

  it('turn minutes into milliseconds', () => {
    const { unloadAfterMs, exitAfterMs } = optionsFor({ 'engine.unloadAfterMinutes': 0.5, 'engine.exitAfterMinutes': 2 });
    assert.deepEqual([unloadAfterMs, exitAfterMs], [30_000, 120_000]);
  });

  it('have the type of the KV cache and the memory budget in bytes', () => {
    const { chat, completion, memoryBudgetBytes } = optionsFor({ 'engine.kvType': 'q8_0', 'engine.memoryBudgetGb': 12.5 });
    assert.deepEqual([chat?.model.kvType, completion?.model.kvType, memoryBudgetBytes], ['q8_0', 'q8_0', 12_500_000_000]);
  });

  it('give an adapter to the model that it names, in the order of the list, and one that names none to every model', () => {
    const adapters = [{ path: '~/style.gguf', scale: 0.5 }, { path: '/a/sql.gguf', model: 'coder' }];
    const { chat, completion, pod } = optionsFor({ 'model.lora': adapters, 'model.completionPath': '/m/Coder.gguf', 'pod.model': '/m/large.gguf' });
    const style = { path: '/home/ada/style.gguf', scale: 0.5 };
    assert.deepEqual(chat?.model.lora, [style]);
    assert.deepEqual(pod?.model.lora, [style]);
    assert.deepEqual(completion?.model.lora, [style, { path: '/a/sql.gguf', scale: 1 }]);
  });

  it('have the context that a model has for itself', () => {
    const { chat, completion, pod } = optionsFor({
      'models.overrides': { 'r1-*': { contextSize: 16_384 } },
      'model.chatPath': '/m/R1-7B-Q4_K_M.gguf',
      'pod.model': '/m/R1-70B-Q4_K_M-00001-of-00002.gguf',
      'completion.contextSize': 2_048,
    });
    assert.deepEqual([chat?.contextSize, pod?.contextSize, completion?.contextSize], [16_384, 16_384, 2_048]);
  });

  it('spell out the home folder of a path', () => {
    assert.equal(modelPath(' ~/models/a.gguf ', places), '/home/ada/models/a.gguf');
    assert.equal(modelPath('~other/a.gguf', places), '~other/a.gguf');
  });
});
