import type { GgufHeader } from './ggufHeader.js';

type Headers = readonly Pick<GgufHeader, 'metadata' | 'tensors'>[];

const elements = (dimensions: readonly number[]): number => dimensions.reduce((product, size) => product * size, 1);

/**
 * The parameters of a model, all of them and those that take part in a token: of routed experts, which llama.cpp keeps together in
 * tensors named `…_exps`, only some do.
 */
export function parametersOf(headers: Headers): { readonly total: number; readonly active: number } {
  const metadata = headers[0]?.metadata ?? new Map();
  const fact = (key: string): number => {
    const value = metadata.get(`${String(metadata.get('general.architecture'))}.${key}`);
    return typeof value === 'number' && value > 0 ? value : 0;
  };
  const experts = fact('expert_count');
  const used = experts > 0 ? Math.min(1, fact('expert_used_count') / experts) : 1;
  let total = 0;
  let active = 0;
  for (const { name, dimensions } of headers.flatMap((header) => header.tensors)) {
    const count = elements(dimensions);
    total += count;
    active += /_exps\./.test(name) ? count * used : count;
  }
  return { total, active };
}
