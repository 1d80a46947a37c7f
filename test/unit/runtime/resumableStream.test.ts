import assert from 'node:assert/strict';
import type { GenerationEvent } from '../../../src/engine/protocol/engineTypes.js';
import { ResumableStream } from '../../../src/engine/runtime/resumableStream.js';
import { someResult } from '../../support/fakeEngine.js';

const started: GenerationEvent = { kind: 'started', promptTokens: 4, cachedTokens: 0, droppedTurns: 0 };
const text = (...tokens: number[]): GenerationEvent => ({ kind: 'text', text: tokens.join(' '), tokens });

describe('resumable stream', () => {
  let heard: GenerationEvent[];
  let stream: ResumableStream;
  let now: number;
  beforeEach(() => {
    heard = [];
    now = 0;
    stream = new ResumableStream((event) => heard.push(event), () => now);
  });

  it('hands events on and keeps the tokens', () => {
    stream.onEvent(started);
    stream.onEvent(text(1, 2));
    stream.onEvent(text(3));
    assert.deepEqual(heard, [started, text(1, 2), text(3)]);
    assert.deepEqual(stream.tokens, [1, 2, 3]);
  });

  it('two workers are one stream', () => {
    stream.onEvent(started);
    stream.onEvent(text(1));
    stream.interrupted();
    stream.onEvent({ ...started, cachedTokens: 3 });
    stream.onEvent(text(2));
    assert.deepEqual(heard, [started, text(1), { kind: 'recovering' }, { kind: 'recovered' }, text(2)]);
    assert.deepEqual(stream.tokens, [1, 2]);
  });

  it('a worker that dies before it has started anything leaves the start to the next one', () => {
    stream.interrupted();
    stream.onEvent(started);
    assert.deepEqual(heard, [{ kind: 'recovering' }, { kind: 'recovered' }, started]);
  });

  it('the time to the first token is that of the first worker when the text began with it', () => {
    stream.begin();
    now = 30;
    stream.onEvent(text(1));
    stream.interrupted();
    now = 500;
    stream.begin();
    stream.onEvent(text(2));
    assert.equal(stream.complete(someResult).stats.timeToFirstTokenMs, 30);
  });

  it('the time to the first token takes the recovery in when the text began after it', () => {
    stream.begin();
    stream.onEvent(started);
    stream.interrupted();
    now = 500;
    stream.begin();
    now = 520;
    stream.onEvent(text(1));
    assert.equal(stream.complete(someResult).stats.timeToFirstTokenMs, 520);
  });

  it('an answer without an interruption has the figures of its worker', () => {
    stream.begin();
    now = 30;
    stream.onEvent(text(1));
    assert.equal(stream.complete(someResult), someResult);
  });

  it('several deaths before the next event are one', () => {
    stream.interrupted();
    stream.interrupted();
    assert.deepEqual(heard, [{ kind: 'recovering' }]);
  });
});
