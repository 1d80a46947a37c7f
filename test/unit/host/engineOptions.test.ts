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

  it('spell out the home folder of a path', () => {
    assert.equal(modelPath(' ~/models/a.gguf ', places), '/home/ada/models/a.gguf');
    assert.equal(modelPath('~other/a.gguf', places), '~other/a.gguf');
  });
});
