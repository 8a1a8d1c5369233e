/**
 * The lines a simulated program writes: some at its start, then one in every slot of time for ever, some at its end.
 * Every line follows from seed and time alone, so that any part of a log can be had without the rest. Pure.
 */
import type { Json } from '#shared/kubernetes/types.ts';
import { createRandom, LOWER_DIGITS, type Random } from '../sim/random.ts';
import { type AgnhostCommand, agnhostCommand, agnhostPorts, agnhostRunsFor } from './agnhost.ts';
import { dateText } from './date.ts';
import { flagIn } from './flags.ts';
import { roundsOf } from './printed-loop.ts';
import { type Program, runsAnother } from './programs.ts';
import { liveScript } from './script-kind.ts';

export interface LogLine {
  at: number;
  text: string;
  stream: 'stdout' | 'stderr';
  /** The line is not ended: what comes next, if anything does, follows on it. */
  open?: true;
}

/** One run of a container, from its start to its end or to now. */
export interface LoggedRun {
  container: Json;
  program: Program;
  /** Pod name, for programs that print it. */
  pod: string;
  identity: readonly (string | number)[];
  startedAt: number;
  /** Null while it runs. */
  end: { at: number; exitCode: number; reason: string } | null;
}

/** A shell needs a moment until it prints. */
const FIRST_ROUND_MS = 20;

interface Voice {
  slotMs: number;
  start(run: LoggedRun): string[];
  /** Null: nothing in this slot. `round`: which since the start it is, where the voice is steady. */
  line(random: Random, at: number, run: LoggedRun, round: number): string | null;
  /** One line right at the start and then in even steps, as a loop that sleeps. */
  steady?: true;
  stream: LogLine['stream'];
}

/** Lines at or after `from` and before `to`, oldest first. */
export function linesBetween(run: LoggedRun, from: number, to: number): LogLine[] {
  const voice = voiceOf(run);
  // Statuses know whole seconds only: a run ends somewhere within its last one.
  const last = run.end === null ? Number.POSITIVE_INFINITY : Math.max(run.end.at, Math.min(run.end.at + 999, to - 1));
  const end = Math.min(to, last);
  const out: LogLine[] = [];
  for (const [index, text] of voice.start(run).entries()) {
    const at = Math.min(run.startedAt + 3 + index * 11, last);
    if (at >= from && at < to) out.push({ at, text, stream: voice.stream });
  }
  const first = voice.steady === true ? from : Math.max(from, run.startedAt + 500);
  const origin = voice.steady === true ? run.startedAt + FIRST_ROUND_MS : 0;
  const since = Math.max(0, Math.floor((first - origin) / voice.slotMs));
  for (let slot = since; origin + slot * voice.slotMs < end; slot++) {
    const random = createRandom('log', ...run.identity, slot);
    const at = Math.floor(origin + (slot + (voice.steady === true ? 0 : random.next())) * voice.slotMs);
    if (at < first || at >= end) continue;
    const text = voice.line(random, at, run, slot);
    if (text !== null) out.push({ at, text, stream: voice.stream });
  }
  if (run.end !== null && last >= from && last < to) {
    for (const text of lastWords(run)) out.push({ at: last, text, stream: 'stderr' });
  }
  return out;
}

/** How far back so many lines reach at least, so that a tail need not make the whole log. */
export function reachOf(run: LoggedRun, lines: number): number {
  return (lines + 2) * voiceOf(run).slotMs * 3;
}

const INTERPRETER = /^(\S*\/)?(perl|python[\d.]*|ruby|node|php)\s+-\S*[cer]\b/;

/** The container's own command where it only prints; else the program's. */
function voiceOf(run: LoggedRun): Voice {
  const command = [...(run.container.command ?? []), ...(run.container.args ?? [])].join(' ');
  if (liveScript(run.container) !== null) return VOICES.shell;
  const told = run.program.kind === 'agnhost' ? agnhostCommand(run.container) : null;
  if (told !== null) return agnhostVoice(run, told);
  const printer = command === '' ? null : printerOf(command, run);
  // What a program in another language says cannot be read from its text.
  return printer ?? VOICES[INTERPRETER.test(command) || runsAnother(run.container) ? 'shell' : run.program.kind];
}

/** Requests that were never made, as many and as often as its `logs-generator` is told; a server says where it listens. */
function agnhostVoice({ container }: LoggedRun, { name, args }: AgnhostCommand): Voice {
  if (name !== 'logs-generator')
    return {
      ...VOICES.agnhost,
      start: () =>
        name === 'pause' ? ['Paused'] : agnhostPorts(container).map((port) => `Started HTTP server on port ${port}`),
    };
  const total = Number(flagIn(args, 'log-lines-total') ?? 0);
  return {
    slotMs: Math.max(1, ((agnhostRunsFor(container) ?? 0) * 1000) / Math.max(1, total)),
    stream: 'stderr',
    steady: true,
    start: () => [],
    line: (random, at, _run, round) => {
      if (round >= total) return null;
      const verb = random.pick(['GET', 'POST', 'PUT']);
      const path = `/api/v1/namespaces/${random.pick(['kube-system', 'default', 'ns'])}/pods/${random.text(random.integer(3, 5), LOWER_DIGITS)}`;
      return klog(at, 'I', 'logs_generator.go:76', `${round} ${verb} ${path} ${random.integer(200, 599)}`);
    },
  };
}

const clf = (at: number): string => {
  const [, , , ...rest] = new Date(at).toUTCString().split(' ');
  const date = new Date(at);
  const month = date.toUTCString().slice(8, 11);
  return `${String(date.getUTCDate()).padStart(2, '0')}/${month}/${date.getUTCFullYear()}:${rest[1] ?? rest[0]} +0000`;
};
const spaced = (at: number): string => new Date(at).toISOString().replace('T', ' ').slice(0, 23);
const PATHS = [
  '/',
  '/',
  '/',
  '/index.html',
  '/api/products',
  '/api/cart',
  '/static/app.js',
  '/favicon.ico',
  '/healthz',
];
const AGENTS = ['Mozilla/5.0 (X11; Linux x86_64)', 'Mozilla/5.0 (Macintosh)', 'curl/8.9.1', 'Go-http-client/1.1'];

export function accessLine(
  at: number,
  client: string,
  method: string,
  path: string,
  status: number,
  bytes: number,
  agent: string,
): string {
  return `${client} - - [${clf(at)}] "${method} ${path} HTTP/1.1" ${status} ${bytes} "-" "${agent}" "-"`;
}

const web: Voice['line'] = (random, at) => {
  const path = random.pick(PATHS);
  const missing = path === '/favicon.ico';
  return accessLine(
    at,
    `172.20.${random.integer(0, 3)}.1`,
    'GET',
    path,
    missing ? 404 : 200,
    missing ? 153 : random.integer(300, 9000),
    random.pick(AGENTS),
  );
};

const klog = (at: number, level: string, source: string, text: string): string => {
  const date = new Date(at);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${level}${two(date.getUTCMonth() + 1)}${two(date.getUTCDate())} ${date.toISOString().slice(11, 23)}000       1 ${source}] ${text}`;
};

const VOICES: Record<Program['kind'], Voice> = {
  nginx: {
    slotMs: 4000,
    stream: 'stdout',
    start: ({ startedAt }) => [
      '/docker-entrypoint.sh: Configuration complete; ready for start up',
      `${new Date(startedAt).toISOString().slice(0, 19).replace('T', ' ').replaceAll('-', '/')} [notice] 1#1: start worker processes`,
      `${new Date(startedAt).toISOString().slice(0, 19).replace('T', ' ').replaceAll('-', '/')} [notice] 1#1: start worker process 29`,
    ],
    line: web,
  },
  httpd: {
    slotMs: 5000,
    stream: 'stdout',
    start: ({ startedAt }) => [
      `[${new Date(startedAt).toUTCString()}] [mpm_event:notice] [pid 1] AH00489: Apache/2.4 (Unix) configured -- resuming normal operations`,
    ],
    line: web,
  },
  redis: {
    slotMs: 60_000,
    stream: 'stdout',
    start: ({ startedAt }) =>
      ['Server initialized', 'Ready to accept connections tcp'].map((text) => `1:M ${spaced(startedAt)} * ${text}`),
    line: (random, at) =>
      `1:M ${spaced(at)} * ${random.pick(['Background saving started by pid 21', 'DB saved on disk', 'Background saving terminated with success'])}`,
  },
  postgres: {
    slotMs: 90_000,
    stream: 'stderr',
    start: ({ startedAt }) =>
      ['listening on IPv4 address "0.0.0.0", port 5432', 'database system is ready to accept connections'].map(
        (text) => `${spaced(startedAt)} UTC [1] LOG:  ${text}`,
      ),
    line: (random, at) =>
      `${spaced(at)} UTC [27] LOG:  checkpoint complete: wrote ${random.integer(3, 900)} buffers (${random.between(0.1, 4).toFixed(1)}%)`,
  },
  mysql: {
    slotMs: 120_000,
    stream: 'stderr',
    start: ({ startedAt }) => [
      `${new Date(startedAt).toISOString()} 0 [System] [Server] mysqld: ready for connections. port: 3306`,
    ],
    line: (random, at) =>
      `${new Date(at).toISOString()} ${random.integer(8, 400)} [Note] [Server] Connection closed normally`,
  },
  prometheus: {
    slotMs: 120_000,
    stream: 'stderr',
    start: ({ startedAt }) =>
      ['Starting Prometheus Server', 'TSDB started', 'Server is ready to receive web requests.'].map(
        (text) => `time=${new Date(startedAt).toISOString()} level=INFO source=main.go msg="${text}"`,
      ),
    line: (random, at) =>
      `time=${new Date(at).toISOString()} level=INFO source=head.go msg="Head GC completed" component=tsdb duration=${random.between(2, 30).toFixed(2)}ms`,
  },
  coredns: {
    slotMs: 45_000,
    stream: 'stdout',
    start: () => ['.:53', '[INFO] plugin/reload: Running configuration', 'CoreDNS-1.12.4', 'linux/amd64'],
    line: (random) =>
      random.next() < 0.5
        ? null
        : `[INFO] 172.20.${random.integer(0, 3)}.${random.integer(2, 40)}:${random.integer(33000, 60000)} - ${random.integer(1000, 65000)} "A IN cart.web-shop.svc.cluster.local. udp 55 false 512" NOERROR qr,aa,rd 108 0.00${random.integer(10, 99)}s`,
  },
  'kube-proxy': {
    slotMs: 300_000,
    stream: 'stderr',
    start: ({ startedAt }) => [
      klog(startedAt, 'I', 'server_linux.go:53', '"Using iptables proxy"'),
      klog(startedAt, 'I', 'shared_informer.go:356', '"Caches are synced" controller="service config"'),
    ],
    line: (random, at) => klog(at, 'I', 'proxier.go:828', `"Syncing iptables rules" services=${random.integer(6, 20)}`),
  },
  agnhost: { slotMs: 3_600_000, stream: 'stderr', start: () => [], line: () => null },
  shell: { slotMs: 3_600_000, stream: 'stdout', start: () => [], line: () => null },
  service: {
    slotMs: 5000,
    stream: 'stdout',
    start: ({ startedAt, container, program }) => [
      logLine(startedAt, 'info', { msg: 'starting', version: String(container.image ?? '').split(':')[1] ?? 'latest' }),
      logLine(startedAt, 'info', {
        msg: 'listening',
        addr: `:${container.ports?.[0]?.containerPort ?? program.ports[0] ?? 8080}`,
      }),
    ],
    line: (random, at) => {
      const roll = random.next();
      const took = `${random.between(0.4, 90).toFixed(1)}ms`;
      if (roll < 0.02)
        return logLine(at, 'warn', {
          msg: 'slow request',
          path: random.pick(PATHS),
          duration: `${random.integer(1, 4)}.${random.integer(0, 9)}s`,
        });
      return logLine(at, 'info', {
        msg: 'request',
        method: roll < 0.2 ? 'POST' : 'GET',
        path: random.pick(PATHS),
        status: roll < 0.04 ? 500 : 200,
        duration: took,
        trace: random.text(16, '0123456789abcdef'),
      });
    },
  },
};

function logLine(at: number, level: string, fields: Record<string, string | number>): string {
  return JSON.stringify({ time: new Date(at).toISOString(), level, ...fields });
}

/** What is printed, and after it the file it goes into, if any: that which goes to standard error is in the log too. */
const PRINTING =
  /\b(?:echo|printf)\s+(?:-[ne]+\s+)?("[^"]*"|'[^']*'|(?:[^;&|'">]|[12]?>\s*&2)+)(\s*[12]?>\s*&2)?(\s*1?>{1,2}\s*[^&\s])?|\b(date)\b/g;

/** `echo` and `date` of a shell line, once or in a loop; null when it prints nothing that can be read off. */
function printerOf(command: string, run: LoggedRun): Voice | null {
  const prints = [...command.matchAll(PRINTING)].filter((match) => !/^\s*1?>/.test(match[3] ?? ''));
  if (prints.length === 0) return null;
  const rounds = roundsOf(command);
  const texts = prints.map((match) =>
    match[4] !== undefined
      ? '$(date)'
      : (match[1] ?? '')
          .trim()
          .replace(/\s*[12]?>\s*&2/g, '')
          .replace(/^(["'])(.*)\1$/s, '$2')
          .replace(/\\n$/, ''),
  );
  const say = (at: number, own: ReadonlyMap<string, string> = new Map()) =>
    texts.map((text) =>
      text
        .replaceAll(/\$\(date\)|`date`/g, dateText(new Date(at)))
        .replaceAll(/\$\(hostname\)|\$\{?HOSTNAME\}?/g, run.pod)
        .replaceAll(/\$\{?(\w+)\}?/g, (_whole, name: string) =>
          String(own.get(name) ?? (run.container.env ?? []).find((one: Json) => one.name === name)?.value ?? ''),
        ),
    );
  const loops = /\b(while|for|until)\b|watch\s/.test(command);
  if (!loops) return { slotMs: 3_600_000, stream: 'stdout', start: () => say(run.startedAt), line: () => null };
  const pause = /\bsleep\s+(\d+(?:\.\d+)?)/.exec(command);
  return {
    slotMs: Math.max(200, Number(pause?.[1] ?? 1) * 1000),
    stream: 'stdout',
    start: () => [],
    steady: true,
    line: (_random, at, _run, round) => {
      const own = rounds(round);
      return own === null ? null : say(at, own).join('\n');
    },
  };
}

function lastWords({ end, program, container }: LoggedRun): string[] {
  const own = container.command !== undefined || container.args !== undefined;
  if (own || end === null || end.exitCode === 0 || end.reason === 'OOMKilled') return [];
  if (end.exitCode === 143 || end.exitCode === 137) return [`received signal ${end.exitCode - 128}, shutting down`];
  return program.kind === 'service'
    ? [
        'panic: runtime error: invalid memory address or nil pointer dereference',
        '[signal SIGSEGV: segmentation violation code=0x1 addr=0x0]',
        '',
        'goroutine 1 [running]:',
        'main.main()',
      ]
    : [`fatal: exiting with status ${end.exitCode}`];
}
