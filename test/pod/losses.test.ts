import assert from 'node:assert/strict';
import { checkLeaks } from '../support/leaks.js';
import { whileBusy } from '../support/limits.js';
import { loadOnPod, running } from '../support/podAsk.js';
import { type MachineDaemon, podTestOptions, roleFor } from '../support/machineDaemon.js';
import { chat, failsWith } from '../support/testClient.js';
import { layeredModel } from '../support/testModels.js';
import { useMachines } from '../support/useMachines.js';
import { usePod } from '../support/usePod.js';
import { calfFile } from '../support/workerProcess.js';

const question = 'Write a class for a queue with tests.';
const noticeLimitMs = 3_000;
const recoverLimitMs = 15_000;
const unpairLimitMs = 1_000;
/** Longer than the lender waits for a sign of life. */
const sleepMs = 4_000;
/** Bytes of free memory with room for calf, which answers in the pod's place, and not for the layered model. */
const tooLittle = 60e6;

/** How long after its beginning something was first so, in milliseconds. */
async function timed<T>(begun: number, happened: Promise<T>): Promise<number> {
  await happened;
  return performance.now() - begun;
}

describe('a machine lost in the middle of an answer', () => {
  const home = checkLeaks();
  const network = useMachines(3);
  const pod = usePod(network, home);
  const model = calfFile;

  /** An answer on a pod with two lenders, of which something has come: `lose` makes one that has layers go. */
  async function loseWhileAnswering(lose: (lender: MachineDaemon) => void | Promise<void>): Promise<void> {
    const [here, ...lenders] = await pod.paired({}, {}, {});
    const alone = await answerAlone(here);
    const before = await loadOnPod(here, model, { completion: roleFor(calfFile) });
    await here.client.load('completion', new AbortController().signal);
    const lender = lenders.find(({ fingerprint }) => before.parts.some(({ machine }) => machine === fingerprint));
    assert.ok(lender);
    const completionWorker = await workerOf(here, 'completion');
    let begun = 0;
    let recovered = 0;
    const noticed = here.when(({ run }) => run.state === 'recovering' || run.state === 'fallback');
    let noticing = Promise.resolve(Number.POSITIVE_INFINITY);
    const answer = await chat(here.client, question, {
      maxTokens: 120,
      onEvent: (event, text) => {
        if (event.kind === 'recovered') recovered = performance.now() - begun;
        if (begun > 0 || text.length < 20) return;
        begun = performance.now();
        noticing = timed(begun, noticed);
        void lose(lender);
      },
    });
    // It may be shown after the answer.
    const noticedAfter = await noticing;
    assert.ok(noticedAfter <= whileBusy(noticeLimitMs), `noticed after ${noticedAfter} ms`);
    assert.ok(recovered > 0 && recovered <= whileBusy(recoverLimitMs), `recovered after ${recovered} ms`);
    assert.equal(answer.text, alone, 'the same answer goes on');
    assert.equal(await workerOf(here, 'completion'), completionWorker, 'the completion worker is untouched');
    const { parts } = await running(here);
    assert.ok(parts.every(({ machine }) => machine !== lender.fingerprint), 'the plan is on the rest');
  }

  async function answerAlone(here: MachineDaemon): Promise<string> {
    await here.client.configure(podTestOptions({ chat: roleFor(model) }));
    const { text } = await chat(here.client, question, { maxTokens: 120 });
    await here.client.unload('chat');
    return text;
  }

  async function workerOf(here: MachineDaemon, role: 'completion' | 'chat'): Promise<number | null> {
    const { workers } = await here.client.diagnostics();
    return workers.find(({ roles }) => roles.includes(role))?.pid ?? null;
  }

  it('a killed lender is noticed, and the same answer continues on the rest', async () => {
    await loseWhileAnswering((lender) => lender.kill());
  });

  it('a link that goes down is noticed, and the same answer continues on the rest', async () => {
    await loseWhileAnswering((lender) => lender.machine.linkDown());
  });

  it('a lender that goes silent is noticed, and the same answer continues on the rest', async () => {
    await loseWhileAnswering((lender) => {
      home.atEnd(() => lender.thaw());
      lender.freeze();
    });
  });

  it('unpairing cuts a running answer within a second, and the local model answers next', async () => {
    const [here, lender] = await pod.paired({ freeMemory: tooLittle }, {});
    assert.ok(lender);
    await loadOnPod(here, layeredModel());
    const free = lender.when(({ sharing }) => sharing.state === 'on' && sharing.borrower === null);
    let cut = Promise.resolve(Number.POSITIVE_INFINITY);
    let asked = false;
    await assert.rejects(
      chat(here.client, question, {
        maxTokens: 2_000,
        onEvent: (_event, text) => {
          if (asked || text.length < 20) return;
          asked = true;
          const begun = performance.now();
          void lender.client.pod.unpair(here.fingerprint);
          cut = timed(begun, free);
        },
      }),
      failsWith('podLost'),
    );
    const cutAfter = await cut;
    assert.ok(cutAfter <= whileBusy(unpairLimitMs), `cut after ${cutAfter} ms`);
    assert.notEqual((await chat(here.client, question, { maxTokens: 5 })).text, '');
    await here.when(({ run }) => run.state === 'fallback');
  });

  it('when the rest cannot hold the model, the request fails with podLost, its text stays, and the local model answers next', async () => {
    const [here, lender] = await pod.paired({ freeMemory: tooLittle }, {});
    assert.ok(lender);
    await loadOnPod(here, layeredModel());
    let said = '';
    await assert.rejects(
      chat(here.client, question, {
        maxTokens: 2_000,
        onEvent: (_event, text) => {
          if (said === '' && text.length > 20) void lender.kill();
          if (text.length > 20) said = text;
        },
      }),
      failsWith('podLost'),
    );
    assert.notEqual(said, '');
    const { failure } = await here.when(({ run }) => (run.state === 'fallback' ? run : null));
    assert.ok(failure.code === 'podLost' && failure.machine === lender.name);
    assert.notEqual((await chat(here.client, question, { maxTokens: 5 })).text, '');
  });

  it('when it was this machine that slept, the same answer goes on with the lender, without whom the model does not fit', async () => {
    const [here, lender] = await pod.paired({ freeMemory: tooLittle }, {});
    assert.ok(lender);
    await loadOnPod(here, layeredModel());
    const kinds: string[] = [];
    let slept = false;
    const { text } = await chat(here.client, question, {
      maxTokens: 60,
      onEvent: (event, said) => {
        if (event.kind !== 'text') kinds.push(event.kind);
        if (slept || said.length < 20) return;
        slept = true;
        home.atEnd(() => here.thaw());
        here.freeze();
        setTimeout(() => here.thaw(), sleepMs);
      },
    });
    assert.deepEqual(kinds, ['started', 'recovering', 'recovered']);
    assert.notEqual(text, '');
    assert.ok((await running(here)).parts.some(({ machine }) => machine === lender.fingerprint));
  });
});
