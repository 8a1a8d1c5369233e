/**
 * The interface for a browser on this machine: static files and one WebSocket, on 127.0.0.1 only.
 *
 * Every request passes the guard (Host, Origin), then needs the session cookie. `/?token=...` exchanges the token of
 * the printed address for that cookie and redirects to `/`, so the token leaves the address bar. There is no CORS and
 * no other endpoint: everything else goes through the contract on the WebSocket.
 */
import { createReadStream, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { applyWSSHandler } from '@trpc/server/adapters/ws';
import { WebSocketServer } from 'ws';
import { appRouter } from '#shared/contract/router.ts';
import { AppError } from '#shared/errors.ts';
import { MAX_BATCH, MAX_FRAME_BYTES, RPC_PATH } from '#shared/transport/endpoints.ts';
import type { Engine, Log } from '../engine/types.ts';
import { contentSecurityPolicy, newNonce, pageWithNonce, securityHeaders } from '../host/content-policy.ts';
import { resolveStatic, type StaticFile } from '../host/static-files.ts';
import { refusal } from './guard.ts';
import { type PageReason, page } from './pages.ts';
import { Sessions } from './session.ts';
import { readState, writeState } from './state-file.ts';

/** More open pages than this are a fault of somebody, not a use. */
const MAX_CONNECTIONS = 100;
/** A connection that answers no ping for this long is dead (sleep, killed browser). */
const PING_MS = 20_000;

export interface LoopbackOptions {
  engine: Pick<Engine, 'context'>;
  /** Folder of the built interface. */
  rendererDir: string;
  /** Where key and port are remembered. */
  dataDir: string;
  /** Fixed port: PORT_TAKEN when it is not free. Otherwise the last one when it is free, else any. */
  port?: number | undefined;
  log: Log;
}

export interface Loopback {
  readonly port: number;
  /** Address with the token, for the person. */
  readonly url: string;
  close(): Promise<void>;
}

export async function startLoopback(options: LoopbackOptions): Promise<Loopback> {
  const state = readState(options.dataDir);
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000, maxHeaderSize: 16_384 });
  const port = await listen(server, options.port, state.port);
  writeState(options.dataDir, { key: state.key, port });
  const sessions = new Sessions(state.key, port);
  const origins = [`ws://127.0.0.1:${port}`, `ws://localhost:${port}`];

  server.on('request', (request, response) => {
    const nonce = newNonce();
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
    response.setHeader('Content-Security-Policy', contentSecurityPolicy(nonce, origins));
    answer(request, response, { sessions, port, rendererDir: options.rendererDir, nonce });
  });

  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES, perMessageDeflate: false });
  applyWSSHandler({
    wss: sockets,
    router: appRouter,
    createContext: () => options.engine.context(),
    maxBatchSize: MAX_BATCH,
    onError: ({ path, error }) => options.log.debug('call failed', { path, code: error.code }),
  });
  server.on('upgrade', (request, socket, head) => {
    const refused = refuseUpgrade(request, port, sessions, sockets.clients.size);
    if (refused !== null) {
      options.log.warn('connection refused', { reason: refused.reason });
      deny(socket, refused.status);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => sockets.emit('connection', client, request));
  });
  const stopPinging = keepAlive(sockets);

  return {
    port,
    url: `http://127.0.0.1:${port}/?token=${sessions.token}`,
    async close() {
      stopPinging();
      for (const client of sockets.clients) client.close(1001, 'shutting down');
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      // A browser that does not answer the closing handshake must not hold up the end.
      const force = setTimeout(() => {
        for (const client of sockets.clients) client.terminate();
        server.closeAllConnections();
      }, 300);
      await closed;
      clearTimeout(force);
    },
  };
}

interface Serving {
  sessions: Sessions;
  port: number;
  rendererDir: string;
  nonce: string;
}

type Answer =
  | { kind: 'page'; status: number; reason: PageReason }
  | { kind: 'signIn' }
  | { kind: 'file'; found: StaticFile }
  | { kind: 'notAllowed' };

function decide(request: IncomingMessage, { sessions, port, rendererDir }: Serving): Answer {
  if (refusal(request.headers, port, 'request') !== null) return { kind: 'page', status: 403, reason: 'foreign' };
  if (request.method !== 'GET' && request.method !== 'HEAD') return { kind: 'notAllowed' };
  const url = parse(request.url);
  if (url === null) return { kind: 'page', status: 404, reason: 'notFound' };
  if (url.pathname === '/' && sessions.admits(url.searchParams.get('token'))) return { kind: 'signIn' };
  if (!sessions.knows(request.headers.cookie)) return { kind: 'page', status: 401, reason: 'noSession' };
  const found = resolveStatic(rendererDir, url.pathname);
  if (found !== null) return { kind: 'file', found };
  return { kind: 'page', status: 404, reason: url.pathname === '/' ? 'noInterface' : 'notFound' };
}

function answer(request: IncomingMessage, response: ServerResponse, serving: Serving): void {
  const decision = decide(request, serving);
  switch (decision.kind) {
    case 'page':
      writePage(request, response, decision.status, decision.reason);
      break;
    case 'notAllowed':
      response.writeHead(405, { Allow: 'GET, HEAD' }).end();
      break;
    case 'signIn':
      response.writeHead(303, {
        Location: '/',
        'Set-Cookie': serving.sessions.issue(),
        'Cache-Control': 'no-store',
      });
      response.end();
      break;
    case 'file':
      writeFile(request, response, decision.found, serving.nonce);
      break;
  }
}

function parse(target: string | undefined): URL | null {
  return URL.parse(target ?? '/', 'http://127.0.0.1');
}

function writeFile(request: IncomingMessage, response: ServerResponse, found: StaticFile, nonce: string): void {
  response.writeHead(200, {
    'Content-Type': found.type,
    'Cache-Control': cacheControl(found),
  });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  if (found.page) {
    response.end(pageWithNonce(readFileSync(found.file, 'utf8'), nonce));
    return;
  }
  const stream = createReadStream(found.file);
  stream.on('error', () => response.destroy());
  response.on('close', () => stream.destroy());
  stream.pipe(response);
}

/** The page is never kept: its nonce is good for one response. */
function cacheControl({ immutable, page }: StaticFile): string {
  if (page) return 'no-store';
  return immutable ? 'private, max-age=31536000, immutable' : 'no-cache';
}

function writePage(request: IncomingMessage, response: ServerResponse, status: number, reason: PageReason): void {
  response.writeHead(status, {
    'Content-Type': 'text/html; charset=utf-8',
    'Cache-Control': 'no-store',
    'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  });
  response.end(request.method === 'HEAD' ? undefined : page(reason, request.headers));
}

function refuseUpgrade(
  request: IncomingMessage,
  port: number,
  sessions: Sessions,
  open: number,
): { status: string; reason: string } | null {
  const foreign = refusal(request.headers, port, 'upgrade');
  if (foreign !== null) return { status: '403 Forbidden', reason: foreign };
  if (parse(request.url)?.pathname !== RPC_PATH) {
    return { status: '404 Not Found', reason: 'path' };
  }
  if (!sessions.knows(request.headers.cookie)) return { status: '401 Unauthorized', reason: 'session' };
  if (open >= MAX_CONNECTIONS) return { status: '503 Service Unavailable', reason: 'too many connections' };
  return null;
}

function deny(socket: Duplex, status: string): void {
  socket.on('error', () => {});
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** Ends connections whose browser is gone, so that their subscriptions stop costing anything. */
function keepAlive(sockets: WebSocketServer): () => void {
  const answered = new WeakSet<object>();
  sockets.on('connection', (client) => {
    answered.add(client);
    client.on('pong', () => answered.add(client));
  });
  const timer = setInterval(() => {
    for (const client of sockets.clients) {
      if (!answered.delete(client)) client.terminate();
      else client.ping();
    }
  }, PING_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** Binds 127.0.0.1 and nothing else. */
async function listen(server: Server, fixed: number | undefined, last: number | undefined): Promise<number> {
  if (fixed !== undefined && fixed !== 0) return await bind(server, fixed);
  if (fixed === undefined && last !== undefined) {
    try {
      return await bind(server, last);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'PORT_TAKEN') throw error;
    }
  }
  return await bind(server, 0);
}

function bind(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => {
      const taken = error.code === 'EADDRINUSE' || error.code === 'EACCES';
      reject(
        taken
          ? new AppError('PORT_TAKEN', `port ${port} on 127.0.0.1: ${error.code}`, { params: { port }, cause: error })
          : error,
      );
    };
    server.once('error', onError);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', onError);
      resolve((server.address() as { port: number }).port);
    });
  });
}
