import assert from 'node:assert/strict';
import { checkLeaks } from '../support/leaks.js';
import { setFreeMemory } from '../support/hardware.js';
import { expectedDevices, loadedLayers, loadOnPod } from '../support/podAsk.js';
import { podTestOptions, roleFor } from '../support/machineDaemon.js';
import { isLoopback } from '../support/sockets.js';
import { chat } from '../support/testClient.js';
import { layeredModel, wideModel } from '../support/testModels.js';
import { useMachines } from '../support/useMachines.js';
import { usePod } from '../support/usePod.js';
import { calfFile } from '../support/workerProcess.js';

const question = 'Write a function that adds two numbers.';
const mdnsPort = 5_353;
/** Bytes of free memory: for every model here, and for some layers of `layeredModel`. */
const plenty = 8e9;
const partOfLayered = 50e6;
const signal = new AbortController().signal;

describe('a model on several machines', () => {
  const home = checkLeaks();
  const network = useMachines(3);
  const pod = usePod(network, home);

  // None of them can hold the layered model alone, however fast it is measured to be.
  for (const limits of [[75e6], [45e6, 45e6]]) {
    const lenders = limits.length;
    it(`${lenders + 1} machines give the answer of one, with the layers where they were planned`, async () => {
      const [here] = await pod.paired({ freeMemory: plenty }, ...limits.map((memoryLimit) => ({ memoryLimit })));
      for (const model of [calfFile, layeredModel()]) {
        setFreeMemory(here.machine, plenty);
        await here.client.configure(podTestOptions({ chat: roleFor(model) }));
        const alone = await chat(here.client, question, { maxTokens: 60 });
        await here.client.unload('chat');
        if (model !== calfFile) setFreeMemory(here.machine, partOfLayered);
        const { parts } = await loadOnPod(here, model);
        assert.ok(parts.some(({ machine }) => machine !== null));
        if (model !== calfFile) assert.equal(parts.length, lenders + 1);
        assert.deepEqual(loadedLayers(here), expectedDevices(parts));
        assert.equal((await chat(here.client, question, { maxTokens: 60 })).text, alone.text);
        assert.equal(here.status.run.state, 'running');
        await here.client.unload('chat');
      }
    });
  }

  it('weights that the lender has kept are not sent again', async () => {
    const [here, lender] = await pod.paired({ freeMemory: partOfLayered }, { cacheLimit: 1e9 });
    assert.ok(lender);
    await loadOnPod(here, wideModel());
    const first = here.view(lender)?.traffic?.sentBytes ?? 0;
    await here.client.unload('chat');
    await here.when(({ run }) => run.state === 'idle');
    await loadOnPod(here, wideModel());
    const again = here.view(lender)?.traffic?.sentBytes ?? Number.POSITIVE_INFINITY;
    assert.ok(again < 0.4 * first, `${again} of ${first} bytes were sent again`);
  });

  it('nothing but the TLS port of lenders and mDNS listens outside loopback', async () => {
    const [here, lender] = await pod.paired({}, {});
    assert.ok(lender);
    await loadOnPod(here, calfFile);
    const { sharing } = lender.status;
    assert.equal(sharing.state, 'on');
    const outside = async (number: number) => (await network().machine(number).listening()).filter(({ address }) => !isLoopback(address)).map(({ protocol, port }) => `${protocol} ${port}`);
    assert.deepEqual(new Set(await outside(1)), new Set([`udp ${mdnsPort}`]));
    assert.deepEqual(new Set(await outside(2)), new Set([`udp ${mdnsPort}`, `tcp ${sharing.port}`]));
  });

  it('the status shows layers, traffic, predicted and measured rates', async () => {
    const [here, lender] = await pod.paired({}, {});
    assert.ok(lender);
    await loadOnPod(here, calfFile);
    await chat(here.client, question);
    const { run } = here.status;
    assert.ok(run.state === 'running' && run.measured !== null && run.measured > 0 && run.predicted > 0);
    const seen = await here.whenSees(lender, ({ traffic }) => traffic !== null && traffic.latency > 0);
    assert.equal(seen.part?.machine, lender.fingerprint);
    assert.ok((seen.traffic?.sentBytes ?? 0) > 0 && (seen.traffic?.receivedBytes ?? 0) > 0);
    const { borrower } = lender.status.sharing.state === 'on' ? lender.status.sharing : { borrower: null };
    assert.equal(borrower?.name, here.name);
    assert.ok((borrower?.usedBytes ?? 0) > 0);
    await here.client.pod.plan(roleFor(calfFile), signal);
  });
});
