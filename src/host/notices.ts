import * as vscode from 'vscode';
import type { Clock } from '../engine/base/clock.js';
import type { Disposable } from '../engine/base/disposable.js';
import type { Logger } from '../engine/base/logger.js';
import type { EngineClient } from '../engine/client/engineClient.js';
import type { EngineNotice } from '../engine/protocol/engineTypes.js';
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
      if (here) show(notice);
    });
  });
}

function show(notice: EngineNotice): void {
  const text = notificationText(noticeText(notice));
  if (notice.kind === 'memoryPressure' && notice.critical) void vscode.window.showWarningMessage(text);
  else void vscode.window.showInformationMessage(text);
}
