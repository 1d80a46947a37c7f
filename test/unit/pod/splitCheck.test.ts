import assert from 'node:assert/strict';
import { loadedSplit, splitOf } from '../../../src/engine/pod/core/placement/splitCheck.js';
import type { PodPart } from '../../../src/engine/pod/core/placement/placement.js';

const part = (id: string, device: 'cpu' | 'gpu', first: number, last: number, output = false): PodPart => ({ id, device, first, last, output, bytes: 1, usableBytes: 1 });
const plan = (...parts: PodPart[]): Parameters<typeof splitOf>[0] => ({ layers: 6, parts, secondsPerToken: 1 });

describe('the devices of a plan as llama.cpp names them', () => {
  it('the processor first, then machines in their order, the output layer with the last', () => {
    assert.equal(splitOf(plan(part('here', 'cpu', 0, 1), part('b', 'gpu', 2, 2), part('a', 'cpu', 3, 5, true))), 'CPU CPU RPC0 RPC1 RPC1 RPC1 RPC1');
  });

  it('a GPU here is last', () => {
    assert.equal(splitOf(plan(part('a', 'gpu', 0, 3), part('here', 'gpu', 4, 5, true))), 'RPC0 RPC0 RPC0 RPC0 GPU GPU GPU');
  });

  it('a GPU here is one whatever its backend calls it', () => {
    const planned = splitOf(plan(part('a', 'gpu', 0, 1), part('here', 'gpu', 2, 3, true)));
    for (const name of ['MTL0', 'CUDA0', 'Vulkan1']) assert.equal(loadedSplit(['RPC0', 'RPC0', name, name, name]), planned);
    assert.notEqual(loadedSplit(['RPC0', 'CPU', 'MTL0', 'MTL0', 'MTL0']), planned);
  });

  it('the output layer alone', () => {
    assert.equal(splitOf(plan(part('here', 'cpu', 0, 5), part('a', 'gpu', 6, 5, true))), 'CPU CPU CPU CPU CPU CPU RPC0');
  });
});
