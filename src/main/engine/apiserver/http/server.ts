/**
 * HTTPS on 127.0.0.1: reads requests, authenticates the connection, hands them to the pipeline, writes answers and
 * streams. HTTP/1.1 and HTTP/2 (ALPN) on one port. Nothing a client does may end the process.
 */
import { setMaxListeners } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { AppError } from '#shared/errors.ts';
import { bearerToken, type TokenAuthenticator, userOfCertificate } from '../auth/authenticate.ts';
import type { Pki } from '../auth/pki.ts';
import type { Pipeline } from '../request/pipeline.ts';
import type { ApiRequest } from '../request/types.ts';
import { badRequest } from '../status.ts';
import { tokenOfProtocols, upgradeOf } from '../streams/requested.ts';
import type { UserInfo } from '../types.ts';
import { writeAnswer, writeStatus } from './answer.ts';
import { BodyTooLarge, readBody, TooBusy } from './body.ts';
import { DoorState, type FrontDoor, listenOn } from './door.ts';

export type Incoming = IncomingMessage | Http2ServerRequest;
export type Outgoing = ServerResponse | Http2ServerResponse;

/** A client that starts a request and never ends it must not hold its connection for ever. */
const REQUEST_TIMEOUT_MS = 60_000;
const MAX_HEADER_BYTES = 256 * 1024;
const MAX_HEADER_PAIRS = 256;
/** Per HTTP/2 connection; clients open another one for more. */
const MAX_STREAMS = 250;
/** What one HTTP/2 connection may have unsent: a client may ask for several large lists at once. Node's limit is 10. */
const MAX_SESSION_MB = 256;
/** How long answers under way may take when the server ends. */
const DRAIN_MS = 2_000;
/** Idle connections are kept as long as kube-apiserver keeps them; Node's 5 s would race with clients that reuse them. */
const IDLE_TIMEOUT_MS = 90_000;

export interface HttpServerOptions {
  pipeline: Pipeline;
  pki: Pki;
  /** Undefined: `preferredPort` if free, else any. */
  port: number | undefined;
  preferredPort: number | null;
  tokens: readonly TokenAuthenticator[];
  /** Clock of the server, ms since the epoch: what the Date header says. */
  now(): number;
  onError(error: unknown, where: string): void;
}

export interface HttpServer {
  readonly port: number;
  readonly door: FrontDoor;
  /** Ends every connection. */
  close(): Promise<void>;
}

export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { pki, onError } = options;
  const server = createSecureServer({
    allowHTTP1: true,
    key: pki.serverKey,
    cert: pki.serverCertificate + pki.caCertificate,
    ca: pki.caCertificate,
    requestCert: true,
    // Requests without a certificate may carry a token; the subject counts only when `authorized`.
    rejectUnauthorized: false,
    maxSessionMemory: MAX_SESSION_MB,
    // Not in the types, but passed on to HTTP/1 connections.
    http1Options: { maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: IDLE_TIMEOUT_MS } as object,
    settings: { maxConcurrentStreams: MAX_STREAMS, maxHeaderListSize: MAX_HEADER_BYTES },
    maxHeaderListPairs: MAX_HEADER_PAIRS,
  });
  const closing = new AbortController();
  // One listener per upgraded connection.
  setMaxListeners(0, closing.signal);
  // Anything else in an Upgrade header is a hint that may be ignored.
  Object.assign(server, { shouldUpgradeCallback: (request: IncomingMessage) => upgradeOf(request) !== null });
  const sockets = new Set<Socket>();
  const track = (socket: Socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
  };
  server.on('connection', track);
  server.on('secureConnection', (socket: TLSSocket) => socket.on('error', () => socket.destroy()));
  server.on('sessionError', () => undefined);
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => session.destroy());
    session.once('close', () => sessions.delete(session));
  });
  const watches = new Set<() => void>();
  let answering = 0;
  let drained: () => void = () => undefined;
  const waiting = new Set<() => void>();
  const answered = (): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (answering > watches.size) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      // What has just been written is on its way first.
      setImmediate(look);
    });
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => endBadRequest(socket, error.code));
  const endConnections = () => {
    for (const socket of sockets) socket.destroy();
  };
  const door = new DoorState({ server, pki, endConnections, answered });
  server.on('request', (request: Incoming, response: Outgoing) => {
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    answering++;
    response.once('close', () => {
      answering--;
      if (answering === 0) drained();
      for (const look of waiting) setImmediate(look);
    });
    serve(options, door, request, response, watches).catch((error) => {
      onError(error, 'http');
      response.destroy();
    });
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    upgrade(options, door, request, socket, head, closing.signal).catch((error) => {
      onError(error, 'upgrade');
      socket.destroy();
    });
  });
  server.on('error', (error) => onError(error, 'listen'));
  await listen(server, options);
  return {
    port: (server.address() as AddressInfo).port,
    door,
    close: async () => {
      closing.abort();
      // Watches end in good order, so that their readers come back at once instead of waiting for a broken connection.
      for (const end of [...watches]) end();
      for (const session of [...sessions]) session.close();
      if (answering > 0)
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, DRAIN_MS);
          drained = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      await door.close();
    },
  };
}

async function listen(server: Http2SecureServer, options: HttpServerOptions): Promise<void> {
  const wanted = options.port ?? options.preferredPort ?? 0;
  try {
    await listenOn(server, wanted);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    if (options.port !== undefined && options.port !== 0)
      throw new AppError('PORT_TAKEN', `port ${options.port} on 127.0.0.1 is taken`, {
        params: { port: options.port },
      });
    await listenOn(server, 0);
  }
}

async function serve(
  options: HttpServerOptions,
  door: DoorState,
  request: Incoming,
  response: Outgoing,
  watches: Set<() => void>,
): Promise<void> {
  const now = options.now();
  // Node's own Date header is right unless this server's clock is said to be wrong.
  if (Math.abs(now - Date.now()) > 1000) response.setHeader('Date', new Date(now).toUTCString());
  if (door.gate !== null) {
    const refusal = await door.gate(toApiRequest(request, null, null));
    if (response.destroyed) return;
    if (refusal !== null) {
      writeAnswer(request, response, refusal);
      request.resume();
      return;
    }
  }
  const user = authenticate(request, options.tokens);
  if (user === 'rejected') {
    const refusal = await options.pipeline.unauthenticated(toApiRequest(request, null, null));
    if (response.destroyed) return;
    writeAnswer(request, response, refusal);
    request.resume();
    return;
  }
  let bytes: Uint8Array | null = null;
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    try {
      bytes = await readBody(request, REQUEST_TIMEOUT_MS);
    } catch (error) {
      if (error instanceof BodyTooLarge) writeStatus(response, error.status);
      else if (error instanceof TooBusy) writeStatus(response, error.status, { 'Retry-After': '1' });
      else if (!response.destroyed) writeStatus(response, badRequest('the request body could not be read'));
      return;
    }
  }
  const apiRequest = toApiRequest(request, user, bytes);
  apiRequest.signal = () => {
    const gone = new AbortController();
    if (response.destroyed) gone.abort();
    else response.once('close', () => gone.abort());
    return gone.signal;
  };
  const answer = await options.pipeline.handle(apiRequest);
  if (response.destroyed) return;
  writeAnswer(request, response, answer, watches);
}

async function upgrade(
  options: HttpServerOptions,
  door: DoorState,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  closing: AbortSignal,
): Promise<void> {
  const refusal = door.gate === null ? null : await door.gate(toApiRequest(request, null, null));
  // What only upgraded connections need is loaded with the first of them.
  const { answerPlainly, serveUpgrade } = await import('./upgrade.ts');
  const user = authenticate(request, options.tokens, tokenOfProtocols(request));
  if (refusal !== null) answerPlainly(request, socket, refusal);
  else if (user === 'rejected')
    answerPlainly(request, socket, await options.pipeline.unauthenticated(toApiRequest(request, null, null)));
  else await serveUpgrade(options.pipeline, request, toApiRequest(request, user, null), socket, head, closing);
}

/** Shared: nobody adds to a query. */
const NO_QUERY = new URLSearchParams();

function toApiRequest(request: Incoming, user: UserInfo | null, bytes: Uint8Array | null): ApiRequest {
  const target = request.url ?? '/';
  const mark = target.indexOf('?');
  return {
    method: request.method ?? 'GET',
    uri: target,
    path: mark < 0 ? target : target.slice(0, mark),
    query: mark < 0 ? NO_QUERY : new URLSearchParams(target.slice(mark + 1)),
    headers: request.headers as Record<string, string | undefined>,
    user,
    body: bytes === null || bytes.length === 0 ? null : { bytes },
    host: request.headers.host ?? request.headers[':authority']?.toString(),
  };
}

/**
 * Null: no credentials at all. A token nobody knows, or a certificate that is expired or not ours, is refused even where
 * anonymous requests would pass.
 */
function authenticate(
  request: Incoming,
  tokens: readonly TokenAuthenticator[],
  socketToken: string | null = null,
): UserInfo | null | 'rejected' {
  const socket = request.socket as TLSSocket;
  const user = certificateUser(socket);
  if (user !== null && user !== 'rejected') return user;
  const token = bearerToken(request.headers.authorization) ?? socketToken;
  if (token === null) return user;
  for (const known of tokens) {
    const user = known(token);
    if (user !== undefined) return user;
  }
  return 'rejected';
}

/** Looked up once per connection: reading a certificate costs more than the rest of a small request. */
function certificateUser(socket: TLSSocket): UserInfo | null | 'rejected' {
  let user = certificateUsers.get(socket);
  if (user === undefined) {
    const certificate = socket.getPeerCertificate?.();
    const shown = certificate !== undefined && Object.keys(certificate).length > 0;
    if (socket.authorized) user = userOfCertificate(certificate?.subject as never, certificate?.fingerprint256);
    else user = shown ? 'rejected' : null;
    certificateUsers.set(socket, user);
  }
  return user;
}

const certificateUsers = new WeakMap<TLSSocket, UserInfo | null | 'rejected'>();

/** What is no HTTP, or more of it than is taken, in the words of Go's server. */
function endBadRequest(socket: Socket, code: string | undefined): void {
  const status =
    code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? '408 Request Timeout'
        : '400 Bad Request';
  const head = `HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n`;
  // Each further piece of what is still being sent comes here again.
  if (socket.writableEnded) return;
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  socket.end(head + status);
  // Closed with something unread, a connection is reset, and the answer may be lost on its way. Source: Go's rstAvoidanceDelay.
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
}

const LINGER_MS = 500;
