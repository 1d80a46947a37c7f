import type { CancellationToken } from 'vscode';
import { type Disposable, toDisposable } from '../engine/base/disposable.js';

/** The engine's way to cancel, made of VS Code's. Dispose it when the work is over. */
export function abortSignalOf(token: CancellationToken): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  const subscription = token.onCancellationRequested(() => controller.abort());
  return { signal: controller.signal, ...toDisposable(() => subscription.dispose()) };
}
