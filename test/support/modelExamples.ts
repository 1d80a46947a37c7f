import type { BenchmarkRow, Download, FileOffer, Fit, InstalledModel, ModelOffer, ModelsStatus } from '../../src/engine/protocol/modelTypes.js';

export const someFit: Fit = {
  verdict: 'fits',
  contextSize: 8_192,
  kvType: 'f16',
  memory: { weights: 873e6, kvCache: 1_610_612_736, compute: 200e6, reserve: 4e9 },
  availableBytes: 12e9,
  tokensPerSecond: 42.5,
  basis: 'catalogue',
};

export const someFile: FileOffer = {
  id: 'Q4_K_M',
  source: { kind: 'catalogue', model: 'coder-1.3b-base', file: 'Q4_K_M' },
  quantization: 'Q4_K_M',
  bytes: 873e6,
  parts: 1,
  verified: true,
  traps: [],
  fit: someFit,
  recommendedFor: ['completion'],
  installed: null,
};

export const someOffer: ModelOffer = {
  id: 'coder-1.3b-base',
  name: 'DeepSeek Coder 1.3B Base',
  roles: ['completion'],
  parameters: { total: 1.35e9, active: 1.35e9 },
  contextSize: 16_384,
  layers: 24,
  fim: true,
  licence: { id: 'deepseek-model', name: 'DeepSeek Model License', url: 'https://example.org/licence', restricted: true },
  unsupported: null,
  files: [someFile],
};

export const someInstalled: InstalledModel = {
  id: 'm1',
  name: 'DeepSeek Coder 1.3B Base',
  path: '/models/coder.gguf',
  bytes: 873e6,
  parts: 1,
  architecture: 'llama',
  quantization: 'Q4_K_M',
  contextSize: 16_384,
  roles: ['completion'],
  fim: true,
  origin: 'downloaded',
  source: someFile.source,
  checksum: 'matches',
  traps: [],
  missing: false,
};

export const someModels: ModelsStatus = { installed: [someInstalled], downloads: [], directory: '/models', freeDiskBytes: 100e9 };

export const someDownload: Download = {
  id: 'd1',
  name: 'DeepSeek Coder 1.3B Base',
  quantization: 'Q4_K_M',
  source: someFile.source,
  totalBytes: 873e6,
  receivedBytes: 367e6,
  from: 'hub.example',
  status: { state: 'downloading', rate: 11.2e6, secondsLeft: 190 },
};

export const someRow: BenchmarkRow = {
  model: 'DeepSeek Coder 1.3B Base',
  path: '/models/coder.gguf',
  quantization: 'Q4_K_M',
  bytes: 873e6,
  where: 'here',
  machines: 1,
  gpu: 'cpu',
  promptTokens: 512,
  generatedTokens: 96,
  promptTokensPerSecond: 310,
  decodeTokensPerSecond: 38,
  timeToFirstTokenMs: 1_650,
  predictedTokensPerSecond: 42.5,
  failure: null,
};
