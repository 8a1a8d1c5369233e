/** What a request asks to be upgraded to, and with which token: little enough to be looked at before the rest is loaded. */
import type { IncomingMessage } from 'node:http';

export const TOKEN_PREFIX = 'base64url.bearer.authorization.k8s.io.';

export type UpgradeKind = 'websocket' | 'spdy';

/** Null: the request does not ask for a protocol we know, and is served as if it had not asked. */
export function upgradeOf(request: IncomingMessage): UpgradeKind | null {
  const wanted = (request.headers.upgrade ?? '').toLowerCase();
  if (wanted === 'websocket') return 'websocket';
  return wanted === 'spdy/3.1' ? 'spdy' : null;
}

/** A bearer token that a browser's WebSocket can only send as a subprotocol. */
export function tokenOfProtocols(request: IncomingMessage): string | null {
  const found = socketProtocols(request).find((protocol) => protocol.startsWith(TOKEN_PREFIX));
  return found === undefined ? null : Buffer.from(found.slice(TOKEN_PREFIX.length), 'base64url').toString('utf8');
}

/** Subprotocols of a WebSocket, in the client's order. */
export function socketProtocols(request: IncomingMessage): string[] {
  return (request.headers['sec-websocket-protocol'] ?? '')
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '');
}
