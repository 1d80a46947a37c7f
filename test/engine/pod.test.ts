import assert from 'node:assert/strict';
import { checkLeaks } from '../support/leaks.js';
import { pair, PodMachine, podOptions } from '../support/podMachine.js';
import { chat } from '../support/testClient.js';

const question = 'Write a function that adds two numbers.';

describe('two machines', () => {
  const home = checkLeaks();
  let near: PodMachine;
  let far: PodMachine;

  async function startBoth(): Promise<void> {
    [near, far] = await Promise.all([PodMachine.start(home, 'near'), PodMachine.start(home, 'far')]);
  }

  it('a model spread over both answers as it does on one', async () => {
    await startBoth();
    const port = await far.share();
    await pair(near, far, port);
    await near.until(() => (near.machine(far)?.link ?? null) !== null);
    await near.client.configure(podOptions({ pod: null }));
    const local = await chat(near.client, question, { maxTokens: 60 });
    await near.client.configure(podOptions());
    const spread = await chat(near.client, question, { maxTokens: 60 });
    assert.equal(spread.text, local.text);
    const { run } = await near.until((status) => status.run.state === 'running' && status.run.measured !== null);
    assert.ok(run.state === 'running');
    assert.deepEqual(run.parts.map(({ machine }) => machine), [far.fingerprint]);
  });
});
