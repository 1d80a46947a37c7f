/** The part of the engine that a failure is about. */
export type Role = 'completion' | 'chat';

/** Why a pairing did not come about. `busy` and `tooMany` pass with time. */
export type PairingRefusal = 'rejected' | 'digitsDiffer' | 'expired' | 'busy' | 'tooMany' | 'notSharing' | 'cheated';
/** What would make a model fit. */
export type MemoryChoice =
  | { readonly kind: 'kvType'; readonly kvType: 'q8_0' | 'q4_0' }
  | { readonly kind: 'smallerContext'; readonly contextSize: number }
  | { readonly kind: 'smallerQuantization' }
  | { readonly kind: 'pod' };
/** Why a machine does not lend itself. */
export type LeaseRefusal = 'notSharing' | 'notAllowed' | 'noMemory' | 'noDevice' | 'noLibrary';
/** Why a machine does not give a file. `busy` passes with time. */
export type FileRefusal = 'unknownFile' | 'notAllowed' | 'busy' | 'unreadable';

/**
 * Everything that can go wrong, with the facts that a message to the user needs.
 * `engine/protocol/failureText.ts` turns a failure into words; code decides by `code`, never by text.
 */
export type Failure =
  // The model file
  | { readonly code: 'modelNotFound'; readonly path: string }
  | { readonly code: 'modelUnreadable'; readonly path: string; readonly reason: string }
  | { readonly code: 'notGguf'; readonly path: string }
  | { readonly code: 'modelDamaged'; readonly path: string; readonly reason: string }
  | { readonly code: 'modelTruncated'; readonly path: string; readonly expectedBytes: number; readonly actualBytes: number }
  | { readonly code: 'unsupportedArchitecture'; readonly path: string; readonly architecture: string }
  /** `choices`: what would make it fit, the mildest first. */
  | { readonly code: 'insufficientMemory'; readonly path: string; readonly requiredBytes: number; readonly availableBytes: number; readonly choices: readonly MemoryChoice[] }
  /** The system itself is short of memory, whatever the model needs. */
  | { readonly code: 'memoryPressure'; readonly path: string; readonly availableBytes: number }
  | { readonly code: 'loadFailed'; readonly path: string; readonly reason: string }
  | { readonly code: 'gpuUnavailable'; readonly gpu: string; readonly reason: string }
  | { readonly code: 'fimUnsupported'; readonly model: string }
  /** An instruct or reasoning model for completion, or a base model for chat. */
  | { readonly code: 'wrongRole'; readonly model: string; readonly role: Role }
  | { readonly code: 'unsupportedQuantization'; readonly path: string; readonly type: string }
  | { readonly code: 'loraFailed'; readonly path: string; readonly reason: string }
  // A request
  | { readonly code: 'roleOff'; readonly role: Role }
  | { readonly code: 'promptTooLong'; readonly tokens: number; readonly limit: number }
  | { readonly code: 'cancelled' }
  | { readonly code: 'queueFull'; readonly role: Role }
  // The processes
  | { readonly code: 'workerLost'; readonly restarts: number; readonly reason: string }
  | { readonly code: 'daemonUnavailable'; readonly reason: string }
  | { readonly code: 'nodeUnavailable'; readonly path: string; readonly reason: string }
  | { readonly code: 'connectionLost' }
  | { readonly code: 'versionMismatch'; readonly daemonVersion: string; readonly clientVersion: string }
  // The pod
  /** The libraries for remote layers are not there, or cannot be loaded. */
  | { readonly code: 'remoteLayersUnavailable'; readonly reason: string }
  | { readonly code: 'unknownMachine'; readonly machine: string }
  | { readonly code: 'machineUnreachable'; readonly machine: string; readonly reason: string }
  | { readonly code: 'notPaired'; readonly machine: string }
  /** The machine at a known address has another key than the paired one: fingerprints. */
  | { readonly code: 'keyChanged'; readonly machine: string; readonly expected: string; readonly actual: string }
  | { readonly code: 'pairingRefused'; readonly machine: string; readonly reason: PairingRefusal }
  | { readonly code: 'differentBuild'; readonly machine: string; readonly ours: string; readonly theirs: string }
  | { readonly code: 'leaseHeld'; readonly machine: string; readonly holder: string }
  | { readonly code: 'leaseRefused'; readonly machine: string; readonly reason: LeaseRefusal }
  | { readonly code: 'fileRefused'; readonly machine: string; readonly reason: FileRefusal }
  /** No spread over the known machines holds the model. */
  | { readonly code: 'noPlacement'; readonly path: string; readonly requiredBytes: number; readonly availableBytes: number }
  /** A machine left in the middle, and the model does not fit on the rest. */
  | { readonly code: 'podLost'; readonly machine: string; readonly reason: string }
  | { readonly code: 'podPortTaken'; readonly port: number }
  /** The file with this machine's key is damaged or open to others. */
  | { readonly code: 'identityUnusable'; readonly path: string; readonly reason: string }
  /** The list of paired machines was damaged and has been set aside, so that none is trusted. */
  | { readonly code: 'pairedListDamaged'; readonly path: string; readonly keptAs: string }
  // Models on the disk and on the hub
  /** Neither the catalogue nor the list of installed models has it. */
  | { readonly code: 'unknownModel'; readonly model: string }
  | { readonly code: 'modelInUse'; readonly model: string }
  /** The model that ships inside cannot be removed. */
  | { readonly code: 'modelBundled'; readonly model: string }
  | { readonly code: 'licenceNotAccepted'; readonly model: string; readonly licence: string }
  | { readonly code: 'unknownDownload'; readonly id: string }
  | { readonly code: 'serverUnreachable'; readonly host: string; readonly reason: string }
  /** The server answered with an HTTP status that no retry helps against. */
  | { readonly code: 'serverRefused'; readonly url: string; readonly status: number }
  /** 401 or 403: the model is private or gated. */
  | { readonly code: 'accessDenied'; readonly host: string; readonly withToken: boolean }
  | { readonly code: 'notOnServer'; readonly url: string }
  /** The server broke its word: lengths that do not fit, another file in the middle, no end. */
  | { readonly code: 'downloadBroken'; readonly url: string; readonly reason: string }
  | { readonly code: 'checksumMismatch'; readonly path: string; readonly expected: string; readonly actual: string }
  /** What is downloaded cannot have its name: another file has it. */
  | { readonly code: 'fileInTheWay'; readonly path: string }
  | { readonly code: 'notEnoughDisk'; readonly path: string; readonly requiredBytes: number; readonly availableBytes: number }
  // The wires and the disk
  | { readonly code: 'invalidMessage'; readonly method: string; readonly reason: string }
  | { readonly code: 'messageTooLarge'; readonly bytes: number; readonly limit: number }
  | { readonly code: 'unknownMethod'; readonly method: string }
  | { readonly code: 'diskFull'; readonly path: string }
  | { readonly code: 'fileUnreadable'; readonly path: string; readonly reason: string }
  | { readonly code: 'storageFailed'; readonly path: string; readonly reason: string }
  // A defect of ours
  | { readonly code: 'internal'; readonly reason: string };

export type FailureCode = Failure['code'];

/** An error with a typed reason. Compare `failure.code`; the message is for logs. */
export class EngineError extends Error {
  override readonly name = 'EngineError';

  constructor(readonly failure: Failure, options?: ErrorOptions) {
    super(`${failure.code}: ${JSON.stringify(failure)}`, options);
  }

  /** True for an `EngineError`, with the given code if one is named. */
  static is(error: unknown, code?: FailureCode): error is EngineError {
    return error instanceof EngineError && (code === undefined || error.failure.code === code);
  }
}

/** What a thrown value says of itself. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The typed reason of any thrown value; what is not an `EngineError` is a defect (`internal`). */
export function failureOf(error: unknown): Failure {
  if (error instanceof EngineError) return error.failure;
  return { code: 'internal', reason: messageOf(error) };
}

/** Whether a system call failed in one of the given ways (`ENOENT` and the like). */
export function hasErrorCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

/** Whether something could not be written for want of room, on the disk or in the user's share of it. */
export function isDiskFull(error: unknown): boolean {
  return hasErrorCode(error, 'ENOSPC', 'EDQUOT');
}

/** What a failed write means: `diskFull`, `storageFailed`. */
export function storageFailure(file: string, error: unknown): EngineError {
  return new EngineError(isDiskFull(error) ? { code: 'diskFull', path: file } : { code: 'storageFailed', path: file, reason: messageOf(error) }, { cause: error });
}

/** For the default branch of an exhaustive `switch`. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value ${JSON.stringify(value)}`);
}
