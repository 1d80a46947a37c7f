import { totalBytes } from '../../base/totalBytes.js';
import { ggmlTypes } from '../gguf/ggmlTypes.js';
import type { EstimateHeader } from './networkShape.js';

/**
 * Types whose matrices the CPU backend rearranges for its vector units when it loads them
 * (`ggml_repack_get_optimal_repack_type` of llama.cpp v0.4.0).
 */
const repacked = {
  x64: new Set(['q4_0', 'q4_K', 'q2_K', 'iq4_nl', 'mxfp4']),
  arm64: new Set(['q4_0', 'q4_K', 'q5_K', 'q6_K', 'q8_0', 'iq4_nl', 'mxfp4']),
} as const;

/**
 * Bytes of weights that a processor keeps in another arrangement than the file, at most: they are memory of the process, which the
 * system cannot drop, also where the file is mapped. The embeddings are read by rows and stay as they are.
 */
export function repackedBytes(headers: readonly EstimateHeader[], arch: string): number {
  const types: ReadonlySet<string> = arch === 'x64' || arch === 'arm64' ? repacked[arch] : new Set();
  const tensors = headers.flatMap((header) => header.tensors);
  return totalBytes(tensors.filter(({ name, type }) => name !== 'token_embd.weight' && types.has(ggmlTypes.get(type)?.name ?? '')));
}
