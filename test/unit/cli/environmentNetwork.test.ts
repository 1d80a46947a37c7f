import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { networkOfEnvironment } from '../../../src/cli/environmentNetwork.js';
import { isFailure } from '../../support/failures.js';
import { checkLeaks } from '../../support/leaks.js';

const pem = (text: string): string => `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----`;

describe('how to fetch, by the environment', () => {
  const home = checkLeaks();

  it('is not said when no variable is set', async () => {
    assert.equal(await networkOfEnvironment({ HOME: '/home/me', HF_TOKEN: '', NO_PROXY: 'localhost' }), null);
  });

  it('the hub, its token, the proxy and who is reached without it', async () => {
    assert.deepEqual(await networkOfEnvironment({ HF_ENDPOINT: 'https://mirror.example', HF_TOKEN: 'secret', HTTPS_PROXY: 'http://proxy:3128', NO_PROXY: 'localhost, .example.org' }), {
      endpoint: 'https://mirror.example',
      token: 'secret',
      proxy: 'http://proxy:3128',
      noProxy: ['localhost', '.example.org'],
      strictTls: true,
      certificates: [],
      directory: null,
    });
  });

  for (const [env, expected] of [
    [{ https_proxy: 'small:1', HTTPS_PROXY: 'http://large:1' }, 'http://small:1'],
    [{ HTTP_PROXY: 'http://proxy:1', HF_TOKEN: 'x' }, null],
    [{ HTTP_PROXY: 'http://proxy:1', HF_ENDPOINT: 'http://hub.example' }, 'http://proxy:1'],
    [{ ALL_PROXY: 'http://all:1' }, 'http://all:1'],
  ] as const) {
    it(`${JSON.stringify(env)} gives the proxy ${expected}`, async () => assert.equal((await networkOfEnvironment(env))?.proxy, expected));
  }

  it('every certificate of the bundle, without what stands around them', async () => {
    const file = path.join(home.runtimeDirectory, 'bundle.pem');
    fs.writeFileSync(file, `# ours\n${pem('AAAA')}\nsome text\n${pem('BBBB')}\n`);
    assert.deepEqual((await networkOfEnvironment({ NODE_EXTRA_CA_CERTS: file }))?.certificates, [pem('AAAA'), pem('BBBB')]);
  });

  it('a bundle that is not there is fileUnreadable, with its path', async () => {
    await assert.rejects(networkOfEnvironment({ NODE_EXTRA_CA_CERTS: '/nowhere/ca.pem' }), isFailure('fileUnreadable'));
  });

  for (const env of [{ HF_ENDPOINT: 'mirror.example' }, { HTTPS_PROXY: 'socks5://proxy:1080' }]) {
    it(`${JSON.stringify(env)} is refused, not passed over`, async () => {
      await assert.rejects(networkOfEnvironment(env), isFailure('serverUnreachable'));
    });
  }
});
