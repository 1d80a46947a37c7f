import type { EngineNotice } from '../engine/protocol/engineTypes.js';
import type { TerminalStream } from './answerPrinter.js';
import { noticeWords } from './words.js';

/** Prints a notice on a line of its own, in the place of a line that shows progress. */
export function printNotice(info: TerminalStream, notice: EngineNotice): void {
  info.write(`${info.isTTY === true ? '\r\u001B[2K' : ''}${noticeWords(notice)}\n`);
}
