import type { Failure, FailureCode, FileRefusal, LeaseRefusal, PairingRefusal } from '../../src/engine/base/errors.js';

/** One of each; the type makes a missing one a compile error. */
const examples: { readonly [Code in FailureCode]: Extract<Failure, { code: Code }> } = {
  modelNotFound: { code: 'modelNotFound', path: '/models/a.gguf' },
  modelUnreadable: { code: 'modelUnreadable', path: '/models/a.gguf', reason: 'EACCES' },
  notGguf: { code: 'notGguf', path: '/models/a.txt' },
  modelDamaged: { code: 'modelDamaged', path: '/models/a.gguf', reason: 'a string past the end' },
  modelTruncated: { code: 'modelTruncated', path: '/models/a.gguf', expectedBytes: 10, actualBytes: 5 },
  unsupportedArchitecture: { code: 'unsupportedArchitecture', path: '/models/a.gguf', architecture: 'abacus' },
  insufficientMemory: { code: 'insufficientMemory', path: '/models/a.gguf', requiredBytes: 64e9, availableBytes: 16e9, choices: [{ kind: 'kvType', kvType: 'q8_0' }, { kind: 'smallerContext', contextSize: 4_096 }, { kind: 'smallerQuantization' }, { kind: 'pod' }] },
  memoryPressure: { code: 'memoryPressure', path: '/models/a.gguf', availableBytes: 3e8 },
  loadFailed: { code: 'loadFailed', path: '/models/a.gguf', reason: 'missing tensor' },
  gpuUnavailable: { code: 'gpuUnavailable', gpu: 'cuda', reason: 'no driver' },
  fimUnsupported: { code: 'fimUnsupported', model: 'R1' },
  wrongRole: { code: 'wrongRole', model: 'R1', role: 'completion' },
  unsupportedQuantization: { code: 'unsupportedQuantization', path: '/models/a.gguf', type: 'Q9_X' },
  loraFailed: { code: 'loraFailed', path: '/models/lora.gguf', reason: 'it is made for another model' },
  unknownModel: { code: 'unknownModel', model: 'r2' },
  modelInUse: { code: 'modelInUse', model: 'R1' },
  modelBundled: { code: 'modelBundled', model: 'calf' },
  licenceNotAccepted: { code: 'licenceNotAccepted', model: 'Coder', licence: 'DeepSeek Model License' },
  unknownDownload: { code: 'unknownDownload', id: 'd1' },
  serverUnreachable: { code: 'serverUnreachable', host: 'hub.example', reason: 'ECONNREFUSED' },
  serverRefused: { code: 'serverRefused', url: 'https://hub.example/a.gguf', status: 416 },
  accessDenied: { code: 'accessDenied', host: 'hub.example', withToken: false },
  notOnServer: { code: 'notOnServer', url: 'https://hub.example/a.gguf' },
  downloadBroken: { code: 'downloadBroken', url: 'https://hub.example/a.gguf', reason: 'it changed meanwhile' },
  checksumMismatch: { code: 'checksumMismatch', path: '/models/a.gguf', expected: 'ab'.repeat(32), actual: 'cd'.repeat(32) },
  fileInTheWay: { code: 'fileInTheWay', path: '/models/a.gguf' },
  notEnoughDisk: { code: 'notEnoughDisk', path: '/models', requiredBytes: 64e9, availableBytes: 16e9 },
  roleOff: { code: 'roleOff', role: 'chat' },
  promptTooLong: { code: 'promptTooLong', tokens: 9_000, limit: 2_048 },
  cancelled: { code: 'cancelled' },
  queueFull: { code: 'queueFull', role: 'completion' },
  workerLost: { code: 'workerLost', restarts: 3, reason: 'SIGKILL' },
  nodeUnavailable: { code: 'nodeUnavailable', path: '/opt/node', reason: 'ENOENT' },
  daemonUnavailable: { code: 'daemonUnavailable', reason: 'it ended at once' },
  remoteLayersUnavailable: { code: 'remoteLayersUnavailable', reason: 'libggml-rpc is missing' },
  unknownMachine: { code: 'unknownMachine', machine: 'mini' },
  machineUnreachable: { code: 'machineUnreachable', machine: 'mini', reason: 'ECONNREFUSED' },
  notPaired: { code: 'notPaired', machine: 'mini' },
  keyChanged: { code: 'keyChanged', machine: 'mini', expected: 'aa', actual: 'bb' },
  pairingRefused: { code: 'pairingRefused', machine: 'mini', reason: 'digitsDiffer' },
  differentBuild: { code: 'differentBuild', machine: 'mini', ours: 'v0.4.0', theirs: 'v0.3.0' },
  leaseHeld: { code: 'leaseHeld', machine: 'mini', holder: 'studio' },
  fileRefused: { code: 'fileRefused', machine: 'mini', reason: 'busy' },
  leaseRefused: { code: 'leaseRefused', machine: 'mini', reason: 'noDevice' },
  noPlacement: { code: 'noPlacement', path: '/models/a.gguf', requiredBytes: 400e9, availableBytes: 256e9 },
  podLost: { code: 'podLost', machine: 'mini', reason: 'it is silent' },
  podPortTaken: { code: 'podPortTaken', port: 47_613 },
  identityUnusable: { code: 'identityUnusable', path: '/pod/identity.json', reason: 'it is damaged' },
  pairedListDamaged: { code: 'pairedListDamaged', path: '/pod/machines.json', keptAs: '/pod/machines.json.damaged' },
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

const pairing: { readonly [Reason in PairingRefusal]: true } = { rejected: true, digitsDiffer: true, expired: true, busy: true, tooMany: true, notSharing: true, cheated: true };
const lease: { readonly [Reason in LeaseRefusal]: true } = { notSharing: true, notAllowed: true, noMemory: true, noDevice: true, noLibrary: true };
const file: { readonly [Reason in FileRefusal]: true } = { unknownFile: true, notAllowed: true, busy: true, unreadable: true };
const keys = <K extends string>(of: Readonly<Record<K, true>>): K[] => Object.keys(of) as K[];

/** One of each that has words of its own. */
export const wordedFailures: readonly Failure[] = [
  ...failureExamples,
  { ...examples.wrongRole, role: 'chat' },
  { ...examples.roleOff, role: 'completion' },
  { ...examples.accessDenied, withToken: true },
  ...keys(pairing).map((reason) => ({ ...examples.pairingRefused, reason })),
  ...keys(lease).map((reason) => ({ ...examples.leaseRefused, reason })),
  ...keys(file).map((reason) => ({ ...examples.fileRefused, reason })),
];
