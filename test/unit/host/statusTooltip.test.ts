import assert from 'node:assert/strict';
import type { RoleState } from '../../../src/engine/protocol/engineTypes.js';
import { statusTooltip } from '../../../src/host/statusTooltip.js';
import { factsWith, model, readyState, stats } from './statusFixtures.js';

/** Without the backslashes that keep markdown from reading file names. */
const plain = (text: string): string => text.replaceAll('\\', '');

describe('status bar tooltip', () => {
  it('shows the time to first token, the prompt and the memory', () => {
    const text = plain(statusTooltip(factsWith({ status: { completion: { state: 'unloaded' }, chat: { state: 'ready', model, lastStats: stats } } })));
    assert.match(text, /Time to first token: 12 ms/);
    assert.match(text, /Prompt: 120 tokens, 100 cached, 20 evaluated/);
    assert.match(text, /Memory: 25\.0 MB/);
    assert.match(text, /42 tokens at 61\.3 tokens\/s/);
  });

  it('says how the KV cache is kept where that is not the usual way, and which adapters are applied', () => {
    const lines = (change: Partial<typeof model>) => plain(statusTooltip(factsWith({ status: { completion: { state: 'off' }, chat: { state: 'ready', model: { ...model, ...change }, lastStats: null } } })));
    assert.match(lines({ kvType: 'q8_0', lora: ['style.gguf', 'sql.gguf'] }), /Context: 2048 tokens, in a KV cache of the type q8_0[^]*Adapters: style\.gguf, sql\.gguf/);
    assert.doesNotMatch(lines({}), /KV cache|Adapters/);
  });

  it('says that the bundled model is a small demonstration model', () => {
    assert.match(plain(statusTooltip(factsWith({ status: { completion: readyState, chat: readyState } }))), /small demonstration model/);
  });

  it('does not say so of a model that the user chose', () => {
    const facts = factsWith({});
    const settings = { ...facts.settings, model: { completionPath: '/m/a.gguf', chatPath: '/m/a.gguf', lora: [] } };
    assert.doesNotMatch(statusTooltip({ ...facts, settings }), /demonstration/);
  });

  it('says what failed and what to do', () => {
    const status = { completion: { state: 'error', failure: { code: 'fimUnsupported', model: 'r1' } }, chat: { state: 'off' } } as const;
    assert.match(plain(statusTooltip(factsWith({ status }))), /no fill-in-the-middle tokens.*Choose a base or coder model/);
  });

  it('escapes file names, so that a name cannot become a command link', () => {
    const facts = factsWith({});
    const path = '/m/[run](command:evil).gguf';
    const text = statusTooltip({ ...facts, settings: { ...facts.settings, model: { completionPath: path, chatPath: path, lora: [] } } });
    assert.doesNotMatch(text, /[^\\]\]\(command:evil/);
  });

  it('names settings that cannot be used', () => {
    const text = plain(statusTooltip(factsWith({ invalid: [{ key: 'chat.topK', expected: 'a whole number' }] })));
    assert.match(text, /seekpod\.chat\.topK must be a whole number/);
  });

  it('counts the memory once when both roles share the model', () => {
    const text = plain(statusTooltip(factsWith({ status: { completion: readyState, chat: readyState } })));
    assert.equal(text.match(/Memory:/g)?.length, 1);
    assert.match(text, /in memory once/);
  });

  it('says on how many machines the model runs', () => {
    const chat: RoleState = { state: 'ready', model: { ...model, remoteMachines: 1 }, lastStats: null };
    assert.match(plain(statusTooltip(factsWith({ status: { completion: { state: 'off' }, chat } }))), /On the pod: 2 machines/);
  });

  it('says why the local model answers in place of the one on the pod', () => {
    const podRun = { state: 'fallback', path: '/models/large.gguf', failure: { code: 'podLost', machine: 'studio', reason: 'it is silent' } } as const;
    const text = plain(statusTooltip(factsWith({ podRun, status: { completion: { state: 'off' }, chat: readyState } })));
    assert.match(text, /In place of large: studio left the pod \(it is silent\)/);
  });
});
