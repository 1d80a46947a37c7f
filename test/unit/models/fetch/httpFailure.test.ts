import assert from 'node:assert/strict';
import { EngineError } from '../../../../src/engine/base/errors.js';
import { parseContentRange } from '../../../../src/engine/models/fetch/contentRange.js';
import { failureOfConnection, failureOfStatus, retryAfterMs, shownUrl } from '../../../../src/engine/models/fetch/httpFailure.js';
import { backoffMs, TemporaryError, withRetries } from '../../../../src/engine/models/fetch/retry.js';
import { isFailure } from '../../../support/failures.js';
import { HurriedClock } from '../../../support/hurriedClock.js';

const url = new URL('https://me:secret@hub.test/a/b.gguf?signature=secret');

describe('what an answer means', () => {
  it('access, absence, and what helps nobody, are final', () => {
    for (const [status, code] of [[401, 'accessDenied'], [403, 'accessDenied'], [404, 'notOnServer'], [410, 'notOnServer'], [400, 'serverRefused'], [501, 'serverRefused'], [304, 'serverRefused']] as const) {
      const failure = failureOfStatus(status, '5', { url, withToken: true }, 0);
      assert.ok(EngineError.is(failure, code), `${status}`);
    }
  });

  it('too many requests, timeouts and trouble of the server may pass', () => {
    for (const status of [408, 425, 429, 500, 502, 503, 504, 520]) {
      const failure = failureOfStatus(status, '5', { url, withToken: true }, 0);
      assert.ok(failure instanceof TemporaryError && failure.waitMs === 5_000, `${status}`);
    }
  });

  it('is told without signatures and passwords', () => {
    assert.equal(shownUrl(url), 'https://hub.test/a/b.gguf');
  });

  it('a wait is in seconds or until a date, and never below zero', () => {
    const now = Date.parse('2026-01-01T00:00:00Z');
    assert.equal(retryAfterMs('120', now), 120_000);
    assert.equal(retryAfterMs(' 0 ', now), 0);
    assert.equal(retryAfterMs('Thu, 01 Jan 2026 00:00:30 GMT', now), 30_000);
    assert.equal(retryAfterMs('Wed, 31 Dec 2025 23:59:30 GMT', now), 0);
    for (const nonsense of [null, '', 'soon', '99999999999']) assert.equal(retryAfterMs(nonsense, now), null, `${nonsense}`);
  });

  it('a broken connection may be made again, one that is not trusted may not', () => {
    const failed = (code: string): Error => Object.assign(new Error('it broke'), { code });
    for (const code of ['ECONNRESET', 'ECONNREFUSED', 'ENOTFOUND', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_SOCKET']) assert.ok(failureOfConnection(failed(code), 'hub.test') instanceof TemporaryError, code);
    for (const code of ['SELF_SIGNED_CERT_IN_CHAIN', 'CERT_HAS_EXPIRED', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'ERR_TLS_CERT_ALTNAME_INVALID', 'DEPTH_ZERO_SELF_SIGNED_CERT']) {
      assert.ok(EngineError.is(failureOfConnection(failed(code), 'hub.test'), 'serverUnreachable'), code);
    }
  });
});

describe('the header Content-Range', () => {
  it('says which piece it is, and of how many bytes', () => {
    assert.deepEqual(parseContentRange('bytes 0-9/100'), { piece: { first: 0, last: 9 }, total: 100 });
    assert.deepEqual(parseContentRange('bytes 5-5/*'), { piece: { first: 5, last: 5 }, total: null });
    assert.deepEqual(parseContentRange('bytes */100'), { piece: null, total: 100 });
  });

  it('is none where it contradicts itself or is something else', () => {
    for (const nonsense of [null, '', 'bytes 9-0/100', 'bytes 0-100/100', 'bytes 0-9', 'items 0-9/100', 'bytes -9/100', 'bytes 0-9/1e3', `bytes 0-9/${'9'.repeat(20)}`]) assert.equal(parseContentRange(nonsense), null, `${nonsense}`);
  });
});

describe('trying again', () => {
  const { signal } = new AbortController();
  const busy = (waitMs: number | null = null): TemporaryError => new TemporaryError({ code: 'serverRefused', url: 'https://hub.test', status: 503 }, waitMs);

  it('waits twice as long each time, up to half a minute, and half of that at least', () => {
    assert.deepEqual([1, 2, 3, 7, 8, 20].map((failures) => backoffMs(failures, () => 1)), [500, 1_000, 2_000, 30_000, 30_000, 30_000]);
    assert.deepEqual([1, 20].map((failures) => backoffMs(failures, () => 0)), [250, 15_000]);
  });

  it('ends with the first success', async () => {
    const clock = new HurriedClock();
    let tries = 0;
    const result = await withRetries(5, { clock, random: () => 1 }, signal, async () => {
      if (++tries < 3) throw busy();
      return 'done';
    });
    assert.deepEqual([result, tries, clock.waits], ['done', 3, [500, 1_000]]);
  });

  it('ends with the last failure, and waits no more after it', async () => {
    const clock = new HurriedClock();
    await assert.rejects(withRetries(3, { clock, random: () => 1 }, signal, () => Promise.reject(busy())), isFailure('serverRefused'));
    assert.deepEqual(clock.waits, [500, 1_000]);
  });

  it('waits as long as it is asked to, where that is longer', async () => {
    const clock = new HurriedClock();
    const waits = [100, 9_000];
    await withRetries(3, { clock, random: () => 1 }, signal, async () => {
      const wait = waits.shift();
      if (wait !== undefined) throw busy(wait);
    });
    assert.deepEqual(clock.waits, [500, 9_000]);
  });

  it('is not for failures of another kind', async () => {
    const clock = new HurriedClock();
    await assert.rejects(withRetries(3, { clock, random: () => 1 }, signal, () => Promise.reject(new Error('a defect'))), /a defect/);
    assert.deepEqual(clock.waits, []);
  });
});
