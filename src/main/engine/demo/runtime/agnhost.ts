/**
 * `agnhost`, the image of Kubernetes' own tutorials and tests: which of its subcommands serve, where, and what they answer.
 * Source: Kubernetes documentation (Hello Minikube, Connecting Applications with Services, Configure Liveness Probes).
 */
import { STATUS_CODES } from 'node:http';
import type { Json } from '#shared/kubernetes/types.ts';
import { flagIn } from './flags.ts';
import { answerGuestbook, type Guestbook, newGuestbook } from './guestbook.ts';

/** Subcommands that end by themselves, after they have said something. */
const ENDING = new Set(
  'dns-server-list dns-suffix entrypoint-tester etc-hosts help mounttest test-service-account-issuer-discovery'.split(
    ' ',
  ),
);
/** Ports that they listen on without a flag. */
const PORTS: Readonly<Record<string, readonly (readonly [flag: string, port: number])[]>> = {
  guestbook: [['http-port', 80]],
  liveness: [['port', 8080]],
  netexec: [
    ['http-port', 8080],
    // Over UDP there; who asks it here asks by the same words.
    ['udp-port', 8081],
  ],
  nettest: [['port', 8080]],
  'serve-hostname': [['port', 9376]],
  'test-webserver': [['port', 80]],
};
/** So long the `liveness` server is well. */
const WELL_MS = 10_000;

export interface AgnhostCommand {
  /** As it is called. */
  program: string;
  name: string;
  args: readonly string[];
}

/** What the image's program is told; null: the container runs another one. */
export function agnhostCommand({ command, args }: Json): AgnhostCommand | null {
  const [program, ...words] = [...(command ?? ['/agnhost']), ...(args ?? [])] as string[];
  if (!/^(.*\/)?agnhost(-\d)?$/.test(program ?? '')) return null;
  const [name = 'pause', ...rest] = words;
  return { program: program?.split('/').at(-1) ?? '', name, args: rest };
}

/** Seconds until it ends by itself, Infinity for a server; null: the container runs another program. */
export function agnhostRunsFor(container: Json): number | null {
  const command = agnhostCommand(container);
  if (command === null) return null;
  const { name, args } = command;
  if (name !== 'logs-generator') return ENDING.has(name) ? 0.5 : Number.POSITIVE_INFINITY;
  const [, count, unit] = /^(\d+)(ms|s|m|h)$/.exec(flagIn(args, 'run-duration') ?? '') ?? [];
  return Number(count ?? 0) * (UNITS[unit ?? ''] ?? 0);
}

/** The program and the words of a subcommand that says something and ends; null for all others. */
export function agnhostEnding(container: Json): string[] | null {
  const command = agnhostCommand(container);
  return command !== null && ENDING.has(command.name) ? [command.program, command.name, ...command.args] : null;
}

/** The words of a subcommand that shows a file again and again; null for all others. */
export function watchesFile(container: Json): string[] | null {
  const command = programOfAgnhost(container);
  if (command?.name !== 'mounttest' || flagIn(command.args, 'file-content-in-loop') === undefined) return null;
  return ['agnhost', command.name, ...command.args];
}

/** Null where the image is another one. */
function programOfAgnhost(container: Json): AgnhostCommand | null {
  return /(^|\/)agnhost[:@]/.test(container.image ?? '') ? agnhostCommand(container) : null;
}

const UNITS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600 };

export function agnhostPorts(container: Json): number[] {
  const { name, args } = agnhostCommand(container) ?? { name: '', args: [] };
  if (name === 'porter')
    return ((container.env ?? []) as Json[]).flatMap((one) => {
      const port = /^SERVE_(?:(?:TCP|UDP|TLS|SCTP)_)?PORT_(\d+)$/.exec(one.name)?.[1];
      return port === undefined ? [] : [Number(port)];
    });
  return (PORTS[name] ?? []).map(([flag, port]) => Number(flagIn(args, flag) ?? port)).filter(Number.isInteger);
}

/** What the program keeps in mind for as long as its container runs. */
export interface AgnhostMemory {
  /** How often who has written to it. */
  readonly received: Map<string, number>;
  readonly guestbook: Guestbook;
}

/** Nobody has asked it for anything. */
export function newMemory(): AgnhostMemory {
  return { received: new Map(), guestbook: newGuestbook() };
}

export interface AgnhostRequest {
  method: string;
  url: URL;
  port: number;
  container: Json;
  /** Of whoever asks, with its port. */
  client: string;
  headers: Readonly<Record<string, string>>;
  hostname: string;
  now: number;
  /** When the container started. */
  startedAt: number;
  body: string;
  memory: AgnhostMemory;
  /** Of the pod that answers. */
  podIp: string;
  /** It was told to end, and has not yet. */
  leaving: boolean;
  /** Asks somebody else: the body of the answer. Rejects where nobody answers. */
  ask(host: string, port: number, path: string, protocol: 'TCP' | 'UDP'): Promise<string>;
}

export interface AgnhostAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Null: the subcommand has no page of its own making there (`test-webserver` hands out files). */
export async function answerAgnhost(request: AgnhostRequest): Promise<AgnhostAnswer | null> {
  const { url, client, headers, hostname, now, startedAt, container, port } = request;
  const command = agnhostCommand(container) ?? { program: '', name: '', args: [] };
  const query = (name: string) => url.searchParams.get(name) ?? '';
  switch (command.name) {
    case 'serve-hostname':
      return text(200, hostname);
    case 'porter': {
      const own: Json[] = container.env ?? [];
      const body =
        own.find((one) => new RegExp(`^SERVE_((TCP|UDP|TLS|SCTP)_)?PORT_${port}$`).test(one.name))?.value ?? '';
      return command.args.includes('--json-response')
        ? { ...text(200, JSON.stringify({ Method: request.method, Body: body })), headers: JSON_TYPE }
        : text(200, body);
    }
    case 'liveness': {
      const age = now - startedAt;
      if (url.pathname === '/redirect') return redirect(query('loc'), 302);
      if (url.pathname !== '/healthz') return text(200, new Date(startedAt).toISOString());
      return age > WELL_MS ? text(500, `error: ${(age / 1000).toFixed(9)}`) : text(200, 'ok');
    }
    case 'nettest':
      return nettest(request);
    case 'guestbook': {
      const { memory, podIp, ask } = request;
      const { status, body } = await answerGuestbook({ url, args: command.args, podIp, book: memory.guestbook, ask });
      return text(status, body);
    }
    case 'netexec':
      switch (url.pathname.toLowerCase()) {
        case '/':
          return text(200, `NOW: ${new Date(now).toISOString()}`);
        case '/clientip':
          return text(200, client);
        case '/dial':
          return await dialled(request);
        case '/echo':
          return text(Number(query('code')) || 200, query('msg'));
        case '/header':
          return text(200, headers[query('key').toLowerCase()] ?? '');
        case '/healthz':
          return text(200, '');
        case '/readyz':
          return request.leaving ? text(503, 'shutting down') : text(200, 'ok');
        case '/hostname':
          return text(200, hostname);
        case '/redirect':
          return redirect(query('location'), Number(query('code')) || 302);
        default:
          return text(404, '404 page not found\n');
      }
    default:
      return null;
  }
}

/** Counts what others write, and tells. */
function nettest({ url, body, memory: { received }, hostname }: AgnhostRequest): AgnhostAnswer {
  switch (url.pathname) {
    case '/read':
      return json({
        Hostname: hostname,
        Sent: {},
        Received: Object.fromEntries(received),
        Errors: null,
        Log: null,
        StillContactingPeers: true,
      });
    case '/write': {
      const source = sourceIn(body);
      if (source === null) return text(500, 'unable to decode write request\n');
      received.set(source, (received.get(source) ?? 0) + 1);
      return json({ Hostname: hostname });
    }
    case '/status':
      return text(200, 'running');
    default:
      return text(200, '');
  }
}

function sourceIn(body: string): string | null {
  try {
    return String((JSON.parse(body) as Json).Source ?? '');
  } catch {
    return null;
  }
}

function json(body: unknown): AgnhostAnswer {
  return { status: 200, headers: JSON_TYPE, body: JSON.stringify(body) };
}

/** Asks others for a page or, over UDP, for the same words. */
async function dialled({ url, ask }: AgnhostRequest): Promise<AgnhostAnswer> {
  const query = (name: string) => url.searchParams.get(name) ?? '';
  const responses: string[] = [];
  const errors: string[] = [];
  const tries = Math.min(100, Math.max(1, Number(query('tries')) || 1));
  for (let attempt = 0; attempt < tries; attempt++)
    try {
      const protocol = query('protocol').toLowerCase() === 'udp' ? 'UDP' : 'TCP';
      const path = protocol === 'UDP' ? query('request') : `/${query('request').toLowerCase().replace(/^\//, '')}`;
      responses.push(await ask(query('host'), Number(query('port')), path, protocol));
    } catch (error) {
      errors.push(error instanceof Error ? error.message : String(error));
    }
  const said = { ...(responses.length > 0 ? { responses } : {}), ...(errors.length > 0 ? { errors } : {}) };
  return { ...text(200, JSON.stringify(said)), headers: JSON_TYPE };
}

/** As Go's server words it. */
function redirect(location: string, status: number): AgnhostAnswer {
  const answer = text(status, `<a href="${location}">${STATUS_CODES[status] ?? ''}</a>.\n\n`);
  return { ...answer, headers: { ...answer.headers, location } };
}

const JSON_TYPE = { 'content-type': 'application/json' };

function text(status: number, body: string): AgnhostAnswer {
  // As Go's server guesses it.
  const type = /^\s*<[a-z!]/i.test(body) ? 'text/html' : 'text/plain';
  return { status, headers: { 'content-type': `${type}; charset=utf-8` }, body };
}
