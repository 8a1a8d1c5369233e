/** When something that failed before may be tried again: pauses that double, for each key on its own. Pure. */

interface Failure {
  at: number;
  pause: number;
}

/** As client-go's flowcontrol.Backoff counts: from the last try on; what was quiet for long enough starts anew. */
export class FailureBackOff {
  readonly #first: number;
  readonly #longest: number;
  readonly #failures = new Map<string, Failure>();

  /** Both in the unit of the times that are asked with. */
  constructor(first: number, longest: number) {
    this.#first = first;
    this.#longest = longest;
  }

  /** How long the key has to wait still; 0 for not at all. */
  waits(key: string, now: number): number {
    const last = this.#failures.get(key);
    return last === undefined ? 0 : Math.max(0, last.at + last.pause - now);
  }

  /** It is tried now: the next pause is twice as long as the last. */
  tried(key: string, now: number): void {
    for (const [other, { at }] of this.#failures) if (now - at > 2 * this.#longest) this.#failures.delete(other);
    const last = this.#failures.get(key);
    this.#failures.set(key, {
      at: now,
      pause: last === undefined ? this.#first : Math.min(this.#longest, 2 * last.pause),
    });
  }
}
