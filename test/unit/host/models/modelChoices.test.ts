import assert from 'node:assert/strict';
import { quirkText, trapText } from '../../../../src/engine/protocol/modelText.js';
import type { FileOffer, InstalledModel, ModelOffer } from '../../../../src/engine/protocol/modelTypes.js';
import { detailGroups, fileChoices } from '../../../../src/host/models/choose/fileChoices.js';
import { bestFile, elsewhereGroup, installedGroup, offerGroups } from '../../../../src/host/models/choose/modelChoices.js';
import { someFile, someFit, someInstalled, someOffer } from '../../../support/modelExamples.js';

const chat: ModelOffer = { ...someOffer, id: 'r1-7b', name: 'R1 7B', roles: ['reasoning'], files: [{ ...someFile, recommendedFor: ['reasoning'] }] };
const large: FileOffer = { ...someFile, id: 'Q8_0', quantization: 'Q8_0', bytes: 40e9, recommendedFor: [], fit: { ...someFit, verdict: 'tooLarge', tokensPerSecond: null } };
const labels = (offers: readonly ModelOffer[]): string[][] => offerGroups('completion', offers).map(({ choices }) => choices.map(({ icon, label }) => `${icon}: ${label}`));

describe('the models to choose from', () => {
  it('are those that are made for the role: no reasoning model completes code', () => {
    assert.deepEqual(labels([someOffer, chat]), [['star-full: DeepSeek Coder 1.3B Base'], []]);
  });

  it('have the recommended ones in a group of their own, and those that cannot run here last', () => {
    const plain = { ...someOffer, id: 'b', name: 'B', files: [{ ...someFile, recommendedFor: [] }] };
    const tooLarge = { ...someOffer, id: 'c', name: 'C', files: [large] };
    const newer = { ...someOffer, id: 'd', name: 'D', unsupported: 'deepseek4', files: [{ ...someFile, recommendedFor: [] }] };
    assert.deepEqual(labels([newer, tooLarge, plain, someOffer]), [['star-full: DeepSeek Coder 1.3B Base'], ['pass: B', 'circle-slash: C', 'circle-slash: D']]);
  });

  it('say size in both units, whether it fits, how fast it would be and how much memory it needs', () => {
    const [choice] = offerGroups('completion', [someOffer])[0]?.choices ?? [];
    assert.match(choice?.description ?? '', /^Q4_K_M · 873 MB \(0\.8 GiB\)$/);
    assert.equal(choice?.detail, 'fits · about 42.5 tokens/s · needs 2.7 GB of 12.0 GB memory');
  });

  it('cannot be chosen where this version cannot run them', () => {
    const [, others] = offerGroups('completion', [{ ...someOffer, unsupported: 'deepseek4', files: [{ ...someFile, recommendedFor: [] }] }]);
    assert.equal(others?.choices[0]?.value, undefined);
  });

  it('are not offered for download when they are here', () => {
    assert.deepEqual(labels([{ ...someOffer, files: [{ ...someFile, installed: 'm1' }] }]), [[], []]);
  });

  it('are offered for their other files when one of them is here', () => {
    const groups = offerGroups('completion', [{ ...someOffer, files: [{ ...someFile, installed: 'm1' }, { ...someFile, id: 'Q2_K', quantization: 'Q2_K', bytes: 5e8, recommendedFor: [] }] }]);
    assert.deepEqual(groups.map(({ choices }) => choices.map(({ label, description }) => [label, description])), [[], [['DeepSeek Coder 1.3B Base', 'Q2_K · 500 MB (0.5 GiB)']]]);
  });

  it('are represented by the recommended file, else by the best that fits', () => {
    assert.equal(bestFile({ ...someOffer, files: [large, someFile] }, 'completion')?.id, 'Q4_K_M');
    assert.equal(bestFile({ ...someOffer, files: [large, { ...someFile, recommendedFor: [] }] }, 'completion')?.id, 'Q4_K_M');
  });

  it('of this machine are those for the role that are where they were, and the one in use is marked', () => {
    const models: InstalledModel[] = [someInstalled, { ...someInstalled, id: 'chat', roles: ['chat'] }, { ...someInstalled, id: 'gone', missing: true }];
    assert.deepEqual(installedGroup('completion', models, someInstalled.path).choices.map(({ icon, label }) => `${icon}: ${label}`), ['pass-filled: DeepSeek Coder 1.3B Base']);
  });

  it('can come from a file, from an address, and from the other role where that has another one', () => {
    assert.deepEqual(elsewhereGroup('chat', '/models/a.gguf').choices.map(({ value }) => value?.kind), ['file', 'address', 'same']);
    assert.deepEqual(elsewhereGroup('chat', null).choices.map(({ value }) => value?.kind), ['file', 'address']);
  });
});

describe('the files of a model', () => {
  it('have the recommended one first, then the smaller before the larger', () => {
    const small = { ...someFile, id: 'Q2_K', quantization: 'Q2_K', bytes: 5e8, recommendedFor: [] };
    assert.deepEqual(fileChoices({ ...someOffer, files: [large, small, someFile] }, 'completion').map(({ value }) => value?.id), ['Q4_K_M', 'Q2_K', 'Q8_0']);
  });

  it('are named by their quantization, and by their paths where that is not known or does not tell them apart', () => {
    const named = (file: string, quantization: string): FileOffer => ({ ...someFile, source: { kind: 'hub', repository: 'someone/some-GGUF', revision: 'main', file }, quantization });
    const files = [named('some-Q2_K.gguf', 'Q2_K'), named('some-Q4_K_M.gguf', 'Q4_K_M'), named('imatrix/some-Q4_K_M.gguf', 'Q4_K_M'), named('some.gguf', '')];
    assert.deepEqual(fileChoices({ ...someOffer, files }, 'completion').map(({ label }) => label), ['Q2_K', 'some-Q4_K_M.gguf', 'imatrix/some-Q4_K_M.gguf', 'some.gguf']);
  });

  it('say the context and the type of the KV cache that they would fit with', () => {
    const file: FileOffer = { ...someFile, recommendedFor: [], fit: { ...someFit, verdict: 'smallerContext', contextSize: 4_096, kvType: 'q8_0' } };
    assert.match(fileChoices({ ...someOffer, files: [file] }, 'completion')[0]?.detail ?? '', /^fits with smaller context \(4096 tokens, q8_0\)/);
  });

  const lines = (offer: ModelOffer, file: FileOffer): string[] => detailGroups(offer, file, 'completion').flatMap(({ choices }) => choices.map(({ label, description = '' }) => `${label} · ${description}`));

  it('break the memory down: weights, KV cache, compute buffers, the sum, and what is left to the system', () => {
    assert.deepEqual(lines(someOffer, someFile).slice(1, 7), [
      'Fits · about 42.5 tokens/s',
      'Weights · 873 MB',
      'KV cache · 1.6 GB · 8192 tokens, f16',
      'Compute buffers · 200 MB',
      'Needed together · 2.7 GB · of 12.0 GB that models may use',
      'Left to everything else · 4.0 GB',
    ]);
  });

  it('say what a chat with the model must heed, where it is known', () => {
    const told = (offer: ModelOffer): boolean => lines(offer, someFile).some((line) => line.startsWith('It was trained without a system prompt'));
    assert.deepEqual([told(someOffer), told({ ...someOffer, quirks: ['noSystemPrompt'] })], [false, true]);
  });

  it('explain in full, when it is pressed, what a line has no room for', () => {
    const chosen = detailGroups({ ...someOffer, quirks: ['reasoningSampling'] }, { ...someFile, traps: ['oldTokenizer'] }, 'completion').flatMap(({ choices }) => choices.map(({ value }) => value));
    const explained = chosen.flatMap((value) => (typeof value === 'object' ? [value.explain] : []));
    assert.deepEqual(explained, [trapText('oldTokenizer'), quirkText('reasoningSampling')]);
  });

  it('are downloaded after the licence has been read, where it is restricted', () => {
    assert.equal(lines(someOffer, someFile)[0], 'Download 873 MB · after you have read its licence; then use it for code completion');
    assert.equal(lines({ ...someOffer, licence: null }, someFile)[0], 'Download 873 MB · then use it for code completion');
  });

  it('are used at once when they are here', () => {
    assert.equal(lines(someOffer, { ...someFile, installed: 'm1' })[0], 'Use It · for code completion');
  });

  it('tell their traps, and that nobody has confirmed a checksum', () => {
    const text = lines(someOffer, { ...someFile, verified: false, traps: ['unverified', 'oldTokenizer'] }).join('\n');
    assert.match(text, /Checksum not confirmed/);
    assert.match(text, /Old tokenizer/);
    assert.doesNotMatch(text, /Checksum known/);
  });
});
