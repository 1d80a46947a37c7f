import type { Role } from '../base/errors.js';
import type { Event } from '../base/event.js';
import type { DaemonDiagnostics } from '../protocol/daemonMessages.js';
import type { EngineNotice, EngineOptions, EngineStatus, GenerationEvent, GenerationResult } from '../protocol/engineTypes.js';
import type { GenerationRequest } from './workerClient.js';

/** What the daemon's connections ask of the runtime. */
export interface EngineService {
  readonly status: EngineStatus;
  readonly onStatus: Event<EngineStatus>;
  readonly onNotice: Event<EngineNotice>;
  readonly workers: DaemonDiagnostics['workers'];
  configure(options: EngineOptions): void;
  generate(generation: GenerationRequest, report: (event: GenerationEvent) => void, signal: AbortSignal): Promise<GenerationResult>;
  countTokens(role: Role, text: string, signal: AbortSignal): Promise<number>;
  load(role: Role, signal: AbortSignal): Promise<void>;
  unload(role: Role): Promise<void>;
}
