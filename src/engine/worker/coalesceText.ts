import type { Clock } from '../base/clock.js';
import type { GenerationEvent } from '../protocol/engineTypes.js';

/** As often as a screen draws; the eye sees no more, and every message wakes the daemon and the window. */
const intervalMs = 16;

/**
 * Puts text that follows within a screen's frame into one event. The first text goes out at once; text that is held
 * goes with the next token or with `flush`, which belongs at the end of every answer, also of one that fails.
 */
export function coalesceText(report: (event: GenerationEvent) => void, clock: Clock): { report(event: GenerationEvent): void; flush(): void } {
  let held: Extract<GenerationEvent, { kind: 'text' }> | null = null;
  let sentAt = -Infinity;
  const flush = (): void => {
    if (held === null) return;
    const event = held;
    held = null;
    sentAt = clock.now();
    report(event);
  };
  return {
    flush,
    report(event) {
      if (event.kind !== 'text') {
        flush();
        report(event);
        return;
      }
      held = held === null ? event : { kind: 'text', text: held.text + event.text, tokens: [...held.tokens, ...event.tokens] };
      if (clock.now() - sentAt >= intervalMs) flush();
    },
  };
}
