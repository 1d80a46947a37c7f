/** From the most to the least said. User text (chats, code) may appear at `trace` and `debug` only. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface LogRecord {
  readonly level: LogLevel;
  /** The room that speaks, for instance `daemon` or `worker/chat`. */
  readonly source: string;
  readonly message: string;
}

export interface LogSink {
  write(record: LogRecord): void;
}

/** Writes records of one source to a sink. */
export class Logger {
  constructor(private readonly sink: LogSink, readonly source: string) {}

  /** A logger for a part of this one: `daemon` → `daemon/lock`. */
  child(part: string): Logger {
    return new Logger(this.sink, `${this.source}/${part}`);
  }

  trace(message: string): void {
    this.#write('trace', message);
  }
  debug(message: string): void {
    this.#write('debug', message);
  }
  info(message: string): void {
    this.#write('info', message);
  }
  warn(message: string): void {
    this.#write('warn', message);
  }
  error(message: string): void {
    this.#write('error', message);
  }

  #write(level: LogLevel, message: string): void {
    this.sink.write({ level, source: this.source, message });
  }
}

export const nullLogSink: LogSink = { write: () => undefined };
