/** Work that ends containers, and the grace period that bounds it: shortened when somebody asks for less. */

/** A timer holds no more. */
const LONGEST_MS = 2 ** 31 - 1;

export class PodStop {
  /** Everything has ended. */
  done = false;
  readonly #over = new AbortController();
  #deadline = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  /** `finished` is called once, when the work is done. */
  constructor(work: (over: AbortSignal) => Promise<void>, graceMs: number, finished: () => void) {
    this.within(graceMs);
    void work(this.#over.signal).finally(() => {
      this.done = true;
      clearTimeout(this.#timer);
      finished();
    });
  }

  /** No later than so many milliseconds from now. */
  within(graceMs: number): void {
    const deadline = performance.now() + graceMs;
    if (this.done || deadline >= this.#deadline) return;
    this.#deadline = deadline;
    clearTimeout(this.#timer);
    if (graceMs <= 0) this.#over.abort();
    else this.#timer = setTimeout(() => this.#over.abort(), Math.min(graceMs, LONGEST_MS));
  }

  /** Nobody waits for it any more. */
  cancel(): void {
    clearTimeout(this.#timer);
    this.#over.abort();
  }
}
