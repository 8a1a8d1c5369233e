/**
 * KubeTransport straight into the pipeline: no network, no serialisation. What goes in and out is copied, so that neither
 * side can change the other's objects behind its back; callers that never change one can do without (`shares`).
 */
import {
  apiErrorOf,
  type KubeTransport,
  nextTurn,
  type TransportRequest,
  type TransportResponse,
} from '#engine/kube/index.ts';
import { AppError } from '#shared/errors.ts';
import { cloneJson } from './json.ts';
import type { Pipeline } from './request/pipeline.ts';
import type { AnswerBody, ApiAnswer, ApiRequest, WatchFrame, WatchSink } from './request/types.ts';
import { warningHeaders } from './request/warnings.ts';
import type { UserInfo } from './types.ts';

/** A reader this far behind gets no more until it has read half of it. */
const FULL_EVENTS = 1000;

export interface InProcessOptions {
  pipeline: Pipeline;
  server: string;
  user: UserInfo;
  fieldManager: string;
  /** Neither what comes in nor what goes out is copied: the caller changes none of it, ever. */
  shares: boolean;
}

export function inProcessTransport(options: InProcessOptions): KubeTransport {
  const { pipeline, server, user, fieldManager, shares } = options;
  const watches = new Set<EventQueue>();
  let closed = false;

  const toRequest = (request: TransportRequest): ApiRequest => {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(request.query ?? {}))
      if (value !== undefined) query.set(name, String(value));
    const headers: Record<string, string> = { 'user-agent': fieldManager };
    for (const [name, value] of Object.entries(request.headers ?? {})) headers[name.toLowerCase()] = value;
    const given = request.body;
    const body =
      given === undefined ? null : given instanceof Uint8Array ? { bytes: given } : { value: given, lasting: shares };
    // Controllers write what they mean, and nobody reads their warnings.
    if (shares && !query.has('fieldValidation')) query.set('fieldValidation', 'Ignore');
    const { signal } = request;
    return {
      method: request.method,
      path: request.path,
      query,
      headers,
      user,
      body,
      ...(headers['host'] === undefined ? {} : { host: headers['host'] }),
      ...(signal === undefined ? {} : { signal: () => signal }),
    };
  };

  const call = async (request: TransportRequest): Promise<ApiAnswer> => {
    if (closed) throw new AppError('CLUSTER_UNREACHABLE', 'the in-process connection is closed', { retryable: false });
    // Nothing here waits for a network: callers that go on and on take turns with everything else.
    const turn = nextTurn();
    if (turn !== undefined) await turn;
    throwIfAborted(request.signal);
    const answer = await pipeline.handle(toRequest(request));
    throwIfAborted(request.signal);
    return answer;
  };

  return {
    server,
    async request(request) {
      return await toResponse(await call(request), shares);
    },
    stream: (request) => ({
      async *[Symbol.asyncIterator]() {
        const answer = await call(request);
        if (answer.body.kind !== 'watch') {
          const response = await toResponse(answer, shares);
          if (answer.status >= 400) throw apiErrorOf(response, `${request.method} ${request.path}`);
          yield response.body;
          return;
        }
        const queue = new EventQueue();
        watches.add(queue);
        const stop = answer.body.stream.start(queue);
        const abort = () => queue.end();
        request.signal?.addEventListener('abort', abort, { once: true });
        try {
          for (;;) {
            const frame = await queue.next();
            throwIfAborted(request.signal);
            if (frame === null) return;
            yield shares ? frame.shared() : frame.value();
          }
        } finally {
          stop();
          watches.delete(queue);
          request.signal?.removeEventListener('abort', abort);
        }
      },
    }),
    async close() {
      closed = true;
      for (const queue of watches) queue.end();
    },
  };
}

async function toResponse(answer: ApiAnswer, shares: boolean): Promise<TransportResponse> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(answer.headers ?? {})) headers[name.toLowerCase()] = String(value);
  const warnings = warningHeaders(answer.warnings ?? []);
  if (warnings.length > 0) headers.warning = warnings.join(', ');
  const { body } = answer;
  if (body.kind === 'upgrade') throw new AppError('INVALID', 'a connection cannot be upgraded in-process');
  if (body.kind === 'stream') {
    const pieces: Uint8Array[] = [];
    for await (const piece of body.data) pieces.push(piece);
    headers['content-type'] = body.contentType;
    return { status: answer.status, headers, body: Buffer.concat(pieces).toString('utf8') };
  }
  if (body.kind === 'watch') throw new AppError('INVALID', 'a watch has to be read as a stream');
  if (body.kind === 'raw') {
    headers['content-type'] = body.contentType;
    const text = typeof body.data === 'string' ? body.data : Buffer.from(body.data).toString('utf8');
    // Prepared documents (discovery, OpenAPI) are kept as text; a transport hands out parsed JSON.
    const parsed = /\bjson\b/.test(body.contentType) && text !== '' ? JSON.parse(text) : text;
    return { status: answer.status, headers, body: parsed };
  }
  headers['content-type'] = body.contentType ?? 'application/json';
  return { status: answer.status, headers, body: bodyValue(body, shares) };
}

function bodyValue(body: Extract<AnswerBody, { kind: 'json' | 'text' }>, shares: boolean): unknown {
  if (body.kind === 'json') return shares ? body.value : cloneJson(body.value);
  return shares && body.stored !== undefined ? body.stored.object : JSON.parse(body.text);
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new AppError('CANCELLED', 'the call was cancelled');
}

/** Events between the server, which never waits, and a reader, which may. */
class EventQueue implements WatchSink {
  #frames: WatchFrame[] = [];
  #at = 0;
  #ended = false;
  #wake: (() => void) | null = null;
  #ready: () => void = () => undefined;
  full = false;

  event(frame: WatchFrame): boolean {
    if (this.#ended) return false;
    this.#frames.push(frame);
    if (this.#unread >= FULL_EVENTS) this.full = true;
    this.#wake?.();
    return true;
  }

  onDrain(ready: () => void): void {
    this.#ready = ready;
  }

  cut(): void {
    this.end();
  }

  get #unread(): number {
    return this.#frames.length - this.#at;
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** Null at the end. */
  async next(): Promise<WatchFrame | null> {
    for (;;) {
      if (this.#at < this.#frames.length) {
        const frame = this.#frames[this.#at++]!;
        if (this.#at === this.#frames.length) {
          this.#frames = [];
          this.#at = 0;
        }
        if (this.full && this.#unread <= FULL_EVENTS / 2) {
          this.full = false;
          this.#ready();
        }
        return frame;
      }
      if (this.#ended) return null;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = null;
    }
  }
}
