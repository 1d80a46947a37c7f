import * as vscode from 'vscode';
import { abortSignalOf } from './abortSignal.js';
import { notificationText } from './notificationText.js';

/** Runs work with a notification that shows it and can cancel it. */
export async function withCancel<T>(title: string, work: (signal: AbortSignal, progress: vscode.Progress<{ message?: string; increment?: number }>) => Promise<T>): Promise<T> {
  return vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, cancellable: true, title: notificationText(title) }, async (progress, token) => {
    const cancel = abortSignalOf(token);
    try {
      return await work(cancel.signal, progress);
    } finally {
      cancel.dispose();
    }
  });
}
