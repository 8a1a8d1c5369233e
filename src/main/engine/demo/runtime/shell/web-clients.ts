/** `curl` and `wget` (that of BusyBox) in a simulated container: their options, what they say, and how they end. */
import { STATUS_CODES } from 'node:http';
import { parseArgs } from 'node:util';
import { pause } from '../logs.ts';
import { lookup } from '../names.ts';
import { DialError } from '../network.ts';
import { absolute } from './container-files.ts';
import { said } from './said.ts';
import type { CommandIo, CommandShell, Run } from './shell.ts';
import type { Surroundings } from './system.ts';

/** So long a kernel asks for a connection before it gives up. */
const CONNECT_S = 130;

export function webClients({ world, pod, fetch }: Surroundings): Record<string, Run> {
  /** Nothing comes back: until the client's own patience ends. */
  const silence = (seconds: number | null, { signal }: CommandShell) =>
    pause(Math.min(seconds ?? CONNECT_S, CONNECT_S) * 1000 * world.pace, signal);

  return { curl, wget };

  async function curl(args: string[], io: CommandIo, shell: CommandShell): Promise<number> {
    const options = curlOptions(args);
    const target = urlOf(options.url);
    const complain = (text: string) => {
      if (!options.silent || options.showErrors) io.err(`curl: ${text}\n`);
    };
    if (target === null) {
      io.err("curl: try 'curl --help' for more information\n");
      return 2;
    }
    if (target.protocol === 'https:' && !options.trusting) {
      complain(
        '(60) SSL certificate problem: unable to get local issuer certificate\nMore details here: https://curl.se/docs/sslcerts.html',
      );
      return 60;
    }
    const sent = { 'user-agent': 'curl/8.9.1', accept: '*/*', ...options.headers };
    try {
      const answer = await fetch(target, options.method, sent, options.body);
      const status = `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? ''}`;
      const lines = Object.entries(answer.headers).map(([name, value]) => `${name}: ${value}`);
      if (options.verbose)
        io.err(
          [
            `* Connected to ${target.hostname} port ${portOf(target)}`,
            `> ${options.method} ${target.pathname}${target.search} HTTP/1.1`,
            `> Host: ${target.host}\n> User-Agent: curl/8.9.1\n> Accept: */*\n> `,
            ...[status, ...lines, ''].map((line) => `< ${line}`),
            '',
          ].join('\n'),
        );
      if (options.fail && answer.status >= 400) {
        complain(`(22) The requested URL returned error: ${answer.status}`);
        return 22;
      }
      if (options.head || options.include) io.out(`${[status, ...lines].join('\r\n')}\r\n\r\n`);
      if (!options.head && options.output === null) io.out(answer.body);
      if (options.output !== null) {
        const failed = await saved(options.output, answer.body, shell);
        if (failed !== null) {
          complain(`(23) Failure writing output to destination: ${failed}`);
          return 23;
        }
      }
      if (options.writeOut !== '') io.out(written(options.writeOut, String(answer.status)));
      return 0;
    } catch (error) {
      if (!(error instanceof DialError)) throw error;
      const { maxTime, connectTimeout } = options;
      const late = error.message === 'i/o timeout';
      const patience = Math.min(maxTime ?? CONNECT_S, connectTimeout ?? CONNECT_S);
      if (late) await silence(patience, shell);
      if (options.writeOut !== '') io.out(written(options.writeOut, '000'));
      const failed = `Failed to connect to ${target.hostname} port ${portOf(target)} after`;
      if (error.message === 'no such host') complain(`(6) Could not resolve host: ${target.hostname}`);
      else if (!late) complain(`(7) ${failed} 1 ms: Could not connect to server`);
      else if (maxTime !== null && maxTime <= (connectTimeout ?? CONNECT_S))
        complain(`(28) Connection timed out after ${patience * 1000 + 1} milliseconds`);
      else complain(`(28) ${failed} ${patience * 1000 + 2} ms: Timeout was reached`);
      return error.message === 'no such host' ? 6 : late ? 28 : 7;
    }
  }

  async function wget(args: string[], io: CommandIo, shell: CommandShell): Promise<number> {
    const options = wgetOptions(args);
    const target = urlOf(options.url);
    if (target === null) {
      io.err('wget: missing URL\n');
      return 1;
    }
    const tell = (line: string) => {
      if (!options.quiet) io.err(`${line}\n`);
    };
    const namespace = pod.metadata.namespace ?? '';
    const at = lookup(world, target.hostname, { namespace, pod })?.addresses[0];
    if (at !== undefined) tell(`Connecting to ${target.host} (${at}:${portOf(target)})`);
    const method = options.spider ? 'HEAD' : options.body === null ? 'GET' : 'POST';
    try {
      const answer = await fetch(target, method, { 'user-agent': 'Wget', ...options.headers }, options.body ?? '');
      const status = `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? ''}`;
      if (options.showHeaders)
        for (const line of [status, ...Object.entries(answer.headers).map(([name, value]) => `${name}: ${value}`)])
          io.err(`  ${line}\n`);
      if (answer.status >= 400) {
        io.err(`wget: server returned error: ${status}\n`);
        return 1;
      }
      if (options.spider) tell('remote file exists');
      else if (options.output === '-') io.out(answer.body);
      else {
        const name = options.output ?? (target.pathname.split('/').at(-1) || 'index.html');
        tell(`saving to '${name}'`);
        const failed = await saved(name, answer.body, shell);
        if (failed !== null) {
          io.err(`wget: can't open '${name}': ${failed}\n`);
          return 1;
        }
        tell(`'${name}' saved`);
      }
      return 0;
    } catch (error) {
      if (!(error instanceof DialError)) throw error;
      const late = error.message === 'i/o timeout';
      if (late) await silence(options.timeout, shell);
      const refused = `wget: can't connect to remote host (${at ?? target.hostname}):`;
      if (error.message === 'no such host') io.err(`wget: bad address '${target.hostname}'\n`);
      else if (!late) io.err(`${refused} Connection refused\n`);
      else io.err(options.timeout === null ? `${refused} Connection timed out\n` : 'wget: download timed out\n');
      return 1;
    }
  }
}

/** Why the file could not be written, or null. */
async function saved(name: string, content: string, shell: CommandShell): Promise<string | null> {
  if (name === '/dev/null') return null;
  try {
    await shell.files.writeFile(absolute(shell.cwd, name), content);
    return null;
  } catch (error) {
    return said(error);
  }
}

/** What `--write-out` asks for. */
function written(format: string, status: string): string {
  return format.replace(/%\{(http_code|response_code)\}/g, status).replaceAll('\\n', '\n');
}

interface CurlOptions {
  url: string | undefined;
  method: string;
  headers: Record<string, string>;
  body: string;
  silent: boolean;
  showErrors: boolean;
  verbose: boolean;
  /** It was told whom to trust, or not to look. */
  trusting: boolean;
  fail: boolean;
  head: boolean;
  include: boolean;
  output: string | null;
  writeOut: string;
  /** Seconds until it gives up: all in all, and until it is connected. */
  maxTime: number | null;
  connectTimeout: number | null;
}

function curlOptions(args: readonly string[]): CurlOptions {
  const text = (short?: string) => ({
    type: 'string' as const,
    multiple: true,
    ...(short === undefined ? {} : { short }),
  });
  const flag = (short?: string) => ({ type: 'boolean' as const, ...(short === undefined ? {} : { short }) });
  const { values, positionals } = parseArgs({
    args: [...args],
    strict: false,
    allowPositionals: true,
    options: {
      request: text('X'),
      data: text('d'),
      'data-raw': text(),
      'data-binary': text(),
      'data-urlencode': text(),
      header: text('H'),
      output: text('o'),
      'write-out': text('w'),
      'user-agent': text('A'),
      'max-time': text('m'),
      'connect-timeout': text(),
      interface: text(),
      globoff: flag('g'),
      retry: text(),
      cacert: text(),
      cert: text('E'),
      key: text(),
      user: text('u'),
      url: text(),
      silent: flag('s'),
      'show-error': flag('S'),
      fail: flag('f'),
      head: flag('I'),
      include: flag('i'),
      insecure: flag('k'),
      location: flag('L'),
      verbose: flag('v'),
    },
  });
  const all = (name: string): string[] => {
    const found = (values as Record<string, unknown>)[name];
    return Array.isArray(found) ? found.map(String) : [];
  };
  const body = ['data', 'data-raw', 'data-binary', 'data-urlencode'].flatMap(all).join('&');
  const headers = headersOf(all('header'));
  const [agent] = all('user-agent');
  if (agent !== undefined) headers['user-agent'] = agent;
  const [user] = all('user');
  if (user !== undefined) headers['authorization'] = `Basic ${Buffer.from(user).toString('base64')}`;
  const head = values.head === true;
  return {
    url: positionals[0] ?? all('url')[0],
    method: all('request')[0] ?? (head ? 'HEAD' : body === '' ? 'GET' : 'POST'),
    headers,
    body,
    silent: values.silent === true,
    showErrors: values['show-error'] === true,
    fail: values.fail === true,
    head,
    include: values.include === true,
    verbose: values.verbose === true,
    trusting: values.insecure === true || all('cacert').length > 0,
    output: all('output')[0] ?? null,
    writeOut: all('write-out')[0] ?? '',
    maxTime: secondsOf(all('max-time')[0]),
    connectTimeout: secondsOf(all('connect-timeout')[0]),
  };
}

interface WgetOptions {
  url: string | undefined;
  headers: Record<string, string>;
  body: string | null;
  quiet: boolean;
  spider: boolean;
  showHeaders: boolean;
  /** `-` is standard output; null: named after the URL. */
  output: string | null;
  /** Seconds. */
  timeout: number | null;
}

function wgetOptions(args: readonly string[]): WgetOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    strict: false,
    allowPositionals: true,
    options: {
      quiet: { type: 'boolean', short: 'q' },
      spider: { type: 'boolean' },
      'server-response': { type: 'boolean', short: 'S' },
      'output-document': { type: 'string', short: 'O' },
      timeout: { type: 'string', short: 'T' },
      tries: { type: 'string', short: 't' },
      proxy: { type: 'string', short: 'Y' },
      header: { type: 'string', multiple: true },
      'post-data': { type: 'string' },
      'user-agent': { type: 'string', short: 'U' },
    },
  });
  const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
  const headers = headersOf(((values.header ?? []) as unknown[]).map(String));
  const agent = text(values['user-agent']);
  return {
    url: positionals[0],
    headers: agent === null ? headers : { ...headers, 'user-agent': agent },
    body: text(values['post-data']),
    quiet: values.quiet === true,
    spider: values.spider === true,
    showHeaders: values['server-response'] === true,
    output: text(values['output-document']),
    timeout: secondsOf(text(values.timeout) ?? undefined),
  };
}

function headersOf(lines: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const [name = '', ...rest] = line.split(':');
    headers[name.trim().toLowerCase()] = rest.join(':').trim();
  }
  return headers;
}

function secondsOf(text: string | undefined): number | null {
  const seconds = Number(text);
  return text === undefined || !(seconds > 0) ? null : seconds;
}

function urlOf(text: string | undefined): URL | null {
  if (text === undefined) return null;
  try {
    return new URL(/^https?:\/\//.test(text) ? text : `http://${text}`);
  } catch {
    return null;
  }
}

export function portOf(url: URL): number {
  return url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
}
