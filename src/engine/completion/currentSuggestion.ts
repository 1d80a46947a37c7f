import { type Origin, originOf, typedSince } from './continuation.js';
import type { DocumentSnapshot } from './snapshot.js';

/** What is shown now. Typing along it, and going back within it, needs no request: the rest is known. */
export class CurrentSuggestion {
  #shown: { readonly origin: Origin; readonly text: string } | null = null;

  set(snapshot: DocumentSnapshot, text: string): void {
    this.#shown = { origin: originOf(snapshot), text };
  }

  clear(): void {
    this.#shown = null;
  }

  /** The part of the suggestion that is still to be typed, or `null` if the user went another way or typed it all. */
  rest(snapshot: DocumentSnapshot): string | null {
    if (this.#shown === null) return null;
    const typed = typedSince(this.#shown.origin, snapshot);
    if (typed === null || !this.#shown.text.startsWith(typed)) return null;
    const rest = this.#shown.text.slice(typed.length);
    return rest === '' ? null : rest;
  }
}
