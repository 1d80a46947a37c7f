import { ggmlTypes } from './ggmlTypes.js';
import type { GgufHeader, GgufTensor } from './ggufHeader.js';

/** `general.file_type`: the numbers of `llama_ftype` in llama.cpp v0.4.0 (`include/llama.h`), as people write them. */
const fileTypes: ReadonlyMap<number, string> = new Map([
  [0, 'F32'], [1, 'F16'], [2, 'Q4_0'], [3, 'Q4_1'], [7, 'Q8_0'], [8, 'Q5_0'], [9, 'Q5_1'], [10, 'Q2_K'], [11, 'Q3_K_S'], [12, 'Q3_K_M'], [13, 'Q3_K_L'],
  [14, 'Q4_K_S'], [15, 'Q4_K_M'], [16, 'Q5_K_S'], [17, 'Q5_K_M'], [18, 'Q6_K'], [19, 'IQ2_XXS'], [20, 'IQ2_XS'], [21, 'Q2_K_S'], [22, 'IQ3_XS'],
  [23, 'IQ3_XXS'], [24, 'IQ1_S'], [25, 'IQ4_NL'], [26, 'IQ3_S'], [27, 'IQ3_M'], [28, 'IQ2_S'], [29, 'IQ2_M'], [30, 'IQ4_XS'], [31, 'IQ1_M'], [32, 'BF16'],
  [36, 'TQ1_0'], [37, 'TQ2_0'], [38, 'MXFP4'], [39, 'NVFP4'], [40, 'Q1_0'], [41, 'Q2_0'],
]);

type Headers = readonly Pick<GgufHeader, 'metadata' | 'tensors'>[];

/**
 * The quantization of a model (`Q4_K_M`), by what the file says, else the type that most of its weights have (`Q4_K`). Empty for a
 * model without weights. `headers` are those of all parts, of which the first has the metadata.
 */
export function quantizationOf(headers: Headers): string {
  const said = headers[0]?.metadata.get('general.file_type');
  return (typeof said === 'number' ? fileTypes.get(said) : undefined) ?? mainType(headers.flatMap((header) => header.tensors)).toUpperCase();
}

function mainType(tensors: readonly GgufTensor[]): string {
  const bytes = new Map<number, number>();
  for (const tensor of tensors) bytes.set(tensor.type, (bytes.get(tensor.type) ?? 0) + tensor.bytes);
  const [largest] = [...bytes].toSorted(([, a], [, b]) => b - a);
  return (largest && ggmlTypes.get(largest[0])?.name) ?? '';
}

/** `IQ2` of `UD-IQ2_M`. */
const bitsOf = (quantization: string): string | null => /^(?:UD-)?(I?Q\d)_/.exec(quantization)?.[1] ?? null;
const known: ReadonlySet<string> = new Set(fileTypes.values());

/**
 * The quantization as the name of the file says it, where the file says the same in fewer words: llama.cpp has no number for mixtures
 * as `UD-Q2_K_XL`, so that the file itself calls it `Q2_K`. Else what the file says.
 */
export function quantizationBy(headers: Headers, fileName: string): string {
  const [said, named] = [quantizationOf(headers), quantizationInName(fileName)];
  const saysIt = bitsOf(named) !== null && bitsOf(named) === bitsOf(said) && !(known.has(named) && known.has(said));
  return saysIt ? named : said;
}

const inName = /(?:^|[-_.])((?:UD-)?I?Q\d(?:_[A-Z0-9]+)*|BF16|F16|F32|MXFP4|TQ\d_\d)(?=[-_.]|$)/i;

/** The quantization that a file's name says it has; empty where it says nothing. */
export function quantizationInName(fileName: string): string {
  return inName.exec(fileName.replace(/\.gguf$/i, ''))?.[1]?.toUpperCase() ?? '';
}
