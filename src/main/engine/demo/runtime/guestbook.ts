/**
 * `agnhost guestbook`, the guestbook of Kubernetes' tutorials: a frontend that sends what is written to the primary and
 * reads from a replica; replicas have what the primary had when they registered and what it has pushed to them since. A
 * replica registers here when it is first asked, as nothing runs before that. Source: test/images/agnhost/guestbook.
 */
import { flagIn } from './flags.ts';

/** What a guestbook keeps in mind for as long as its container runs. */
export interface Guestbook {
  readonly entries: Map<string, string>;
  /** Addresses that it pushes to. */
  readonly replicas: string[];
  registered: boolean;
}

export interface GuestbookRequest {
  url: URL;
  args: readonly string[];
  /** Of the pod that answers. */
  podIp: string;
  book: Guestbook;
  ask(host: string, port: number, path: string, protocol: 'TCP'): Promise<string>;
}

export interface GuestbookAnswer {
  status: number;
  body: string;
}

/** Nobody has written into it. */
export function newGuestbook(): Guestbook {
  return { entries: new Map(), replicas: [], registered: false };
}

export async function answerGuestbook(request: GuestbookRequest): Promise<GuestbookAnswer> {
  const { url, book } = request;
  const query = (name: string) => url.searchParams.get(name) ?? '';
  const key = query('key');
  switch (url.pathname) {
    case '/register': {
      const body = jsonText({ data: sorted(book.entries) });
      book.replicas.push(query('host'));
      return { status: 200, body };
    }
    case '/get':
      await register(request);
      return {
        status: 200,
        body: jsonText({ data: key === '' ? sorted(book.entries) : (book.entries.get(key) ?? '') }),
      };
    case '/set':
      await register(request);
      return await write(request, key, query('value'));
    case '/guestbook':
      return await passOn(request, query('cmd').toLowerCase(), key, query('value'));
    default:
      return { status: 404, body: '404 page not found\n' };
  }
}

async function write({ book, ask, args }: GuestbookRequest, key: string, value: string): Promise<GuestbookAnswer> {
  if (key === '') return { status: 400, body: 'cannot set with empty key.\n' };
  book.entries.set(key, value);
  for (const replica of book.replicas)
    try {
      await ask(replica, backendPort(args), `/set?key=${key}&value=${value}`, 'TCP');
    } catch (error) {
      return failed(`encountered error while propagating to replica '${replica}'`, error);
    }
  return { status: 200, body: jsonText({ message: 'Updated' }) };
}

async function passOn(request: GuestbookRequest, cmd: string, key: string, value: string): Promise<GuestbookAnswer> {
  if (cmd !== 'get' && cmd !== 'set') return { status: 400, body: `unsupported cmd: '${cmd}'\n` };
  if (cmd === 'set' && key === '') return { status: 400, body: 'cannot set with empty key.\n' };
  const host = cmd === 'get' ? 'agnhost-replica' : 'agnhost-primary';
  try {
    const body = await request.ask(host, backendPort(request.args), `/${cmd}?key=${key}&value=${value}`, 'TCP');
    return { status: 200, body };
  } catch (error) {
    return failed('encountered error', error);
  }
}

/** A primary that does not answer is asked again the next time. */
async function register({ args, book, podIp, ask }: GuestbookRequest): Promise<void> {
  const primary = flagIn(args, 'replicaof') ?? '';
  if (primary === '' || book.registered) return;
  book.registered = true;
  try {
    const { data } = JSON.parse(await ask(primary, backendPort(args), `/register?host=${podIp}`, 'TCP')) as {
      data: Record<string, string>;
    };
    for (const [key, value] of Object.entries(data)) book.entries.set(key, value);
  } catch {
    book.registered = false;
  }
}

function backendPort(args: readonly string[]): number {
  return Number(flagIn(args, 'backend-port') ?? 6379);
}

function failed(what: string, error: unknown): GuestbookAnswer {
  return { status: 417, body: `${what}: ${error instanceof Error ? error.message : String(error)}\n` };
}

function sorted(entries: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** As Go writes it, safe in a page. */
function jsonText(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`);
}
