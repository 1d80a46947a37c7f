import * as vscode from 'vscode';
import type { Clock } from '../engine/base/clock.js';
import type { Disposable } from '../engine/base/disposable.js';

/** Remembers when each document last changed: the debounce counts from the keystroke, not from the call it causes. */
export class DocumentChanges implements Disposable {
  readonly #changedAt = new WeakMap<vscode.TextDocument, number>();
  readonly #subscription: vscode.Disposable;

  constructor(private readonly clock: Clock) {
    this.#subscription = vscode.workspace.onDidChangeTextDocument((event) => {
      if (event.contentChanges.length > 0) this.#changedAt.set(event.document, this.clock.now());
    });
  }

  /** On the clock's scale; a document that has not changed is quiet since long ago. */
  changedAt(document: vscode.TextDocument): number {
    return this.#changedAt.get(document) ?? Number.NEGATIVE_INFINITY;
  }

  dispose(): void {
    this.#subscription.dispose();
  }
}
