/** Writes answers of the pipeline to a connection: JSON, text, YAML, watch streams with a limit for slow readers. */
import { randomUUID } from 'node:crypto';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { ApiError } from '#engine/kube/index.ts';
import { isRecord } from '../json.ts';
import { wantsIndented } from '../request/accept.ts';
import type { AnswerBody, ApiAnswer, WatchSink, WatchStream } from '../request/types.ts';
import { warningHeaders } from '../request/warnings.ts';
import { badRequest } from '../status.ts';
import { toYaml } from '../yaml.ts';
import type { Incoming, Outgoing } from './server.ts';

/** With this much unread a watcher gets no more until all of it is on its way. */
const FULL_BYTES = 256 * 1024;
/** Below this, compressing costs more than it saves. Source: apiserver, defaultGzipThresholdBytes. */
const GZIP_FROM_BYTES = 128 * 1024;

function commonHeaders(auditId: string): Record<string, string | string[]> {
  return {
    'Audit-Id': auditId,
    'Cache-Control': 'no-cache, private',
  };
}

/** `watches`: what ends the open watches of the server; a watch that is answered is added for as long as it is open. */
export function writeAnswer(
  request: Incoming,
  response: Outgoing,
  answer: ApiAnswer,
  watches: Set<() => void> = new Set(),
): void {
  const { body } = answer;
  const headers = Object.assign(commonHeaders(''), answer.headers);
  if (headers['Audit-Id'] === '') headers['Audit-Id'] = randomUUID();
  const warnings = warningHeaders(answer.warnings ?? []);
  // Node writes a header's letters as single bytes, and refuses those that are more; clients read UTF-8.
  if (warnings.length > 0) headers.Warning = warnings.map((text) => Buffer.from(text, 'utf8').toString('latin1'));
  if (body.kind === 'watch') {
    writeWatch(request, response, body.stream, headers, watches);
    return;
  }
  if (body.kind === 'stream') {
    void writeStream(request, response, answer.status, body, headers);
    return;
  }
  if (body.kind === 'upgrade') {
    writeStatus(response, badRequest('Upgrade request required'));
    return;
  }
  const takesGzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  const zips = (size: number): boolean => takesGzip && size >= GZIP_FROM_BYTES;
  let data: string | Uint8Array = '';
  let packed: Promise<Uint8Array> | undefined;
  if (body.kind === 'raw') {
    if (body.document !== undefined && zips(body.document.size)) packed = body.document.packed();
    else data = body.data;
    if (answer.status !== 204 && body.contentType !== '') headers['Content-Type'] = body.contentType;
  } else {
    headers['Content-Type'] = body.contentType ?? 'application/json';
    if (body.contentType === 'application/yaml') data = toYaml(decoded(body));
    else if (
      (body.kind === 'json' && body.indented === true) ||
      wantsIndented(request.url, request.headers['user-agent'])
    )
      data = indented(decoded(body));
    else data = `${textOf(body)}\n`;
  }
  const send = (payload: string | Uint8Array) => {
    if (answer.status !== 304 && answer.status !== 204) headers['Content-Length'] = String(Buffer.byteLength(payload));
    head(response, answer.status, headers);
    // A text would go out together with the head, whose single bytes would be encoded with it once more.
    const separate = headers.Warning !== undefined && typeof payload === 'string' ? Buffer.from(payload) : payload;
    if (request.method === 'HEAD') response.end();
    else (response.end as (data: string | Uint8Array) => unknown).call(response, separate);
  };
  if (packed === undefined && !zips(data.length)) {
    send(data);
    return;
  }
  headers['Content-Encoding'] = 'gzip';
  headers.Vary = [headers.Vary ?? [], 'Accept-Encoding'].flat();
  // Beside the event loop: a list of many megabytes would hold up everybody else.
  packed ??= pack(data, { level: 1 });
  packed.then(
    (bytes) => (response.destroyed ? undefined : send(bytes)),
    () => response.destroy(),
  );
}

const pack = promisify(gzip);

type JsonBody = Extract<AnswerBody, { kind: 'json' | 'text' }>;

/** An object begins with what it is. */
function indented(value: unknown): string {
  if (!isRecord(value) || value.kind === undefined) return JSON.stringify(value, null, 2);
  const { kind, apiVersion, ...rest } = value;
  return JSON.stringify({ kind, apiVersion, ...rest }, null, 2);
}

function textOf(body: JsonBody): string {
  return body.kind === 'text' ? body.text : JSON.stringify(body.value);
}

function decoded(body: JsonBody): unknown {
  return body.kind === 'text' ? JSON.parse(body.text) : body.value;
}

/** Pieces as they come; a reader that does not keep up makes the source wait. */
async function writeStream(
  request: Incoming,
  response: Outgoing,
  status: number,
  { data, contentType }: { data: AsyncIterable<Uint8Array>; contentType: string },
  headers: Record<string, string | string[]>,
): Promise<void> {
  head(response, status, contentType === '' ? headers : { ...headers, 'Content-Type': contentType });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  if ('flushHeaders' in response) response.flushHeaders();
  await pipeline(Readable.from(data, { objectMode: false }), response as Writable).catch(() => response.destroy());
}

export function writeStatus(response: Outgoing, error: ApiError, headers: Record<string, string> = {}): void {
  const data = `${JSON.stringify(error.body)}\n`;
  head(response, error.status, {
    ...commonHeaders(randomUUID()),
    'Content-Type': 'application/json',
    'Content-Length': String(Buffer.byteLength(data)),
    ...headers,
  });
  response.end(data);
}

function head(response: Outgoing, status: number, headers: Record<string, string | string[]>): void {
  // HTTP/2 forbids connection headers.
  if ('stream' in response) delete headers.Connection;
  (response.writeHead as (status: number, headers: Record<string, string | string[]>) => unknown).call(
    response,
    status,
    headers,
  );
}

function writeWatch(
  request: Incoming,
  response: Outgoing,
  stream: WatchStream,
  headers: Record<string, string | string[]>,
  watches: Set<() => void>,
): void {
  head(response, 200, { ...headers, 'Content-Type': 'application/json' });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  if ('flushHeaders' in response) response.flushHeaders();
  const write = (response.write as (data: Uint8Array) => boolean).bind(response);
  let full = false;
  let stop: (() => void) | null = null;
  let closed = false;
  const close = () => {
    closed = true;
    watches.delete(end);
    stop?.();
  };
  const end = () => {
    if (!response.writableEnded) response.end();
  };
  watches.add(end);
  response.once('close', close);
  const sink: WatchSink = {
    event(frame) {
      if (closed || response.destroyed || response.writableEnded) return false;
      if (!write(frame.bytes)) full = unread(response) > FULL_BYTES;
      return true;
    },
    get full() {
      return full;
    },
    onDrain(ready) {
      response.on('drain', () => {
        full = false;
        ready();
      });
    },
    cut() {
      response.destroy();
    },
    end,
  };
  stop = stream.start(sink);
  if (closed) stop();
}

function unread(response: Outgoing): number {
  return 'stream' in response && response.stream ? response.stream.writableLength : response.writableLength;
}
