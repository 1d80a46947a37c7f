import * as vscode from 'vscode';
import { EngineError, type Failure, failureOf } from '../engine/base/errors.js';
import type { Logger } from '../engine/base/logger.js';
import { failureText } from '../engine/protocol/failureText.js';
import { memoryButtons } from './models/memoryChoices.js';
import { notificationText } from './notificationText.js';

/**
 * Runs what the user asked for by a command. A failure is told in a message, for here someone waits for the outcome;
 * what goes wrong while typing never gets here. Cancelling is no failure.
 */
export async function reportFailure(log: Logger, action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (EngineError.is(error, 'cancelled')) return;
    const failure = failureOf(error);
    log.error(JSON.stringify(failure));
    void tell(failure);
  }
}

async function tell(failure: Failure): Promise<void> {
  const output = vscode.l10n.t('Show Output');
  const remedies = failure.code === 'insufficientMemory' ? memoryButtons(failure) : [];
  const chosen = await vscode.window.showErrorMessage(notificationText(failureText(failure)), ...remedies.map(({ title }) => title), output);
  if (chosen === output) await vscode.commands.executeCommand('seekpod.showOutput');
  await remedies.find(({ title }) => title === chosen)?.take();
}
