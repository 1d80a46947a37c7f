import assert from 'node:assert/strict';
import { daemonProtocolVersion } from '../../src/engine/protocol/daemonMessages.js';
import { DaemonEnd, testLimits } from '../support/daemonEnd.js';
import { checkLeaks } from '../support/leaks.js';
import { settle } from '../support/manualClock.js';
import { RawPeer } from '../support/rawPeer.js';

const hello = { jsonrpc: '2.0', id: 1, method: 'daemon/hello', params: [{ progressToken: null, body: { protocolVersion: daemonProtocolVersion, clientName: 'raw', clientVersion: '1' } }] };

describe('bytes from a stranger', () => {
  const home = checkLeaks();
  let daemon: DaemonEnd;
  let peer: RawPeer;

  beforeEach(() => {
    daemon = new DaemonEnd();
    peer = new RawPeer(daemon.client);
    home.atEnd(() => daemon.connection.dispose());
  });

  /** The daemon still greets, so what came before cost nothing. */
  async function stillServes(): Promise<void> {
    peer.message({ ...hello, id: 'still' });
    const answer = await peer.answer();
    assert.equal(answer.id, 'still');
    assert.ok(answer.result);
  }

  async function isClosed(code: string): Promise<void> {
    assert.equal((await peer.answer()).error?.data?.code, code);
    await settle();
    assert.ok(daemon.closed);
    assert.ok(daemon.records.some(({ level, message }) => level === 'warn' && message.includes(code)));
  }

  const dropped: readonly (readonly [string, string, string | number | null])[] = [
    ['text that is not JSON', 'hello', null],
    ['an empty body', '', null],
    ['a number', '7', null],
    ['null', 'null', null],
    ['a batch', JSON.stringify([hello, hello]), null],
    ['a message of another JSON-RPC version', JSON.stringify({ ...hello, jsonrpc: '1.0' }), 1],
    ['an id that is an object', JSON.stringify({ ...hello, id: {} }), null],
    ['an id that is null', JSON.stringify({ ...hello, id: null }), null],
    ['an endless id', JSON.stringify({ ...hello, id: 'x'.repeat(1_000) }), null],
    ['a method that is a number', JSON.stringify({ ...hello, method: 5 }), 1],
    ['parameters that are a text', JSON.stringify({ ...hello, params: 'all' }), 1],
    ['a cancellation of nothing', JSON.stringify({ jsonrpc: '2.0', method: '$/cancelRequest' }), null],
    ['a response with neither result nor error', JSON.stringify({ jsonrpc: '2.0', id: 1 }), 1],
  ];
  for (const [name, body, id] of dropped) {
    it(`${name} is answered with invalidMessage and costs nothing else`, async () => {
      peer.body(body);
      const answer = await peer.answer();
      assert.equal(answer.error?.data?.code, 'invalidMessage');
      assert.equal(answer.id, id);
      await stillServes();
    });
  }

  const badParameters: readonly (readonly [string, unknown])[] = [
    ['as an object', { ...hello.params[0]?.body }],
    ['without an envelope', [hello.params[0]?.body]],
    ['empty', []],
    ['missing', undefined],
    ['too many', [hello.params[0], hello.params[0]]],
  ];
  for (const [name, params] of badParameters) {
    it(`parameters ${name} are answered with invalidMessage`, async () => {
      peer.message({ ...hello, params });
      const answer = await peer.answer();
      assert.equal(answer.id, 1);
      assert.equal(answer.error?.data?.code, 'invalidMessage');
      await stillServes();
    });
  }

  it('answers and cancellations for requests that do not exist are ignored', async () => {
    peer.message({ jsonrpc: '2.0', id: 99, result: 'surprise' });
    peer.message({ jsonrpc: '2.0', method: '$/cancelRequest', params: { id: 99 } });
    peer.message({ jsonrpc: '2.0', method: '$/progress', params: {} });
    peer.message({ jsonrpc: '2.0', method: '__proto__', params: [] });
    await stillServes();
  });

  it('text of the stranger is not logged', async () => {
    peer.body('{"secret of the user');
    await peer.answer();
    assert.ok(daemon.records.length > 0);
    assert.ok(daemon.records.every(({ message }) => !message.includes('secret')));
  });

  it('a message over the limit closes the connection before it is read', async () => {
    peer.bytes(`Content-Length: ${testLimits.messageBytes + 1}\r\n\r\n`);
    await isClosed('messageTooLarge');
  });

  it('a message at the limit is read', async () => {
    const empty = JSON.stringify({ ...hello, padding: '' });
    peer.message({ ...hello, padding: 'x'.repeat(testLimits.messageBytes - empty.length) });
    assert.ok((await peer.answer()).result);
  });

  it('a header without an end closes the connection', async () => {
    peer.bytes('Content-Length: 1'.padEnd(testLimits.headerBytes + 1, '1'));
    await isClosed('messageTooLarge');
  });

  for (const [name, header] of [
    ['without a length', 'Content-Type: application/json\r\n\r\n'],
    ['with a length that is no number', 'Content-Length: many\r\n\r\n'],
    ['with a negative length', 'Content-Length: -5\r\n\r\n'],
    ['of another protocol', 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    ['of binary bytes', '\u0000\u0001\u0002'],
  ] as const) {
    it(`a header ${name} closes the connection`, async () => {
      peer.bytes(header);
      await isClosed('invalidMessage');
    });
  }

  it('a half-open connection is closed when the time for the greeting is over', async () => {
    peer.bytes('Content-Length: 100\r\n\r\n{"jsonrpc"');
    await daemon.clock.advance(1_000);
    await settle();
    assert.ok(daemon.closed);
  });

  it('a message that comes byte by byte is one message', async () => {
    const body = JSON.stringify(hello);
    for (const byte of `Content-Length: ${body.length}\r\n\r\n${body}`) peer.bytes(byte);
    assert.ok((await peer.answer()).result);
  });
});
