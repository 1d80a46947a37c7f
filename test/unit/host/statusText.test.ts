import assert from 'node:assert/strict';
import type { RoleState } from '../../../src/engine/protocol/engineTypes.js';
import { failureAfter, shownStatus } from '../../../src/host/shownStatus.js';
import { leadingRole, statusText } from '../../../src/host/statusText.js';
import { factsWith, model, readyState, stats } from './statusFixtures.js';

const unloaded: RoleState = { state: 'unloaded' };
const off: RoleState = { state: 'off' };
const failed: RoleState = { state: 'error', failure: { code: 'modelNotFound', path: '/m/x.gguf' } };
const generating: RoleState = { state: 'generating', model, tokensPerSecond: 48.66 };

describe('status bar text', () => {
  const table: [fact: string, completion: RoleState, chat: RoleState, text: string, severity: string][] = [
    ['names the model that is not loaded yet', unloaded, unloaded, '$(circle-outline) calf-q8_0', 'normal'],
    ['shows how far loading is', { state: 'loading', progress: 0.459 }, unloaded, '$(loading~spin) calf-q8_0 loading 45 %', 'normal'],
    ['shows a ready model before its first answer', readyState, unloaded, '$(check) calf-q8_0', 'normal'],
    ['shows tokens per second while generating', readyState, generating, '$(sync~spin) calf-q8_0 48.7 tok/s', 'normal'],
    ['says that the model process is restarted', { state: 'recovering' }, generating, '$(sync~spin) calf-q8_0 recovering', 'warning'],
    ['names the role that failed', readyState, failed, '$(error) Seekpod: chat failed', 'error'],
    ['shows a failure of completion beside a working chat', failed, generating, '$(error) Seekpod: completion failed', 'error'],
    ['says when both roles are off', off, off, '$(circle-slash) Seekpod off', 'normal'],
  ];
  for (const [fact, completion, chat, text, severity] of table) {
    it(fact, () => {
      const shown = statusText(factsWith({ status: { completion, chat } }));
      assert.deepEqual([shown.text, shown.severity], [text, severity]);
    });
  }

  it('keeps the last tokens per second when the model is ready again', () => {
    const shown = statusText(factsWith({ status: { completion: readyState, chat: readyState }, lastStats: stats }));
    assert.equal(shown.text, '$(check) calf-q8_0 61.3 tok/s');
  });

  it('shows that completion is off in the language of the editor', () => {
    const shown = statusText(factsWith({ status: { completion: readyState, chat: readyState }, language: { id: 'markdown', enabled: false } }));
    assert.equal(shown.text, '$(circle-slash) calf-q8_0');
  });

  it('warns of settings that cannot be used', () => {
    const shown = statusText(factsWith({ invalid: [{ key: 'engine.threads', expected: 'a number' }] }));
    assert.deepEqual([shown.text, shown.severity], ['$(circle-outline) calf-q8_0 $(warning)', 'warning']);
  });

  it('does not let a bad setting hide an error', () => {
    const shown = statusText(factsWith({ status: { completion: failed, chat: unloaded }, invalid: [{ key: 'engine.threads', expected: 'a number' }] }));
    assert.equal(shown.severity, 'error');
  });

  it('follows the role with the weightier state', () => {
    assert.equal(leadingRole({ completion: generating, chat: readyState }), 'completion');
    assert.equal(leadingRole({ completion: readyState, chat: readyState }), 'chat');
  });

  it('says on how many machines the chat model runs', () => {
    const onPod: RoleState = { state: 'ready', model: { ...model, remoteMachines: 2 }, lastStats: null };
    assert.deepEqual(statusText(factsWith({ status: { completion: { state: 'off' }, chat: onPod } })), { text: '$(server) calf-q8_0', severity: 'normal', label: 'Seekpod: calf-q8_0 is ready on 3 machines' });
  });

  it('names the model of the pod while it is not loaded, and the local one in its place', () => {
    const facts = factsWith({});
    const settings = { ...facts.settings, pod: { ...facts.settings.pod, model: '/models/large.gguf' } };
    assert.equal(statusText({ ...facts, settings }).text, '$(circle-outline) large');
    const podRun = { state: 'fallback', path: '/models/large.gguf', failure: { code: 'podLost', machine: 'studio', reason: 'it is silent' } } as const;
    const shown = statusText({ ...facts, settings, podRun, status: { completion: { state: 'off' }, chat: readyState } });
    assert.deepEqual([shown.text, shown.severity], ['$(debug-disconnect) calf-q8_0', 'warning']);
    assert.match(shown.label, /answers in place of the model on the pod/);
  });

  it('gives screen readers words instead of icons', () => {
    const { label } = statusText(factsWith({ status: { completion: readyState, chat: generating } }));
    assert.equal(label, 'Seekpod: calf-q8_0 is generating, 48.7 tokens per second');
  });
});

describe('shown status', () => {
  const failure = { code: 'daemonUnavailable', reason: 'no node' } as const;

  it('is an error when the engine could not be started', () => {
    assert.deepEqual(shownStatus({ completion: unloaded, chat: unloaded }, failure).completion, { state: 'error', failure });
  });

  it('stays an error while the next request only begins to load', () => {
    const loading = (progress: number) => ({ completion: { state: 'loading', progress } as const, chat: unloaded });
    assert.deepEqual(shownStatus(loading(0), failure).completion, { state: 'error', failure });
    assert.deepEqual(shownStatus(loading(0.1), failure).completion, { state: 'loading', progress: 0.1 });
  });

  it('is no error any more when a model works or the settings name another one', () => {
    const error = { state: 'error', failure } as const;
    assert.equal(failureAfter(undefined, unloaded, error), failure);
    assert.equal(failureAfter(failure, error, { state: 'loading', progress: 0 }), failure);
    assert.equal(failureAfter(failure, { state: 'loading', progress: 0 }, readyState), undefined);
    assert.equal(failureAfter(failure, error, unloaded), undefined);
  });

  it('is what the engine reports once it reports', () => {
    const status = { completion: readyState, chat: unloaded };
    assert.equal(shownStatus(status, failure), status);
  });
});
