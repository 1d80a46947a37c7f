import assert from 'node:assert/strict';
import { noStats, withStatus } from '../../../src/host/lastStats.js';
import { model, stats } from './statusFixtures.js';

const other = { ...stats, generatedTokens: 7 };
const ready = (lastStats: typeof stats | null) => ({ state: 'ready', model, lastStats }) as const;

describe('last measures', () => {
  it('are those of the role that reported last', () => {
    const first = withStatus(noStats, { chat: ready(stats), completion: ready(null) });
    const second = withStatus(first, { chat: ready(stats), completion: ready(other) });
    assert.equal(first.latest, stats);
    assert.equal(second.latest, other);
  });

  it('stay when the next answer is too short to be measured', () => {
    const measured = withStatus(noStats, { chat: ready(stats), completion: ready(null) });
    const short = { ...stats, generatedTokens: 1, decodeTokensPerSecond: 0 };
    assert.equal(withStatus(measured, { chat: ready(stats), completion: ready(short) }).latest, stats);
  });

  it('stay while the model is generating or unloaded', () => {
    const measured = withStatus(noStats, { chat: ready(stats), completion: ready(null) });
    assert.equal(withStatus(measured, { chat: { state: 'unloaded' }, completion: { state: 'generating', model, tokensPerSecond: 1 } }), measured);
  });
});
