import assert from 'node:assert/strict';
import { EngineError, type PairingRefusal } from '../../src/engine/base/errors.js';
import { askName } from '../../src/engine/pod/net/pairing/askToPair.js';
import type { Identity } from '../../src/engine/pod/net/identity/identity.js';
import { attemptLimit } from '../../src/engine/pod/net/pairing/pairingDoor.js';
import { answerLimitMs, comparingLimitMs } from '../../src/engine/pod/net/pairing/pairingSession.js';
import { systemClock } from '../../src/engine/base/clock.js';
import { isFailure } from '../support/failures.js';
import { checkLeaks } from '../support/leaks.js';
import { ManualClock } from '../support/manualClock.js';
import { ask, AskedMachine, type Asking } from '../support/pairingEnd.js';
import { newIdentity, untilClosed } from '../support/peers.js';

const isRefused = (reason: PairingRefusal) => (error: unknown): boolean => {
  assert.ok(EngineError.is(error, 'pairingRefused'), String(error));
  assert.equal(error.failure.code === 'pairingRefused' && error.failure.reason, reason);
  return true;
};

describe('pairing over TLS', () => {
  const home = checkLeaks();
  let here: Identity;
  let there: Identity;
  let asked: AskedMachine;

  before(async () => {
    [here, there] = await Promise.all([newIdentity(), newIdentity()]);
  });
  beforeEach(async () => {
    asked = await AskedMachine.open(home, there);
  });

  /** Another machine pairs, so what came before cost nothing else. */
  async function stillPairs(machine = asked): Promise<void> {
    const asking = await ask(home, machine.peer, await newIdentity());
    (await asking.dialog).confirm(true);
    (await machine.dialogs.take()).confirm(true);
    assert.equal((await asking.result).fingerprint, there.fingerprint);
  }

  it('both screens show the same six digits, each the other name and key', async () => {
    const asking = await ask(home, asked.peer, here);
    const mine = await asking.dialog;
    const theirs = await asked.dialogs.take();
    assert.match(mine.digits, /^\d{6}$/);
    assert.equal(mine.digits, theirs.digits);
    assert.deepEqual([mine.name, mine.fingerprint], ['asked machine', there.fingerprint]);
    assert.deepEqual([theirs.name, theirs.fingerprint], ['asking machine', here.fingerprint]);
    asking.withdraw();
  });

  for (const [who, first, second] of [
    ['the asking user', 'asking', 'asked'],
    ['the asked user', 'asked', 'asking'],
  ] as const) {
    it(`machines are paired when both have confirmed, ${who} first`, async () => {
      const asking = await ask(home, asked.peer, here);
      const dialogs = { asking: await asking.dialog, asked: await asked.dialogs.take() };
      dialogs[first].confirm(true);
      while (!dialogs[second].otherConfirmed) await new Promise((resolve) => setImmediate(resolve));
      assert.deepEqual(asked.paired, []);
      assert.equal(dialogs[first].otherConfirmed, false);
      dialogs[second].confirm(true);
      assert.deepEqual(await asking.result, { fingerprint: there.fingerprint, name: 'asked machine' });
      assert.deepEqual(asked.paired, [{ fingerprint: here.fingerprint, name: 'asking machine' }]);
      assert.equal(await asked.ended.take(), null);
    });
  }

  it('the asking side is told only when the asked one has stored the key', async () => {
    const order: string[] = [];
    asked.store = async () => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      order.push('stored');
    };
    const asking = await ask(home, asked.peer, here);
    (await asked.dialogs.take()).confirm(true);
    (await asking.dialog).confirm(true);
    await asking.result.then(() => order.push('told'));
    assert.deepEqual(order, ['stored', 'told']);
  });

  it('a key that cannot be stored is not paired on either side', async () => {
    asked.store = () => Promise.reject(new EngineError({ code: 'diskFull', path: '/pod/machines.json' }));
    const asking = await ask(home, asked.peer, here);
    (await asked.dialogs.take()).confirm(true);
    (await asking.dialog).confirm(true);
    await assert.rejects(asking.result, isRefused('rejected'));
    assert.deepEqual(await asked.ended.take(), { code: 'diskFull', path: '/pod/machines.json' });
  });

  it('digits change with every attempt', async () => {
    const digits: string[] = [];
    for (let attempt = 0; attempt < 3; attempt++) {
      const asking = await ask(home, asked.peer, here);
      digits.push((await asking.dialog).digits);
      asking.withdraw();
      await asking.result.catch(() => undefined);
      await asked.ended.take();
    }
    assert.ok(new Set(digits).size > 1, digits.join(' '));
  });

  for (const sayer of ['asking', 'asked'] as const) {
    it(`nothing is paired when the ${sayer} user says that the digits differ, though the other confirms`, async () => {
      const asking = await ask(home, asked.peer, here);
      const dialogs = { asking: await asking.dialog, asked: await asked.dialogs.take() };
      dialogs[sayer].confirm(false);
      dialogs[sayer === 'asking' ? 'asked' : 'asking'].confirm(true);
      await assert.rejects(asking.result, isRefused('digitsDiffer'));
      const failure = await asked.ended.take();
      assert.equal(failure?.code === 'pairingRefused' && failure.reason, 'digitsDiffer');
      assert.deepEqual(asked.paired, []);
      await stillPairs();
    });
  }

  it('what a user says after the end, or a second time, changes nothing', async () => {
    const asking = await ask(home, asked.peer, here);
    const mine = await asking.dialog;
    const theirs = await asked.dialogs.take();
    mine.confirm(true);
    mine.confirm(true);
    theirs.confirm(false);
    theirs.confirm(true);
    await assert.rejects(asking.result, isRefused('digitsDiffer'));
    mine.confirm(true);
    assert.deepEqual(asked.paired, []);
    await stillPairs();
  });

  it('cancelling withdraws the question from the other screen', async () => {
    const asking = await ask(home, asked.peer, here);
    await asked.dialogs.take();
    asking.withdraw();
    await assert.rejects(asking.result, isFailure('cancelled'));
    const failure = await asked.ended.take();
    assert.equal(failure?.code === 'pairingRefused' && failure.reason, 'rejected');
    await stillPairs();
  });

  it('a second machine is told that a pairing is under way, and the first goes on', async () => {
    const first = await ask(home, asked.peer, here);
    const dialog = await asked.dialogs.take();
    const second = await ask(home, asked.peer, await newIdentity());
    await assert.rejects(second.result, isRefused('busy'));
    dialog.confirm(true);
    (await first.dialog).confirm(true);
    assert.equal((await first.result).fingerprint, there.fingerprint);
    await stillPairs();
  });

  it('a machine that asks anew takes the place of its own earlier attempt', async () => {
    const first = await ask(home, asked.peer, here);
    await asked.dialogs.take();
    const second = await ask(home, asked.peer, here);
    await assert.rejects(first.result, isRefused('rejected'));
    (await second.dialog).confirm(true);
    (await asked.dialogs.take()).confirm(true);
    await second.result;
  });

  it('a machine does not pair with itself', async () => {
    const asking = await ask(home, asked.peer, there);
    await assert.rejects(asking.result, isRefused('cheated'));
    assert.equal(asked.dialogs.size, 0);
  });

  it('attempts beyond the limit are refused until a minute has passed', async () => {
    const clock = new ManualClock();
    const machine = await AskedMachine.open(home, there, clock);
    const attempt = async (): Promise<Asking> => ask(home, machine.peer, await newIdentity());
    for (let count = 0; count < attemptLimit.count; count++) {
      const asking = await attempt();
      (await machine.dialogs.take()).confirm(false);
      await assert.rejects(asking.result, isRefused('digitsDiffer'));
      await machine.ended.take();
    }
    await assert.rejects((await attempt()).result, isRefused('tooMany'));
    await clock.advance(attemptLimit.within);
    await stillPairs(machine);
  });

  it('a pairing that nobody confirms lapses on both sides', async () => {
    for (const slow of ['asking', 'asked'] as const) {
      const clock = new ManualClock();
      const machine = await AskedMachine.open(home, there, slow === 'asked' ? clock : systemClock);
      const asking = await ask(home, machine.peer, here, slow === 'asking' ? clock : systemClock);
      await asking.dialog;
      (await machine.dialogs.take()).confirm(true);
      await clock.advance(comparingLimitMs);
      await assert.rejects(asking.result, isRefused('expired'));
      const failure = await machine.ended.take();
      assert.equal(failure?.code === 'pairingRefused' && failure.reason, 'expired');
      assert.deepEqual(machine.paired, []);
    }
  });

  it('a machine that connects and says nothing is cut off', async () => {
    const clock = new ManualClock();
    const machine = await AskedMachine.open(home, there, clock);
    const { socket } = await machine.peer.dial(home, here, 'pair');
    await clock.advance(answerLimitMs);
    await untilClosed(socket.resume());
    await stillPairs(machine);
  });

  it('a machine that is asked and says nothing is machineUnreachable', async () => {
    const clock = new ManualClock();
    asked.peer.onConnection = ({ socket }) => void socket.resume();
    const asking = await ask(home, asked.peer, here, clock);
    await clock.advance(answerLimitMs);
    await assert.rejects(asking.result, isFailure('machineUnreachable'));
  });

  it('a connection that breaks while users compare ends the dialog on both sides', async () => {
    const asking = await ask(home, asked.peer, here);
    await asking.dialog;
    await asked.dialogs.take();
    asked.peer.listener.closeFrom(here.fingerprint);
    await assert.rejects(asking.result, isFailure('machineUnreachable'));
    assert.equal((await asked.ended.take())?.code, 'machineUnreachable');
    await stillPairs();
  });

  it('sharing that ends takes the dialog away on both sides', async () => {
    const asking = await ask(home, asked.peer, here);
    await asked.dialogs.take();
    asked.door.dispose();
    await assert.rejects(asking.result, isRefused('notSharing'));
    const failure = await asked.ended.take();
    assert.equal(failure?.code === 'pairingRefused' && failure.reason, 'notSharing');
    await assert.rejects(ask(home, asked.peer, here), isFailure('machineUnreachable'));
  });

  it('the name of a machine can be asked before pairing, with the key that the connection has shown', async () => {
    const connection = await asked.peer.dial(home, here, 'pair', null);
    const name = await askName({ connection, machine: '127.0.0.1', clock: systemClock, log: asked.peer.log, signal: new AbortController().signal });
    assert.deepEqual(name, { name: 'asked machine', fingerprint: there.fingerprint });
    await untilClosed(connection.socket);
  });
});
