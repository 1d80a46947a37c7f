import assert from 'node:assert/strict';
import { Emitter } from '../../../src/engine/base/event.js';

describe('Emitter', () => {
  it('calls every listener until it is disposed', () => {
    const heard: string[] = [];
    const emitter = new Emitter<number>();
    const first = emitter.event((value) => heard.push(`first ${value}`));
    emitter.event((value) => heard.push(`second ${value}`));
    emitter.fire(1);
    first.dispose();
    emitter.fire(2);
    assert.deepEqual(heard, ['first 1', 'second 1', 'second 2']);
  });

  it('keeps two subscriptions of the same function apart', () => {
    let count = 0;
    const listener = (): void => void count++;
    const emitter = new Emitter<void>();
    const first = emitter.event(listener);
    emitter.event(listener);
    first.dispose();
    emitter.fire();
    assert.equal(count, 1);
  });

  it('lets the others hear when one listener throws', () => {
    let heard = false;
    const emitter = new Emitter<void>();
    emitter.event(() => {
      throw new Error('no');
    });
    emitter.event(() => {
      heard = true;
    });
    assert.throws(() => emitter.fire(), /no/);
    assert.equal(heard, true);
  });

  it('is silent after disposal', () => {
    let heard = false;
    const emitter = new Emitter<void>();
    emitter.event(() => {
      heard = true;
    });
    emitter.dispose();
    emitter.fire();
    assert.equal(heard, false);
  });
});
