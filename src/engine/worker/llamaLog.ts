import type { Logger } from '../base/logger.js';

/** How loud llama.cpp and its bindings speak, in their words. */
export type NativeLevel = 'fatal' | 'error' | 'warn' | 'info' | 'log' | 'debug' | 'disabled';

/** Lines that are kept to find the reason of a failure. */
const keptLines = 32;

/** Passes llama.cpp's log on to ours, and keeps its last complaints: when a load fails they are the only reason given. */
export class LlamaLog {
  #complaints: string[] = [];

  constructor(private readonly logger: Logger) {}

  write(level: NativeLevel, text: string): void {
    const message = text.trimEnd();
    if (message.trim() === '') return;
    switch (level) {
      case 'fatal':
      case 'error':
        this.#complaints = [...this.#complaints, message.trim()].slice(-keptLines);
        return this.logger.error(message);
      case 'warn':
        return this.logger.warn(message);
      case 'info':
      case 'log':
        return this.logger.debug(message);
      case 'debug':
        return this.logger.trace(message);
      case 'disabled':
        return undefined;
    }
  }

  /** Forgets the complaints so far: what follows belongs to a new attempt. */
  begin(): void {
    this.#complaints = [];
  }

  /** The complaints of the present attempt in one line, the first one first: it is the cause of the others. */
  get reason(): string | null {
    return this.#complaints.length === 0 ? null : this.#complaints.join('; ');
  }
}
