const windowMs = 2_000;

/** How many per second over the last two seconds (tokens, bytes), for a figure that follows what happens now. Times in milliseconds are handed in. */
export class RateMeter {
  #samples: { readonly at: number; readonly count: number }[] = [];

  add(count: number, at: number): void {
    this.#samples.push({ at, count });
    while ((this.#samples[0]?.at ?? at) < at - windowMs) this.#samples.shift();
  }

  /** 0 until two samples are there: a single moment has no duration. */
  rate(): number {
    const [first, ...later] = this.#samples;
    const last = later.at(-1);
    if (first === undefined || last === undefined || last.at <= first.at) return 0;
    // The first sample's count came before the time that is measured.
    return (later.reduce((sum, sample) => sum + sample.count, 0) * 1_000) / (last.at - first.at);
  }
}
