import * as vscode from 'vscode';
import type { Clock } from '../engine/base/clock.js';
import type { Disposable } from '../engine/base/disposable.js';
import type { Logger } from '../engine/base/logger.js';
import type { EngineClient } from '../engine/client/engineClient.js';
import { noticeText } from '../engine/protocol/noticeText.js';
import { NoticeFilter } from './noticeFilter.js';
import { notificationText } from './notificationText.js';

/** Tells what the engine wants the user to know, in the window that has the focus. All of it is in the output channel too. */
export function showNotices(engine: Pick<EngineClient, 'onNotice'>, clock: Clock, log: Logger): Disposable {
  const filter = new NoticeFilter(clock);
  return engine.onNotice((notice) => {
    log.info(noticeText(notice));
    if (!filter.isForMessage(notice) || !vscode.window.state.focused) return;
    const text = notificationText(noticeText(notice));
    if (notice.kind === 'memoryPressure' && notice.critical) void vscode.window.showWarningMessage(text);
    else void vscode.window.showInformationMessage(text);
  });
}
