import fs from 'node:fs';
import assert from 'node:assert/strict';
import { HubProxy } from '../support/hubProxy.js';
import { HubServer } from '../support/hubServer.js';
import { newAuthority } from '../support/testAuthority.js';
import { useSession } from '../support/useSession.js';
import type { Workbench } from '../support/workbench.js';
import { calfFile } from '../support/workerProcess.js';

const repository = 'someone/gated-GGUF';
const token = 'hf_0123456789';

/** As in a company: names that only the proxy knows, certificates that only the company knows, and a model for those who are signed in. */
describe('a model behind a proxy', () => {
  let hub: HubServer;
  let proxy: HubProxy;
  let workbench: Workbench;
  before(async () => {
    const suite = { atEnd: () => undefined };
    hub = await HubServer.open(suite, { token, tls: await newAuthority(['hub.test', 'storage.test']), storageHost: 'storage.test' });
    hub.put(repository, 'gated-Q8_0.gguf', fs.readFileSync(calfFile));
    proxy = await HubProxy.open(suite, { ports: { 'hub.test': hub.hubPort, 'storage.test': hub.storagePort } });
  });
  after(async () => {
    await proxy.close();
    await hub.close();
  });
  const session = useSession(() => ({
    settings: { 'http.proxy': `http://${proxy.address}`, 'http.proxyStrictSSL': false },
    machineSettings: { 'seekpod.models.endpoint': 'https://hub.test' },
  }));

  it('says that it is given only to those who are signed in', async () => {
    workbench = await session().open();
    await workbench.openView('Models');
    await workbench.askForModel(`${repository}/gated-Q8_0.gguf`);
    await workbench.notification('only to those who are signed in').waitFor();
    assert.ok(proxy.requests.includes('CONNECT hub.test:443'));
  });

  it('comes, verified, once there is a token, which is nowhere on the disk', async () => {
    await workbench.command('Set the Access Token');
    const title = workbench.page.locator('.quick-input-title', { hasText: 'Access token' });
    await title.waitFor();
    await workbench.answerQuickInput(token);
    // It is checked before it is taken.
    await title.waitFor({ state: 'hidden' });
    await workbench.lookAtModel(`${repository}/gated-Q8_0.gguf`);
    await workbench.page.keyboard.press('Enter');
    await workbench.modelRow(/in use for chat$/).waitFor();
    assert.ok(proxy.requests.some((request) => request.startsWith('CONNECT storage.test')));
    const files = fs.readdirSync(session().runtimeDirectory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile() && !entry.name.endsWith('.gguf'));
    assert.ok(files.length > 0);
    for (const { parentPath, name } of files) assert.ok(!fs.readFileSync(`${parentPath}/${name}`).includes(token), name);
  });
});
