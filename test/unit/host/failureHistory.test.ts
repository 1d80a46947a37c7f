import assert from 'node:assert/strict';
import { FailureHistory } from '../../../src/host/failureHistory.js';

const failing = (path: string) => ({ completion: { state: 'error', failure: { code: 'notGguf', path } }, chat: { state: 'unloaded' } }) as const;
const fine = { completion: { state: 'unloaded' }, chat: { state: 'unloaded' } } as const;

describe('failure history', () => {
  it('notes a failure once while it lasts', () => {
    const history = new FailureHistory(() => 5);
    assert.equal(history.note(failing('/a')).length, 1);
    assert.equal(history.note(failing('/a')).length, 0);
    assert.deepEqual(history.failures, [{ time: 5, role: 'completion', failure: { code: 'notGguf', path: '/a' } }]);
  });

  it('notes the same failure again after it was mended', () => {
    const history = new FailureHistory(() => 5);
    for (const status of [failing('/a'), fine, failing('/a')]) history.note(status);
    assert.equal(history.failures.length, 2);
  });

  it('keeps the last ten', () => {
    const history = new FailureHistory(() => 5);
    for (let n = 0; n < 12; n++) history.note(failing(`/${n}`));
    assert.deepEqual(history.failures.map(({ failure }) => ('path' in failure ? failure.path : '')), ['/2', '/3', '/4', '/5', '/6', '/7', '/8', '/9', '/10', '/11']);
  });
});
