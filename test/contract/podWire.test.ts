import assert from 'node:assert/strict';
import { once } from 'node:events';
import { deferred, raceAbort } from '../../src/engine/base/async.js';
import { EngineError, type FailureCode } from '../../src/engine/base/errors.js';
import { Logger, nullLogSink } from '../../src/engine/base/logger.js';
import { DaemonPodClient } from '../../src/engine/client/daemonPodClient.js';
import { planRequest, shareRequest, watchPodRequest } from '../../src/engine/protocol/podMessages.js';
import type { PodStatus, ShareOptions } from '../../src/engine/protocol/podTypes.js';
import { call } from '../../src/engine/protocol/wire.js';
import { DaemonSessions, openSession } from '../support/daemonSessions.js';
import { someOptions } from '../support/fakeEngine.js';
import { emptyPodStatus, somePreview } from '../support/fakePod.js';
import { checkLeaks } from '../support/leaks.js';
import { ManualClock, settle } from '../support/manualClock.js';

const signal = new AbortController().signal;
const log = new Logger(nullLogSink, 'test');
const fingerprint = 'ef'.repeat(32);
const sharing: ShareOptions = { memoryLimit: 1_000, cpu: true, only: ['laptop'], port: 0, cacheLimit: 0 };
const renamed: PodStatus = { ...emptyPodStatus, self: { ...emptyPodStatus.self, name: 'renamed' } };
const withCode = (code: FailureCode) => (error: unknown) => EngineError.is(error, code);

describe('client and daemon about the pod', () => {
  const home = checkLeaks();
  let sessions: DaemonSessions;
  let pod: DaemonPodClient;
  let clock: ManualClock;

  beforeEach(async () => {
    sessions = new DaemonSessions(home);
    clock = new ManualClock();
    pod = new DaemonPodClient(sessions, clock, log);
    await sessions.serve(pod);
  });

  /** A pairing that waits for the other user, and the pod's signal of it. */
  function openPairing(own: AbortSignal): { readonly pairing: Promise<void>; readonly asked: Promise<AbortSignal> } {
    const asked = deferred<AbortSignal>();
    sessions.daemon.pod.pairing = (its) => {
      asked.resolve(its);
      return raceAbort(new Promise<void>(() => undefined), its);
    };
    return { pairing: pod.pair(fingerprint, own), asked: asked.promise };
  }

  it('every request reaches the pod with its parameters', async () => {
    const role = someOptions.chat;
    assert.ok(role);
    await pod.share(sharing);
    await pod.rename('laptop');
    assert.equal(await pod.add({ host: '10.0.0.2', port: 4_000 }, signal), 'cd'.repeat(32));
    await pod.pair(fingerprint, signal);
    await pod.confirmPairing('1', true);
    await pod.unpair(fingerprint);
    assert.deepEqual(await pod.plan(role, signal), somePreview);
    assert.deepEqual(await pod.doctor(signal), [{ check: 'multicast', verdict: 'bad', machine: null, detail: 'eth0' }]);
    await pod.share(null);
    assert.deepEqual(sessions.daemon.pod.calls, [
      ['share', sharing],
      ['rename', 'laptop'],
      ['add', { host: '10.0.0.2', port: 4_000 }],
      ['pair', fingerprint],
      ['confirmPairing', '1', true],
      ['unpair', fingerprint],
      ['plan', role],
      ['doctor'],
      ['share', null],
    ]);
  });

  it('the status is heard from the first look on, until the client looks away', async () => {
    const heard: (PodStatus | null)[] = [];
    pod.onStatus((status) => heard.push(status));
    await pod.watch(true);
    sessions.daemon.pod.setStatus(renamed);
    await pod.rename('x');
    await pod.watch(false);
    assert.equal(sessions.daemon.pod.watchers.size, 0);
    sessions.daemon.pod.setStatus(emptyPodStatus);
    await pod.rename('y');
    assert.deepEqual(heard, [emptyPodStatus, renamed, null]);
  });

  it('a client that does not watch hears nothing', async () => {
    await pod.rename('x');
    assert.equal(sessions.daemon.pod.watchers.size, 0);
    assert.equal(pod.status, null);
  });

  it('a client that watches twice hears each change once', async () => {
    await pod.watch(true);
    await pod.watch(true);
    const heard: (PodStatus | null)[] = [];
    pod.onStatus((status) => heard.push(status));
    sessions.daemon.pod.setStatus(renamed);
    await pod.rename('x');
    assert.deepEqual(heard, [renamed]);
  });

  it('a client that leaves no longer watches', async () => {
    await pod.watch(true);
    sessions.session.dispose();
    await settle();
    assert.equal(sessions.daemon.pod.watchers.size, 0);
  });

  it('a failure to look is typed, and looking again may succeed', async () => {
    sessions.daemon.pod.failure = new EngineError({ code: 'storageFailed', path: '/state', reason: 'damaged' });
    await assert.rejects(pod.watch(true), withCode('storageFailed'));
    sessions.daemon.pod.failure = null;
    await pod.watch(true);
    assert.equal(sessions.daemon.pod.watchers.size, 1);
  });

  it('cancelling a pairing withdraws it', async () => {
    const stopping = new AbortController();
    const { pairing, asked } = openPairing(stopping.signal);
    const own = await asked;
    stopping.abort();
    await assert.rejects(pairing, withCode('cancelled'));
    assert.ok(own.aborted);
  });

  it('a client that leaves withdraws its pairing', async () => {
    const { pairing, asked } = openPairing(signal);
    const own = await asked;
    sessions.session.dispose();
    await assert.rejects(pairing, withCode('connectionLost'));
    if (!own.aborted) await once(own, 'abort');
  });

  it('a failure of the pod arrives as it is', async () => {
    sessions.daemon.pod.failure = new EngineError({ code: 'leaseHeld', machine: 'studio', holder: 'laptop' });
    await assert.rejects(pod.unpair(fingerprint), (error) => {
      assert.ok(EngineError.is(error));
      assert.deepEqual(error.failure, { code: 'leaseHeld', machine: 'studio', holder: 'laptop' });
      return true;
    });
  });

  it('parameters that break their rule never reach the pod', async () => {
    await assert.rejects(pod.unpair('not a fingerprint'), withCode('invalidMessage'));
    await assert.rejects(pod.add({ host: 'a', port: 70_000 }, signal), withCode('invalidMessage'));
    await assert.rejects(call(sessions.session.connection, shareRequest, { ...sharing, memoryLimit: -1 }), withCode('invalidMessage'));
    await assert.rejects(pod.rename('   '), withCode('invalidMessage'));
    assert.deepEqual(sessions.daemon.pod.calls, []);
  });

  it('nothing of the pod is served before the greeting', async () => {
    const { daemon, session } = openSession(home);
    await assert.rejects(call(session.connection, watchPodRequest, true), withCode('invalidMessage'));
    assert.ok(someOptions.chat);
    await assert.rejects(call(session.connection, planRequest, someOptions.chat), withCode('invalidMessage'));
    assert.equal(daemon.pod.watchers.size, 0);
    assert.deepEqual(daemon.pod.calls, []);
  });

  it('what is watched and shared is said again to the next daemon, which is asked for by itself', async () => {
    await pod.watch(true);
    await pod.share(sharing);
    const heard: (PodStatus | null)[] = [];
    pod.onStatus((status) => heard.push(status));
    sessions.daemon.connection.dispose();
    await settle();
    assert.deepEqual(heard, [null]);
    assert.equal(sessions.connects, 0);
    await clock.advance(1_000);
    await settle();
    assert.equal(sessions.connects, 1);
    await pod.rename('x');
    assert.deepEqual(sessions.daemon.pod.calls, [['share', sharing], ['rename', 'x']]);
    assert.equal(sessions.daemon.pod.watchers.size, 1);
    assert.deepEqual(heard, [null, emptyPodStatus]);
  });

  it('what another client has stopped sharing is not shared again with the next daemon', async () => {
    await pod.watch(true);
    await pod.share(sharing);
    const on = { state: 'on', port: 4_000, device: 'CPU', lendableBytes: 1, borrower: null } as const;
    for (const status of [{ ...emptyPodStatus, sharing: on }, emptyPodStatus]) {
      const heard = new Promise((resolve) => pod.onStatus(resolve));
      sessions.daemon.pod.setStatus(status);
      await heard;
    }
    sessions.daemon.connection.dispose();
    await settle();
    await clock.advance(1_000);
    await settle();
    await pod.rename('x');
    assert.deepEqual(sessions.daemon.pod.calls, [['rename', 'x']]);
  });

  it('a client that neither watches nor shares does not ask for the next daemon', async () => {
    await pod.watch(true);
    await pod.watch(false);
    await pod.share(sharing);
    await pod.share(null);
    sessions.daemon.connection.dispose();
    await settle();
    await clock.advance(100_000);
    assert.equal(sessions.connects, 0);
  });

  it('a daemon that cannot share says so and serves everything else', async () => {
    await pod.share(sharing);
    const before = sessions.daemon;
    before.connection.dispose();
    await settle();
    const failing = pod.rename('x');
    sessions.daemon.pod.failure = new EngineError({ code: 'podPortTaken', port: 4_000 });
    await assert.rejects(failing, withCode('podPortTaken'));
    sessions.daemon.pod.failure = null;
    await pod.rename('y');
    assert.deepEqual(sessions.daemon.pod.calls.at(-1), ['rename', 'y']);
  });
});
