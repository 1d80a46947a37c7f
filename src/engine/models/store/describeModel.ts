import { createHash } from 'node:crypto';
import path from 'node:path';
import type { ModelRole, ModelSource, Trap } from '../../protocol/modelTypes.js';
import type { ModelFile } from '../gguf/modelFile.js';
import { trainedContextSize } from '../memory/memoryEstimate.js';
import type { InstalledPart, InstalledRecord } from './installedModels.js';

/** The id of a model in the list: that of the place of its first file. */
export function modelId(file: string): string {
  return createHash('sha256').update(file).digest('hex').slice(0, 16);
}

const quantizationInName = /(?:^|[-_.])((?:UD-)?I?Q\d(?:_[A-Z0-9]+)*|BF16|F16|F32|MXFP4|TQ\d_\d)(?=[-_.]|$)/i;

/** What the list says of a model file, by its headers and its name. */
export function describeModel(file: string, model: ModelFile, parts: readonly InstalledPart[], from: { readonly origin: InstalledRecord['origin']; readonly source: ModelSource | null }): InstalledRecord {
  const metadata = model.headers[0]?.metadata ?? new Map();
  const name = metadata.get('general.name');
  const stem = path.basename(file, '.gguf');
  const roles: ModelRole[] = from.origin === 'bundled' ? ['completion', 'chat'] : metadata.has('tokenizer.chat_template') ? ['chat'] : ['completion'];
  const traps: Trap[] = [];
  return {
    id: modelId(file),
    name: (typeof name === 'string' && name.trim() !== '' ? name.trim() : stem).slice(0, 256),
    files: [...parts],
    architecture: model.architecture.slice(0, 64),
    quantization: quantizationInName.exec(stem)?.[1]?.toUpperCase() ?? '',
    contextSize: trainedContextSize(metadata),
    roles,
    fim: roles.includes('completion'),
    origin: from.origin,
    source: from.source,
    checksum: 'unchecked',
    traps,
  };
}
