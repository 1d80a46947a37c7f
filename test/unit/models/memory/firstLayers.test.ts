import assert from 'node:assert/strict';
import fs from 'node:fs';
import { firstLayers } from '../../../../src/engine/models/memory/firstLayers.js';
import { readGgufHeader } from '../../../../src/engine/models/gguf/ggufHeader.js';
import { estimateMemory, kvBytesPerLayer } from '../../../../src/engine/models/memory/memoryEstimate.js';

describe('first layers of a model', () => {
  const bytes = new Uint8Array(fs.readFileSync('models/calf-q8_0.gguf'));
  const calf = readGgufHeader(async (offset, length) => bytes.subarray(offset, offset + length), bytes.length);
  const context = [{ contextSize: 2_048, sequences: 1 }];

  it('are the token embeddings alone where no layer stays', async () => {
    const header = await calf;
    const [part] = firstLayers([header], 0);
    assert.deepEqual(part?.tensors.map(({ name }) => name), ['token_embd.weight']);
    assert.equal(estimateMemory(part === undefined ? [] : [part], context, 512).kvCache, 0);
  });

  it('are theirs of weights and cache', async () => {
    const header = await calf;
    const two = firstLayers([header], 2);
    assert.ok(two[0]?.tensors.some(({ name }) => name.startsWith('blk.1.')));
    assert.ok(!two[0]?.tensors.some(({ name }) => name.startsWith('blk.2.') || name.startsWith('output')));
    assert.equal(kvBytesPerLayer(two[0]?.metadata ?? new Map()).length, 2);
    const whole = estimateMemory([header], context, 512);
    const part = estimateMemory(two, context, 512);
    assert.equal(part.kvCache, (whole.kvCache * 2) / kvBytesPerLayer(header.metadata).length);
    assert.ok(part.weights < whole.weights);
  });
});
