/** "Something changed since I last looked": marked from callbacks, awaited by the one loop that sends. */
export class Dirt {
  #dirty = false;
  #wake: (() => void) | null = null;
  readonly #signal: AbortSignal;
  readonly #onAbort = (): void => this.#wake?.();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', this.#onAbort);
  }

  mark(): void {
    this.#dirty = true;
    this.#wake?.();
  }

  clear(): void {
    this.#dirty = false;
  }

  /** Resolves when marked, or at the end. */
  async wait(): Promise<void> {
    if (this.#dirty || this.#signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = null;
  }

  /** Lets further changes come for so long; not at all when somebody waits for the answer, and never past the end. */
  async gather(ms: number, urgent: () => boolean): Promise<void> {
    if (urgent()) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        if (!this.#signal.aborted && !urgent()) return;
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = null;
  }

  dispose(): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
  }
}
