/**
 * A WebSocket whose end is told soon, whether or not the other side takes part: a browser waits about a minute for the
 * answer to a close, and as long the page would call a frozen engine connected.
 */

const PATIENCE_MS = 1_000;
/** Lost without a word of the other side. Source: RFC 6455, 7.4.1. */
const ABNORMAL = 1006;

/** The same class, but `close` is followed by its event within `patienceMs`; what comes later is not told again. */
export function promptSocketClass(Base: typeof WebSocket, patienceMs = PATIENCE_MS): typeof WebSocket {
  return class extends Base {
    #told = false;
    #timer: ReturnType<typeof setTimeout> | undefined;

    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      // The first listener there is: it decides whether the others hear of it.
      this.addEventListener('close', (event) => {
        clearTimeout(this.#timer);
        if (this.#told) event.stopImmediatePropagation();
        this.#told = true;
      });
    }

    override close(code?: number, reason?: string): void {
      super.close(code, reason);
      if (this.#told || this.#timer !== undefined) return;
      this.#timer = setTimeout(() => {
        this.dispatchEvent(new CloseEvent('close', { code: ABNORMAL, wasClean: false }));
      }, patienceMs);
    }
  };
}
