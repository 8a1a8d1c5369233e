/**
 * KubeTransport over HTTPS: one identity on one API server, on undici.
 * Contract in types.ts. Network failures are AppErrors with the code of network-errors.ts; a 401 makes credentials that
 * can be renewed (files, exec plugins) be renewed once before it is believed.
 */
import type { X509Certificate } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Dispatcher } from 'undici';
import { AppError } from '#shared/errors.ts';
import { apiErrorOf, parseRetryAfter } from './api-error.ts';
import { type BudgetLimits, type BudgetState, createRequestBudget } from './budget.ts';
import { type Connections, connectionKey, openConnections } from './connections.ts';
import { type CredentialsOptions, createCredentials, type Material } from './credentials.ts';
import { parseNdjson } from './ndjson.ts';
import { clientCertificateProblem, networkError, timeoutError } from './network-errors.ts';
import { isLoopback } from './proxy.ts';
import type { KubeTransport, RawRequest, TransportRequest, TransportResponse } from './types.ts';

export interface HttpsTransportOptions extends CredentialsOptions {
  /** For display; the address dialled is the identity's. */
  server: string;
  env?: NodeJS.ProcessEnv;
  requestTimeoutMs?: number;
  connectTimeoutMs?: number;
  userAgent?: string;
  budget?: Partial<BudgetLimits>;
  /** The largest answer that is read. */
  maxBodyBytes?: number;
}

export interface HttpsTransport extends KubeTransport {
  /**
   * Breaks every connection with `reason`, so that whatever hangs on one resumes on a new one: after a network change,
   * or when the cluster is known to be away although a watch has not noticed.
   */
  reset(reason: AppError): void;
  /** Resolves credentials without dialling; throws their own problem. For the connection check. */
  prepare(): Promise<Material>;
  /** How much is under way and waiting. */
  budget(): BudgetState;
  /** What the server showed in the last trusted handshake, leaf first; empty before, and where nothing is verified. */
  serverCertificates(): readonly X509Certificate[];
}

const MAX_BODY_BYTES = 512 * 1024 * 1024;
const gunzipAsync = promisify(gunzip);

export function createHttpsTransport(options: HttpsTransportOptions): HttpsTransport {
  const env = options.env ?? process.env;
  const requestTimeoutMs = options.requestTimeoutMs ?? 30_000;
  const connectTimeoutMs = options.connectTimeoutMs ?? 10_000;
  const maxBodyBytes = options.maxBodyBytes ?? MAX_BODY_BYTES;
  const credentials = createCredentials(options);
  const budget = createRequestBudget(options.server, options.budget);
  let current: Connections | null = null;
  let shown: readonly X509Certificate[] = [];
  let opening: { key: string; promise: Promise<Connections> } | null = null;
  let closed = false;
  let slowWay = false;
  let compressible = true;

  async function connectionsFor(material: Material): Promise<Connections> {
    const key = connectionKey(material, env);
    if (current?.key === key) return current;
    if (opening?.key !== key) {
      const promise = openConnections(material, env, connectTimeoutMs).then((opened) => {
        if (closed) void opened.destroy(closedError());
        else {
          current?.retire();
          current = opened;
        }
        return opened;
      });
      opening = { key, promise };
      const forget = () => {
        if (opening?.promise === promise) opening = null;
      };
      promise.then(forget, forget);
    }
    return await opening.promise;
  }

  async function dispatch(
    request: RawRequest,
    kind: 'requests' | 'streams',
    material: Material,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    if (closed) throw closedError();
    const connections = await connectionsFor(material);
    compressible = !material.identity.disableCompression;
    // On loopback compressing costs more than it saves, unless it is the near end of a tunnel. API servers compress no watch.
    const compress =
      kind === 'requests' && compressible && (slowWay || !isLoopback(new URL(material.identity.server).hostname));
    try {
      const sent = connections[kind].request({
        origin: connections.origin,
        method: request.method,
        path: connections.prefix + request.path + queryString(request.query),
        headers: headersOf(request, compress, material, options.userAgent ?? 'fleetdeck'),
        body: bodyOf(request.body),
        signal,
        headersTimeout: kind === 'streams' ? requestTimeoutMs : 0,
      });
      // undici looks at the signal only once a connection is there; a dead peer would hold the caller until then.
      return await abortable(sent, signal);
    } catch (error) {
      throw networkError(error, { ...contextOf(material, connections), timeoutMs: requestTimeoutMs });
    }
  }

  /** Sends with renewal of credentials after a 401, and once more when an idle connection turned out to be dead. */
  async function send(
    request: RawRequest,
    kind: 'requests' | 'streams',
    signal: AbortSignal,
  ): Promise<{ response: Dispatcher.ResponseData; material: Material }> {
    let material = await abortable(credentials.resolve(false), signal);
    let response: Dispatcher.ResponseData;
    try {
      response = await dispatch(request, kind, material, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      // Files that are just being rotated: the certificate is new and the key still the old one, or was when it was read.
      if (isUnusableCertificate(error) && canRenew(material))
        material = await abortable(credentials.resolve(true), signal);
      else if (request.method !== 'GET' || !isLostConnection(error)) throw error;
      response = await dispatch(request, kind, material, signal);
    }
    if (response.statusCode === 401 && canRenew(material)) {
      const renewed = await abortable(credentials.resolve(true), signal);
      if (!sameCredentials(material, renewed)) {
        await response.body.dump();
        material = renewed;
        response = await dispatch(request, kind, material, signal);
      }
    }
    // A refused eviction is about a disruption budget, not about us.
    if (response.statusCode === 429 && !request.path.endsWith('/eviction')) {
      budget.refused(parseRetryAfter(String(response.headers['retry-after'] ?? '')));
    }
    if (response.statusCode === 401) {
      const problem = knownProblem(material);
      if (problem !== null) {
        await response.body.dump();
        throw problem;
      }
    }
    // 304 answers a question that had an ETag.
    if (response.statusCode >= 300 && response.statusCode < 400 && response.statusCode !== 304) {
      await response.body.dump();
      const text = `${options.server} answered with a redirect (HTTP ${response.statusCode}): not an API server`;
      throw new AppError('CLUSTER_ERROR', text, {
        params: { server: options.server, status: response.statusCode },
        hint: 'hints.notApiServer',
      });
    }
    return { response, material };
  }

  return {
    server: options.server,
    compress() {
      slowWay = true;
      return compressible;
    },

    async request(request): Promise<TransportResponse> {
      const timeoutMs = request.timeoutMs ?? requestTimeoutMs;
      if (closed) throw closedError();
      const release = await budget.acquire(request.priority ?? 'normal', request.signal);
      const guard = guardOf(request.signal, timeoutMs);
      let material: Material | undefined;
      try {
        const sent = await send(request, 'requests', guard.signal);
        material = sent.material;
        const headers = lowerCased(sent.response.headers);
        const bytes = await readAll(sent.response.body, headers['content-encoding'], maxBodyBytes);
        const status = sent.response.statusCode;
        const body = request.raw === true && status < 400 ? bytes : parseBody(bytes, headers, options.server);
        return { status, headers, body };
      } catch (error) {
        if (request.signal?.aborted) throw cancelled(request);
        const context = contextOf(material, current);
        // A plugin's own time-out names the plugin; the guard's only says that the cluster did not answer.
        if (guard.timedOut() && !isOwnVerdict(error)) throw timeoutError(context, timeoutMs);
        throw networkError(error, context);
      } finally {
        guard.release();
        release();
      }
    },

    async *stream(request): AsyncGenerator<unknown> {
      if (closed) throw closedError();
      await budget.pass(request.priority ?? 'normal', request.signal);
      const guard = guardOf(request.signal, null);
      let material: Material | undefined;
      try {
        const sent = await send(request, 'streams', guard.signal);
        material = sent.material;
        const headers = lowerCased(sent.response.headers);
        const status = sent.response.statusCode;
        if (status >= 400) {
          const bytes = await readAll(sent.response.body, headers['content-encoding'], maxBodyBytes);
          const body = parseBody(bytes, headers, options.server);
          throw apiErrorOf({ status, headers, body }, `${request.method} ${request.path}`);
        }
        if (!/\bjson\b/.test(headers['content-type'] ?? '')) {
          await sent.response.body.dump();
          const text = `${options.server} answered a watch with ${headers['content-type'] ?? 'an unknown type'}, not with JSON`;
          throw new AppError('CLUSTER_ERROR', text, {
            retryable: true,
            params: { server: options.server },
            hint: 'hints.notApiServer',
          });
        }
        request.onOpen?.();
        yield* parseNdjson(counted(sent.response.body, request.onBytes));
        if (request.signal?.aborted) throw cancelled(request);
      } catch (error) {
        if (request.signal?.aborted) throw cancelled(request);
        throw networkError(error, contextOf(material, current));
      } finally {
        guard.release();
        guard.abort();
      }
    },

    async raw(request) {
      if (closed) throw closedError();
      await budget.pass(request.priority ?? 'normal', request.signal);
      const guard = guardOf(request.signal, null);
      let material: Material | undefined;
      try {
        const sent = await send(request, 'streams', guard.signal);
        material = sent.material;
        const { statusCode: status, headers, body } = sent.response;
        body.once('close', () => guard.release());
        return { status, headers: lowerCased(headers), body };
      } catch (error) {
        guard.release();
        if (request.signal?.aborted) throw cancelled(request);
        throw networkError(error, contextOf(material, current));
      }
    },

    async upgrade({ protocol, ...request }) {
      if (closed) throw closedError();
      await budget.pass(request.priority ?? 'normal', request.signal);
      const material = await credentials.resolve(false);
      const connections = await connectionsFor(material);
      try {
        const { headers, socket } = await connections.streams.upgrade({
          origin: connections.origin,
          path: connections.prefix + request.path + queryString(request.query),
          method: request.method,
          protocol,
          headers: headersOf(request, false, material, options.userAgent ?? 'fleetdeck'),
          ...(request.signal === undefined ? {} : { signal: request.signal }),
        } as never);
        return { headers: headers as Record<string, string | string[]>, connection: socket };
      } catch (error) {
        if (request.signal?.aborted) throw cancelled(request);
        // The library says no more of an answer that does not change the protocol.
        if ((error as Error).message === 'bad upgrade') return null;
        throw networkError(error, contextOf(material, connections));
      }
    },

    async certificates() {
      const { identity, ca, cert } = await credentials.resolve(false);
      return { client: cert, authorities: ca, serverName: identity.tlsServerName };
    },

    budget: () => budget.state(),
    serverCertificates() {
      const present = current?.serverCertificates ?? [];
      if (present.length > 0) shown = present;
      return shown;
    },

    async prepare() {
      const material = await credentials.resolve(true);
      await connectionsFor(material);
      return material;
    },

    reset(reason) {
      const broken = current;
      current = null;
      budget.flush(reason);
      void broken?.destroy(reason);
    },

    async close() {
      closed = true;
      credentials.close();
      budget.flush(closedError());
      const last = current;
      current = null;
      await last?.destroy(closedError());
    },
  };
}

interface Guard {
  signal: AbortSignal;
  timedOut(): boolean;
  abort(): void;
  release(): void;
}

/** One abort for the caller's signal and the time-out (AbortSignal.any keeps long-lived signals' dependants alive). */
function guardOf(signal: AbortSignal | undefined, timeoutMs: number | null): Guard {
  const controller = new AbortController();
  let timedOut = false;
  const onAbort = () => controller.abort();
  if (signal?.aborted) controller.abort();
  else signal?.addEventListener('abort', onAbort, { once: true });
  const timer =
    timeoutMs === null
      ? undefined
      : setTimeout(() => {
          timedOut = true;
          controller.abort();
        }, timeoutMs);
  return {
    signal: controller.signal,
    timedOut: () => timedOut,
    abort: () => controller.abort(),
    release() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    },
  };
}

function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(new AppError('CANCELLED', 'cancelled'));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** Why a server refuses what it was shown, where that can be told from here; its own words say less. */
function knownProblem({ identity, headers, cert }: Material): AppError | null {
  if (headers.authorization === undefined) return clientCertificateProblem(cert);
  if (identity.oidc !== true) return null;
  return new AppError('CREDENTIALS_REJECTED', 'the OIDC token is refused: it may have ended', {
    hint: 'hints.oidcToken',
  });
}

/** Errors that say more than "no answer in time". */
function isOwnVerdict(error: unknown): boolean {
  return error instanceof AppError && !['CANCELLED', 'CLUSTER_UNREACHABLE'].includes(error.code);
}

/** Nothing has been sent yet. */
function isUnusableCertificate(error: unknown): boolean {
  return error instanceof AppError && error.code === 'KUBECONFIG_INCOMPLETE' && error.params?.what === 'certificate';
}

function isLostConnection(error: unknown): boolean {
  if (!(error instanceof AppError)) return false;
  return ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes(String(error.params?.detail ?? ''));
}

function canRenew({ identity }: Material): boolean {
  return [identity.exec, identity.tokenFile, identity.certFile, identity.keyFile].some((part) => part !== undefined);
}

function sameCredentials(a: Material, b: Material): boolean {
  return a.headers.authorization === b.headers.authorization && a.cert === b.cert && a.key === b.key;
}

function contextOf(material: Material | undefined, connections: Connections | null) {
  return {
    server: material?.identity.server ?? connections?.origin ?? '',
    clientCertificate: material?.cert,
    proxy: connections?.proxy,
  };
}

function headersOf(
  request: RawRequest,
  compress: boolean,
  material: Material,
  userAgent: string,
): Record<string, string | string[]> {
  return {
    accept: 'application/json',
    'user-agent': userAgent,
    ...(compress ? { 'accept-encoding': 'gzip' } : {}),
    ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
    ...request.headers,
    ...material.headers,
  };
}

function queryString(query: TransportRequest['query']): string {
  if (query === undefined) return '';
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) params.set(name, String(value));
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}

function lowerCased(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) result[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return result;
}

async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  onBytes: ((count: number) => void) | undefined,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    onBytes?.(chunk.length);
    yield chunk;
  }
}

async function readAll(
  body: AsyncIterable<Uint8Array>,
  encoding: string | undefined,
  maxBytes: number,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) throw new AppError('CLUSTER_ERROR', `answer larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  if (encoding !== 'gzip') return bytes;
  try {
    return await gunzipAsync(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    throw new AppError('CLUSTER_ERROR', 'answer cannot be decompressed', {
      retryable: true,
      hint: 'hints.answerBroken',
      cause: error,
    });
  }
}

function parseBody(bytes: Buffer, headers: Record<string, string>, server: string): unknown {
  const text = bytes.toString('utf8');
  if (!/\bjson\b/.test(headers['content-type'] ?? '') || text === '') return text;
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError('CLUSTER_ERROR', `${server}: answer is not the JSON it says it is`, {
      retryable: true,
      params: { server, bytes: bytes.length },
      hint: 'hints.answerBroken',
    });
  }
}

function closedError(): AppError {
  return new AppError('CANCELLED', 'connection closed');
}

function cancelled(request: Pick<TransportRequest, 'method' | 'path'>): AppError {
  return new AppError('CANCELLED', `${request.method} ${request.path} was cancelled`);
}

function bodyOf(body: unknown): string | Uint8Array | undefined {
  if (body === undefined || body instanceof Uint8Array) return body;
  return JSON.stringify(body);
}
