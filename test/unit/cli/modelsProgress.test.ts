import assert from 'node:assert/strict';
import type { TerminalStream } from '../../../src/cli/answerPrinter.js';
import { followDownload } from '../../../src/cli/modelsProgress.js';
import type { Download, DownloadState, ModelsStatus } from '../../../src/engine/protocol/modelTypes.js';
import { FakeModelsClient } from '../../support/fakeModelsClient.js';
import { checkLeaks } from '../../support/leaks.js';
import { settle } from '../../support/manualClock.js';
import { someFile, someInstalled, someModels } from '../../support/modelExamples.js';

const running = (received: number): DownloadState & Partial<Download> => ({ state: 'downloading', rate: 1e6, secondsLeft: (100e6 - received) / 1e6 });

describe('waiting for a download in a terminal', () => {
  checkLeaks();

  function follow(first: DownloadState, isTTY = false) {
    const models = new FakeModelsClient();
    const stopping = new AbortController();
    let text = '';
    const info: TerminalStream = { isTTY, columns: 60, write: (part) => (text += part) };
    const say = (status: DownloadState, receivedBytes = 0): void => {
      const download: Download = { id: 'd1', name: 'Coder', quantization: 'Q4_K_M', source: someFile.source, totalBytes: 100e6, receivedBytes, from: 'example.org', status };
      models.setStatus({ ...someModels, installed: [], downloads: [download] });
    };
    say(first);
    const end = followDownload(models, { id: 'd1', source: someFile.source }, info, stopping.signal);
    return { models, stopping, end, say, over: (status: Partial<ModelsStatus>) => models.setStatus({ ...someModels, installed: [], ...status }), text: () => text };
  }

  it('ends with the model that is in its place', async () => {
    const { end, say, over } = follow({ state: 'queued' });
    await settle();
    say(running(50e6), 50e6);
    say({ state: 'verifying', progress: 0.5 }, 100e6);
    over({ installed: [someInstalled] });
    assert.deepEqual(await end, { kind: 'installed', model: someInstalled });
  });

  it('ends with the failure, with a pause elsewhere, and with a removal elsewhere', async () => {
    const failed = follow({ state: 'queued' });
    await settle();
    failed.say({ state: 'failed', failure: { code: 'notOnServer', url: 'https://example.org' } });
    assert.deepEqual(await failed.end, { kind: 'failed', failure: { code: 'notOnServer', url: 'https://example.org' } });
    const paused = follow({ state: 'queued' });
    await settle();
    paused.say({ state: 'paused' });
    assert.deepEqual(await paused.end, { kind: 'stopped' });
    const removed = follow({ state: 'queued' });
    await settle();
    removed.over({});
    assert.deepEqual(await removed.end, { kind: 'removed' });
  });

  for (const state of [{ state: 'paused' }, { state: 'failed', failure: { code: 'connectionLost' } }] as const) {
    it(`one that was ${state.state} before goes on`, async () => {
      const { models, stopping, end } = follow(state);
      await settle();
      assert.deepEqual(models.calls, [['watch', true], ['resume', 'd1'], ['watch', true]]);
      stopping.abort();
      await end;
    });
  }

  it('Ctrl+C pauses it, and what has come is not removed', async () => {
    const { models, stopping, end } = follow({ state: 'queued' });
    await settle();
    stopping.abort();
    assert.deepEqual(await end, { kind: 'stopped' });
    assert.deepEqual(models.calls.at(-1), ['pause', 'd1']);
  });

  it('a terminal has one line with the rate and the time left, cut at its width', async () => {
    const { say, text, stopping, end } = follow({ state: 'queued' }, true);
    await settle();
    say(running(25e6), 25e6);
    assert.match(text(), /25 % · 25\.0 MB of 100 MB · 1\.0 MB\/s · 1 min left/);
    assert.doesNotMatch(text(), /\n/);
    assert.doesNotMatch(text(), /example\.org/);
    stopping.abort();
    await end;
  });

  it('a file gets a line for every tenth', async () => {
    const { say, text, stopping, end } = follow({ state: 'queued' });
    await settle();
    for (let received = 0; received < 100; received++) say(running(received * 1e6), received * 1e6);
    assert.deepEqual(text().trimEnd().split('\n').slice(1), ['0 %', '10 %', '20 %', '30 %', '40 %', '50 %', '60 %', '70 %', '80 %', '90 %']);
    stopping.abort();
    await end;
  });
});
