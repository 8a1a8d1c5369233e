/**
 * CPU that answering requests has taken in one container, by the second: a counter that only grows, and the rate over its
 * last seconds from the same figures, so that both agree. Pure.
 */

/** What a rate is taken over: as long as the metrics server's own steps. */
const WINDOW_MS = 15_000;
/** Older seconds are one sum. */
const SECONDS_KEPT = 900;

interface Second {
  /** Milliseconds since the epoch. */
  from: number;
  /** CPU seconds spent before it. */
  before: number;
  /** CPU seconds spent in it. */
  spent: number;
}

export class Work {
  readonly #seconds: Second[] = [];

  /** @param cores how much there is: who asks for more than a second has, waits */
  spend(at: number, cpuSeconds: number, cores: number): void {
    const from = Math.floor(at / 1000) * 1000;
    let last = this.#seconds.at(-1);
    if (last === undefined || last.from < from) {
      last = { from, before: last === undefined ? 0 : last.before + last.spent, spent: 0 };
      this.#seconds.push(last);
      if (this.#seconds.length > SECONDS_KEPT) this.#seconds.shift();
    }
    last.spent = Math.min(cores, last.spent + cpuSeconds);
  }

  /** CPU seconds until then; each second's are spent evenly over it. */
  total(at: number): number {
    for (let index = this.#seconds.length - 1; index >= 0; index--) {
      const second = this.#seconds[index]!;
      if (second.from <= at) return second.before + second.spent * Math.min(1, (at - second.from) / 1000);
    }
    return this.#seconds[0]?.before ?? 0;
  }

  /** Cores. */
  rate(at: number): number {
    return (this.total(at) - this.total(at - WINDOW_MS)) / (WINDOW_MS / 1000);
  }
}
