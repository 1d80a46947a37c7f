import assert from 'node:assert/strict';
import os from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { EngineError } from '../../src/engine/base/errors.js';
import type { EngineOptions, RoleOptions } from '../../src/engine/protocol/engineTypes.js';
import { someInstalled } from '../support/modelExamples.js';
import { machine, mini, pairing, podStatus, stranger, studio } from '../support/podFixtures.js';
import { PodStage } from '../support/podStage.js';
import { useSession } from '../support/useSession.js';
import type { Workbench } from '../support/workbench.js';
import { calfFile } from '../support/workerProcess.js';

describe('the commands of the pod', () => {
  const session = useSession();
  let stage: PodStage;
  let workbench: Workbench;

  before(async () => {
    stage = await PodStage.open(session().runtimeDirectory);
    workbench = await session().open();
    await workbench.openView('Pod');
    stage.pod.setStatus(podStatus({ machines: [machine(), stranger()] }));
    await workbench.podRow(/studio.*to lend/).waitFor();
  });
  after(() => stage.dispose());

  /** The last time that the pod was asked for something, once it has been; mocha's limit ends a test in which it never is. */
  async function called(name: string): Promise<unknown[]> {
    for (;;) {
      const call = stage.pod.calls.findLast((candidate) => Array.isArray(candidate) && candidate[0] === name);
      if (Array.isArray(call)) return call;
      await wait(50);
    }
  }

  it('offer the pod for a chat model that does not fit here, and load it there with one click', async () => {
    stage.models.actions.imported = { ...someInstalled, origin: 'imported', roles: ['chat'] };
    await workbench.command('Choose Chat Model');
    await workbench.choose('Choose a GGUF file');
    await workbench.chooseFile(calfFile);
    const offer = workbench.notification('needs 64.0 GB, and this machine has 14.0 GB');
    await offer.waitFor();
    await workbench.podRow('Too large here, fits the pod').waitFor();
    await workbench.screenshot('pod-offer');
    await workbench.podRow('Load on the Pod').click();
    await workbench.podRow('Load on the Pod').waitFor({ state: 'detached' });
    const last = (): EngineOptions | undefined => stage.engine.calls.flatMap((call) => (Array.isArray(call) && call[0] === 'configure' ? [call[1] as EngineOptions] : [])).at(-1);
    while (last()?.pod === null || !stage.engine.calls.some((call) => JSON.stringify(call) === '["load","chat"]')) await wait(50);
    assert.equal(last()?.pod?.model.path, calfFile);
  });

  it('plan a model for the pod from the message that it does not fit here', async () => {
    stage.engine.failure = new EngineError({ code: 'insufficientMemory', path: '/models/large.gguf', requiredBytes: 64e9, availableBytes: 14e9, choices: [{ kind: 'pod' }] });
    // VS Code shows three notifications within 0.8 s; of more it tells by the bell alone.
    await wait(1_000);
    await workbench.command('Seekpod: Load Models');
    const message = workbench.notification('needs 64.0 GB of memory, and 14.0 GB can be used');
    await message.waitFor();
    await workbench.screenshot('pod-too-large');
    await message.getByText('Run on the Pod…').click();
    await workbench.podRow('Plan: large').waitFor();
    await workbench.podRow('Load on the Pod').waitFor();
    assert.equal(((await called('plan'))[1] as RoleOptions).model.path, '/models/large.gguf');
    stage.engine.failure = null;
    await workbench.podRow('Discard').click();
    await workbench.podRow('Plan: large').waitFor({ state: 'detached' });
  });

  it('rename this machine, and go back to the name of the host when it is emptied', async () => {
    for (const name of ['my laptop', '']) {
      await workbench.command('Rename This Machine');
      await workbench.answerQuickInput(name);
      const wanted = name === '' ? os.hostname() : name;
      while (!stage.pod.calls.some((call) => JSON.stringify(call) === JSON.stringify(['rename', wanted]))) await wait(50);
    }
  });

  it('stop using the pod', async () => {
    const count = stage.engine.calls.length;
    await workbench.command('Stop Using the Pod');
    while (!stage.engine.calls.slice(count).some((call) => Array.isArray(call) && call[0] === 'configure' && (call[1] as EngineOptions).pod === null)) await wait(50);
  });

  it('add a machine by an address that is checked while it is typed', async () => {
    await workbench.command('Add a Machine');
    await workbench.quickInput.waitFor();
    await workbench.quickInput.fill('http://mini');
    await workbench.page.locator('.quick-input-message', { hasText: 'Write a host name or an IP address' }).waitFor();
    await workbench.answerQuickInput('10.0.0.9:5000');
    assert.deepEqual(await called('add'), ['add', { host: '10.0.0.9', port: 5_000 }]);
  });

  it('unpair a machine only when that is confirmed', async () => {
    await workbench.pressOnRow(workbench.podRow(/studio.*to lend/), 'Unpair');
    const dialog = workbench.page.locator('.monaco-dialog-box', { hasText: 'Unpair studio?' });
    await dialog.waitFor();
    await workbench.screenshot('pod-unpair');
    await dialog.getByText('Cancel', { exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    assert.ok(!stage.pod.calls.some((call) => Array.isArray(call) && call[0] === 'unpair'));
    await workbench.pressOnRow(workbench.podRow(/studio.*to lend/), 'Unpair');
    await dialog.getByText('Unpair', { exact: true }).click();
    assert.deepEqual(await called('unpair'), ['unpair', studio]);
  });

  it('confirm on its row that the digits are equal; row and notification go when the pairing ends', async () => {
    const asked = pairing();
    stage.pod.setStatus(podStatus({ machines: [machine(), stranger()], pairings: [asked] }));
    await workbench.notification('012 345').waitFor();
    await workbench.pressOnRow(workbench.podRow('012 345'), 'The Digits Are Equal');
    assert.deepEqual(await called('confirmPairing'), ['confirmPairing', asked.id, true]);
    stage.pod.setStatus(podStatus({ machines: [machine(), stranger()] }));
    await workbench.notification('012 345').waitFor({ state: 'detached' });
    await workbench.podRow('012 345').waitFor({ state: 'detached' });
  });

  it('pair: the digits leave the screen when the other side ends the pairing', async () => {
    await workbench.pressOnRow(workbench.podRow(/mini.*not paired/), 'Pair');
    assert.deepEqual(await called('pair'), ['pair', mini]);
    const digits = workbench.page.locator('.quick-input-title', { hasText: 'Pair with mini: 678 901' });
    stage.pod.setStatus(podStatus({ machines: [machine(), stranger()], pairings: [pairing({ id: 'p2', side: 'asking', digits: '678901' })] }));
    await digits.waitFor();
    // No answer is chosen beforehand: Enter confirms nothing.
    await workbench.page.keyboard.press('Enter');
    stage.pod.setStatus(podStatus({ machines: [machine(), stranger()] }));
    await digits.waitFor({ state: 'hidden' });
    assert.ok(!stage.pod.calls.some((call) => Array.isArray(call) && call[1] === 'p2'));
  });

  it('pair: Escape withdraws', async () => {
    assert.equal(stage.pod.pairSignal?.aborted, false);
    stage.pod.setStatus(podStatus({ machines: [machine(), stranger()], pairings: [pairing({ id: 'p3', side: 'asking', digits: '456789' })] }));
    await workbench.page.locator('.quick-input-title', { hasText: '456 789' }).waitFor();
    await workbench.page.keyboard.press('Escape');
    await workbench.notification('Pairing with mini').waitFor({ state: 'detached' });
    assert.equal(stage.pod.pairSignal?.aborted, true);
    stage.pod.setStatus(podStatus({ machines: [machine(), stranger()] }));
  });

  it('show what the doctor found as a page, with what to do', async () => {
    await workbench.command('Pod Doctor');
    await workbench.page.locator('.tab', { hasText: 'Pod doctor' }).waitFor();
    const page = workbench.page.frameLocator('iframe.webview.ready[src*="markdown-language-features"]').frameLocator('#active-frame');
    await page.getByText('This machine cannot use multicast').waitFor();
    await workbench.screenshot('pod-doctor');
  });

  it('lead to the view from the menu of the status bar', async () => {
    await workbench.status.click();
    await workbench.page.locator('.quick-input-list .monaco-list-row', { hasText: 'machines, plans and what runs on them' }).click();
    await workbench.pod.locator('.monaco-list.focused, .monaco-list:focus-within').waitFor();
  });
});
