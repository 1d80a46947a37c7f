import assert from 'node:assert/strict';
import { once } from 'node:events';
import { ErrorCodes } from 'vscode-jsonrpc';
import { EngineError, type Failure } from '../../src/engine/base/errors.js';
import { commitmentTo } from '../../src/engine/pod/core/pairing/pairingTranscript.js';
import type { Identity } from '../../src/engine/pod/net/identity/identity.js';
import { newNonce, sha256 } from '../../src/engine/pod/net/pairing/pairingHash.js';
import { peerLimits, peerProtocolVersion } from '../../src/engine/protocol/peerMessages.js';
import { checkLeaks } from '../support/leaks.js';
import { ask, AskedMachine } from '../support/pairingEnd.js';
import { ListeningPeer, newIdentity, untilClosed } from '../support/peers.js';
import { RawPeer } from '../support/rawPeer.js';

const reasonOf = (failure: Failure | null | undefined): string => (failure?.code === 'pairingRefused' ? failure.reason : (failure?.code ?? 'none'));
const refusedBecause = (reason: string) => (error: unknown): boolean => {
  assert.ok(EngineError.is(error), String(error));
  assert.equal(reasonOf(error.failure), reason);
  return true;
};

describe('attacks on pairing', () => {
  const home = checkLeaks();
  let here: Identity;
  let there: Identity;
  let middle: Identity;
  let asked: AskedMachine;

  before(async () => {
    [here, there, middle] = await Promise.all([newIdentity(), newIdentity(), newIdentity()]);
  });
  beforeEach(async () => {
    asked = await AskedMachine.open(home, there);
  });

  /** What anybody may say on a connection for pairing. */
  async function raw(from = here): Promise<{ peer: RawPeer; closed: () => Promise<void>; request: (method: string, body: unknown) => Promise<string> }> {
    const { socket } = await asked.peer.dial(home, from, 'pair', null);
    const peer = new RawPeer({ input: socket, output: socket, close: () => void socket.end() });
    let id = 0;
    const request = async (method: string, body: unknown): Promise<string> => {
      peer.message({ jsonrpc: '2.0', id: ++id, method, params: [{ progressToken: null, body }] });
      const answer = await peer.answer();
      const failure = answer.error?.data as Failure | undefined;
      if (failure !== undefined) return reasonOf(failure);
      return answer.error === undefined ? 'answered' : `error ${answer.error.code}`;
    };
    return { peer, request, closed: () => untilClosed(socket) };
  }

  const commitment = (nonce: string, asking = here.fingerprint): unknown => ({
    protocolVersion: peerProtocolVersion,
    name: 'raw machine',
    commitment: commitmentTo(sha256, { asking, asked: there.fingerprint }, nonce),
  });

  async function stillPairs(): Promise<void> {
    const asking = await ask(home, asked.peer, await newIdentity());
    (await asking.dialog).confirm(true);
    (await asked.dialogs.take()).confirm(true);
    assert.equal((await asking.result).fingerprint, there.fingerprint);
  }

  describe('a machine in the middle with a key of its own', () => {
    it('that speaks to both sides by the rules: the digits differ, and nobody is paired', async () => {
      // It answers the asking machine in the other's place, and asks the other one as if it were the first.
      const front = await AskedMachine.open(home, middle);
      const victim = await ask(home, front.peer, here);
      const relayed = await ask(home, asked.peer, middle);
      const dialogs = [await victim.dialog, await front.dialogs.take(), await relayed.dialog, await asked.dialogs.take()] as const;
      const [asking, , , answering] = dialogs;
      assert.notEqual(asking.digits, answering.digits);
      assert.deepEqual([asking.fingerprint, answering.fingerprint], [middle.fingerprint, middle.fingerprint]);
      // The users see it; the one in the middle confirms whatever it likes.
      dialogs[1].confirm(true);
      dialogs[2].confirm(true);
      asking.confirm(false);
      answering.confirm(false);
      await assert.rejects(victim.result, refusedBecause('digitsDiffer'));
      assert.equal(reasonOf(await asked.ended.take()), 'digitsDiffer');
      assert.deepEqual(asked.paired, []);
    });

    it('that hands on every byte as it is: the commitment is to other keys, and nobody sees digits', async () => {
      const front = await ListeningPeer.open(home, middle);
      front.onConnection = ({ socket: near }) => {
        void asked.peer.dial(home, middle, 'pair', null).then(({ socket: far }) => near.pipe(far).pipe(near));
      };
      const victim = await ask(home, front, here);
      await assert.rejects(victim.result, refusedBecause('cheated'));
      assert.equal(asked.dialogs.size, 0);
      await stillPairs();
    });
  });

  describe('an asking machine', () => {
    it('that reveals another nonce than it is bound to is refused', async () => {
      const { request, closed } = await raw();
      assert.equal(await request('pair/commit', commitment(newNonce())), 'answered');
      assert.equal(await request('pair/reveal', { nonce: newNonce() }), 'cheated');
      await closed();
    });

    it("that replays another machine's commitment and nonce is refused", async () => {
      const nonce = newNonce();
      const { request, closed } = await raw();
      assert.equal(await request('pair/commit', commitment(nonce, middle.fingerprint)), 'answered');
      assert.equal(await request('pair/reveal', { nonce }), 'cheated');
      await closed();
    });

    it('that repeats its own commitment and nonce gets other digits', async () => {
      const nonce = newNonce();
      const digits: string[] = [];
      for (let attempt = 0; attempt < 2; attempt++) {
        const { request } = await raw();
        assert.equal(await request('pair/commit', commitment(nonce)), 'answered');
        assert.equal(await request('pair/reveal', { nonce }), 'answered');
        digits.push((await asked.dialogs.take()).digits);
      }
      assert.notEqual(digits[0], digits[1]);
    });

    it('that reveals before it commits is refused', async () => {
      const { request, closed } = await raw();
      assert.equal(await request('pair/reveal', { nonce: newNonce() }), 'cheated');
      await closed();
    });

    it('that commits twice is refused', async () => {
      const { request, closed } = await raw();
      assert.equal(await request('pair/commit', commitment(newNonce())), 'answered');
      assert.equal(await request('pair/commit', commitment(newNonce())), 'cheated');
      await closed();
    });

    it('that reveals twice loses the pairing', async () => {
      const nonce = newNonce();
      const { request, closed } = await raw();
      await request('pair/commit', commitment(nonce));
      await request('pair/reveal', { nonce });
      await asked.dialogs.take();
      assert.equal(await request('pair/reveal', { nonce }), 'cheated');
      assert.equal(reasonOf(await asked.ended.take()), 'cheated');
      await closed();
    });

    it('that gives its verdict before there are digits is refused', async () => {
      const { peer, request, closed } = await raw();
      await request('pair/commit', commitment(newNonce()));
      peer.message({ jsonrpc: '2.0', method: 'pair/verdict', params: [{ equal: true }] });
      await closed();
    });

    it('that asks for anything but pairing is cut off', async () => {
      for (const method of ['peer/hello', 'peer/lease', 'pod/status']) {
        const { request, closed } = await raw();
        assert.equal(await request(method, null), `error ${ErrorCodes.MethodNotFound}`);
        await closed();
      }
    });

    it('that asks for the name again and again is cut off', async () => {
      const { request, closed } = await raw();
      for (let count = 0; count < 3; count++) assert.equal(await request('pair/name', null), 'answered');
      assert.equal(await request('pair/name', null), 'cheated');
      await closed();
    });

    it('that floods the connection with messages that mean nothing is cut off', async () => {
      const { peer, closed } = await raw();
      const nothing = JSON.stringify({ jsonrpc: '2.0', method: '$/cancelRequest', params: { id: 1 } });
      peer.bytes(`Content-Length: ${nothing.length}\r\n\r\n${nothing}`.repeat(5_000));
      assert.equal((await peer.answer()).error?.data?.code, 'messageTooLarge');
      await closed();
      await stillPairs();
    });

    it('of another protocol version hears that the builds differ', async () => {
      const { request, closed } = await raw();
      assert.equal(await request('pair/commit', { ...(commitment(newNonce()) as object), protocolVersion: peerProtocolVersion + 1 }), 'differentBuild');
      await closed();
    });

    it('cannot choose a name that writes to a terminal as it likes', async () => {
      for (const name of ['', ' ', 'a\u001b[2J', 'a\nb', 'gnp.\u202eexe', 'x'.repeat(129)]) {
        const { request } = await raw();
        assert.equal(await request('pair/commit', { ...(commitment(newNonce()) as object), name }), 'invalidMessage');
      }
    });

    it('that sends a second commitment along with a bad reveal holds nobody up', async () => {
      const { peer, closed } = await raw();
      const message = (id: number, method: string, body: unknown): void => peer.message({ jsonrpc: '2.0', id, method, params: [{ progressToken: null, body }] });
      message(1, 'pair/commit', commitment(newNonce()));
      message(2, 'pair/reveal', { nonce: newNonce() });
      message(3, 'pair/commit', commitment(newNonce()));
      await closed();
      await stillPairs();
    });

    for (const [name, bytes, code] of [
      ['garbage', '\u0000\u0001\u0002 this is not a message', 'invalidMessage'],
      ['text that is not JSON', 'Content-Length: 5\r\n\r\nhello', 'invalidMessage'],
      ['an oversized message', `Content-Length: ${peerLimits.messageBytes + 1}\r\n\r\n`, 'messageTooLarge'],
      ['a header without end', 'x'.repeat(peerLimits.headerBytes + 1), 'messageTooLarge'],
    ] as const) {
      it(`that sends ${name} hears why and is cut off`, async () => {
        const { peer, closed } = await raw();
        peer.bytes(bytes);
        const answer = await peer.answer();
        assert.equal(answer.error?.data?.code, code);
        await closed();
        await stillPairs();
      });
    }
  });

  describe('an asked machine', () => {
    /** Answers the commitment with whatever the test says, and everything else with nothing. */
    async function answeringWith(result: unknown): Promise<Promise<unknown>> {
      const evil = await ListeningPeer.open(home, middle);
      evil.onConnection = ({ socket }) => {
        void once(socket, 'data').then(() => {
          const body = JSON.stringify({ jsonrpc: '2.0', id: 0, ...(result as object) });
          socket.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
          socket.resume();
        });
      };
      return (await ask(home, evil, here)).result;
    }

    for (const [name, answer] of [
      ['a nonce that is too short', { result: { name: 'evil', nonce: 'ab' } }],
      ['a name with control characters', { result: { name: 'evil\u001b[2J', nonce: 'a'.repeat(64) } }],
      ['nothing of use', { result: null }],
      ['a failure that has no place here', { error: { code: -32_000, message: 'x', data: { code: 'diskFull', path: '/etc' } } }],
      ['bytes that are no answer', { jsonrpc: '1.0' }],
    ] as const) {
      it(`that answers with ${name} is refused`, async () => {
        await assert.rejects(answeringWith(answer), refusedBecause('cheated'));
      });
    }

    it('cannot put another name into the reason', async () => {
      const failure = { code: 'pairingRefused', machine: 'bank', reason: 'busy' };
      await assert.rejects(answeringWith({ error: { code: -32_000, message: 'x', data: failure } }), (error) => {
        assert.ok(EngineError.is(error));
        assert.deepEqual(error.failure, { code: 'pairingRefused', machine: 'mini', reason: 'busy' });
        return true;
      });
    });
  });
});
