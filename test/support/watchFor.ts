import type { Locator } from 'playwright-core';

interface Watched {
  readonly textContent: string | null;
}
type ObserverOf = new (heard: () => void) => { observe(place: Watched, what: object): void; disconnect(): void };

/** Watches from now on whether a text is shown in a place, if only for a moment: `waitFor` looks twice a second. */
export async function watchFor(place: Locator, text: string): Promise<{ shown(): Promise<void> }> {
  const watch = await place.evaluateHandle((element: Watched, wanted) => {
    const { MutationObserver } = globalThis as unknown as { readonly MutationObserver: ObserverOf };
    const shown = new Promise<void>((resolve) => {
      const observer = new MutationObserver(() => {
        if (element.textContent?.includes(wanted) !== true) return;
        observer.disconnect();
        resolve();
      });
      observer.observe(element, { childList: true, subtree: true, characterData: true });
    });
    return { shown };
  }, text);
  return { shown: () => watch.evaluate(({ shown }) => shown) };
}
