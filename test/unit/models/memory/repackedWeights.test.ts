import assert from 'node:assert/strict';
import { repackedBytes } from '../../../../src/engine/models/memory/repackedWeights.js';

const tensor = (name: string, type: number): { name: string; type: number; dimensions: number[]; offset: number; bytes: number } => ({ name, type, dimensions: [256], offset: 0, bytes: 100 });
const header = { metadata: new Map(), tensors: [tensor('token_embd.weight', 12), tensor('blk.0.ffn_up.weight', 12), tensor('blk.0.ffn_down.weight', 14), tensor('blk.0.ffn_norm.weight', 0)] };

describe('rearranged weights', () => {
  it('are the matrices of the types that the processor has vector code for, without the embeddings', () => {
    assert.equal(repackedBytes([header], 'x64'), 100);
    assert.equal(repackedBytes([header], 'arm64'), 200);
    assert.equal(repackedBytes([header], 'ia32'), 0);
  });
});
