import assert from 'node:assert/strict';
import { chatSampling, completionSampling, contextSizeFor, contextSizeOf, ownContextSize, withContextSize } from '../../../src/host/modelOverrides.js';
import { namesModel } from '../../../src/host/modelPattern.js';
import type { SettingKey } from '../../../src/host/settingsTable.js';
import { validateSettings } from '../../../src/host/settingsValidation.js';

const settings = (values: Partial<Record<SettingKey, unknown>>) => validateSettings((key) => values[key]).settings;
const r1 = '/models/DeepSeek-R1-Distill-Qwen-7B-Q4_K_M.gguf';

describe('the name of a model in the settings', () => {
  const cases: [string, string, boolean][] = [
    ['coder.gguf', '/m/coder.gguf', true],
    ['coder', '/m/Coder.GGUF', true],
    ['coder', '/m/coder-2.gguf', false],
    [' coder ', 'C:\\m\\coder.gguf', true],
    ['large', '/m/large-00001-of-00004.gguf', true],
    ['DeepSeek-R1-*', r1, true],
    ['*qwen*', r1, true],
    ['*-Q4_K_M.gguf', r1, true],
    ['deepseek-*-7b-*', r1, true],
    ['deepseek-*-14b-*', r1, false],
    ['*', r1, true],
    ['a*a', '/m/a.gguf', false],
    ['ab*ba*ab', '/m/abab.gguf', false],
    ['a.c', '/m/abc.gguf', false],
  ];
  for (const [pattern, path, means] of cases) {
    it(`${JSON.stringify(pattern)} ${means ? 'means' : 'does not mean'} ${path}`, () => {
      assert.equal(namesModel(pattern, path), means);
    });
  }

  it('takes a pattern of many asterisks without a long stall', () => {
    assert.equal(namesModel(`${'*a'.repeat(120)}b`, `/m/${'a'.repeat(250)}.gguf`), false);
  });
});

describe('the context of a model that is elsewhere', () => {
  const said = settings({ 'chat.contextSize': 8_192, 'models.overrides': { 'DeepSeek-R1-*': { contextSize: 16_384 } } });
  for (const [source, tokens] of [
    [{ kind: 'hub', repository: 'a/b', revision: 'main', file: 'q4/DeepSeek-R1-Q4_K_M-00001-of-00002.gguf' }, 16_384],
    [{ kind: 'url', url: 'https://example.org/DeepSeek-R1-Q4_K_M.gguf?download=true' }, 16_384],
    [{ kind: 'hub', repository: 'a/b', revision: 'main', file: 'other.gguf' }, 8_192],
    [{ kind: 'hub', repository: 'DeepSeek-R1-a/b', revision: 'main', file: '*.gguf' }, 8_192],
  ] as const) {
    it(`is ${tokens} for ${source.kind === 'hub' ? source.file : source.url}`, () => assert.equal(contextSizeOf(said, 'chat', source), tokens));
  }
});

describe('another context for one model', () => {
  const name = 'DeepSeek-R1-Distill-Qwen-7B-Q4_K_M';

  it('is left to the setting of the role where nothing is said of the context of the model', () => {
    assert.equal(withContextSize({}, r1, 2_048), null);
    assert.equal(withContextSize({ [name]: { topK: 40 }, 'Coder-*': { contextSize: 16_384 } }, r1, 2_048), null);
  });

  for (const [where, overrides] of [
    ['a pattern', { 'DeepSeek-R1-*': { contextSize: 16_384, topK: 40 } }],
    ['its name', { [name]: { contextSize: 16_384, topK: 40 } }],
    ['both, and twice', { [name]: { contextSize: 4_096 }, '*': { contextSize: 8_192 }, [`${name}.gguf`]: { contextSize: 16_384, topK: 40 } }],
  ] as const) {
    it(`counts where ${where} has said it, and leaves the rest`, () => {
      const changed = withContextSize(overrides, r1, 2_048);
      assert.ok(changed);
      const now = settings({ 'models.overrides': changed });
      assert.equal(contextSizeFor(now, 'chat', r1), 2_048);
      assert.equal(chatSampling(now, r1).topK, 40);
      assert.equal(contextSizeFor(now, 'chat', '/m/DeepSeek-R1-other.gguf'), contextSizeFor(settings({ 'models.overrides': overrides }), 'chat', '/m/DeepSeek-R1-other.gguf'));
    });
  }
});

describe('a context of its own for a model', () => {
  const own = (overrides: unknown) => ownContextSize(validateSettings((key) => (key === 'models.overrides' ? overrides : undefined)), r1, 2_048);

  it('is put beside what is said of it and of others', () => {
    assert.deepEqual(own({ 'DeepSeek-R1-*': { topK: 40 } }), { 'DeepSeek-R1-*': { topK: 40 }, 'DeepSeek-R1-Distill-Qwen-7B-Q4_K_M': { contextSize: 2_048 } });
  });

  it('is not put in the place of what the user has written and cannot be used', () => {
    assert.equal(own({ 'DeepSeek-R1-*': { topK: 40 }, coder: { temperature: 99 } }), null);
  });
});

describe('sampling of the chat', () => {
  it('is what DeepSeek recommends when nothing is set', () => {
    assert.deepEqual(chatSampling(settings({}), r1), { temperature: 0.6, topP: 0.95, topK: 0, minP: 0, repeatPenalty: 1, seed: null });
  });

  it('varies more from preset to preset', () => {
    const temperatures = ['precise', 'balanced', 'creative'].map((preset) => chatSampling(settings({ 'chat.preset': preset }), r1).temperature);
    assert.deepEqual(temperatures, [0.3, 0.6, 1]);
  });

  it('has a value that the user has set before that of the preset, and the others from the preset', () => {
    const { temperature, topP } = chatSampling(settings({ 'chat.preset': 'precise', 'chat.temperature': 0 }), r1);
    assert.deepEqual([temperature, topP], [0, 0.9]);
  });

  it('has what is said of the model before what the user has set for the chat', () => {
    const values = { 'chat.temperature': 0.2, 'chat.seed': 7, 'models.overrides': { 'DeepSeek-R1-*': { temperature: 0.5, seed: null } } };
    const own = chatSampling(settings(values), r1);
    const other = chatSampling(settings(values), '/models/other.gguf');
    assert.deepEqual([own.temperature, own.seed], [0.5, null]);
    assert.deepEqual([other.temperature, other.seed], [0.2, 7]);
  });

  it('has what an exact name says before what a pattern says, in whatever order they stand', () => {
    const exact = { 'DeepSeek-R1-Distill-Qwen-7B-Q4_K_M': { temperature: 0.1 }, '*': { temperature: 1, topK: 40 } };
    const { temperature, topK } = chatSampling(settings({ 'models.overrides': exact }), r1);
    assert.deepEqual([temperature, topK], [0.1, 40]);
  });
});

describe('sampling of completion', () => {
  it('has what is said of the model before the settings, and no preset', () => {
    const values = { 'chat.preset': 'creative', 'completion.topK': 20, 'models.overrides': { coder: { temperature: 0.4 } } };
    assert.deepEqual(completionSampling(settings(values), '/m/coder.gguf'), { temperature: 0.4, topP: 1, topK: 20, minP: 0, repeatPenalty: 1, seed: null });
    assert.equal(completionSampling(settings(values), r1).temperature, 0);
  });
});
