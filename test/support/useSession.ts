import assert from 'node:assert/strict';
import { type SessionOptions, VscodeSession } from './vscodeSession.js';

/** A session for the suite around it: started before, and ended after its tests without a process left behind. */
export function useSession(options: SessionOptions | (() => SessionOptions) = {}): () => VscodeSession {
  let session: VscodeSession | undefined;
  before(async () => {
    session = await VscodeSession.start(typeof options === 'function' ? options() : options);
  });
  afterEach(async function () {
    const test = this.currentTest;
    if (test?.state === 'failed') await session?.screenshots(`failed ${test.fullTitle().replaceAll(/[^\w]+/g, '-')}`);
  });
  after(async () => {
    assert.deepEqual(await session?.close(), []);
  });
  return () => {
    assert.ok(session);
    return session;
  };
}
