import assert from 'node:assert/strict';
import { bestLink, mostTelling } from '../../../src/engine/pod/core/state/linkChoice.js';
import type { Link } from '../../../src/engine/protocol/podTypes.js';

const link = (host: string, roundTrip: number, throughput: number): Link => ({ address: { host, port: 1 }, roundTrip, throughput });

describe('the best of several ways to a machine', () => {
  const wifi = link('wifi', 0.004, 40e6);
  const ethernet = link('ethernet', 0.000_4, 117e6);
  const thunderbolt = link('thunderbolt', 0.000_3, 2e9);

  it('is the one that costs a token the least time', () => {
    assert.equal(bestLink([wifi, thunderbolt, ethernet]), thunderbolt);
    assert.equal(bestLink([wifi, ethernet]), ethernet);
  });

  it('a short way that carries next to nothing is not taken', () => {
    assert.equal(bestLink([link('vpn', 0.000_1, 1e6), ethernet]), ethernet);
  });

  it('one that carries nothing is the last choice', () => {
    assert.equal(bestLink([link('dead', 0, 0), wifi]), wifi);
  });

  it('there is none among none', () => {
    assert.equal(bestLink([]), null);
  });
});

describe('of several failures', () => {
  const dead = { code: 'machineUnreachable', machine: 'studio', reason: 'it does not answer' } as const;
  const unpaired = { code: 'notPaired', machine: 'studio' } as const;
  const otherKey = { code: 'keyChanged', machine: 'studio', expected: 'a', actual: 'b' } as const;

  it('that the keys do not agree says more than an address where nobody is', () => {
    assert.deepEqual(mostTelling([dead, unpaired, dead]), unpaired);
    assert.deepEqual(mostTelling([dead, otherKey]), otherKey);
  });

  it('the machine itself says more than somebody else at an old address of it', () => {
    assert.deepEqual(mostTelling([otherKey, unpaired]), unpaired);
  });

  it('that it was given up says the least', () => {
    assert.deepEqual(mostTelling([{ code: 'cancelled' }, dead]), dead);
  });
});
