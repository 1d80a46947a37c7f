import assert from 'node:assert/strict';
import { type HubOptions, HubServer } from './hubServer.js';

/** A hub for the suite around it: opened before its tests and closed after them. */
export function suiteHub(options: HubOptions = {}): () => HubServer {
  let hub: HubServer | undefined;
  before(async () => {
    hub = await HubServer.open({ atEnd: () => undefined }, options);
  });
  after(() => hub?.close());
  return () => {
    assert.ok(hub);
    return hub;
  };
}
