/** For tests: a raw HTTPS client of a server, and waiting for a condition. */
import { request } from 'node:https';
import { setTimeout as wait } from 'node:timers/promises';
import { parse } from 'yaml';
import type { ApiServer } from './types.ts';

export interface RawAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came
  json: any;
}

export interface Credentials {
  ca: string;
  cert?: string;
  key?: string;
  token?: string;
}

/** The administrator's credentials, as a client reads them from the kubeconfig. */
export function adminOf(server: ApiServer): Required<Omit<Credentials, 'token'>> {
  const config = parse(server.kubeconfig()) as {
    clusters: { cluster: Record<string, string> }[];
    users: { user: Record<string, string> }[];
  };
  const decode = (text: string | undefined) => Buffer.from(text ?? '', 'base64').toString('utf8');
  return {
    ca: decode(config.clusters[0]?.cluster['certificate-authority-data']),
    cert: decode(config.users[0]?.user['client-certificate-data']),
    key: decode(config.users[0]?.user['client-key-data']),
  };
}

export function call(
  server: ApiServer,
  credentials: Credentials,
  method: string,
  path: string,
  options: { body?: unknown; headers?: Record<string, string> } = {},
): Promise<RawAnswer> {
  const { token, ...tls } = credentials;
  const data =
    options.body === undefined || typeof options.body === 'string' || options.body instanceof Uint8Array
      ? options.body
      : JSON.stringify(options.body);
  const headers = {
    'content-type': 'application/json',
    // Node sends it by itself for methods that usually have a body, and no body of others without it.
    ...(data === undefined ? {} : { 'content-length': String(Buffer.byteLength(data)) }),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...options.headers,
  };
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, server.server), { ...tls, method, headers, agent: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => {
        text += chunk;
      });
      answer.on('error', reject);
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text, json: tryJson(text) }),
      );
    });
    sent.on('error', reject);
    sent.end(data);
  });
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Waits until `check` gives something truthy; fails after `timeoutMs`. */
export async function until<T>(check: () => T | Promise<T>, timeoutMs = 5000): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const found = await check();
    if (found) return found;
    if (Date.now() > end) throw new Error(`not so within ${timeoutMs} ms: ${check}`);
    await wait(10);
  }
}
