import path from 'node:path';
import type { ModelSource } from '../../protocol/modelTypes.js';
import { factsOf } from '../catalogue/modelFacts.js';
import type { ModelFile } from '../gguf/modelFile.js';
import { checksumOf } from './checksums.js';
import type { InstalledPart, InstalledRecord } from './installedModels.js';

/** What is known of a file beside its headers. */
export interface Provenance {
  readonly id: string;
  readonly origin: InstalledRecord['origin'];
  readonly source: ModelSource | null;
  readonly files: readonly InstalledPart[];
}

/** What the list says of a model file. */
export function describeModel(file: string, { headers, architecture }: ModelFile, { id, origin, source, files }: Provenance): InstalledRecord {
  return { id, ...factsOf(headers, path.basename(file), source), files: [...files], architecture: architecture.slice(0, 64), origin, source, checksum: checksumOf(files) };
}
