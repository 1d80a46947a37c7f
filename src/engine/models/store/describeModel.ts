import path from 'node:path';
import type { ModelSource } from '../../protocol/modelTypes.js';
import { entryOf, modelNamed } from '../catalogue/catalogue.js';
import type { ModelFile } from '../gguf/modelFile.js';
import { nameOf } from '../gguf/modelName.js';
import { quantizationOf } from '../gguf/quantization.js';
import { rolesOf } from '../gguf/roles.js';
import { trapsOf } from '../gguf/traps.js';
import { trainedContextSize } from '../memory/memoryEstimate.js';
import { checksumOf } from './checksums.js';
import type { InstalledPart, InstalledRecord } from './installedModels.js';

/** What is known of a file beside its headers. */
export interface Provenance {
  readonly id: string;
  readonly origin: InstalledRecord['origin'];
  readonly source: ModelSource | null;
  readonly files: readonly InstalledPart[];
}

/** What the list says of a model file: by the catalogue where it knows the file, else by its headers and its name. */
export function describeModel(file: string, { headers, architecture }: ModelFile, { id, origin, source, files }: Provenance): InstalledRecord {
  const fileName = path.basename(file);
  const metadata = headers[0]?.metadata ?? new Map();
  const entry = source === null ? null : entryOf(source);
  const model = entry?.model ?? modelNamed(fileName);
  const roles = rolesOf(headers, fileName, model);
  // Whether it is verified changes, so that trap is told when the list is.
  const traps = trapsOf(headers, { roles, verified: true, ...(entry === null ? {} : { traps: entry.file.traps }) });
  return {
    id,
    name: model?.name ?? nameOf(metadata, fileName),
    files: [...files],
    architecture: architecture.slice(0, 64),
    quantization: quantizationOf(headers),
    contextSize: trainedContextSize(metadata),
    roles,
    fim: roles.includes('completion') && !traps.includes('noFimTokens'),
    origin,
    source,
    checksum: checksumOf(files),
    traps,
  };
}
