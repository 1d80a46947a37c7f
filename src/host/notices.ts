import * as vscode from 'vscode';
import type { Clock } from '../engine/base/clock.js';
import type { Disposable } from '../engine/base/disposable.js';
import type { Logger } from '../engine/base/logger.js';
import type { EngineClient } from '../engine/client/engineClient.js';
import type { EngineNotice } from '../engine/protocol/engineTypes.js';
import { memoryChoiceTitle } from '../engine/protocol/memoryChoiceText.js';
import { noticeText } from '../engine/protocol/noticeText.js';
import type { LastFocus } from './lastFocus.js';
import { NoticeFilter } from './noticeFilter.js';
import { notificationText } from './notificationText.js';

/**
 * Tells what the engine wants the user to know, in the window that has the focus or had it last: there VS Code keeps the message until the
 * user is back. All of it is in the output channel too.
 */
export function showNotices(engine: Pick<EngineClient, 'onNotice'>, lastFocus: LastFocus, clock: Clock, log: Logger): Disposable {
  const filter = new NoticeFilter(clock);
  return engine.onNotice((notice) => {
    log.info(noticeText(notice));
    if (!filter.isForMessage(notice)) return;
    void lastFocus.isHere().then((here) => {
      if (here) void show(notice);
    });
  });
}

async function show(notice: EngineNotice): Promise<void> {
  const text = notificationText(noticeText(notice));
  const tell = notice.kind === 'memoryPressure' && notice.critical ? vscode.window.showWarningMessage : vscode.window.showInformationMessage;
  const smaller = memoryChoiceTitle({ kind: 'smallerQuantization' });
  // Without a button VS Code would cut the text to one line.
  const chosen = await tell(text, smaller);
  if (chosen === smaller) await vscode.commands.executeCommand('seekpod.chooseModel');
}
