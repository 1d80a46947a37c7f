import assert from 'node:assert/strict';
import type { MessageConnection } from 'vscode-jsonrpc';
import { deferred } from '../../src/engine/base/async.js';
import { systemClock } from '../../src/engine/base/clock.js';
import { EngineError } from '../../src/engine/base/errors.js';
import { wireLimits } from '../../src/engine/protocol/frameGuard.js';
import { connectStreams } from '../../src/engine/protocol/streamConnection.js';
import { call, callStreaming, type Request } from '../../src/engine/protocol/wire.js';
import {
  type LoadParams,
  workerChatRequest,
  workerCompleteRequest,
  workerCountersRequest,
  workerCountTokensRequest,
  workerLoadRequest,
} from '../../src/engine/protocol/workerMessages.js';
import { serveWorker } from '../../src/engine/worker/workerServer.js';
import { failureExamples } from '../support/failureExamples.js';
import { FakeBackend } from '../support/fakeBackend.js';
import { checkLeaks } from '../support/leaks.js';
import { streamPair } from '../support/streamPair.js';
import { failsWith } from '../support/testClient.js';
import { calf, greedy } from '../support/workerProcess.js';

const load: LoadParams = { model: calf, completion: { contextSize: 0, slots: 1 }, chat: { contextSize: 0, slots: 1 }, remote: null };
const chat = { slot: 'a', turns: [{ role: 'user' as const, text: 'hi' }], maxTokens: 20, sampling: greedy };
const completion = { slot: 'a', prompt: { context: [], prefix: 'pre', suffix: 'suf', tail: 'tail' }, maxTokens: 20, sampling: greedy };

describe('daemon and worker', () => {
  const home = checkLeaks();
  let backend: FakeBackend;
  let daemon: MessageConnection;

  beforeEach(() => {
    backend = new FakeBackend();
    const ends = streamPair();
    const [own, other] = ends.map((streams) => {
      const { connection } = connectStreams({ streams, limits: wireLimits, onInvalid: () => undefined, onBroken: () => undefined });
      home.atEnd(() => connection.dispose());
      return connection;
    });
    assert.ok(own && other);
    daemon = own;
    const served = serveWorker(other, backend, systemClock);
    home.atEnd(() => served.dispose());
    own.listen();
    other.listen();
  });

  it('the load reports its progress in order and answers with the models', async () => {
    backend.loading = async (onProgress) => [0, 0.25, 0.5, 1].forEach(onProgress);
    const heard: number[] = [];
    const models = await callStreaming(daemon, workerLoadRequest, load, ({ progress }) => heard.push(progress));
    assert.deepEqual(heard, [0, 0.25, 0.5, 1]);
    assert.equal(models.chat?.name, 'fake');
    assert.equal(models.completion?.path, calf.path);
    assert.deepEqual(backend.loads, [load]);
  });

  for (const failure of failureExamples) {
    it(`a load that fails with ${failure.code} says so with its facts`, async () => {
      backend.loading = async () => {
        throw new EngineError(failure);
      };
      await assert.rejects(callStreaming(daemon, workerLoadRequest, load, () => undefined), (error) => {
        assert.deepEqual(EngineError.is(error) && error.failure, failure);
        return true;
      });
    });
  }

  it('cancelling the load reaches the backend', async () => {
    const stopping = new AbortController();
    backend.loading = (onProgress, signal) => {
      onProgress(0.5);
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new EngineError({ code: 'cancelled' }))));
    };
    await assert.rejects(callStreaming(daemon, workerLoadRequest, load, () => stopping.abort(), stopping.signal), failsWith('cancelled'));
  });

  it('a second load is refused', async () => {
    await callStreaming(daemon, workerLoadRequest, load, () => undefined);
    await assert.rejects(callStreaming(daemon, workerLoadRequest, load, () => undefined), failsWith('invalidMessage'));
  });

  it('nothing is served before the load', async () => {
    await assert.rejects(call(daemon, workerCountTokensRequest, { role: 'chat', text: 'a' }), failsWith('invalidMessage'));
    await assert.rejects(callStreaming(daemon, workerChatRequest, { request: chat, resume: [] }, () => undefined), failsWith('invalidMessage'));
    await assert.rejects(call(daemon, workerCountersRequest, null), failsWith('invalidMessage'));
  });

  it('an unknown method is answered with its name', async () => {
    const dance: Request<null, unknown> = { ...workerCountersRequest, method: 'worker/dance' };
    await assert.rejects(call(daemon, dance, null), failsWith('unknownMethod'));
  });

  describe('with a model', () => {
    beforeEach(async () => {
      await callStreaming(daemon, workerLoadRequest, load, () => undefined);
    });

    it('a chat and a completion say what the model says, and the counters count it', async () => {
      let text = '';
      const { finish, stats } = await callStreaming(daemon, workerChatRequest, { request: chat, resume: [] }, (event) => event.kind === 'text' && (text += event.text));
      assert.equal(text, 'hello');
      assert.equal(finish, 'end');
      assert.equal(stats.generatedTokens, 5);
      text = '';
      await callStreaming(daemon, workerCompleteRequest, { request: completion, resume: [] }, (event) => event.kind === 'text' && (text += event.text));
      assert.equal(text, 'hello');
      assert.equal(await call(daemon, workerCountTokensRequest, { role: 'chat', text: 'four' }), 4);
      assert.ok((await call(daemon, workerCountersRequest, null)).decodeSteps >= 10);
    });

    it('resumed tokens count towards the longest answer and are not said again', async () => {
      let text = '';
      const { finish, stats } = await callStreaming(
        daemon,
        workerChatRequest,
        { request: { ...chat, maxTokens: 5 }, resume: [104, 101] },
        (event) => event.kind === 'text' && (text += event.text),
      );
      assert.equal(text, 'hel');
      assert.equal(finish, 'length');
      assert.equal(stats.generatedTokens, 5);
    });

    it('cancelling stops within one step', async () => {
      const stopping = new AbortController();
      const cancelled = deferred<void>();
      backend.step = async () => {
        if (backend.steps === 2) await cancelled.promise;
      };
      const answer = callStreaming(
        daemon,
        workerChatRequest,
        { request: chat, resume: [] },
        (event) => {
          if (event.kind !== 'text' || stopping.signal.aborted) return;
          stopping.abort();
          // The cancellation is on its way; the step that runs may end.
          setTimeout(() => cancelled.resolve(), 20);
        },
        stopping.signal,
      );
      await assert.rejects(answer, failsWith('cancelled'));
      assert.ok(backend.steps <= 3);
    });

    it('parameters that break their rule do not reach the model', async () => {
      const bad = { request: { ...chat, turns: [] }, resume: [] };
      await assert.rejects(callStreaming(daemon, workerChatRequest, bad, () => undefined), failsWith('invalidMessage'));
      await assert.rejects(callStreaming(daemon, workerChatRequest, { request: chat, resume: [-1] }, () => undefined), failsWith('invalidMessage'));
      assert.equal(backend.steps, 0);
    });

    it('a prompt that does not fit is refused with the numbers', async () => {
      const long = { ...chat, turns: [{ role: 'user' as const, text: 'x'.repeat(2_000) }] };
      await assert.rejects(callStreaming(daemon, workerChatRequest, { request: long, resume: [] }, () => undefined), failsWith('promptTooLong'));
    });
  });
});
