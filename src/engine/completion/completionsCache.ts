import { type Origin, originOf, typedSince } from './continuation.js';
import type { DocumentSnapshot } from './snapshot.js';

interface Entry {
  readonly origin: Origin;
  readonly text: string;
}

/**
 * Earlier completions, least recently used out first. One is served where the text before *and* after the cursor is
 * the same, or where the text before it has grown by the completion's own beginning.
 */
export class CompletionsCache {
  /** In order of use, the oldest first. */
  readonly #entries = new Set<Entry>();
  /** Entries by what stands below the cursor, so that a lookup compares few. */
  readonly #byPlace = new Map<string, Set<Entry>>();

  constructor(private readonly capacity = 200) {}

  /** An empty text is remembered too: the model has nothing to say there. */
  put(snapshot: DocumentSnapshot, text: string): void {
    const entry = { origin: originOf(snapshot), text };
    const place = placeOf(entry.origin);
    for (const other of this.#byPlace.get(place) ?? []) {
      if (other.origin.lineSuffix === snapshot.lineSuffix && typedSince(other.origin, snapshot) === '') this.#remove(other);
    }
    this.#entries.add(entry);
    const entries = this.#byPlace.get(place);
    if (entries) entries.add(entry);
    else this.#byPlace.set(place, new Set([entry]));
    if (this.#entries.size > this.capacity) {
      const [oldest] = this.#entries;
      if (oldest) this.#remove(oldest);
    }
  }

  /** What is left to type of the completion made nearest to the cursor; `''` for a known silence, `null` if none is known. */
  get(snapshot: DocumentSnapshot): string | null {
    let best: { readonly entry: Entry; readonly typed: string } | null = null;
    for (const entry of this.#byPlace.get(placeOf(snapshot)) ?? []) {
      const typed = typedSince(entry.origin, snapshot);
      if (typed === null || !entry.text.startsWith(typed)) continue;
      if (typed !== '' && typed.length === entry.text.length) continue;
      if (best === null || typed.length < best.typed.length) best = { entry, typed };
    }
    if (best === null) return null;
    this.#entries.delete(best.entry);
    this.#entries.add(best.entry);
    return best.entry.text.slice(best.typed.length);
  }

  clear(): void {
    this.#entries.clear();
    this.#byPlace.clear();
  }

  #remove(entry: Entry): void {
    this.#entries.delete(entry);
    const place = placeOf(entry.origin);
    const entries = this.#byPlace.get(place);
    entries?.delete(entry);
    if (entries?.size === 0) this.#byPlace.delete(place);
  }
}

function placeOf({ uri, firstLine, below }: { readonly uri: string; readonly firstLine: number; readonly below: string }): string {
  return `${uri}\n${firstLine}${below}`;
}
