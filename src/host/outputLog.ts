import * as vscode from 'vscode';
import type { Disposable } from '../engine/base/disposable.js';
import { type LogLevel, logLevels, type LogRecord, type LogSink } from '../engine/base/logger.js';

const channelLevels: Record<LogLevel, vscode.LogLevel> = {
  trace: vscode.LogLevel.Trace,
  debug: vscode.LogLevel.Debug,
  info: vscode.LogLevel.Info,
  warn: vscode.LogLevel.Warning,
  error: vscode.LogLevel.Error,
};

/**
 * The output channel "Seekpod". The setting seekpod.log.level decides what is written; VS Code's own level of the
 * channel (Info unless changed) would hide `debug` and `trace` even so, hence these are then written as info.
 */
export class OutputLog implements LogSink, Disposable {
  readonly #channel = vscode.window.createOutputChannel('Seekpod', { log: true });

  constructor(private readonly level: () => LogLevel) {}

  write({ level, source, message }: LogRecord): void {
    if (logLevels.indexOf(level) < logLevels.indexOf(this.level())) return;
    const shown = this.#channel.logLevel <= channelLevels[level];
    if (shown) this.#channel[level](`[${source}] ${message}`);
    else this.#channel.info(`[${source}] [${level}] ${message}`);
  }

  show(): void {
    this.#channel.show(true);
  }

  dispose(): void {
    this.#channel.dispose();
  }
}
