/**
 * The WebSocket handshake as the API server does it: what is refused, with which status, and which subprotocol is spoken.
 * The library behind it takes over once nothing is left to refuse. Source: golang.org/x/net/websocket, k8s.io/streaming.
 */
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { socketProtocols, TOKEN_PREFIX } from './requested.ts';

const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;
const PING_EVERY_MS = 30_000;

export interface Handshake {
  request: IncomingMessage;
  socket: Duplex;
  head: Buffer;
}

export interface Accepted {
  socket: WebSocket;
  /** Empty when the client names none. */
  protocol: string;
}

/** The subprotocol for those that a client asks for, none being the empty one; or the status of a refusal. */
export type Choice = (asked: readonly string[]) => string | number;

/** The first of the client's that is offered. */
export function oneOf(offered: readonly string[]): Choice {
  return (asked) => asked.find((protocol) => offered.includes(protocol)) ?? 403;
}

/** For watches: only pages may read them, and whatever single protocol one names is taken for granted. */
export function fromPages(request: IncomingMessage): Choice {
  return (asked) => {
    if (!URL.canParse(request.headers.origin ?? '')) return 403;
    return asked.length === 1 ? asked[0]! : 400;
  };
}

/** Null: refused. Never settles when the handshake is malformed in other ways: the library has answered and closed then. */
export function accept(handshake: Handshake, choose: Choice): Promise<Accepted | null> {
  const { request, socket, head } = handshake;
  const headers = request.headers;
  const refuse = (status: number, text = '', more = '') => {
    socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${more}\r\n${text}`);
    return Promise.resolve(null);
  };
  if (request.method !== 'GET') return refuse(405, 'bad method');
  if ((headers['sec-websocket-key'] ?? '') === '') return refuse(400, 'mismatch challenge/response');
  if (headers['sec-websocket-version'] !== '13')
    return refuse(400, 'missing or bad WebSocket Version', 'Sec-WebSocket-Version: 13\r\n');
  const named = socketProtocols(request).filter((protocol) => !protocol.startsWith(TOKEN_PREFIX));
  const protocol = choose(named.length === 0 ? [''] : named);
  if (typeof protocol === 'number') return refuse(protocol);
  chosen.set(request, protocol);
  return new Promise((resolve) => {
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      const pings = setInterval(() => webSocket.ping(), PING_EVERY_MS).unref();
      webSocket.once('close', () => clearInterval(pings));
      resolve({ socket: webSocket, protocol });
    });
  });
}

const webSockets = new WebSocketServer({
  noServer: true,
  perMessageDeflate: false,
  maxPayload: MAX_MESSAGE_BYTES,
  handleProtocols: (_offered, request) => chosen.get(request) || false,
});
const chosen = new WeakMap<IncomingMessage, string>();
