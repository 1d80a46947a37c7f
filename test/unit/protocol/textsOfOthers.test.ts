import assert from 'node:assert/strict';
import * as v from 'valibot';
import { failureSchema } from '../../../src/engine/protocol/failureSchema.js';
import { leaseEndedNotification, peerFactsSchema } from '../../../src/engine/protocol/peerMessages.js';
import { factsOf } from '../../support/podWorld.js';

const hostile = '\u001b[2J\u009b1;1H\r\u202eeslaf\u0000';
const harmless = /^[^\p{Cc}\u202a-\u202e]*$/u;

describe('texts of other machines', () => {
  it('in their facts move no cursor and turn no writing', () => {
    const [device] = factsOf('Alice').devices;
    const facts = v.parse(
      peerFactsSchema,
      factsOf('Alice', { os: hostile, build: { llama: hostile, rpcProtocol: hostile }, devices: device === undefined ? [] : [{ ...device, description: hostile }], offer: { kind: 'held', holder: `a\n${hostile}` } }),
    );
    const { os, build, devices, offer } = facts;
    for (const text of [os, build?.llama, build?.rpcProtocol, devices[0]?.description, offer.kind === 'held' ? offer.holder : undefined]) {
      assert.match(text ?? '\n', harmless);
      assert.match(text ?? '', /eslaf/);
    }
  });

  it('in the reason for the end of a lease move no cursor, and lines become one', () => {
    const { reason } = v.parse(leaseEndedNotification.params, { id: 'a', reason: `one\ntwo${hostile}` });
    assert.match(reason, harmless);
    assert.match(reason, /^one two/);
  });

  it('in failures move no cursor, and keep their lines', () => {
    const failure = v.parse(failureSchema, { code: 'differentBuild', machine: 'Alice', ours: 'one\n\ttwo', theirs: hostile });
    assert.ok(failure.code === 'differentBuild');
    assert.equal(failure.ours, 'one\n\ttwo');
    assert.match(failure.theirs, harmless);
  });
});
