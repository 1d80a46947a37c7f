import assert from 'node:assert/strict';
import { whyNoNamespaces } from '../support/namespaces.mjs';
import { Terminal } from '../support/terminal.js';
import { layeredModel } from '../support/testModels.js';
import { useMachines } from '../support/useMachines.js';
import { useSession } from '../support/useSession.js';
import type { Workbench } from '../support/workbench.js';

/** Bytes: room for calf, which answers in the pod's place, and not for the model. */
const tooLittle = 80e6;
const digits = /Do both screens show (\d{3} \d{3})\? \[y\/N\]/;

function suite(): void {
  const network = useMachines(2);

  describe('the pod of a window and a terminal on another machine', () => {
    const model = layeredModel();
    const session = useSession(() => ({
      machine: network().machine(1),
      hardware: { freeMemory: tooLittle },
      machineSettings: { 'seekpod.pod.name': 'laptop', 'seekpod.pod.shareCpu': true, 'seekpod.chat.contextSize': 512, 'seekpod.chat.slots': 1, 'seekpod.chat.maxTokens': 60, 'seekpod.completion.enabled': false },
    }));
    let workbench: Workbench;
    let studio: Terminal;

    before(async () => {
      studio = new Terminal(network().machine(2), 'pod', 'share', '--cpu', '--name', 'studio');
      await studio.shows(/is shared as studio/);
      workbench = await session().open();
      await workbench.openView('Pod');
    });
    after(() => studio.interrupt());

    it('shows the machine that is shared, not paired yet', async () => {
      await workbench.podRow(/studio.*not paired/).waitFor();
      await workbench.screenshot('pod-real-seen');
    });

    it('pairs with it: the same six digits on both screens, confirmed on both', async () => {
      await workbench.pressOnRow(workbench.podRow(/studio.*not paired/), 'Pair');
      const title = workbench.page.locator('.quick-input-title', { hasText: 'Pair with studio' });
      await title.waitFor();
      const [, there] = await studio.shows(digits);
      assert.match((await title.textContent()) ?? '', new RegExp(`: ${there}$`));
      await workbench.screenshot('pod-real-digits');
      await workbench.page.locator('.quick-input-list .monaco-list-row', { hasText: 'The digits are equal' }).click();
      await workbench.podRow(/studio.*not paired|waiting for studio/).first().waitFor();
      studio.type('y');
      // It leaves by itself, and the machine may take longer to say what it lends.
      await workbench.notification('studio and this machine are paired').waitFor();
      await workbench.podRow(/studio.*to lend/).waitFor();
    });

    it('plans a model that does not fit here', async () => {
      await workbench.command('Run a Model on the Pod');
      await workbench.answerQuickInput('Choose a GGUF file');
      await workbench.chooseFile(model);
      await workbench.podRow('Too large here, fits the pod').waitFor();
      await workbench.podRow(/studio.*layers/).waitFor();
      await workbench.screenshot('pod-real-plan');
    });

    it('loads it with one click, and answers on both machines', async () => {
      await workbench.podRow('Load on the Pod').click();
      await workbench.podRow(/layered.*running/).waitFor();
      await workbench.ask('Tell me a long story.');
      await workbench.podRow(/tokens\/s.*predicted \d/).waitFor();
      await studio.shows(/uses this machine: [\d.]+ MB/);
    });

    it('shows the figures of what runs while it answers', async () => {
      const hop = workbench.podRow(/Connection.*\d [kM]?B\/s, [\d.]+ m?s/);
      await hop.waitFor();
      await workbench.screenshot('pod-real-running');
      assert.match((await workbench.status.getAttribute('aria-label')) ?? '', /on 2 machines/);
    });

    it('is measured beside this machine', async () => {
      await workbench.command('Seekpod: Benchmark This Machine');
      // As long as it takes to measure three models on a busy machine.
      await workbench.benchmark.getByRole('button', { name: 'Measure Again' }).waitFor({ timeout: 180_000 });
      const rows = await Promise.all((await workbench.benchmark.locator('tbody tr').all()).map((row) => row.locator('th, td').allTextContents()));
      assert.deepEqual(rows.map(([, place]) => place), ['this machine, processor', 'this machine, processor', 'pod, 2 machines, processor']);
      assert.ok(rows.every(([, , prompt, answer]) => Number(prompt) > 0 && Number(answer) > 0), JSON.stringify(rows));
      assert.match(rows.at(-1)?.at(-1) ?? '', /^\d.*%\)$/);
      await workbench.screenshot('benchmark-pod');
      await workbench.command('View: Close Editor');
    });

    it('says so when the other machine leaves, and answers with the local model', async () => {
      assert.equal(await studio.interrupt(), 0);
      await workbench.podRow(/studio.*away/).waitFor();
      await workbench.ask('Write a function that adds two numbers.');
      await workbench.podRow('The local chat model answers').waitFor();
      await workbench.screenshot('pod-real-fallback');
      assert.match((await workbench.lastAnswer.textContent()) ?? '', /a \+ b/);
    });

    it('lends itself to who is paired by a notification', async () => {
      await workbench.command('Share This Machine with the Pod');
      const forgetting = new Terminal(network().machine(2), 'pod', 'unpair', 'laptop');
      assert.equal(await forgetting.closed, 0, forgetting.text);
      const pairing = new Terminal(network().machine(2), 'pod', 'pair', 'laptop');
      const [, there] = await pairing.shows(digits);
      const toast = workbench.notification(there ?? 'no digits');
      await toast.waitFor();
      await workbench.screenshot('pod-real-asked');
      assert.equal(await workbench.page.locator('.monaco-dialog-box').count(), 0);
      await toast.getByText('The digits are equal').click();
      pairing.type('y');
      assert.equal(await pairing.closed, 0, pairing.text);
      await toast.waitFor({ state: 'detached' });
      const ending = new Terminal(network().machine(2), 'stop');
      assert.equal(await ending.closed, 0, ending.text);
    });

    it('stops sharing on command', async () => {
      await workbench.command('Stop Sharing This Machine');
      await workbench.podRow(/This machine.*not shared/).waitFor();
      assert.deepEqual((await network().machine(1).listening()).filter(({ protocol, address }) => protocol === 'tcp' && !address.startsWith('127.')), []);
    });
  });
}

const reason = whyNoNamespaces();
if (reason === null) describe('the Pod view with a second machine', suite);
else console.log(`skipped: the Pod view with a second machine: ${reason}`);
