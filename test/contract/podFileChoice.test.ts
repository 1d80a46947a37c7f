import assert from 'node:assert/strict';
import { toDisposable } from '../../src/engine/base/disposable.js';
import { EngineError } from '../../src/engine/base/errors.js';
import { Logger, nullLogSink } from '../../src/engine/base/logger.js';
import { encodeAnswer } from '../../src/engine/pod/core/files/fileWire.js';
import { apply } from '../../src/engine/pod/core/state/applyEvent.js';
import { emptyPod, type MachineState } from '../../src/engine/pod/core/state/podState.js';
import type { PeerStream } from '../../src/engine/pod/net/peers/peerStream.js';
import { awayLimitMs, lingerMs, PodFiles } from '../../src/engine/pod/podFiles.js';
import type { Link } from '../../src/engine/protocol/podTypes.js';
import { checkLeaks } from '../support/leaks.js';
import { ManualClock } from '../support/manualClock.js';
import { socketPair } from '../support/socketPair.js';

const sha256 = 'ab'.repeat(32);
const { signal } = new AbortController();

describe('which machine of the pod is asked for a file', () => {
  const home = checkLeaks();
  const size = 1_000;
  let clock: ManualClock;
  let touched: number;

  const machine = (name: string, changes: Partial<MachineState> = {}): MachineState => {
    const known = apply(emptyPod, { at: 0, kind: 'paired', machine: name, name, addresses: [] }).machines.get(name);
    assert.ok(known);
    return { ...known, connected: true, ...changes };
  };
  const link = (throughput: number): Link => ({ address: { host: '10.0.0.1', port: 1 }, roundTrip: 1e-4, throughput });
  const files = (machines: readonly MachineState[], open: (name: string) => Promise<PeerStream>): PodFiles => {
    const found = new PodFiles({
      anyPaired: async () => true,
      keepInTouch: async () => {
        touched++;
        return toDisposable(() => touched--);
      },
      state: () => ({ ...emptyPod, machines: new Map(machines.map((one) => [one.fingerprint, one])) }),
      open: (fingerprint) => open(fingerprint),
      clock,
      log: new Logger(nullLogSink, 'test'),
    });
    home.atEnd(() => found.dispose());
    return found;
  };
  const answering = async (answer: Uint8Array): Promise<PeerStream> => {
    const [near, far] = await socketPair(home);
    far.once('data', () => far.end(answer));
    return { fingerprint: '', socket: near };
  };
  /** Answers as a machine with a file of that size. */
  const giving = (): Promise<PeerStream> => answering(encodeAnswer({ kind: 'given', fileBytes: size }));

  beforeEach(() => {
    clock = new ManualClock();
    touched = 0;
  });

  it('the one with the fastest link is the first, those that were not measured come last', async () => {
    const machines = [machine('slow', { link: link(1e7) }), machine('unknown', { problem: { code: 'connectionLost' } }), machine('fast', { link: link(1e9) }), machine('middle', { link: link(1e8) })];
    const found = await files(machines, giving).find(sha256, size, signal);
    assert.deepEqual(found.map(({ from }) => from), ['fast', 'middle', 'slow', 'unknown']);
  });

  it('those that are not paired, or not connected, are not asked', async () => {
    const asked: string[] = [];
    const open = (name: string): Promise<PeerStream> => {
      asked.push(name);
      return giving();
    };
    await files([machine('stranger', { paired: false }), machine('absent', { connected: false, problem: { code: 'connectionLost' } }), machine('mini', { link: link(1) })], open).find(sha256, null, signal);
    assert.deepEqual(asked, ['mini']);
  });

  it('a machine that does not come back is given up, with its name', async () => {
    let open = giving;
    const [source] = await files([machine('mini', { link: link(1) })], () => open()).find(sha256, size, signal);
    assert.ok(source);
    open = async () => {
      throw new EngineError({ code: 'connectionLost' });
    };
    const reading = source.read(0, size, signal)[Symbol.asyncIterator]().next();
    reading.catch(() => undefined);
    await clock.advance(awayLimitMs + 1_000);
    await assert.rejects(reading, { failure: { code: 'machineUnreachable', machine: 'mini', reason: 'it is not connected' } });
  });

  it('a machine that no longer has the file is given up at once', async () => {
    let answer = encodeAnswer({ kind: 'given', fileBytes: size });
    const [source] = await files([machine('mini', { link: link(1) })], () => answering(answer)).find(sha256, size, signal);
    assert.ok(source);
    answer = encodeAnswer({ kind: 'refused', reason: 'unknownFile' });
    await assert.rejects(source.read(0, size, signal)[Symbol.asyncIterator]().next(), { failure: { code: 'fileRefused', machine: 'mini', reason: 'unknownFile' } });
  });

  it('a machine whose file has got another size is given up at once', async () => {
    let asked = 0;
    let answer = encodeAnswer({ kind: 'given', fileBytes: size });
    const open = (): Promise<PeerStream> => (++asked < 5 ? answering(answer) : Promise.reject(new EngineError({ code: 'internal', reason: 'asked again and again' })));
    const [source] = await files([machine('mini', { link: link(1) })], open).find(sha256, size, signal);
    assert.ok(source);
    answer = encodeAnswer({ kind: 'given', fileBytes: 0 });
    await assert.rejects(source.read(0, size, signal)[Symbol.asyncIterator]().next(), { failure: { code: 'downloadBroken', url: 'mini', reason: 'the file has 0 bytes there, and should have 1000' } });
    assert.equal(asked, 2);
  });

  it('the connections are kept for a while after the last piece, and then given up', async () => {
    const found = files([machine('mini', { link: link(1) })], giving);
    await found.find(sha256, size, signal);
    assert.equal(touched, 1);
    await found.find(sha256, size, signal);
    assert.equal(touched, 1);
    await clock.advance(lingerMs);
    assert.equal(touched, 0);
  });
});
