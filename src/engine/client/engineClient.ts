import type { Disposable } from '../base/disposable.js';
import type { Role } from '../base/errors.js';
import type { Event } from '../base/event.js';
import type { DaemonDiagnostics } from '../protocol/daemonMessages.js';
import type {
  ChatRequest,
  CompletionRequest,
  EngineNotice,
  EngineOptions,
  EngineStatus,
  GenerationEvent,
  GenerationResult,
} from '../protocol/engineTypes.js';
import type { ModelsClient } from './modelsClient.js';
import type { PodClient } from './podClient.js';

/**
 * The engine as a window or the terminal sees it. Nothing is started before the first call that needs it;
 * a lost daemon is started again by the next call. Every promise rejects with an `EngineError`.
 */
export interface EngineClient extends Disposable {
  /** What is known now; roles are `unloaded` or `off` before the first connection. */
  readonly status: EngineStatus;
  readonly onStatus: Event<EngineStatus>;
  readonly pod: PodClient;
  readonly models: ModelsClient;
  /** Something that the user should know of. */
  readonly onNotice: Event<EngineNotice>;
  /** Remembered, and sent again after every reconnection. Does not start the daemon. */
  configure(options: EngineOptions): Promise<void>;
  complete(request: CompletionRequest, onEvent: (event: GenerationEvent) => void, signal: AbortSignal): Promise<GenerationResult>;
  chat(request: ChatRequest, onEvent: (event: GenerationEvent) => void, signal: AbortSignal): Promise<GenerationResult>;
  countTokens(role: Role, text: string, signal: AbortSignal): Promise<number>;
  load(role: Role, signal: AbortSignal): Promise<void>;
  unload(role: Role): Promise<void>;
  diagnostics(): Promise<DaemonDiagnostics>;
  /** Ends the daemon if no other client uses it (answers whether it did). */
  shutdown(): Promise<boolean>;
}
