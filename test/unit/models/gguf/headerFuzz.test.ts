import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { EngineError } from '../../../../src/engine/base/errors.js';
import { type GgufHeader, type GgufValue, readGgufHeader } from '../../../../src/engine/models/gguf/ggufHeader.js';
import { GgufError } from '../../../../src/engine/models/gguf/ggufReader.js';
import { ggufFailure } from '../../../../src/engine/models/gguf/ggufFailure.js';
import type { RangeSource } from '../../../../src/engine/models/fetch/rangeSource.js';
import { readRemoteHeader } from '../../../../src/engine/models/fetch/remoteHeader.js';
import { checkModelFile } from '../../../../src/engine/models/gguf/modelFile.js';
import { quantizationOf } from '../../../../src/engine/models/gguf/quantization.js';
import { rolesOf } from '../../../../src/engine/models/gguf/roles.js';
import { trapsOf } from '../../../../src/engine/models/gguf/traps.js';
import { estimateMemory, trainedContextSize } from '../../../../src/engine/models/memory/memoryEstimate.js';
import { seededRandom } from '../../../support/ggufFixture.js';
import { mutate, seedDataBytes, seedHeader } from '../../../support/headerMutations.js';

const calf = fs.readFileSync('models/calf-q8_0.gguf');
const { dataOffset } = await readGgufHeader(async (offset, length) => calf.subarray(offset, offset + length), calf.length);
const seeds: readonly Buffer[] = [
  seedHeader('llama'),
  seedHeader('qwen2', { 'split.count': 1, 'general.tags': { strings: ['code', 'chat'] } }),
  seedHeader('deepseek2', { 'deepseek2.attention.key_length': 576, 'deepseek2.attention.key_length_mla': 192, 'deepseek2.expert_count': 64, 'deepseek2.expert_used_count': 6 }),
  calf.subarray(0, dataOffset),
];
const windowBytes = 1_024 * 1_024;

/** What reading a header cost. */
interface Work {
  readonly outcome: GgufHeader | GgufError;
  readonly reads: number;
  readonly bytesRead: number;
  readonly largestRead: number;
}

/** Reads a header; `fileBytes` may lie, as a server can. */
async function read(bytes: Buffer, fileBytes: number): Promise<Work> {
  const work = { reads: 0, bytesRead: 0, largestRead: 0 };
  const reader = async (offset: number, length: number): Promise<Uint8Array> => {
    assert.ok(offset >= 0 && length >= 0 && offset + length <= fileBytes, `a read of ${length} bytes at ${offset} in a file of ${fileBytes}`);
    const piece = bytes.subarray(offset, offset + length);
    work.reads++;
    work.bytesRead += piece.length;
    work.largestRead = Math.max(work.largestRead, length);
    return piece;
  };
  try {
    const outcome = await readGgufHeader(reader, fileBytes);
    return { ...work, outcome };
  } catch (error) {
    if (error instanceof GgufError) return { ...work, outcome: error };
    throw error;
  }
}

/** Bytes that a header keeps of the file, at least. */
function keptBytes({ metadata, tensors }: GgufHeader): number {
  let kept = tensors.length * 24;
  for (const [key, value] of metadata) {
    kept += key.length;
    if (typeof value === 'string') kept += value.length;
    else if (typeof value === 'object') kept += (value.numbers?.length ?? 0) + [...(value.marks ?? [])].join('').length;
  }
  return kept;
}

describe('10,000 mutated GGUF headers', function () {
  this.timeout(120_000);

  it('give a header or a typed problem, with reads that stay in the file, few and small, and no more kept than the file has', async () => {
    const random = seededRandom(20_26);
    const kinds = new Map<string, number>();
    for (let round = 0; round < 10_000; round++) {
      // A whole vocabulary takes its time, and the small headers are hit where it matters.
      const seed = (round % 20 === 0 ? seeds[3] : seeds[round % 3]) ?? calf;
      const bytes = mutate(seed, seeds[Math.floor(random() * seeds.length)] ?? calf, random);
      const fileBytes = random() < 0.3 ? bytes.length + Math.floor(random() * 2 ** 50) : bytes.length;
      const { outcome, reads, bytesRead, largestRead } = await read(bytes, fileBytes).catch((error: unknown) => assert.fail(`round ${round}: ${String(error)}`));
      assert.ok(largestRead <= windowBytes && reads <= 4 && bytesRead <= bytes.length, `round ${round}: ${reads} reads of ${bytesRead} bytes, the largest ${largestRead}`);
      const kind = outcome instanceof GgufError ? outcome.problem.kind : 'header';
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      if (outcome instanceof GgufError) continue;
      assert.ok(keptBytes(outcome) <= bytes.length, `round ${round} keeps ${keptBytes(outcome)} of ${bytes.length} bytes`);
      // What is said about a header that was accepted holds too.
      const headers = [outcome];
      assert.ok(rolesOf(headers, 'model.gguf').length > 0);
      assert.equal(new Set(trapsOf(headers)).size, trapsOf(headers).length);
      assert.equal(typeof quantizationOf(headers), 'string');
      const { weights, kvCache, compute } = estimateMemory(headers, [{ contextSize: 4_096, sequences: 1 }], 512);
      assert.ok([weights, kvCache, compute, trainedContextSize(outcome.metadata)].every((value) => value >= 0 && Number.isFinite(value)), `round ${round}: ${weights}, ${kvCache}, ${compute}`);
    }
    // The mutations reach all outcomes, or the test would prove nothing.
    assert.deepEqual([...kinds.keys()].toSorted(), ['damaged', 'header', 'notGguf', 'truncated', 'unknownType']);
    assert.ok([...kinds.values()].every((count) => count >= 5), JSON.stringify([...kinds]));
  });

  it('whose figures no model has are judged all the same', async () => {
    const random = seededRandom(99);
    const below = (limit: number): number => Math.floor(random() * limit);
    const figures: readonly GgufValue[] = [0, 1, 3, 2.5, -1, 65_535, 2 ** 31, 2 ** 32 - 1, 2 ** 53, 1.8e19, 3.4e38, 1e300, NaN, Infinity, -Infinity, '7', true, { length: 2 ** 24, numbers: null }, { length: 2, numbers: [NaN, 1e300] }, { length: 0, numbers: [] }];
    const headers = (await Promise.all(seeds.map((seed) => read(seed, seed.length)))).map(({ outcome }) => (outcome instanceof GgufError ? assert.fail(outcome.message) : outcome));
    for (let round = 0; round < 4_000; round++) {
      const header = headers[round % headers.length] ?? assert.fail();
      const metadata = new Map(header.metadata);
      const keys = [...metadata.keys()];
      for (let changes = 1 + below(4); changes > 0; changes--) metadata.set(keys[below(keys.length)] ?? '', figures[below(figures.length)] ?? 0);
      const changed = [{ ...header, metadata }];
      const { weights, kvCache, compute } = estimateMemory(changed, [{ contextSize: 4_096, sequences: 2 }], 512);
      assert.ok([weights, kvCache, compute, trainedContextSize(metadata)].every((value) => value >= 0 && !Number.isNaN(value)), `round ${round}: ${weights}, ${kvCache}, ${compute}`);
      assert.ok(rolesOf(changed, 'a.gguf').length > 0 && quantizationOf(changed) !== '' && trapsOf(changed).length > 0);
    }
  });

  it('are the same through a connection, in pieces of any size', async () => {
    const random = seededRandom(404);
    const vocabulary = { strings: Array.from({ length: 120_000 }, (_, index) => `token ${index}`) };
    const large = seedHeader('qwen2', { 'tokenizer.ggml.merges': vocabulary });
    assert.ok(large.length > 2 * windowBytes);
    for (let round = 0; round < 600; round++) {
      const seed = round % 20 === 0 ? large : (seeds[round % 3] ?? calf);
      const bytes = round === 0 ? large : mutate(seed, calf.subarray(0, 4_096), random);
      const file = Buffer.concat([bytes, Buffer.alloc(seedDataBytes)]);
      const most = 1 + Math.floor(random() * (round % 20 === 0 ? 300_000 : 4_096));
      const source: RangeSource = {
        from: 'test',
        bytes: file.length,
        ranges: true,
        async *read(offset, length) {
          for (let at = offset; at < offset + length; ) {
            const piece = file.subarray(at, Math.min(offset + length, at + 1 + Math.floor(random() * most)));
            at += piece.length;
            yield piece;
          }
        },
      };
      const { outcome } = await read(file, file.length);
      const remote = await readRemoteHeader(source, new AbortController().signal).catch((error: unknown) => (error instanceof EngineError ? error : assert.fail(`round ${round}: ${String(error)}`)));
      if (remote instanceof EngineError) {
        const expected = outcome instanceof GgufError ? ggufFailure(outcome.problem, 'test', file.length) : { code: 'modelTruncated', path: 'test', expectedBytes: outcome.endOffset, actualBytes: file.length };
        assert.deepEqual(remote.failure, expected, `round ${round}`);
      } else assert.deepEqual(remote, outcome, `round ${round}`);
    }
  });

  it('are the same from a file on the disk: a failure of the model file, and nothing left open', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'seekpod-fuzz-'));
    const random = seededRandom(7);
    const codes = new Set<string>();
    try {
      for (let round = 0; round < 300; round++) {
        const file = path.join(folder, 'model.gguf');
        const header = mutate(seeds[round % 3] ?? calf, calf.subarray(0, 4_096), random);
        fs.writeFileSync(file, Buffer.concat([header, Buffer.alloc(random() < 0.5 ? seedDataBytes : 100)]));
        await checkModelFile(file, new AbortController().signal).then(
          () => codes.add('model'),
          (error: unknown) => codes.add(error instanceof EngineError ? error.failure.code : assert.fail(String(error))),
        );
      }
      const expected = ['modelDamaged', 'modelTruncated', 'notGguf', 'unsupportedArchitecture', 'unsupportedQuantization', 'model'];
      assert.ok([...codes].every((code) => expected.includes(code)) && codes.size >= 4 && codes.has('model'), [...codes].join());
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });
});
