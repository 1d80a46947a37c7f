import { median } from '../../../base/median.js';
import type { Traffic } from '../../../protocol/podTypes.js';

const windowMs = 2_000;
const slotMs = 100;
const slots = windowMs / slotMs;
const latencies = 31;

/** Counts what goes through a tunnel. Times in milliseconds are handed in. */
export class TrafficMeter {
  #sent = 0;
  #received = 0;
  /** Bytes of each tenth of a second, in a ring. */
  readonly #recent = new Float64Array(slots);
  #slot = 0;
  readonly #latencies: number[] = [];

  constructor(private readonly now: () => number) {}

  sent(bytes: number): void {
    this.#sent += bytes;
    this.#count(bytes);
  }

  received(bytes: number): void {
    this.#received += bytes;
    this.#count(bytes);
  }

  answered(milliseconds: number): void {
    this.#latencies.push(milliseconds);
    if (this.#latencies.length > latencies) this.#latencies.shift();
  }

  get traffic(): Traffic {
    this.#count(0);
    const recent = this.#recent.reduce((sum, bytes) => sum + bytes, 0);
    return { sentBytes: this.#sent, receivedBytes: this.#received, rate: (recent * 1_000) / windowMs, latency: (median(this.#latencies) ?? 0) / 1_000 };
  }

  #count(bytes: number): void {
    const slot = Math.floor(this.now() / slotMs);
    const passed = Math.min(slot - this.#slot, slots);
    for (let i = 0; i < passed; i++) this.#recent[(slot - i) % slots] = 0;
    this.#slot = slot;
    this.#recent[slot % slots] = (this.#recent[slot % slots] ?? 0) + bytes;
  }
}
