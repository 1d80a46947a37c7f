import assert from 'node:assert/strict';
import { EngineError, type FailureCode } from '../../src/engine/base/errors.js';
import { Logger, nullLogSink } from '../../src/engine/base/logger.js';
import { DaemonModelsClient } from '../../src/engine/client/daemonModelsClient.js';
import { inspectRequest, pullRequest, watchModelsRequest } from '../../src/engine/protocol/modelMessages.js';
import type { BenchmarkEvent, ModelSource, ModelsStatus, NetworkOptions } from '../../src/engine/protocol/modelTypes.js';
import { call } from '../../src/engine/protocol/wire.js';
import { DaemonSessions, openSession } from '../support/daemonSessions.js';
import { checkLeaks } from '../support/leaks.js';
import { settle } from '../support/manualClock.js';
import { someInstalled, someModels, someOffer } from '../support/modelExamples.js';

const signal = new AbortController().signal;
const log = new Logger(nullLogSink, 'test');
const source: ModelSource = { kind: 'hub', repository: 'owner/name', revision: 'main', file: 'a.gguf' };
const network: NetworkOptions = { endpoint: 'https://hub.example', token: 'secret', proxy: null, noProxy: [], strictTls: true, certificates: [], directory: null };
const fuller: ModelsStatus = { ...someModels, freeDiskBytes: 1 };
const withCode = (code: FailureCode) => (error: unknown) => EngineError.is(error, code);

describe('client and daemon about models', () => {
  const home = checkLeaks();
  let sessions: DaemonSessions;
  let models: DaemonModelsClient;

  beforeEach(async () => {
    sessions = new DaemonSessions(home);
    models = new DaemonModelsClient(sessions, log);
    await sessions.serve(models);
  });

  it('every request reaches the daemon with its parameters and brings its answer back', async () => {
    assert.deepEqual(await models.offers({ role: 'chat', contextSize: 4_096 }, signal), [someOffer]);
    assert.deepEqual(await models.inspect(source, { role: null, contextSize: 0 }, signal), someOffer);
    assert.deepEqual(await models.fit('/models/a.gguf', { role: null, contextSize: 0 }, signal), someOffer);
    assert.equal(await models.licenceText('mit'), 'You may use it.');
    assert.equal(await models.pull(source, 'mit', signal), 'd1');
    await models.pause('d1');
    await models.resume('d1');
    await models.cancel('d1');
    assert.deepEqual(await models.import('/models/a.gguf', signal), { ...someInstalled, path: '/models/a.gguf' });
    const progress: number[] = [];
    assert.deepEqual(await models.verify('m1', (part) => progress.push(part), signal), someInstalled);
    assert.deepEqual(progress, [0.5]);
    await models.remove('m1');
    const events: BenchmarkEvent[] = [];
    assert.deepEqual(await models.benchmark({ ids: ['m1'], pod: true }, (event) => events.push(event), signal), []);
    await models.network(network);
    assert.deepEqual(sessions.daemon.models.actions.calls, [
      ['offers', { role: 'chat', contextSize: 4_096 }],
      ['inspect', source, { role: null, contextSize: 0 }],
      ['fit', '/models/a.gguf', { role: null, contextSize: 0 }],
      ['licenceText', 'mit'],
      ['pull', source, 'mit'],
      ['pause', 'd1'],
      ['resume', 'd1'],
      ['cancel', 'd1'],
      ['import', '/models/a.gguf'],
      ['verify', 'm1'],
      ['remove', 'm1'],
      ['benchmark', { ids: ['m1'], pod: true }],
      ['network', network],
    ]);
  });

  it('the status is heard from the first look on, until the client looks away', async () => {
    const heard: (ModelsStatus | null)[] = [];
    models.onStatus((status) => heard.push(status));
    await models.watch(true);
    sessions.daemon.models.setStatus(fuller);
    await models.licenceText('mit');
    await models.watch(false);
    assert.equal(sessions.daemon.models.watchers.size, 0);
    assert.deepEqual(heard, [someModels, fuller, null]);
  });

  it('a client that leaves no longer watches', async () => {
    await models.watch(true);
    assert.equal(sessions.daemon.models.watchers.size, 1);
    sessions.session.dispose();
    await settle();
    assert.equal(sessions.daemon.models.watchers.size, 0);
  });

  it('the next daemon hears how to fetch and what is watched', async () => {
    await models.network(network);
    await models.watch(true);
    sessions.daemon.connection.dispose();
    await settle();
    assert.equal(models.status, null);
    await models.licenceText('mit');
    assert.deepEqual(sessions.daemon.models.actions.calls[0], ['network', network]);
    assert.equal(sessions.daemon.models.watchers.size, 1);
    assert.deepEqual(models.status, someModels);
  });

  it('a failure of the daemon arrives as it is', async () => {
    sessions.daemon.models.actions.failure = new EngineError({ code: 'notEnoughDisk', path: '/models', requiredBytes: 10, availableBytes: 5 });
    await assert.rejects(models.pull(source, null, signal), (error) => {
      assert.ok(EngineError.is(error));
      assert.deepEqual(error.failure, { code: 'notEnoughDisk', path: '/models', requiredBytes: 10, availableBytes: 5 });
      return true;
    });
  });

  it('parameters that break their rule never reach the models', async () => {
    await assert.rejects(models.pull({ ...source, repository: '../../etc' }, null, signal), withCode('invalidMessage'));
    await assert.rejects(call(sessions.session.connection, pullRequest, { source: { kind: 'url', url: 'ftp://hub.example/a.gguf' }, acceptedLicence: null }), withCode('invalidMessage'));
    await assert.rejects(call(sessions.session.connection, inspectRequest, { source, use: { role: null, contextSize: -1 } }), withCode('invalidMessage'));
    await assert.rejects(models.network({ ...network, endpoint: 'ftp://hub.example' }), withCode('invalidMessage'));
    assert.deepEqual(sessions.daemon.models.actions.calls, []);
  });

  it('nothing of the models is served before the greeting', async () => {
    const { daemon, session } = openSession(home);
    await assert.rejects(call(session.connection, watchModelsRequest, true), withCode('invalidMessage'));
    assert.equal(daemon.models.watchers.size, 0);
  });
});
