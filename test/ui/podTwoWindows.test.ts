import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { machine, pairing, podStatus, stranger } from '../support/podFixtures.js';
import { PodStage } from '../support/podStage.js';
import { useSession } from '../support/useSession.js';
import type { Workbench } from '../support/workbench.js';

describe('the pod in two windows', () => {
  const session = useSession();
  let stage: PodStage;
  let first: Workbench;
  let second: Workbench;

  before(async () => {
    stage = await PodStage.open(session().runtimeDirectory);
    stage.pod.setStatus(podStatus({ machines: [stranger()] }));
    first = await session().open();
    await first.openView('Pod');
    second = await session().open();
    await second.openView('Pod');
  });
  after(() => stage.dispose());

  it('shows in the other window that one of them pairs, and that it is done', async () => {
    await first.pressOnRow(first.podRow(/mini.*not paired/), 'Pair');
    while (!stage.pod.calls.some((call) => Array.isArray(call) && call[0] === 'pair')) await wait(50);
    stage.pod.setStatus(podStatus({ machines: [stranger()], pairings: [pairing({ id: 'p1', side: 'asking', digits: '678901' })] }));
    await first.page.locator('.quick-input-title', { hasText: 'Pair with mini: 678 901' }).waitFor();
    await second.podRow('678 901').waitFor();
    await second.screenshot('pod-window-2');
    assert.equal(await second.page.locator('.quick-input-title', { hasText: '678 901' }).count(), 0, 'only the window that asked is interrupted');
    stage.pod.setStatus(podStatus({ machines: [machine({ name: 'mini' })] }));
    for (const window of [first, second]) {
      await window.podRow(/mini.*to lend/).waitFor();
      await window.podRow('678 901').waitFor({ state: 'detached' });
    }
  });

  it('asks in both windows for the answer to another machine, and takes it from one', async () => {
    const asked = pairing({ id: 'p2', digits: '135790' });
    stage.pod.setStatus(podStatus({ machines: [stranger()], pairings: [asked] }));
    for (const window of [first, second]) await window.notification('135 790').waitFor();
    await second.notification('135 790').getByText('They differ').click();
    stage.pod.setStatus(podStatus({ machines: [stranger()] }));
    for (const window of [first, second]) await window.notification('135 790').waitFor({ state: 'detached' });
    assert.deepEqual(stage.pod.calls.findLast((call) => Array.isArray(call) && call[0] === 'confirmPairing'), ['confirmPairing', asked.id, false]);
  });
});
