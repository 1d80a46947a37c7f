import assert from 'node:assert/strict';
import fs from 'node:fs';
import { readGgufHeader } from '../../../../src/engine/models/gguf/ggufHeader.js';
import { GgufError, type GgufProblem, type ReadBytes } from '../../../../src/engine/models/gguf/ggufReader.js';
import { ggufBytes } from '../../../support/ggufFixture.js';

const calf = fs.readFileSync('models/calf-q8_0.gguf');
const reading = (bytes: Uint8Array): ReadBytes => async (offset, length) => bytes.subarray(offset, offset + length);
const parse = (bytes: Uint8Array): ReturnType<typeof readGgufHeader> => readGgufHeader(reading(bytes), bytes.length);

async function problemOf(bytes: Uint8Array, fileBytes = bytes.length): Promise<GgufProblem> {
  try {
    await readGgufHeader(reading(bytes), fileBytes);
  } catch (error) {
    if (error instanceof GgufError) return error.problem;
    throw error;
  }
  return assert.fail('the header was accepted');
}

describe('GGUF header', () => {
  it('has the metadata and tensors of calf, and ends where the file ends', async () => {
    const header = await parse(calf);
    assert.equal(header.metadata.get('general.architecture'), 'deepseek2');
    assert.equal(header.metadata.get('deepseek2.context_length'), 2_048);
    const tokens = header.metadata.get('tokenizer.ggml.tokens');
    assert.ok(typeof tokens === 'object' && tokens.length === 6_144 && tokens.marks?.has('<｜fim▁begin｜>') === true && !tokens.marks.has('function'));
    assert.equal(header.endOffset, calf.length);
    assert.ok(header.tensors.some((tensor) => tensor.name === 'token_embd.weight' && tensor.dimensions[1] === 6_144));
  });

  it('reads the same through small pieces of the file as at once', async () => {
    const sizes: number[] = [];
    const pieces: ReadBytes = async (offset, length) => {
      sizes.push(length);
      return calf.subarray(offset, offset + length);
    };
    assert.deepEqual(await readGgufHeader(pieces, calf.length), await parse(calf));
    assert.ok(Math.max(...sizes) <= 1_024 * 1_024, 'no read is larger than the window');
  });

  it('reads forward only and no byte twice, also where a value lies across two pieces', async () => {
    const strings = Array.from({ length: 400_000 }, (_, index) => `t${index}`);
    const file = ggufBytes({ 'tokenizer.ggml.tokens': { strings: [...strings, '<｜fim▁begin｜>'] }, 'general.name': 'large' });
    assert.ok(file.length > 5 * 1_024 * 1_024);
    let end = 0;
    const forward: ReadBytes = async (offset, length) => {
      assert.ok(offset >= end, `a read at ${offset} after one to ${end}`);
      end = offset + length;
      return file.subarray(offset, end);
    };
    const { metadata } = await readGgufHeader(forward, file.length);
    assert.deepEqual(metadata.get('tokenizer.ggml.tokens'), { length: 400_001, numbers: null, marks: new Set(['<｜fim▁begin｜>']) });
    assert.equal(metadata.get('general.name'), 'large');
  });

  it('is not GGUF when the magic is another or the file is empty', async () => {
    assert.deepEqual(await problemOf(Buffer.from('PK\x03\x04 a zip file, not a model')), { kind: 'notGguf' });
    assert.deepEqual(await problemOf(new Uint8Array(0)), { kind: 'notGguf' });
    assert.deepEqual(await problemOf(Buffer.from('GG')), { kind: 'notGguf' });
  });

  it('is truncated when the file ends within the header', async () => {
    for (const length of [4, 12, 23, 24, 100, 5_000, 100_000]) {
      const problem = await problemOf(calf.subarray(0, length));
      assert.equal(problem.kind, 'truncated', `${length} bytes`);
      assert.ok(problem.kind === 'truncated' && problem.expectedBytes > length);
    }
  });

  it('ends beyond the file when tensor data is missing', async () => {
    const header = await parse(calf.subarray(0, calf.length - 1));
    assert.equal(header.endOffset, calf.length);
  });

  it('refuses versions that it does not know, and big-endian files', async () => {
    const old = Buffer.from(calf.subarray(0, 4_096));
    old.writeUInt32LE(1, 4);
    assert.equal((await problemOf(old)).kind, 'damaged');
    old.writeUInt32BE(3, 4);
    assert.equal((await problemOf(old)).kind, 'damaged');
  });

  it('refuses counts that no file has before it takes memory for them', async () => {
    for (const position of [8, 16]) {
      const huge = Buffer.from(calf.subarray(0, 4_096));
      huge.writeBigUInt64LE(0xffff_ffff_ffffn, position);
      assert.equal((await problemOf(huge, Number.MAX_SAFE_INTEGER)).kind, 'damaged');
    }
  });

  it('refuses a key that is there twice, a number that is no tensor type, an unaligned tensor and broken blocks', async () => {
    const twice = ggufBytes({ aaaa: 1, aaab: 2 });
    twice.write('aaaa', twice.indexOf('aaab'));
    assert.equal((await problemOf(twice)).kind, 'damaged');
    const tensor = { name: 'w', dimensions: [32], type: 8, offset: 0 };
    await parse(ggufBytes({}, [tensor]));
    for (const broken of [{ type: 2_000 }, { offset: 7 }, { dimensions: [33] }, { dimensions: [32, 2 ** 40, 2 ** 40] }]) {
      assert.equal((await problemOf(ggufBytes({}, [{ ...tensor, ...broken }]))).kind, 'damaged', JSON.stringify(broken));
    }
  });

  it('names a type of weights that it does not know', async () => {
    const typed = (type: number): Buffer => ggufBytes({}, [{ name: 'w', dimensions: [32], type, offset: 0 }]);
    assert.deepEqual(await problemOf(typed(31)), { kind: 'unknownType', type: 'q4_0_4_4' });
    assert.deepEqual(await problemOf(typed(137)), { kind: 'unknownType', type: '#137' });
  });

  it('does not keep a text of more than 1 MiB, and reads on behind it', async () => {
    const { metadata } = await parse(ggufBytes({ 'tokenizer.huggingface.json': 'x'.repeat(1_024 * 1_024 + 1), 'general.name': 'calf' }));
    assert.deepEqual([...metadata], [['tokenizer.huggingface.json', ''], ['general.name', 'calf']]);
  });

  it('keeps the marks of the vocabulary and of no other array', async () => {
    const strings = ['function', '<｜fim▁begin｜>', '->', `<${'x'.repeat(70)}>`, ''];
    const { metadata } = await parse(ggufBytes({ 'tokenizer.ggml.tokens': { strings }, 'tokenizer.ggml.merges': { strings } }));
    assert.deepEqual(metadata.get('tokenizer.ggml.tokens'), { length: 5, numbers: null, marks: new Set(['<｜fim▁begin｜>', '->']) });
    assert.deepEqual(metadata.get('tokenizer.ggml.merges'), { length: 5, numbers: null });
  });
});
