import assert from 'node:assert/strict';
import { collectLeftovers } from './leftovers.mjs';
import { ownNamespaces } from './namespaces.mjs';
import { TestNetwork } from './machines.js';

/** A network for the suite around it: made before its tests, and gone after them. Processes of the machines that do not end by themselves fail the suite. */
export function useMachines(count: number): () => TestNetwork {
  let network: TestNetwork | undefined;
  before(async () => {
    network = await TestNetwork.create(count);
  });
  after(async () => {
    if (network === undefined) return;
    const left = await collectLeftovers(network.directory);
    network.dispose();
    assert.deepEqual(left, [], 'processes are left');
    assert.deepEqual(ownNamespaces().filter((name) => name.startsWith(`${network?.prefix}-`)), [], 'namespaces are left');
  });
  return () => {
    assert.ok(network);
    return network;
  };
}
