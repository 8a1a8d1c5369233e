/** A queue of keys for the server's own controllers: each handled one at a time, duplicates coalesce, failures retried. */
export class Debouncer {
  readonly #handle: (key: string) => Promise<void>;
  readonly #onError: (error: unknown, where: string) => void;
  readonly #waiting = new Set<string>();
  readonly #timers = new Map<string, { timer: NodeJS.Timeout; due: number }>();
  #running: Promise<void> | null = null;
  #stopped = false;

  constructor(handle: (key: string) => Promise<void>, onError: (error: unknown, where: string) => void) {
    this.#handle = handle;
    this.#onError = onError;
  }

  add(key: string): void {
    if (this.#stopped) return;
    this.#waiting.add(key);
    this.#running ??= this.#run();
  }

  /** The sooner of several times counts. */
  addAfter(key: string, delayMs: number): void {
    const due = Date.now() + delayMs;
    const known = this.#timers.get(key);
    if (this.#stopped || (known !== undefined && known.due <= due)) return;
    clearTimeout(known?.timer);
    const timer = setTimeout(() => {
      this.#timers.delete(key);
      this.add(key);
    }, delayMs).unref();
    this.#timers.set(key, { timer, due });
  }

  /** Resolves when nothing is waiting or running (delayed keys do not count). */
  async idle(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#waiting.clear();
    for (const { timer } of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    await this.idle();
  }

  async #run(): Promise<void> {
    // Leaves the caller's turn first: events are handed out in the middle of a commit.
    await Promise.resolve();
    for (const key of this.#waiting) {
      this.#waiting.delete(key);
      try {
        await this.#handle(key);
      } catch (error) {
        if (this.#stopped) break;
        this.#onError(error, `controller ${key}`);
        this.addAfter(key, 1000);
      }
    }
    this.#running = null;
    if (this.#waiting.size > 0 && !this.#stopped) this.#running = this.#run();
  }
}
