import assert from 'node:assert/strict';
import * as v from 'valibot';
import { failureSchema } from '../../../src/engine/protocol/failureSchema.js';
import { failureText, formatBytes } from '../../../src/engine/protocol/failureText.js';
import { failureExamples } from '../../support/failureExamples.js';

describe('failures', () => {
  for (const failure of failureExamples) {
    it(`${failure.code} survives the wire`, () => {
      assert.deepEqual(v.parse(failureSchema, JSON.parse(JSON.stringify(failure))), failure);
    });

    it(`${failure.code} has words that name its facts`, () => {
      const text = failureText(failure);
      assert.doesNotMatch(text, /\{\d\}|undefined/);
      if ('path' in failure) assert.ok(text.includes(failure.path));
    });
  }

  it('refuses an unknown code', () => {
    assert.equal(v.is(failureSchema, { code: 'nonsense' }), false);
  });
});

describe('formatBytes', () => {
  for (const [bytes, text] of [[0, '0 B'], [999, '999 B'], [12_942_016, '12.9 MB'], [404e9, '404 GB'], [1.2e12, '1.2 TB']] as const) {
    it(`writes ${bytes} as ${text}`, () => assert.equal(formatBytes(bytes), text));
  }
});
