import assert from 'node:assert/strict';
import { useSession } from '../support/useSession.js';

describe('two windows', () => {
  const session = useSession();

  it('share one daemon and one worker, so that the model is in memory once', async () => {
    for (const window of [1, 2]) {
      const workbench = await session().open();
      await workbench.ask('Write a function that adds two numbers.');
      await workbench.screenshot(`window-${window}`);
    }
    assert.deepEqual(session().engineProcesses(), { daemons: 1, workers: 1 });
  });
});
