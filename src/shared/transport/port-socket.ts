/**
 * A MessagePort presented as a WebSocket, as far as tRPC's client uses one. The other end is `PortPeer` in the engine.
 *
 * On the port, a string is a text frame. Objects are control: `{ type: 'open' }` from the engine when it has accepted
 * the connection, `{ type: 'close' }` from either side. A port that vanishes with its process fires `close` by itself.
 */

/** The part of MessagePort that both the DOM's and Node's have. */
export interface PortLike {
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close', listener: () => void): void;
  start?(): void;
  close(): void;
}

export type PortControl = { type: 'open' } | { type: 'close' };

/** Whether a message on a port is control of that type and not a frame. */
export function isControl(message: unknown, type: PortControl['type']): boolean {
  return typeof message === 'object' && message !== null && (message as { type?: unknown }).type === type;
}

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

/**
 * A class to be given to tRPC's `createWSClient({ WebSocket })`. Each instance asks `connect` for a port of its own; the
 * address it is constructed with is ignored.
 */
export function portSocketClass(connect: () => Promise<PortLike>): typeof WebSocket {
  class PortSocket extends EventTarget {
    static readonly CONNECTING = CONNECTING;
    static readonly OPEN = OPEN;
    static readonly CLOSING = CLOSING;
    static readonly CLOSED = CLOSED;
    readonly CONNECTING = CONNECTING;
    readonly OPEN = OPEN;
    readonly CLOSING = CLOSING;
    readonly CLOSED = CLOSED;
    readyState: number = CONNECTING;
    private port: PortLike | null = null;

    constructor(_url?: string | URL) {
      super();
      connect().then(
        (port) => this.attach(port),
        () => this.fail(),
      );
    }

    send(data: string): void {
      if (this.readyState === CONNECTING) throw new Error('send before the port is open');
      if (this.readyState === OPEN) this.port?.postMessage(data);
    }

    close(): void {
      if (this.readyState >= CLOSING) return;
      this.readyState = CLOSING;
      this.port?.postMessage({ type: 'close' } satisfies PortControl);
      queueMicrotask(() => this.end(1000));
    }

    private attach(port: PortLike): void {
      if (this.readyState !== CONNECTING) {
        port.postMessage({ type: 'close' } satisfies PortControl);
        port.close();
        return;
      }
      this.port = port;
      port.addEventListener('message', (event) => this.receive(event.data));
      port.addEventListener('close', () => this.end(1006));
      port.start?.();
    }

    private receive(message: unknown): void {
      if (typeof message === 'string') {
        if (this.readyState === OPEN) this.dispatchEvent(new MessageEvent('message', { data: message }));
      } else if (isControl(message, 'open') && this.readyState === CONNECTING) {
        this.readyState = OPEN;
        this.dispatchEvent(new Event('open'));
      } else if (isControl(message, 'close')) {
        this.end(1001);
      }
    }

    private fail(): void {
      if (this.readyState === CLOSED) return;
      this.dispatchEvent(new Event('error'));
      this.end(1006);
    }

    /** 1000 we closed, 1001 the engine closed, 1006 the connection broke (RFC 6455 §7.4.1). */
    private end(code: number): void {
      if (this.readyState === CLOSED) return;
      this.readyState = CLOSED;
      this.port?.close();
      this.dispatchEvent(Object.assign(new Event('close'), { code, reason: '', wasClean: code !== 1006 }));
    }
  }
  return PortSocket as unknown as typeof WebSocket;
}
