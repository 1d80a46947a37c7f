import assert from 'node:assert/strict';
import { type SettingKey, settingsTable } from '../../../src/host/settingsTable.js';
import { invalidSettingText, settingKeys, validateSettings } from '../../../src/host/settingsValidation.js';

const reading = (values: Partial<Record<SettingKey, unknown>>) => validateSettings((key) => values[key]);

describe('settings', () => {
  it('are the defaults when nothing is set', () => {
    const { settings, invalid } = reading({});
    assert.deepEqual(invalid, []);
    for (const key of settingKeys) {
      const [group, name] = key.split('.') as [keyof typeof settings, string];
      assert.deepEqual(Object.entries(settings[group]).find(([found]) => found === name)?.[1], settingsTable[key].default, key);
    }
  });

  const accepted: [SettingKey, unknown][] = [
    ['engine.gpuLayers', 'max'],
    ['engine.gpuLayers', 12],
    ['chat.seed', null],
    ['chat.seed', 4_294_967_295],
    ['chat.temperature', 0.05],
    ['completion.languages', { markdown: false }],
    ['model.chatPath', '/models/a.gguf'],
    ['engine.unloadAfterMinutes', 0.5],
    ['pod.shareOnlyWith', ['studio', 'a1'.repeat(32)]],
    ['pod.port', 0],
    ['engine.kvType', 'q8_0'],
    ['engine.memoryBudgetGb', 12.5],
    ['chat.preset', 'creative'],
    ['chat.temperature', null],
    ['chat.topK', 40],
    ['model.lora', [{ path: '/a/style.gguf' }, { path: '~/b.gguf', scale: -0.5, model: 'DeepSeek-R1-*' }]],
    ['models.overrides', { 'R1-*': { temperature: 0.6, seed: null }, 'coder.gguf': { contextSize: 4_096 } }],
  ];
  for (const [key, value] of accepted) {
    it(`accept ${JSON.stringify(value)} for ${key}`, () => {
      assert.deepEqual(reading({ [key]: value }).invalid, []);
    });
  }

  const refused: [SettingKey, unknown][] = [
    ['engine.gpu', 'abacus'],
    ['engine.gpuLayers', 'some'],
    ['engine.gpuLayers', 1.5],
    ['engine.gpuLayers', -1],
    ['engine.threads', '4'],
    ['engine.batchSize', 7],
    ['engine.mmap', 'yes'],
    ['chat.seed', -1],
    ['chat.seed', '7'],
    ['chat.temperature', 5.1],
    ['chat.temperature', Number.NaN],
    ['completion.languages', { markdown: 'no' }],
    ['completion.languages', []],
    ['model.chatPath', 3],
    ['log.level', 'loud'],
    ['pod.shareOnlyWith', 'studio'],
    ['pod.shareOnlyWith', [3]],
    ['pod.shareOnlyWith', ['m'.repeat(129)]],
    ['pod.shareOnlyWith', Array.from({ length: 257 }, () => 'mini')],
    ['pod.port', 65_536],
    ['pod.name', 'm'.repeat(129)],
    ['engine.kvType', 'q5_1'],
    ['engine.memoryBudgetGb', -1],
    ['chat.preset', 'custom'],
    ['chat.topK', 1.5],
    ['model.lora', { path: '/a/style.gguf' }],
    ['model.lora', ['/a/style.gguf']],
    ['model.lora', [{ path: '' }]],
    ['model.lora', [{ path: '/a/style.gguf', scale: 11 }]],
    ['model.lora', [{ path: '/a/style.gguf', strength: 1 }]],
    ['model.lora', Array.from({ length: 17 }, () => ({ path: '/a/style.gguf' }))],
    ['models.overrides', []],
    ['models.overrides', { 'R1-*': { temprature: 0.6 } }],
    ['models.overrides', { 'R1-*': { temperature: 6 } }],
    ['models.overrides', { 'R1-*': 0.6 }],
    ['models.overrides', { '': { temperature: 0.6 } }],
  ];
  for (const [key, value] of refused) {
    it(`replace ${JSON.stringify(value)} for ${key} by the default and name the setting`, () => {
      const { settings, invalid } = reading({ [key]: value });
      assert.deepEqual(invalid.map((setting) => setting.key), [key]);
      assert.deepEqual(settings, reading({}).settings);
    });
  }

  it('keep their valid values beside an invalid one', () => {
    const { settings } = reading({ 'engine.threads': 4, 'engine.batchSize': 'many' });
    assert.equal(settings.engine.threads, 4);
    assert.equal(settings.engine.batchSize, 512);
  });

  it('say what is expected instead of an invalid value', () => {
    const [invalid] = reading({ 'engine.threads': 'four' }).invalid;
    assert.ok(invalid);
    assert.equal(invalidSettingText(invalid), 'seekpod.engine.threads must be a whole number from 0 to 1024. The default 0 is used.');
  });
});
