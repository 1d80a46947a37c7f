import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import type { ModelSource, ModelsStatus } from '../../src/engine/protocol/modelTypes.js';
import { JsonLines } from '../support/jsonLines.js';
import { checkLeaks } from '../support/leaks.js';
import { type MachineDaemon, shareAll } from '../support/machineDaemon.js';
import { Terminal } from '../support/terminal.js';
import { useMachines } from '../support/useMachines.js';
import { usePod } from '../support/usePod.js';
import { sha256Of } from '../support/useHub.js';
import { calfFile } from '../support/workerProcess.js';

const program = path.resolve('out/test/pod/hub.program.mjs');
const source: ModelSource = { kind: 'hub', repository: 'someone/some-model', revision: 'main', file: 'model.gguf' };
const { signal } = new AbortController();
/** So that a machine can leave in the middle. */
const paddingBytes = 200_000_000;

describe('a model from the pod', () => {
  const home = checkLeaks();
  const network = useMachines(3);
  const pod = usePod(network, home);
  let file: string;

  beforeEach(() => {
    file = path.join(home.runtimeDirectory, 'model.gguf');
    fs.copyFileSync(calfFile, file);
    fs.truncateSync(file, fs.statSync(file).size + paddingBytes);
  });

  /** The lender has the model in its list, with its checksum. */
  async function has(lender: MachineDaemon): Promise<void> {
    const { id } = await lender.client.models.import(file, signal);
    await lender.client.models.verify(id, () => undefined, signal);
  }

  /** Asks a hub for the model, and loses the hub when its size and checksum are known. */
  async function pullThenLoseHub(here: MachineDaemon): Promise<string> {
    const hub = new JsonLines<{ readonly ready?: string }>(here.machine.run(process.execPath, [program, file, '2000000']));
    const endpoint = await hub.next(({ ready }) => ready);
    const { models } = here.client;
    await models.network({ endpoint, token: null, proxy: null, noProxy: [], strictTls: true, certificates: [], directory: null });
    await models.watch(true);
    const id = await models.pull(source, null, signal);
    await statusWhen(here, ({ downloads }) => downloads.some(({ receivedBytes }) => receivedBytes > 0));
    await models.pause(id);
    await hub.kill();
    return id;
  }

  function statusWhen(here: MachineDaemon, holds: (status: ModelsStatus) => boolean): Promise<ModelsStatus> {
    const { models } = here.client;
    return new Promise((resolve) => {
      const look = (status: ModelsStatus | null): void => {
        if (status === null || !holds(status)) return;
        heard.dispose();
        resolve(status);
      };
      const heard = models.onStatus(look);
      look(models.status);
    });
  }

  async function sharesAgain(here: MachineDaemon, lender: MachineDaemon): Promise<void> {
    await lender.client.pod.share(shareAll);
    await here.whenSees(lender, ({ presence, link }) => presence === 'connected' && link !== null);
  }

  /** What has come of the model, on the disk. */
  function writtenBytes(here: MachineDaemon): number {
    const part = path.join(String(here.machine.env['SEEKPOD_STATE_DIR']), 'models/files/someone/some-model/model.gguf.part');
    return (fs.statSync(part, { throwIfNoEntry: false })?.blocks ?? 0) * 512;
  }

  async function arrived(here: MachineDaemon): Promise<void> {
    const { installed, downloads } = await statusWhen(here, ({ downloads: [download] }) => download === undefined || download.status.state === 'failed');
    assert.deepEqual(downloads, []);
    const model = installed.find(({ origin }) => origin === 'downloaded');
    assert.ok(model);
    assert.equal(model.checksum, 'matches');
    assert.equal(sha256Of(fs.readFileSync(model.path)), sha256Of(fs.readFileSync(file)));
  }

  it('comes from the paired machine that has it while no hub can be reached', async () => {
    const [here, lender] = await pod.paired({}, {});
    assert.ok(lender);
    await lender.client.pod.share(null);
    await has(lender);
    await pullThenLoseHub(here);
    await sharesAgain(here, lender);
    const terminal = new Terminal(here.machine, 'models', 'pull', 'someone/some-model/model.gguf');
    assert.equal(await terminal.closed, 0, terminal.text);
    assert.match(terminal.text, /Here now: .*model\.gguf/);
    await arrived(here);
  });

  it('does not come from a machine that is not paired', async () => {
    const lender = await pod.start(2);
    await lender.client.pod.share(shareAll);
    await has(lender);
    const here = await pod.start(1);
    await here.whenSees(lender, () => true);
    const id = await pullThenLoseHub(here);
    await here.client.models.resume(id);
    const { downloads } = await statusWhen(here, ({ downloads: [download] }) => download?.status.state === 'failed');
    const [download] = downloads;
    assert.ok(download?.status.state === 'failed');
    assert.equal(download.status.failure.code, 'serverUnreachable');
  });

  it('goes on where it was when the machine that gives it dies in the middle and is back', async () => {
    const [here, lender] = await pod.paired({}, {});
    assert.ok(lender);
    await lender.client.pod.share(null);
    await has(lender);
    const id = await pullThenLoseHub(here);
    await sharesAgain(here, lender);
    const before = writtenBytes(here);
    await here.client.models.resume(id);
    // The status comes too seldom to tell.
    while (writtenBytes(here) < before + paddingBytes / 10) await new Promise((resolve) => setTimeout(resolve, 2));
    await lender.kill();
    const received = writtenBytes(here);
    assert.ok(received < paddingBytes, 'it left too late');
    await lender.restart();
    await lender.client.pod.share(shareAll);
    await arrived(here);
  });
});
