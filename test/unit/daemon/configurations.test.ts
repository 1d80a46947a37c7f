import assert from 'node:assert/strict';
import { type Configurations, noConfigurations, withConfiguration, withoutClient } from '../../../src/engine/daemon/configurations.js';
import type { EngineOptions } from '../../../src/engine/protocol/engineTypes.js';
import { someOptions } from '../../support/fakeEngine.js';

const options = (exitAfterMs: number) => ({ ...someOptions, exitAfterMs });

describe('configurations of several clients', () => {
  let present: Configurations<string, EngineOptions>;
  const effective = () => present.effective?.exitAfterMs ?? null;
  beforeEach(() => {
    present = noConfigurations;
  });

  it('nothing is in effect at first', () => assert.equal(effective(), null));

  it('the last word is in effect', () => {
    present = withConfiguration(present, 'window', options(1));
    present = withConfiguration(present, 'terminal', options(2));
    assert.equal(effective(), 2);
    present = withConfiguration(present, 'window', options(3));
    assert.equal(effective(), 3);
  });

  it('when a client leaves, the one that spoke before it decides again', () => {
    present = withConfiguration(present, 'window', options(1));
    present = withConfiguration(present, 'terminal', options(2));
    present = withoutClient(present, 'terminal');
    assert.equal(effective(), 1);
  });

  it('a client that leaves without having decided changes nothing', () => {
    present = withConfiguration(present, 'window', options(1));
    const before = present;
    present = withoutClient(present, 'terminal');
    assert.equal(present.effective, before.effective);
  });

  it('when all have left, the last word stays', () => {
    present = withConfiguration(present, 'window', options(1));
    present = withoutClient(present, 'window');
    assert.equal(effective(), 1);
    assert.deepEqual(present.entries, []);
  });
});
