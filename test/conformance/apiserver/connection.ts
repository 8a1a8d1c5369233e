/** One server over TLS, with an administrator's certificate or without any credentials. */
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import type { Json, RecordedStep, Step } from './types.ts';

const RECORDED = new Set(['content-type', 'warning', 'retry-after', 'www-authenticate', 'allow', 'location']);

interface Request {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string | Buffer;
  auth?: Step['auth'];
}

export class Connection {
  private readonly server: string;
  private readonly admin: Agent;
  private readonly bare: Agent;

  constructor(server: string, credentials: { ca: string; cert: string; key: string }) {
    this.server = server;
    this.admin = new Agent({ keepAlive: true, ...credentials });
    this.bare = new Agent({ keepAlive: true, ca: credentials.ca });
  }

  send({ method, path, headers, body, auth }: Request): Promise<Answer> {
    const token = typeof auth === 'object' ? { Authorization: `Bearer ${auth.token}` } : {};
    const length = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) };
    return new Promise((resolve, reject) => {
      const sent = request(
        new URL(path, this.server),
        { method, headers: { ...headers, ...token, ...length }, agent: auth === undefined ? this.admin : this.bare },
        (message) => resolve(new Answer(message)),
      );
      sent.on('error', reject);
      sent.end(body);
    });
  }

  close(): void {
    this.admin.destroy();
    this.bare.destroy();
  }
}

export class Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[]>;
  private readonly message: IncomingMessage;

  constructor(message: IncomingMessage) {
    this.message = message;
    this.status = message.statusCode ?? 0;
    this.headers = recordedHeaders(message);
  }

  async whole(): Promise<Pick<RecordedStep, 'status' | 'headers' | 'body'>> {
    const chunks: Buffer[] = [];
    for await (const chunk of this.message) chunks.push(chunk as Buffer);
    const body = decode(Buffer.concat(chunks), String(this.headers['content-type'] ?? ''));
    return { status: this.status, headers: this.headers, body };
  }

  /** Calls back for every line until it says enough, the server ends the stream, or the time is over. */
  lines(timeoutMs: number, isLast: (line: string) => boolean): Promise<NonNullable<RecordedStep['end']>> {
    return new Promise((resolve) => {
      let rest = '';
      let isOver = false;
      const finish = (why: NonNullable<RecordedStep['end']>) => {
        if (isOver) return;
        isOver = true;
        clearTimeout(timer);
        this.message.destroy();
        resolve(why);
      };
      const timer = setTimeout(finish, timeoutMs, 'timeout');
      this.message.setEncoding('utf8');
      this.message.on('data', (chunk: string) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          if (!isOver && line.trim() !== '' && isLast(line)) finish('events');
        }
      });
      this.message.on('end', () => finish('server'));
      this.message.on('error', () => finish('server'));
    });
  }
}

function recordedHeaders(message: IncomingMessage): Record<string, string | string[]> {
  const result: Record<string, string | string[]> = {};
  for (const [name, values] of Object.entries(message.headersDistinct)) {
    if (RECORDED.has(name) && values !== undefined) result[name] = name === 'warning' ? values : values.at(-1)!;
  }
  return result;
}

function decode(bytes: Buffer, contentType: string): Json {
  const text = bytes.toString('utf8');
  if (contentType.includes('protobuf')) return text.startsWith('k8s') ? '<protobuf k8s>' : '<protobuf>';
  if (!contentType.includes('json') && !(contentType.startsWith('text/plain') && /^[{[]/.test(text))) return text;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
