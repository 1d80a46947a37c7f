import type { OfferedFile, OfferedModel } from '../../src/engine/models/fit/buildOffers.js';
import type { MachineMemoryFacts, ModelShape } from '../../src/engine/models/predictor.js';

const gibibyte = 2 ** 30;

/** A computer without a GPU of its own memory of which a quarter is in use. */
export const machineOf = (gibibytes: number, gpu: MachineMemoryFacts['gpu'] = null): MachineMemoryFacts => ({ ramTotal: gibibytes * gibibyte, ramAvailable: gibibytes * 0.75 * gibibyte, gpu });
export const roomy = machineOf(1_024);

/** What the catalogue says, from the published dimensions: weights in Q4_K_M, layers, KV cache per token. */
export const shapes = {
  coder1: { kind: 'facts', weights: 873e6, activeShare: 1, layers: 24, kvBytesPerToken: 192 * 1_024 },
  coder7: { kind: 'facts', weights: 4.08e9, activeShare: 1, layers: 32, kvBytesPerToken: 512 * 1_024 },
  llama70: { kind: 'facts', weights: 42.5e9, activeShare: 1, layers: 80, kvBytesPerToken: 320 * 1_024 },
  r1: { kind: 'facts', weights: 404e9, activeShare: 37 / 671, layers: 61, kvBytesPerToken: 61 * 576 * 2 },
} satisfies Record<string, ModelShape>;

export function offeredFile(shape: ModelShape, bytes: number, changes: Partial<OfferedFile> = {}): OfferedFile {
  return { id: 'Q4_K_M', source: { kind: 'catalogue', model: 'm', file: 'Q4_K_M' }, quantization: 'Q4_K_M', bytes, parts: 1, verified: true, traps: [], installed: null, shape, path: null, ...changes };
}

export function offeredModel(id: string, billions: number, files: readonly OfferedFile[], changes: Partial<OfferedModel> = {}): OfferedModel {
  const total = billions * 1e9;
  return { id, name: id, roles: ['chat'], parameters: { total, active: total }, contextSize: 16_384, layers: 32, fim: false, licence: null, unsupported: null, files, ...changes };
}
