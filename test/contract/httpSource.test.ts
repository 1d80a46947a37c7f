import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { failureOf } from '../../src/engine/base/errors.js';
import { type HttpSource, httpSource } from '../../src/engine/models/fetch/httpSource.js';
import { collect } from '../support/collect.js';
import { isFailure } from '../support/failures.js';
import type { HubFault } from '../support/hubFaults.js';
import type { HubRequest } from '../support/hubServer.js';
import { checkLeaks } from '../support/leaks.js';
import { ManualClock } from '../support/manualClock.js';
import { until } from '../support/testClient.js';
import { HubUser, someBytes } from '../support/useHub.js';

const signal = new AbortController().signal;
const bytes = someBytes(1_000);

/** Goes wrong the first so many times, at one of the two servers. */
const firstTimes = (times: number, at: HubRequest['at'], fault: HubFault) => (request: HubRequest): HubFault | null => (request.at === at && times-- > 0 ? fault : null);
const always = (at: HubRequest['at'], fault: HubFault) => firstTimes(Number.POSITIVE_INFINITY, at, fault);

describe('a file on a server', () => {
  const home = checkLeaks();
  let user: HubUser;
  beforeEach(async () => {
    user = await HubUser.open(home, bytes);
  });

  const read = async (source: HttpSource, offset: number, length: number): Promise<Buffer> => Buffer.concat(await collect(source.read(offset, length, signal)));

  it('says its length, whether it has pieces, its version and the published checksum', async () => {
    const { bytes: length, ranges, version, sha256, from } = await user.source();
    assert.deepEqual([length, ranges, version, sha256, from], [1_000, true, `"${user.sha256.slice(0, 32)}"`, user.sha256, `127.0.0.1:${user.hub.hubPort}`]);
  });

  it('gives any piece', async () => {
    const source = await user.source();
    for (const [offset, length] of [[0, 1_000], [0, 1], [999, 1], [500, 250]] as const) assert.deepEqual(await read(source, offset, length), bytes.subarray(offset, offset + length));
  });

  it('is asked for once at the hub, and then where the hub has sent us', async () => {
    const source = await user.source();
    await read(source, 0, 10);
    await read(source, 10, 10);
    assert.deepEqual(user.hub.requests.map(({ at, range }) => [at, range?.first]), [['hub', 0], ['storage', 0], ['storage', 0], ['storage', 10]]);
  });

  describe('access', () => {
    it('the token goes to the hub and to nobody whom the hub redirects to', async () => {
      const closed = await HubUser.open(home, bytes, { token: 'hf_secret' });
      assert.deepEqual(await read(await closed.source({ token: 'hf_secret' }), 0, 1_000), bytes);
      assert.deepEqual(closed.hub.requests.map(({ at, headers }) => [at, headers.authorization]), [['hub', 'Bearer hf_secret'], ['storage', undefined], ['storage', undefined]]);
    });

    it('the token goes along when the hub redirects to itself', async () => {
      const closed = await HubUser.open(home, bytes, { token: 'hf_secret' });
      closed.hub.put('someone/renamed', 'model.gguf', bytes);
      closed.hub.fault = firstTimes(1, 'hub', { kind: 'redirect', location: '/someone/renamed/resolve/main/model.gguf' });
      assert.equal((await closed.source({ token: 'hf_secret' })).bytes, 1_000);
    });

    it('the token goes to no other server that a model is fetched from', async () => {
      const other = await HubUser.open(home, bytes);
      await httpSource(other.url, user.network({ token: 'hf_secret' }), signal);
      assert.deepEqual(other.hub.requests.map(({ headers }) => headers.authorization), [undefined, undefined]);
    });

    it('a model that asks for a token fails with accessDenied, which says whether one was sent', async () => {
      const closed = await HubUser.open(home, bytes, { token: 'hf_secret' });
      const host = `127.0.0.1:${closed.hub.hubPort}`;
      await assert.rejects(closed.source(), (error) => {
        assert.deepEqual(failureOf(error), { code: 'accessDenied', host, withToken: false });
        return true;
      });
      await assert.rejects(closed.source({ token: 'hf_other' }), (error) => {
        assert.deepEqual(failureOf(error), { code: 'accessDenied', host, withToken: true });
        return true;
      });
    });

    it('a file that is not there fails with notOnServer', async () => {
      await assert.rejects(httpSource(user.hub.url('someone/some-model', 'other.gguf'), user.network(), signal), isFailure('notOnServer'));
    });

    it('a signed address that has ended is asked for anew at the hub', async () => {
      const source = await user.source();
      user.hub.fault = firstTimes(1, 'storage', { kind: 'status', status: 403 });
      assert.deepEqual(await read(source, 0, 1_000), bytes);
      assert.deepEqual(user.hub.requests.map(({ at }) => at), ['hub', 'storage', 'storage', 'hub', 'storage']);
    });

    it('a file that the hub has moved to another storage is the same while the hub publishes the same checksum', async () => {
      const source = await user.source();
      let ended = false;
      user.hub.fault = ({ at }) => {
        if (at === 'hub' || ended) return at === 'hub' ? null : { kind: 'otherFile' };
        ended = true;
        return { kind: 'status', status: 403 };
      };
      assert.deepEqual(await read(source, 0, 500), bytes.subarray(0, 500));
      assert.deepEqual(await read(source, 500, 500), bytes.subarray(500));
      assert.deepEqual(user.hub.reads.map(({ headers }) => headers['if-range']), [undefined, source.version, undefined, '"another"']);
    });

    it('a storage that cannot be reached is asked for anew at the hub', async () => {
      const source = await user.source();
      await user.hub.moveStorage();
      assert.deepEqual(await read(source, 0, 1_000), bytes);
    });

    it('a storage that refuses new addresses too is accessDenied', async () => {
      const source = await user.source();
      user.hub.fault = always('storage', { kind: 'status', status: 403 });
      await assert.rejects(read(source, 0, 1_000), isFailure('accessDenied'));
    });

    it('no failure shows a signature or a password', async () => {
      const source = await httpSource(user.url.replace('http://', 'http://me:passw0rd@'), user.network(), signal);
      for (const status of [403, 404, 418, 503]) {
        user.hub.fault = always('storage', { kind: 'status', status });
        await assert.rejects(read(source, 0, 10), (error) => {
          assert.doesNotMatch(JSON.stringify(failureOf(error)), /s3cret|passw0rd/);
          return true;
        });
      }
    });
  });

  describe('redirects', () => {
    it('without end are downloadBroken', async () => {
      user.hub.fault = always('hub', { kind: 'redirect', location: user.url });
      await assert.rejects(user.source(), isFailure('downloadBroken'));
      assert.equal(user.hub.requests.length, 11);
    });

    for (const location of ['file:///etc/passwd', 'http://', 'javascript:alert(1)']) {
      it(`to ${location} are downloadBroken`, async () => {
        user.hub.fault = always('hub', { kind: 'redirect', location });
        await assert.rejects(user.source(), isFailure('downloadBroken'));
      });
    }
  });

  describe('a server that is busy', () => {
    it('with 429 is left alone as long as it asks for, in seconds', async () => {
      user.hub.fault = firstTimes(1, 'hub', { kind: 'status', status: 429, retryAfter: '17' });
      await user.source();
      assert.deepEqual(user.clock.waits, [17_000]);
    });

    it('with 429 and a date is left alone until then', async () => {
      user.hub.fault = firstTimes(1, 'hub', { kind: 'status', status: 429, retryAfter: new Date(Date.now() + 60_000).toUTCString() });
      await user.source();
      const [wait = 0] = user.clock.waits;
      assert.ok(wait > 30_000 && wait <= 60_000, `${wait}`);
    });

    it('and wants to be left alone for an hour is serverRefused at once', async () => {
      user.hub.fault = always('hub', { kind: 'status', status: 429, retryAfter: '3600' });
      await assert.rejects(user.source(), isFailure('serverRefused'));
      assert.deepEqual([user.clock.waits, user.hub.requests.length], [[], 1]);
    });

    it('with 429 for one piece is left alone by all of them', async () => {
      const clock = new ManualClock();
      const source = await httpSource(user.url, user.network({}, { clock }), signal);
      user.hub.fault = firstTimes(1, 'storage', { kind: 'status', status: 429, retryAfter: '17' });
      const first = read(source, 0, 10);
      await until(() => clock.waiting === 1);
      const second = read(source, 10, 10);
      await until(() => clock.waiting === 2);
      assert.equal(user.hub.reads.length, 2);
      await clock.advance(17_000);
      assert.deepEqual([await first, await second], [bytes.subarray(0, 10), bytes.subarray(10, 20)]);
    });

    for (const status of [408, 500, 502, 503, 504]) {
      it(`with ${status} is asked again, ever later`, async () => {
        user.hub.fault = firstTimes(2, 'hub', { kind: 'status', status });
        await user.source();
        assert.deepEqual(user.clock.waits, [375, 750]);
      });
    }

    it('with 503 for ever is serverRefused after a few tries', async () => {
      const source = await user.source();
      user.hub.fault = always('storage', { kind: 'status', status: 503 });
      await assert.rejects(read(source, 0, 10), (error) => {
        assert.deepEqual(failureOf(error), { code: 'serverRefused', url: user.url, status: 503 });
        return true;
      });
      assert.equal(user.hub.reads.length, 1 + 8);
    });

    for (const status of [400, 402, 418, 451, 501]) {
      it(`that answers ${status} is not asked again`, async () => {
        user.hub.fault = always('hub', { kind: 'status', status });
        await assert.rejects(user.source(), isFailure('serverRefused'));
        assert.equal(user.hub.requests.length, 1);
      });
    }
  });

  describe('a server that breaks its word', () => {
    it('416 is tried again, then serverRefused', async () => {
      const source = await user.source();
      user.hub.fault = firstTimes(1, 'storage', { kind: 'status', status: 416 });
      assert.deepEqual(await read(source, 5, 10), bytes.subarray(5, 15));
      user.hub.fault = always('storage', { kind: 'status', status: 416 });
      await assert.rejects(read(source, 5, 10), isFailure('serverRefused'));
    });

    it('a file that has become shorter than the piece is downloadBroken', async () => {
      const source = await user.source();
      user.hub.put('someone/some-model', 'model.gguf', bytes.subarray(0, 100));
      await assert.rejects(read(source, 500, 100), isFailure('downloadBroken'));
    });

    it('a file that has become another one is downloadBroken, and none of its bytes is given', async () => {
      const source = await user.source();
      user.hub.put('someone/some-model', 'model.gguf', someBytes(1_000, 2));
      await assert.rejects(read(source, 0, 100), isFailure('downloadBroken'));
    });

    for (const [name, fault] of [['another ETag', { kind: 'otherFile' }], ['another total length', { kind: 'wrongTotal', total: 999 }]] satisfies [string, HubFault][]) {
      it(`${name} is downloadBroken at once`, async () => {
        const source = await user.source();
        user.hub.fault = always('storage', fault);
        await assert.rejects(read(source, 0, 100), isFailure('downloadBroken'));
        assert.equal(user.hub.reads.length, 2);
      });
    }

    for (const [name, fault] of [['a later piece', { kind: 'wrongPiece', by: 7 }], ['an earlier piece', { kind: 'wrongPiece', by: -5 }], ['the whole file', { kind: 'noRanges' }]] satisfies [string, HubFault][]) {
      it(`${name} in place of the one that was asked for is tried again, then downloadBroken`, async () => {
        const source = await user.source();
        user.hub.fault = firstTimes(1, 'storage', fault);
        assert.deepEqual(await read(source, 5, 10), bytes.subarray(5, 15));
        user.hub.fault = always('storage', fault);
        await assert.rejects(read(source, 5, 10), isFailure('downloadBroken'));
      });
    }

    it('fewer bytes than asked for end the piece early', async () => {
      const source = await user.source();
      user.hub.fault = always('storage', { kind: 'wrongLength', fewer: 3 });
      assert.deepEqual(await read(source, 0, 100), bytes.subarray(0, 97));
    });

    it('more bytes than asked for are refused', async () => {
      const source = await user.source();
      user.hub.fault = always('storage', { kind: 'wrongLength', fewer: -3 });
      await assert.rejects(read(source, 0, 100), isFailure('downloadBroken'));
    });

    it('without ranges it is given from the start', async () => {
      user.hub.fault = always('storage', { kind: 'noRanges' });
      const source = await user.source();
      assert.deepEqual([source.bytes, source.ranges], [1_000, false]);
      assert.deepEqual(await read(source, 0, 1_000), bytes);
    });

    it('without ranges sends no more than is needed to know the length', async () => {
      const large = await HubUser.open(home, Buffer.alloc(50_000_000));
      large.hub.fault = always('storage', { kind: 'noRanges' });
      assert.equal((await large.source()).bytes, 50_000_000);
      await until(() => large.hub.answering === 0);
    });

    it('without a length nobody knows how long it is', async () => {
      user.hub.fault = always('storage', { kind: 'noLength' });
      const source = await user.source();
      assert.deepEqual([source.bytes, source.ranges], [null, false]);
    });
  });

  describe('a connection', () => {
    it('that ends early gives what came', async () => {
      const source = await user.source();
      user.hub.fault = always('storage', { kind: 'drop', at: 40 });
      assert.deepEqual(await read(source, 0, 100), bytes.subarray(0, 40));
    });

    it('that stands still ends early', async () => {
      const source = await user.source({}, signal, { stallMs: 300 });
      user.hub.fault = always('storage', { kind: 'stall', at: 40 });
      assert.deepEqual(await read(source, 0, 100), bytes.subarray(0, 40));
    });

    it('that never answers is serverUnreachable', async () => {
      const silent = net.createServer();
      home.atEnd(() => void silent.close());
      await once(silent.listen(0, '127.0.0.1'), 'listening');
      const sockets: net.Socket[] = [];
      silent.on('connection', (socket) => sockets.push(socket));
      const { port } = silent.address() as net.AddressInfo;
      await assert.rejects(httpSource(`http://127.0.0.1:${port}/x`, user.network({}, { limits: { stallMs: 300 } }), signal), isFailure('serverUnreachable'));
      assert.equal(sockets.length, 3);
      for (const socket of sockets) socket.destroy();
    });

    it('to where nobody listens is serverUnreachable, with the reason', async () => {
      const { url } = user;
      await user.hub.close();
      user.hub.close = () => Promise.resolve();
      await assert.rejects(httpSource(url, user.network(), signal), (error) => {
        const failure = failureOf(error);
        assert.equal(failure.code, 'serverUnreachable');
        assert.match(failure.code === 'serverUnreachable' ? failure.reason : '', /ECONNREFUSED/);
        return true;
      });
    });

    it('is closed when the reader has enough or cancels', async () => {
      const source = await user.source();
      user.hub.fault = (request) => (request.at === 'storage' ? { kind: 'stall', at: 40 } : null);
      for await (const chunk of source.read(0, 100, signal)) {
        assert.equal(chunk.length, 40);
        break;
      }
      const cancelling = new AbortController();
      await assert.rejects(async () => {
        for await (const _ of source.read(0, 100, cancelling.signal)) cancelling.abort();
      }, isFailure('cancelled'));
      await until(() => user.hub.answering === 0);
    });

    it('is not made for what has been cancelled, nor waited for', async () => {
      await assert.rejects(user.source({}, AbortSignal.abort()), isFailure('cancelled'));
      assert.equal(user.hub.requests.length, 0);
      const cancelling = new AbortController();
      user.hub.fault = () => {
        cancelling.abort();
        return { kind: 'status', status: 503 };
      };
      await assert.rejects(user.source({}, cancelling.signal), isFailure('cancelled'));
    });
  });
});
