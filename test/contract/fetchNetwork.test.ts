import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { EngineError, failureOf } from '../../src/engine/base/errors.js';
import { httpSource } from '../../src/engine/models/fetch/httpSource.js';
import { type Network, openNetwork } from '../../src/engine/models/fetch/network.js';
import { collect } from '../support/collect.js';
import { isFailure } from '../support/failures.js';
import { HubProxy } from '../support/hubProxy.js';
import { checkLeaks } from '../support/leaks.js';
import { newAuthority, type TestAuthority } from '../support/testAuthority.js';
import { HubUser, someBytes } from '../support/useHub.js';

const signal = new AbortController().signal;
const bytes = someBytes(1_000);
const file = '/someone/some-model/resolve/main/model.gguf';

describe('the way to the hub', () => {
  const home = checkLeaks();
  let tls: TestAuthority;
  before(async () => {
    tls = await newAuthority(['localhost', '127.0.0.1', 'hub.test', 'storage.test']);
  });

  describe('with certificates of an authority of its own', () => {
    it('is not trusted, and not tried again', async () => {
      const user = await HubUser.open(home, bytes, { tls });
      await assert.rejects(user.source(), (error) => {
        assert.ok(EngineError.is(error, 'serverUnreachable'));
        assert.match(error.failure.code === 'serverUnreachable' ? error.failure.reason : '', /certificate/);
        return true;
      });
      assert.deepEqual(user.clock.waits, []);
    });

    it('is trusted when the authority is given', async () => {
      const user = await HubUser.open(home, bytes, { tls });
      const source = await user.source({ certificates: [tls.authority] });
      assert.deepEqual(Buffer.concat(await collect(source.read(0, 1_000, signal))), bytes);
    });

    it('is trusted when the environment names it, beside others that are given', async () => {
      const user = await HubUser.open(home, bytes, { tls });
      const extra = path.join(home.runtimeDirectory, 'authority.pem');
      await fs.writeFile(extra, tls.authority);
      const other = await newAuthority();
      const network = user.network({ certificates: [other.authority] }, { env: { NODE_EXTRA_CA_CERTS: extra } });
      assert.equal((await httpSource(user.url, network, signal)).bytes, 1_000);
    });

    it('is taken as it is where certificates are not to be checked', async () => {
      const user = await HubUser.open(home, bytes, { tls });
      assert.equal((await user.source({ strictTls: false })).bytes, 1_000);
    });

    it('is left for no address without encryption', async () => {
      const user = await HubUser.open(home, bytes, { tls });
      user.hub.fault = ({ at }) => (at === 'hub' ? { kind: 'redirect', location: 'http://localhost/' } : null);
      await assert.rejects(user.source({ certificates: [tls.authority] }), isFailure('downloadBroken'));
    });

    it('fails as serverUnreachable with what is no certificate', async () => {
      const user = await HubUser.open(home, bytes, { tls });
      await assert.rejects(user.source({ certificates: ['nothing'] }), isFailure('serverUnreachable'));
    });
  });

  describe('through a proxy', () => {
    const open = async (options: { readonly credentials?: string; readonly secure?: boolean } = {}): Promise<{ user: HubUser; proxy: HubProxy; scheme: string }> => {
      const user = await HubUser.open(home, bytes, { storageHost: 'storage.test', ...(options.secure === true ? { tls } : {}) });
      const ports = { 'hub.test': user.hub.hubPort, 'storage.test': user.hub.storagePort };
      return { user, proxy: await HubProxy.open(home, { ports, ...(options.credentials === undefined ? {} : { credentials: options.credentials }) }), scheme: options.secure === true ? 'https' : 'http' };
    };

    it('goes plainly without encryption', async () => {
      const { user, proxy } = await open();
      const source = await httpSource(`http://hub.test${file}`, user.network({ proxy: `http://${proxy.address}` }), signal);
      assert.deepEqual(Buffer.concat(await collect(source.read(0, 1_000, signal))), bytes);
      assert.deepEqual(proxy.requests.map((request) => request.split('/').slice(0, 3).join('/')), ['GET http://hub.test', ...Array(2).fill(`GET http://storage.test:${user.hub.storagePort}`)]);
    });

    it('goes through a tunnel with encryption, which the proxy does not open', async () => {
      const { user, proxy } = await open({ secure: true });
      const network = user.network({ proxy: `http://${proxy.address}`, certificates: [tls.authority] });
      const source = await httpSource(`https://hub.test${file}`, network, signal);
      assert.deepEqual(Buffer.concat(await collect(source.read(0, 1_000, signal))), bytes);
      assert.deepEqual([...new Set(proxy.requests)], ['CONNECT hub.test:443', `CONNECT storage.test:${user.hub.storagePort}`]);
    });

    for (const secure of [false, true]) {
      it(`gives the proxy its name and password ${secure ? 'before the tunnel' : 'with each request'}, and nobody else`, async () => {
        const { user, proxy, scheme } = await open({ credentials: 'me:passw0rd', secure });
        const network = user.network({ proxy: `http://me:passw0rd@${proxy.address}`, certificates: [tls.authority] });
        assert.equal((await httpSource(`${scheme}://hub.test${file}`, network, signal)).bytes, 1_000);
        if (secure) assert.deepEqual(user.hub.requests.map(({ headers }) => headers['proxy-authorization']), [undefined, undefined]);
      });

      it(`fails when the proxy wants a name and a password, ${secure ? 'with' : 'without'} encryption`, async () => {
        const { user, proxy, scheme } = await open({ credentials: 'me:passw0rd', secure });
        const network = user.network({ proxy: `http://${proxy.address}`, certificates: [tls.authority] });
        await assert.rejects(httpSource(`${scheme}://hub.test${file}`, network, signal), (error) => {
          const failure = failureOf(error);
          assert.equal(failure.code, 'serverUnreachable');
          assert.match(failure.code === 'serverUnreachable' ? failure.reason : '', /407/);
          return true;
        });
        assert.deepEqual(user.clock.waits, []);
      });
    }

    it('of the environment, which a given one comes before', async () => {
      const { user, proxy } = await open();
      for (const env of [{ HTTP_PROXY: `http://${proxy.address}` }, { http_proxy: proxy.address }]) {
        assert.equal((await httpSource(`http://hub.test${file}`, user.network({}, { env }), signal)).bytes, 1_000);
      }
      const nobody = { http_proxy: 'http://127.0.0.1:9' };
      assert.equal((await httpSource(`http://hub.test${file}`, user.network({ proxy: `http://${proxy.address}` }, { env: nobody }), signal)).bytes, 1_000);
    });

    for (const [name, changes, env] of [
      ['a given list', { noProxy: ['other.test', 'hub.test'] }, {}],
      ['a star', { noProxy: ['*'] }, {}],
      ["the environment's list", {}, { NO_PROXY: 'other.test,.hub.test' }],
      ["the environment's star", {}, { no_proxy: '*' }],
    ] as const) {
      it(`is not taken to the hosts of ${name}`, async () => {
        const { user, proxy } = await open();
        const network = user.network({ proxy: `http://${proxy.address}`, ...changes, noProxy: [...('noProxy' in changes ? changes.noProxy : [])] }, { env });
        // Without the proxy nobody knows the name.
        await assert.rejects(httpSource(`http://hub.test${file}`, network, signal), isFailure('serverUnreachable'));
        assert.deepEqual(proxy.requests, []);
      });
    }

    it('is not taken to this machine', async () => {
      const user = await HubUser.open(home, bytes);
      const proxy = await HubProxy.open(home, { ports: {} });
      assert.equal((await user.source({ proxy: `http://${proxy.address}` })).bytes, 1_000);
      assert.deepEqual(proxy.requests, []);
    });

    /** Takes connections, and says nothing. */
    const silentProxy = async (): Promise<string> => {
      const silent = net.createServer();
      const sockets: net.Socket[] = [];
      silent.on('connection', (socket) => sockets.push(socket));
      home.atEnd(() => {
        for (const socket of sockets) socket.destroy();
        silent.close();
      });
      await once(silent.listen(0, '127.0.0.1'), 'listening');
      const address = silent.address();
      return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
    };

    it('that never answers fails as serverUnreachable', async () => {
      const { user } = await open();
      const proxy = await silentProxy();
      for (const scheme of ['http', 'https']) await assert.rejects(httpSource(`${scheme}://hub.test${file}`, user.network({ proxy }, { limits: { connectMs: 300, stallMs: 300 } }), signal), isFailure('serverUnreachable'));
    });

    it('that never answers does not hold up whoever cancels', async () => {
      const { user } = await open();
      const network = user.network({ proxy: await silentProxy() }, { limits: { connectMs: 3_600_000 } });
      const cancelling = new AbortController();
      const asking = httpSource(`https://hub.test${file}`, network, cancelling.signal);
      setImmediate(() => cancelling.abort());
      await assert.rejects(asking, isFailure('cancelled'));
    });

    it('of a kind that is not spoken fails as serverUnreachable, and says which are', () => {
      const through = (proxy: string): Network => openNetwork({ endpoint: 'https://hub.test', token: null, proxy, noProxy: [], strictTls: true, certificates: [], directory: null });
      assert.throws(() => through('socks4://127.0.0.1:1080'), { failure: { code: 'serverUnreachable', host: 'proxy', reason: 'a proxy of the kind socks4: is not supported; http:, https: and socks5: are' } });
      for (const kind of ['http', 'https', 'socks', 'socks5']) through(`${kind}://127.0.0.1:1080`).dispose();
    });

    it('at what is no address fails as serverUnreachable', () => {
      assert.throws(() => openNetwork({ endpoint: 'https://hub.test', token: null, proxy: 'http://', noProxy: [], strictTls: true, certificates: [], directory: null }), isFailure('serverUnreachable'));
    });
  });
});
