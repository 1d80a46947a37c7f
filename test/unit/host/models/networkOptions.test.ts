import assert from 'node:assert/strict';
import * as v from 'valibot';
import { networkOptionsSchema } from '../../../../src/engine/protocol/modelTypes.js';
import { type HttpSettings, networkOptions } from '../../../../src/host/models/network/networkOptions.js';
import { type Settings } from '../../../../src/host/settingsTable.js';
import { validateSettings } from '../../../../src/host/settingsValidation.js';
import { places } from '../statusFixtures.js';

const { settings } = validateSettings(() => undefined);
const none: HttpSettings = { proxy: '', proxySupport: 'override', noProxy: [], proxyStrictSSL: true };
const options = (http: Partial<HttpSettings>, models: Partial<Settings['models']> = {}) =>
  networkOptions({ ...settings, models: { ...settings.models, ...models } }, { ...none, ...http }, 'hf_1', ['PEM'], places);

describe('how models are fetched under the settings', () => {
  it('is from Hugging Face, into the folder of the engine, with the environment\'s proxy, unless they say otherwise', () => {
    assert.deepEqual(options({}), { endpoint: 'https://huggingface.co', token: 'hf_1', proxy: null, noProxy: [], strictTls: true, certificates: ['PEM'], directory: null });
  });

  it('follows VS Code\'s proxy and its certificate checks', () => {
    const { proxy, noProxy, strictTls } = options({ proxy: 'http://proxy:3128', noProxy: ['localhost'], proxyStrictSSL: false });
    assert.deepEqual([proxy, noProxy, strictTls], ['http://proxy:3128', ['localhost'], false]);
  });

  it('uses no proxy at all where VS Code is told to use none', () => {
    const { proxy, noProxy } = options({ proxy: 'http://proxy:3128', proxySupport: 'off' });
    assert.deepEqual([proxy, noProxy], [null, ['*']]);
  });

  it('spells out the home folder of the directory', () => {
    assert.equal(options({}, { directory: '~/models' }).directory, '/home/ada/models');
  });

  it('makes what the daemon accepts even of settings that make no sense', () => {
    const odd = options({ proxy: 'socks5://proxy', noProxy: [1, 'x'.repeat(300), 'ok'], proxyStrictSSL: 'no' });
    assert.ok(v.is(networkOptionsSchema, odd));
    assert.deepEqual([odd.proxy, odd.noProxy, odd.strictTls], [null, ['ok'], true]);
  });
});
