import type { Failure, FailureCode } from '../../src/engine/base/errors.js';

/** One of each; the type makes a missing one a compile error. */
const examples: { readonly [Code in FailureCode]: Extract<Failure, { code: Code }> } = {
  modelNotFound: { code: 'modelNotFound', path: '/models/a.gguf' },
  modelUnreadable: { code: 'modelUnreadable', path: '/models/a.gguf', reason: 'EACCES' },
  notGguf: { code: 'notGguf', path: '/models/a.txt' },
  modelDamaged: { code: 'modelDamaged', path: '/models/a.gguf', reason: 'a string past the end' },
  modelTruncated: { code: 'modelTruncated', path: '/models/a.gguf', expectedBytes: 10, actualBytes: 5 },
  unsupportedArchitecture: { code: 'unsupportedArchitecture', path: '/models/a.gguf', architecture: 'abacus' },
  insufficientMemory: { code: 'insufficientMemory', path: '/models/a.gguf', requiredBytes: 64e9, availableBytes: 16e9 },
  loadFailed: { code: 'loadFailed', path: '/models/a.gguf', reason: 'missing tensor' },
  gpuUnavailable: { code: 'gpuUnavailable', gpu: 'cuda', reason: 'no driver' },
  fimUnsupported: { code: 'fimUnsupported', model: 'R1' },
  roleOff: { code: 'roleOff', role: 'chat' },
  promptTooLong: { code: 'promptTooLong', tokens: 9_000, limit: 2_048 },
  cancelled: { code: 'cancelled' },
  queueFull: { code: 'queueFull', role: 'completion' },
  workerLost: { code: 'workerLost', restarts: 3, reason: 'SIGKILL' },
  nodeUnavailable: { code: 'nodeUnavailable', path: '/opt/node', reason: 'ENOENT' },
  daemonUnavailable: { code: 'daemonUnavailable', reason: 'it ended at once' },
  connectionLost: { code: 'connectionLost' },
  versionMismatch: { code: 'versionMismatch', daemonVersion: '2.0.0', clientVersion: '1.0.0' },
  invalidMessage: { code: 'invalidMessage', method: 'engine/chat', reason: 'turns: missing' },
  messageTooLarge: { code: 'messageTooLarge', bytes: 20e6, limit: 10e6 },
  unknownMethod: { code: 'unknownMethod', method: 'engine/dance' },
  diskFull: { code: 'diskFull', path: '/chats/1.json' },
  fileUnreadable: { code: 'fileUnreadable', path: '/src/a.ts', reason: 'ENOENT' },
  storageFailed: { code: 'storageFailed', path: '/chats/1.json', reason: 'EIO' },
  internal: { code: 'internal', reason: 'x is not a function' },
};

export const failureExamples: readonly Failure[] = Object.values(examples);
