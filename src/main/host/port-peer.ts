/**
 * The engine's end of a port: presents it as the `ws` client that tRPC's WebSocket handler serves. The page's end is
 * `PortSocket`. A port is whatever carries strings and objects both ways: a MessagePort, or frames numbered on a channel.
 */
import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { getWSConnectionHandler, type WSSHandlerOptions } from '@trpc/server/adapters/ws';
import type { WebSocket } from 'ws';
import { type AppRouter, appRouter } from '#shared/contract/router.ts';
import { MAX_BATCH, MAX_FRAME_BYTES, RPC_PATH } from '#shared/transport/endpoints.ts';
import { isControl, type PortControl } from '#shared/transport/port-socket.ts';
import type { Engine, Log } from '../engine/types.ts';

export interface Port {
  send(message: string | PortControl): void;
  close(): void;
  onMessage(listener: (message: unknown) => void): void;
  /** The other end is gone, however it went. */
  onClose(listener: () => void): void;
}

const OPEN = 1;
const CLOSED = 3;

class PortPeer extends EventEmitter {
  readonly OPEN = OPEN;
  readyState = OPEN;
  private readonly port: Port;

  constructor(port: Port) {
    super();
    this.port = port;
    port.onMessage((message) => this.receive(message));
    port.onClose(() => this.end());
  }

  send(data: string): void {
    if (this.readyState === OPEN) this.port.send(data);
  }

  close(): void {
    if (this.readyState !== OPEN) return;
    this.port.send({ type: 'close' });
    this.end();
  }

  terminate(): void {
    this.close();
  }

  private receive(message: unknown): void {
    if (this.readyState !== OPEN) return;
    if (typeof message === 'string' && message.length <= MAX_FRAME_BYTES) {
      this.emit('message', Buffer.from(message), false);
    } else if (isControl(message, 'close')) {
      this.end();
    } else {
      // Not from our page, or broken: nothing after it can be trusted.
      this.close();
    }
  }

  private end(): void {
    if (this.readyState === CLOSED) return;
    this.readyState = CLOSED;
    this.port.close();
    this.emit('close');
  }
}

/** The request a WebSocket would have come with, as far as the handler looks at it. */
const request = { url: RPC_PATH, headers: { host: 'engine' }, socket: {} } as unknown as IncomingMessage;

/** Serves the contract on ports. Returns the function that takes one more. */
export function servePorts(engine: Pick<Engine, 'context'>, log: Log): (port: Port) => { close(): void } {
  const options: Omit<WSSHandlerOptions<AppRouter>, 'wss'> = {
    router: appRouter,
    createContext: () => engine.context(),
    maxBatchSize: MAX_BATCH,
    onError: ({ path, error }) => log.debug('call failed', { path, code: error.code }),
  };
  // The handler takes its clients one by one; a server to take them from exists only on loopback.
  const serve = getWSConnectionHandler(options as WSSHandlerOptions<AppRouter>);
  return (port) => {
    const peer = new PortPeer(port);
    serve(peer as unknown as WebSocket, request);
    port.send({ type: 'open' });
    return peer;
  };
}
