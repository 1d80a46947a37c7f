import fs from 'node:fs';
import { type LogLevel, logLevels, type LogRecord, type LogSink } from '../base/logger.js';

const maxBytes = 1_024 * 1_024;

/**
 * Appends records to a file; when it is full it becomes `*.1` and a new one begins, so that there are never more than two.
 * A disk that cannot be written to costs the log, not the daemon.
 */
export class LogFile implements LogSink {
  #bytes: number | null = null;

  constructor(
    private readonly file: string,
    private readonly level: LogLevel,
    private readonly now: () => Date,
  ) {}

  write({ level, source, message }: LogRecord): void {
    if (logLevels.indexOf(level) < logLevels.indexOf(this.level)) return;
    const line = `${this.now().toISOString()} ${level} ${source}: ${message}\n`;
    try {
      this.#bytes ??= fs.statSync(this.file, { throwIfNoEntry: false })?.size ?? 0;
      if (this.#bytes > 0 && this.#bytes + line.length > maxBytes) {
        fs.renameSync(this.file, `${this.file}.1`);
        this.#bytes = 0;
      }
      fs.appendFileSync(this.file, line, { mode: 0o600 });
      this.#bytes += Buffer.byteLength(line);
    } catch {
      this.#bytes = null;
    }
  }
}
