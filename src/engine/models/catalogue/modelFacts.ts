import type { ModelRole, ModelSource, Trap } from '../../protocol/modelTypes.js';
import type { GgufHeader } from '../gguf/ggufHeader.js';
import { nameOf } from '../gguf/modelName.js';
import { quantizationBy } from '../gguf/quantization.js';
import { rolesOf } from '../gguf/roles.js';
import { trapsOf } from '../gguf/traps.js';
import { trainedContextSize } from '../memory/memoryEstimate.js';
import { entryOf, modelNamed } from './catalogue.js';

/** What is said of a model file, wherever it is. */
export interface ModelFacts {
  readonly name: string;
  readonly quantization: string;
  /** Tokens that it was trained for. */
  readonly contextSize: number;
  readonly roles: ModelRole[];
  readonly fim: boolean;
  /** Those of the file; whether it is verified is none of them, for that changes. */
  readonly traps: Trap[];
}

/**
 * By the catalogue where it knows the file, else by the headers and the name. `headers` are those of all parts, of which the first has
 * the metadata; `fileName` is that of the first part.
 */
export function factsOf(headers: readonly GgufHeader[], fileName: string, source: ModelSource | null): ModelFacts {
  const metadata = headers[0]?.metadata ?? new Map();
  const entry = source === null ? null : entryOf(source);
  const model = entry?.model ?? modelNamed(fileName);
  const roles = rolesOf(headers, fileName, model);
  const traps = trapsOf(headers, { roles, verified: true, ...(entry === null ? {} : { traps: entry.file.traps }) });
  return {
    name: model?.name ?? nameOf(metadata, fileName),
    quantization: entry?.file.quantization ?? quantizationBy(headers, fileName),
    contextSize: trainedContextSize(metadata),
    roles,
    fim: roles.includes('completion') && !traps.includes('noFimTokens'),
    traps,
  };
}
