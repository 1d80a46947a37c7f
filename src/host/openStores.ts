import { type DisposableStore, trackDisposables } from '../engine/base/disposable.js';

/** What the extension hands to a test suite that runs inside it; in normal use it hands out nothing. */
export interface TestAccess {
  /** Where each store that is not disposed yet was created. */
  openStores(): readonly string[];
  /** Ends the extension as VS Code does when the window closes. */
  deactivate(): Promise<void>;
}

/** Begins to follow every store of this bundle; the answer says where each open one was created. */
export function followStores(): () => readonly string[] {
  const open = new Map<DisposableStore, string>();
  trackDisposables({
    created: (store) => open.set(store, new Error('created here').stack ?? ''),
    disposed: (store) => open.delete(store),
  });
  return () => Array.from(open.values());
}
