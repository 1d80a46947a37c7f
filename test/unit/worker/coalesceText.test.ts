import assert from 'node:assert/strict';
import type { GenerationEvent } from '../../../src/engine/protocol/engineTypes.js';
import { coalesceText } from '../../../src/engine/worker/coalesceText.js';
import { ManualClock } from '../../support/manualClock.js';

const piece = (text: string, token: number): GenerationEvent => ({ kind: 'text', text, tokens: [token] });

describe('coalesceText', async () => {
  let clock: ManualClock;
  let sent: GenerationEvent[];
  let text: ReturnType<typeof coalesceText>;

  beforeEach(() => {
    clock = new ManualClock();
    sent = [];
    text = coalesceText((event) => sent.push(event), clock);
  });

  it('sends the first text at once', async () => {
    text.report(piece('a', 1));
    assert.deepEqual(sent, [piece('a', 1)]);
  });

  it('sends every text of a slow model by itself', async () => {
    text.report(piece('a', 1));
    await clock.advance(20);
    text.report(piece('b', 2));
    assert.deepEqual(sent, [piece('a', 1), piece('b', 2)]);
  });

  it('puts what follows within a frame together, in order, with its tokens', async () => {
    text.report(piece('a', 1));
    text.report(piece('b', 2));
    text.report(piece('c', 3));
    await clock.advance(20);
    text.report(piece('d', 4));
    assert.deepEqual(sent.slice(1), [{ kind: 'text', text: 'bcd', tokens: [2, 3, 4] }]);
  });

  it('gives what is held before another event and at the end', async () => {
    text.report(piece('a', 1));
    text.report(piece('b', 2));
    text.report({ kind: 'recovering' });
    text.report(piece('c', 3));
    text.flush();
    text.flush();
    assert.deepEqual(sent, [piece('a', 1), piece('b', 2), { kind: 'recovering' }, piece('c', 3)]);
  });
});
