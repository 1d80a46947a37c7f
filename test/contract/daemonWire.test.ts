import assert from 'node:assert/strict';
import { deferred } from '../../src/engine/base/async.js';
import { EngineError, type Failure, type FailureCode } from '../../src/engine/base/errors.js';
import { Logger, nullLogSink } from '../../src/engine/base/logger.js';
import { DaemonSession } from '../../src/engine/client/daemonSession.js';
import {
  chatRequest,
  completeRequest,
  configureRequest,
  countTokensRequest,
  daemonProtocolVersion,
  diagnosticsRequest,
  helloRequest,
  loadRequest,
  noticeNotification,
  shutdownRequest,
  unloadRequest,
} from '../../src/engine/protocol/daemonMessages.js';
import type { ChatRequest, CompletionRequest, EngineNotice, EngineStatus, GenerationEvent } from '../../src/engine/protocol/engineTypes.js';
import { wireLimits } from '../../src/engine/protocol/frameGuard.js';
import { call, callStreaming, listen, type Request } from '../../src/engine/protocol/wire.js';
import { DaemonEnd, testLimits } from '../support/daemonEnd.js';
import { failureExamples } from '../support/failureExamples.js';
import { someOptions, someResult } from '../support/fakeEngine.js';
import { checkLeaks } from '../support/leaks.js';
import { settle } from '../support/manualClock.js';

const sampling = { temperature: 0, topP: 1, topK: 0, minP: 0, repeatPenalty: 1, seed: null };
const question: ChatRequest = { slot: 'a', turns: [{ role: 'user', text: 'Why?' }], maxTokens: 10, sampling };
const completion: CompletionRequest = { slot: 'a', prompt: { context: [], prefix: 'a', suffix: 'b', tail: 'c' }, maxTokens: 10, sampling };
const signal = new AbortController().signal;

async function failsWith(work: Promise<unknown>, code: FailureCode): Promise<Failure> {
  let failure: Failure | undefined;
  await assert.rejects(work, (error) => {
    assert.ok(EngineError.is(error, code), String(error));
    failure = error.failure;
    return true;
  });
  assert.ok(failure);
  return failure;
}

describe('client and daemon', () => {
  const home = checkLeaks();
  let daemon: DaemonEnd;
  let session: DaemonSession;

  beforeEach(() => {
    daemon = new DaemonEnd();
    session = new DaemonSession(daemon.client, new Logger(nullLogSink, 'test'));
    home.atEnd(() => daemon.connection.dispose());
    home.atEnd(() => session.dispose());
  });

  const greet = () => session.hello('test', '1.2.3', signal);

  it('the greeting says who the daemon is and whether it is configured', async () => {
    daemon.configured = true;
    const hello = await greet();
    assert.deepEqual({ ...hello, pid: 0 }, { protocolVersion: daemonProtocolVersion, daemonVersion: '1.2.3', pid: 0, configured: true });
  });

  it('the status comes after the greeting and at every change', async () => {
    const heard: EngineStatus[] = [];
    session.onStatus((status) => heard.push(status));
    await greet();
    const later: EngineStatus = { completion: { state: 'off' }, chat: { state: 'loading', progress: 0.5 } };
    await call(session.connection, diagnosticsRequest, null);
    daemon.connection.sendStatus(later);
    await call(session.connection, diagnosticsRequest, null);
    assert.deepEqual(heard, [daemon.engine.status, later]);
    assert.deepEqual(session.status, later);
  });

  it('a notice reaches a client that has greeted', async () => {
    const heard: EngineNotice[] = [];
    const notice: EngineNotice = { kind: 'memoryPressure', critical: true, availableBytes: 5e8, unloaded: ['R1'] };
    listen(session.connection, noticeNotification, (params) => heard.push(params), () => assert.fail('it is not valid'));
    daemon.connection.sendNotice({ ...notice, critical: false });
    await greet();
    daemon.connection.sendNotice(notice);
    await call(session.connection, diagnosticsRequest, null);
    assert.deepEqual(heard, [notice]);
  });

  it('every request reaches the engine with its parameters', async () => {
    await greet();
    const { connection } = session;
    await call(connection, configureRequest, someOptions);
    assert.equal(await call(connection, countTokensRequest, { role: 'chat', text: 'four' }), 4);
    await call(connection, loadRequest, { role: 'completion' });
    await call(connection, unloadRequest, { role: 'chat' });
    assert.deepEqual(daemon.engine.calls, [['configure', someOptions], ['countTokens', 'chat', 'four'], ['load', 'completion'], ['unload', 'chat']]);
    const facts = await call(connection, diagnosticsRequest, null);
    assert.deepEqual(facts.workers, [{ pid: 4_711, roles: ['chat'], restarts: 1 }]);
    assert.equal(await call(connection, shutdownRequest, null), true);
    assert.ok(daemon.ended);
  });

  it('a generation reports its events in order and before its result', async () => {
    await greet();
    const sent: GenerationEvent[] = [
      { kind: 'started', promptTokens: 5, cachedTokens: 2, droppedTurns: 1 },
      ...Array.from({ length: 200 }, (_, index): GenerationEvent => ({ kind: 'text', text: `${index} ✓`, tokens: [index] })),
      { kind: 'recovering' },
      { kind: 'recovered' },
    ];
    daemon.engine.generate = async (generation, report) => {
      assert.deepEqual(generation, { role: 'chat', request: question });
      for (const event of sent) report(event);
      return someResult;
    };
    const heard: unknown[] = [];
    const result = await callStreaming(session.connection, chatRequest, question, (event) => heard.push(event), signal);
    assert.deepEqual(heard, sent);
    assert.deepEqual(result, someResult);
  });

  it('two generations at once keep their events apart', async () => {
    await greet();
    const both = deferred<void>();
    let open = 0;
    daemon.engine.generate = async ({ role }, report) => {
      if (++open === 2) both.resolve();
      await both.promise;
      report({ kind: 'text', text: role, tokens: [] });
      return someResult;
    };
    const texts = { chat: '', completion: '' };
    await Promise.all([
      callStreaming(session.connection, chatRequest, question, (event) => event.kind === 'text' && (texts.chat += event.text), signal),
      callStreaming(session.connection, completeRequest, completion, (event) => event.kind === 'text' && (texts.completion += event.text), signal),
    ]);
    assert.deepEqual(texts, { chat: 'chat', completion: 'completion' });
  });

  it('events after the result are not sent', async () => {
    await greet();
    let late: (event: GenerationEvent) => void = () => undefined;
    daemon.engine.generate = async (_generation, report) => {
      late = report;
      return someResult;
    };
    const heard: GenerationEvent[] = [];
    await callStreaming(session.connection, chatRequest, question, (event) => heard.push(event), signal);
    late({ kind: 'recovering' });
    await call(session.connection, diagnosticsRequest, null);
    assert.deepEqual(heard, []);
  });

  for (const failure of failureExamples) {
    it(`the failure ${failure.code} arrives with its facts`, async () => {
      await greet();
      daemon.engine.failure = new EngineError(failure);
      assert.deepEqual(await failsWith(call(session.connection, loadRequest, { role: 'chat' }), failure.code), failure);
    });
  }

  it('a defect arrives as internal', async () => {
    await greet();
    daemon.engine.failure = new TypeError('x is not a function');
    assert.deepEqual(await failsWith(call(session.connection, loadRequest, { role: 'chat' }), 'internal'), { code: 'internal', reason: 'x is not a function' });
  });

  it('a failure with an endless text still arrives as itself', async () => {
    await greet();
    daemon.engine.failure = new EngineError({ code: 'loadFailed', path: '/a', reason: 'x'.repeat(12_000) });
    await failsWith(call(session.connection, loadRequest, { role: 'chat' }), 'loadFailed');
  });

  it('a parameter that breaks its rule is refused and names the field', async () => {
    await greet();
    const bad = { ...question, sampling: { ...sampling, topP: 2 } };
    const failure = await failsWith(callStreaming(session.connection, chatRequest, bad, () => undefined, signal), 'invalidMessage');
    assert.ok(failure.code === 'invalidMessage' && failure.method === 'engine/chat' && failure.reason.startsWith('sampling.topP'));
  });

  it('a request over the limit does not leave and costs nothing else', async () => {
    await greet();
    const failure = await failsWith(call(session.connection, countTokensRequest, { role: 'chat', text: 'x'.repeat(wireLimits.messageBytes) }), 'messageTooLarge');
    assert.ok(failure.code === 'messageTooLarge' && failure.limit === wireLimits.messageBytes && failure.bytes > failure.limit);
    assert.equal(await call(session.connection, countTokensRequest, { role: 'chat', text: 'four' }), 4);
  });

  it('an answer over the limit arrives as its failure', async () => {
    await greet();
    daemon.engine.status = { completion: { state: 'off' }, chat: { state: 'error', failure: { code: 'internal', reason: 'x'.repeat(testLimits.messageBytes) } } };
    await failsWith(call(session.connection, diagnosticsRequest, null), 'messageTooLarge');
    assert.equal(await call(session.connection, countTokensRequest, { role: 'chat', text: 'four' }), 4);
  });

  it('an unknown method is answered with its name', async () => {
    await greet();
    const dance: Request<null, null> = { ...shutdownRequest, method: 'engine/dance', result: unloadRequest.result };
    assert.deepEqual(await failsWith(call(session.connection, dance, null), 'unknownMethod'), { code: 'unknownMethod', method: 'engine/dance' });
  });

  it('nothing but the greeting and the end is served before the greeting', async () => {
    assert.match(JSON.stringify(await failsWith(call(session.connection, loadRequest, { role: 'chat' }), 'invalidMessage')), /greeting comes first/);
    assert.deepEqual(daemon.engine.calls, []);
    daemon.inUse = true;
    assert.equal(await call(session.connection, shutdownRequest, null), false);
  });

  it('a second greeting is refused', async () => {
    await greet();
    await failsWith(greet(), 'invalidMessage');
  });

  it('a client of another protocol learns both versions and may still end the daemon', async () => {
    const hello = call(session.connection, helloRequest, { protocolVersion: 99, clientVersion: '9.9.9', clientName: 'test' });
    assert.deepEqual(await failsWith(hello, 'versionMismatch'), { code: 'versionMismatch', daemonVersion: '1.2.3', clientVersion: '9.9.9' });
    assert.equal(await call(session.connection, shutdownRequest, null), true);
  });

  it('aborting a generation aborts the work and answers cancelled', async () => {
    await greet();
    const started = deferred<void>();
    let aborted = false;
    daemon.engine.generate = (_generation, _report, own) => {
      started.resolve();
      return new Promise((_resolve, reject) =>
        own.addEventListener('abort', () => {
          aborted = true;
          reject(new EngineError({ code: 'cancelled' }));
        }),
      );
    };
    const stopping = new AbortController();
    const answer = callStreaming(session.connection, chatRequest, question, () => undefined, stopping.signal);
    await started.promise;
    stopping.abort();
    await failsWith(answer, 'cancelled');
    assert.ok(aborted);
  });

  it('a signal that is aborted before the call sends nothing', async () => {
    await greet();
    let asked = false;
    daemon.engine.generate = async () => {
      asked = true;
      return someResult;
    };
    await failsWith(callStreaming(session.connection, chatRequest, question, () => undefined, AbortSignal.abort()), 'cancelled');
    await call(session.connection, diagnosticsRequest, null);
    assert.equal(asked, false);
  });

  it('a connection lost while streaming rejects and keeps the events so far', async () => {
    await greet();
    daemon.engine.generate = (_generation, report) => {
      report({ kind: 'text', text: 'so far', tokens: [1] });
      return new Promise(() => undefined);
    };
    let closed = 0;
    session.onClosed(() => closed++);
    const heard: GenerationEvent[] = [];
    const answer = callStreaming(
      session.connection,
      chatRequest,
      question,
      (event) => {
        heard.push(event);
        daemon.connection.dispose();
      },
      signal,
    );
    await failsWith(answer, 'connectionLost');
    assert.deepEqual(heard, [{ kind: 'text', text: 'so far', tokens: [1] }]);
    assert.equal(closed, 1);
    await failsWith(call(session.connection, diagnosticsRequest, null), 'connectionLost');
  });

  it('a client that leaves in the middle aborts its open requests', async () => {
    await greet();
    const aborted = deferred<void>();
    daemon.engine.generate = (_generation, report, own) => {
      own.addEventListener('abort', () => aborted.resolve());
      report({ kind: 'text', text: 'a', tokens: [1] });
      return new Promise(() => undefined);
    };
    const answer = callStreaming(session.connection, chatRequest, question, () => session.dispose(), signal);
    await failsWith(answer, 'connectionLost');
    await aborted.promise;
    assert.ok(daemon.closed);
  });

  it('an event that breaks its rule ends the stream with a typed failure', async () => {
    await greet();
    daemon.engine.generate = (_generation, report, own) => {
      report({ kind: 'text', text: 'a', tokens: [1] });
      report({ kind: 'text', text: 'b', tokens: [0.5] });
      report({ kind: 'text', text: 'c', tokens: [3] });
      return new Promise((_resolve, reject) => own.addEventListener('abort', () => reject(new EngineError({ code: 'cancelled' }))));
    };
    let text = '';
    const answer = callStreaming(session.connection, chatRequest, question, (event) => event.kind === 'text' && (text += event.text), signal);
    await failsWith(answer, 'invalidMessage');
    assert.equal(text, 'a');
  });

  it('a client that never greets is let go', async () => {
    await daemon.clock.advance(999);
    assert.equal(daemon.closed, false);
    await daemon.clock.advance(1);
    await settle();
    assert.ok(daemon.closed);
    await failsWith(greet(), 'connectionLost');
  });

  it('a client that has greeted may be silent for as long as it likes', async () => {
    await greet();
    await daemon.clock.advance(1_000_000);
    assert.equal(daemon.closed, false);
  });

  it('a client that has stopped reading is let go before what waits for it fills the memory', async () => {
    await greet();
    await settle();
    daemon.client.input.pause();
    const record = { time: 0, level: 'info', source: 'worker', message: 'one more token' } as const;
    for (let sent = 0; sent < 100_000 && !daemon.closed; sent++) daemon.connection.sendRecord(record);
    assert.ok(daemon.closed);
    assert.ok(daemon.records.some(({ message }) => message.includes('it does not read')));
  });

  it('log records of the daemon reach the client', async () => {
    const heard: string[] = [];
    session.onRecord(({ message }) => heard.push(message));
    await greet();
    daemon.connection.sendRecord({ level: 'warn', source: 'daemon', message: 'the worker died' });
    await call(session.connection, diagnosticsRequest, null);
    assert.deepEqual(heard, ['the worker died']);
  });
});
