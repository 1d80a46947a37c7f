import assert from 'node:assert/strict';
import { checkLeaks } from '../support/leaks.js';
import { loadOnPod } from '../support/podAsk.js';
import { podTestOptions, roleFor } from '../support/machineDaemon.js';
import { isLoopback } from '../support/sockets.js';
import { chat } from '../support/testClient.js';
import { layeredModel, wideModel } from '../support/testModels.js';
import { useMachines } from '../support/useMachines.js';
import { usePod } from '../support/usePod.js';
import { calfFile } from '../support/workerProcess.js';

const question = 'Write a function that adds two numbers.';
const mdnsPort = 5_353;
const signal = new AbortController().signal;

describe('a model on several machines', () => {
  const home = checkLeaks();
  const network = useMachines(3);
  const pod = usePod(network, home);

  it('two machines give the answer of one', async () => {
    const [here] = await pod.paired({}, {});
    await here.client.configure(podTestOptions({ chat: roleFor(calfFile) }));
    const alone = await chat(here.client, question);
    const { parts } = await loadOnPod(here, calfFile);
    assert.ok(parts.length >= 1);
    assert.ok(parts.some(({ machine }) => machine !== null));
    assert.equal((await chat(here.client, question)).text, alone.text);
    assert.equal(here.status.run.state, 'running');
  });

  it('three machines give the answer of one', async () => {
    const [here] = await pod.paired({}, { memoryLimit: 0 }, { memoryLimit: 0 });
    await here.client.configure(podTestOptions({ chat: roleFor(layeredModel()) }));
    const alone = await chat(here.client, question, { maxTokens: 40 });
    const { parts } = await loadOnPod(here, layeredModel());
    assert.equal((await chat(here.client, question, { maxTokens: 40 })).text, alone.text);
    assert.equal(parts.length, 3);
  });

  it('weights that the lender has kept are not sent again', async () => {
    const [here, lender] = await pod.paired({}, { cacheLimit: 1e9 });
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
