import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DisposableStore, trackDisposables } from '../../src/engine/base/disposable.js';
import { collectLeftovers, createRuntimeDirectory } from './leftovers.mjs';

/** What a suite may use while a test runs. */
export interface TestHome {
  /** Runtime directory of the present test: its sockets, lock and log, and the mark of its processes. */
  readonly runtimeDirectory: string;
  /** The environment for what the test starts. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Releases something when the present test has ended, before the leaks are looked for; the last one first. */
  atEnd(release: () => void | Promise<void>): void;
}

const settleLimitMs = 5_000;

/**
 * Gives each test of the suite a runtime directory of its own, and fails a test that leaves behind a process, a store
 * that is not disposed, or a handle (socket, pipe, child process, timer) that keeps Node alive.
 */
export function checkLeaks(): TestHome {
  let runtimeDirectory = '';
  let resources = new Map<string, number>();
  const stores = new Map<DisposableStore, string>();
  const releases: (() => void | Promise<void>)[] = [];
  const ownValue = process.env['SEEKPOD_RUNTIME_DIR'];

  beforeEach(async () => {
    runtimeDirectory = createRuntimeDirectory();
    // Also for what is started without an environment of its own, such as a forked worker.
    process.env['SEEKPOD_RUNTIME_DIR'] = runtimeDirectory;
    stores.clear();
    trackDisposables({
      created: (store) => stores.set(store, new Error('created here').stack ?? ''),
      disposed: (store) => stores.delete(store),
    });
    // Mocha's own timer of an asynchronous hook begins when the hook has returned, and is there in `afterEach` too.
    await new Promise((resolve) => setImmediate(resolve));
    resources = activeResources();
  });

  afterEach(async () => {
    for (const release of releases.splice(0).reverse()) await release();
    const left = await collectLeftovers(runtimeDirectory);
    if (ownValue === undefined) delete process.env['SEEKPOD_RUNTIME_DIR'];
    else process.env['SEEKPOD_RUNTIME_DIR'] = ownValue;
    assert.deepEqual(left, [], 'processes are left');
    const open = await whatStays(() => [...stores.values()]);
    trackDisposables(undefined);
    assert.deepEqual(open, [], 'stores are not disposed');
    assert.deepEqual(await whatStays(() => newResources(resources)), [], 'handles are open');
  });

  return {
    get runtimeDirectory() {
      return runtimeDirectory;
    },
    atEnd(release) {
      releases.push(release);
    },
    get env() {
      return { ...process.env, SEEKPOD_RUNTIME_DIR: runtimeDirectory };
    },
  };
}

function activeResources(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of process.getActiveResourcesInfo()) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** Kinds of handles of which there are more than before. */
function newResources(before: ReadonlyMap<string, number>): string[] {
  return [...activeResources()].filter(([name, count]) => count > (before.get(name) ?? 0)).map(([name]) => name);
}

/** What is left of that which should go: what is closing gets time to. */
async function whatStays(look: () => string[]): Promise<string[]> {
  for (let waited = 0; ; waited += 20) {
    const left = look();
    if (left.length === 0 || waited >= settleLimitMs) return left;
    // A turn of the loop without a timer of our own that would be counted.
    await new Promise((resolve) => setImmediate(resolve));
    await sleep(20, undefined, { ref: false });
  }
}
