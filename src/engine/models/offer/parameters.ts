import type { GgufHeader, GgufTensor } from '../gguf/ggufHeader.js';
import { asCount, number } from '../memory/metadataFacts.js';

/** Tensors that hold all experts of a layer, as llama.cpp names them (`blk.3.ffn_up_exps.weight`). */
const expertTensor = /_exps\./;

/**
 * Parameters by the shapes of the tensors: all of them, and those that take part in a token, of which routed experts are the part that
 * `expert_used_count` of `expert_count` says. `headers` are those of all parts, of which the first has the metadata.
 */
export function parametersOf(headers: readonly Pick<GgufHeader, 'metadata' | 'tensors'>[]): { readonly total: number; readonly active: number } {
  const metadata = headers[0]?.metadata ?? new Map();
  const experts = number(metadata, 'expert_count');
  const share = experts > 0 ? Math.min(1, number(metadata, 'expert_used_count') / experts) : 1;
  const tensors = headers.flatMap((header) => header.tensors);
  const elements = (some: readonly GgufTensor[]): number => some.reduce((sum, { dimensions }) => sum + dimensions.reduce((product, size) => product * size, 1), 0);
  const total = elements(tensors);
  const routed = elements(tensors.filter(({ name }) => expertTensor.test(name)));
  return { total: asCount(total), active: asCount(Math.round(total - routed * (1 - share))) };
}
