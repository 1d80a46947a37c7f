import type { InstalledRecord } from '../../src/engine/models/store/installedModels.js';

/** A chat model that somebody has imported, without its files. */
export const someRecord: InstalledRecord = {
  id: 'm1',
  name: 'x',
  files: [],
  architecture: 'llama',
  quantization: 'Q4_K_M',
  contextSize: 4_096,
  roles: ['chat'],
  fim: false,
  origin: 'imported',
  source: null,
  checksum: 'unchecked',
  traps: [],
};
