/** What simulated programs say to somebody who speaks to their port by hand (`nc`, a forwarded port). */
import { STATUS_CODES } from 'node:http';
import { hostnameOf } from './names.ts';
import type { Endpoint } from './network.ts';
import { type Program, programOf } from './programs.ts';
import type { RedisStore } from './redis.ts';
import { decoded, encoded } from './resp.ts';

type Fetch = (
  method: string,
  path: string,
  headers: Record<string, string>,
) => Promise<{ status: number; headers: Record<string, string>; body: string }>;

/** Whole answers to whole texts; empty where a program takes the connection and hangs up. */
export async function talk(
  program: Program,
  text: string,
  fetch: Fetch,
  redis: () => Promise<RedisStore>,
): Promise<string> {
  if (text === '') return '';
  if (program.http) return await talkHttp(text, fetch);
  if (program.kind !== 'redis') return '';
  const store = await redis();
  return decoded(Buffer.from(text))
    .commands.map((words) => encoded(store.run(words)))
    .join('');
}

/** What comes back for a datagram: `agnhost netexec` says who it is, others nothing that could be read. */
export function datagramAnswer({ pod, container, port }: Endpoint, text: string, client: string): string {
  if (programOf(container).kind !== 'agnhost') return '';
  const [word = '', ...rest] = text.trim().split(' ');
  if (/^hostname$/i.test(word)) return hostnameOf(pod);
  if (/^serverport$/i.test(word)) return String(port);
  if (/^echo$/i.test(word)) return rest.join(' ');
  return /^clientip$/i.test(word) ? `${client}:41000` : '';
}

async function talkHttp(text: string, fetch: Fetch): Promise<string> {
  const [first = '', ...lines] = text.split(/\r?\n/);
  const [, method, path] = /^([A-Z]+) (\/\S*) HTTP\/1\.[01]$/.exec(first) ?? [];
  if (method === undefined || path === undefined)
    return 'HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request';
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const [, name, value] = /^([\w-]+):\s*(.*)$/.exec(line) ?? [];
    if (name === undefined) break;
    headers[name.toLowerCase()] = value ?? '';
  }
  const answer = await fetch(method, path, headers);
  const shown = Object.entries({ ...answer.headers, 'content-length': String(Buffer.byteLength(answer.body)) });
  return `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? ''}\r\n${shown.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${answer.body}`;
}
