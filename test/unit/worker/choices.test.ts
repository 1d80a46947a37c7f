import assert from 'node:assert/strict';
import { batchShares } from '../../../src/engine/worker/batchShares.js';
import { thoughtOpening } from '../../../src/engine/worker/generationPrompt.js';
import { gpuOrder } from '../../../src/engine/worker/gpuOrder.js';
import { remembering } from '../../../src/engine/worker/remembering.js';

describe('gpuOrder', () => {
  it('tries Metal on Apple silicon, else CUDA, Vulkan, and the CPU last', () => {
    assert.deepEqual(gpuOrder('auto', 'darwin', 'arm64'), ['metal', 'cpu']);
    assert.deepEqual(gpuOrder('auto', 'darwin', 'x64'), ['cpu']);
    assert.deepEqual(gpuOrder('auto', 'linux', 'x64'), ['cuda', 'vulkan', 'cpu']);
    assert.deepEqual(gpuOrder('auto', 'win32', 'x64'), ['cuda', 'vulkan', 'cpu']);
  });

  it('tries a named backend alone', () => {
    assert.deepEqual(gpuOrder('vulkan', 'linux', 'x64'), ['vulkan']);
    assert.deepEqual(gpuOrder('cpu', 'darwin', 'arm64'), ['cpu']);
  });
});

describe('batchShares', () => {
  it('serves short work whole and shares the rest', () => {
    assert.deepEqual(batchShares([500, 1], 512), [500, 1]);
    assert.deepEqual(batchShares([1_000, 1], 512), [511, 1]);
    assert.deepEqual(batchShares([1_000, 1_000], 512), [256, 256]);
  });

  it('never gives more than there is', () => {
    for (const lengths of [[3, 3, 3], [1, 1, 1, 1], [100], []]) {
      const shares = batchShares(lengths, 4);
      assert.ok(shares.reduce((sum, share) => sum + share, 0) <= 4);
      assert.ok(shares.every((share, index) => share <= (lengths[index] ?? 0)));
    }
  });
});

describe('remembering', () => {
  it('computes once, and forgets what was asked longest ago', () => {
    const computed: string[] = [];
    const lengthOf = remembering((key) => {
      computed.push(key);
      return key.length;
    }, 2);
    assert.deepEqual(['a', 'bb', 'a', 'ccc', 'a', 'bb'].map(lengthOf), [1, 2, 1, 3, 1, 2]);
    assert.deepEqual(computed, ['a', 'bb', 'ccc', 'bb']);
  });
});

describe('thoughtOpening', () => {
  const template = (answer: string): string => `{{ bos_token }}{% for m in messages %}<U>{{ m.content }}{% endfor %}{% if add_generation_prompt %}${answer}{% endif %}`;

  it('is the thought that the template opens or closes before the answer', () => {
    assert.equal(thoughtOpening(template('<A><think>\n'), '<s>', '</s>'), '<think>\n');
    assert.equal(thoughtOpening(template('<A></think>'), '<s>', '</s>'), '</think>');
    assert.equal(thoughtOpening(template('<A><think>\n\n</think>\n\n'), '<s>', '</s>'), '<think>\n\n</think>\n\n');
  });

  it('is nothing when the template says nothing of it, or cannot be read', () => {
    assert.equal(thoughtOpening(template('<A>'), '<s>', '</s>'), '');
    assert.equal(thoughtOpening('', '', ''), '');
    assert.equal(thoughtOpening('{% broken', '', ''), '');
    assert.equal(thoughtOpening("{{ raise_exception('no') }}", '', ''), '');
  });
});
