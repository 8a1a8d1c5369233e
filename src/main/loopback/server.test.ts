import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect as tcpConnect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import path from 'node:path';
import { createTRPCClient, createWSClient, wsLink } from '@trpc/client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WebSocket as NodeSocket } from 'ws';
import type { AppRouter } from '#shared/contract/router.ts';
import { type FakeEngine, fakeEngine, memoryLog } from '../../../test/fixtures/fake-engine.ts';
import { type Loopback, startLoopback } from './index.ts';

let dir: string;
let rendererDir: string;
let engine: FakeEngine;
let loopback: Loopback;
let log: ReturnType<typeof memoryLog>;

beforeEach(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'fleetdeck-loopback-'));
  rendererDir = path.join(dir, 'renderer');
  mkdirSync(path.join(rendererDir, 'assets'), { recursive: true });
  writeFileSync(
    path.join(rendererDir, 'index.html'),
    '<!doctype html><meta nonce="__CSP_NONCE__"><title>Fleetdeck</title>',
  );
  writeFileSync(path.join(rendererDir, 'assets', 'app-BxYz1234.js'), 'export {};');
  writeFileSync(path.join(dir, 'secret.txt'), 'outside');
  engine = fakeEngine();
  log = memoryLog();
  loopback = await startLoopback({ engine, rendererDir, dataDir: dir, log });
});
afterEach(async () => {
  await loopback.close();
  rmSync(dir, { recursive: true, force: true });
});

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** A request with exactly these headers and this target, which fetch would not allow. */
function get(target: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        host: '127.0.0.1',
        port: loopback.port,
        path: target,
        method,
        agent: false,
        headers: { host: `127.0.0.1:${loopback.port}`, ...headers },
      },
      (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => {
          body += text;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
      },
    );
    request.on('error', reject).end();
  });
}

async function signIn(): Promise<string> {
  const { pathname, search } = new URL(loopback.url);
  const answer = await get(pathname + search);
  return String(answer.headers['set-cookie']?.[0]).split(';')[0] as string;
}

function reachable(host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = tcpConnect({ host, port: loopback.port, timeout: 2000 });
    const end = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', end(true)).once('error', end(false)).once('timeout', end(false));
  });
}

/** A request as these lines and nothing else; the whole answer as text. */
function raw(lines: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = tcpConnect({ host: '127.0.0.1', port: loopback.port });
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
    socket.once('error', reject).once('close', () => resolve(text));
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  });
}

/** Status of a refused upgrade, or 101. */
function upgrade(headers: Record<string, string>, target = '/rpc'): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new NodeSocket(`ws://127.0.0.1:${loopback.port}${target}`, { headers });
    socket.once('open', () => {
      socket.terminate();
      resolve(101);
    });
    socket.once('unexpected-response', (_request, response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    socket.once('error', reject);
  });
}

describe('letting a browser in', () => {
  test('the token is exchanged for a strict, script-proof cookie and leaves the address', async () => {
    const { pathname, search } = new URL(loopback.url);
    const answer = await get(pathname + search);
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe('/');
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.headers['set-cookie']?.[0]).toMatch(/; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/);
    expect(answer.headers['set-cookie']?.[0]).not.toContain(search.slice('?token='.length));
  });

  test('with the cookie the interface is served, also for places inside it', async () => {
    const cookie = await signIn();
    for (const target of ['/', '/clusters', '/federations/abc']) {
      const answer = await get(target, { cookie });
      expect(answer.status).toBe(200);
      expect(answer.body).toContain('Fleetdeck');
    }
    const script = await get('/assets/app-BxYz1234.js', { cookie });
    expect(script.headers['content-type']).toBe('text/javascript; charset=utf-8');
    expect(script.headers['cache-control']).toContain('immutable');
  });

  test('every page has a nonce of its own, and the policy names it', async () => {
    const cookie = await signIn();
    const nonces = await Promise.all(
      [1, 2].map(async () => {
        const answer = await get('/', { cookie });
        const nonce = /<meta nonce="([\w-]{20,})">/.exec(answer.body)?.[1];
        expect(answer.headers['content-security-policy']).toContain(`style-src 'self' 'nonce-${nonce}'`);
        expect(answer.headers['cache-control']).toBe('no-store');
        return nonce;
      }),
    );
    expect(nonces[0]).not.toBe(nonces[1]);
  });

  test('the token admits a second browser', async () => {
    expect(await signIn()).toMatch(/^fleetdeck_\d+=/);
    expect(await signIn()).toMatch(/^fleetdeck_\d+=/);
  });

  test('without a cookie, with a wrong token or a forged cookie nothing is served but what to do', async () => {
    const forged = (await signIn()).replace(/\.[^.]*$/, '.AAAA');
    for (const [target, headers] of [
      ['/', {}],
      ['/?token=wrong', {}],
      ['/assets/app-BxYz1234.js', {}],
      ['/', { cookie: forged }],
    ] as const) {
      const answer = await get(target, headers);
      expect(answer.status).toBe(401);
      expect(answer.body).toContain('token=');
      expect(answer.body).not.toContain(new URL(loopback.url).searchParams.get('token'));
    }
    const chinese = await get('/', { 'accept-language': 'zh-CN,zh;q=0.9,en;q=0.8' });
    expect(chinese.body).toContain('访问许可');
  });

  test('an open page finds back after a restart: same port, same cookie, new token', async () => {
    const cookie = await signIn();
    const before = loopback;
    await before.close();
    loopback = await startLoopback({ engine, rendererDir, dataDir: dir, log });
    expect(loopback.port).toBe(before.port);
    expect(loopback.url).not.toBe(before.url);
    expect((await get('/', { cookie })).status).toBe(200);
    expect(statSync(path.join(dir, 'loopback.json')).mode & 0o777).toBe(0o600);
  });
});

describe('refusing everybody else', () => {
  test('a foreign name for this machine is refused, cookie or not', async () => {
    const cookie = await signIn();
    for (const host of ['evil.example', `evil.example:${loopback.port}`, '127.0.0.1', '127.0.0.1:1', 'localhost']) {
      expect((await get('/', { host, cookie })).status).toBe(403);
    }
    expect((await get('/', { host: `localhost:${loopback.port}`, cookie })).status).toBe(200);
  });

  test('a foreign page is refused, and nothing is shared across origins', async () => {
    const cookie = await signIn();
    expect((await get('/', { cookie, origin: 'https://evil.example' })).status).toBe(403);
    expect((await get('/', { cookie, origin: 'null' })).status).toBe(403);
    expect((await get('/', { cookie, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' })).status).toBe(403);
    const answer = await get('/', { cookie });
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    expect(answer.headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
    expect(answer.headers['referrer-policy']).toBe('no-referrer');
  });

  test('paths out of the folder, odd methods and odd targets get nothing', async () => {
    const cookie = await signIn();
    for (const target of [
      '/../secret.txt',
      '/assets/../../secret.txt',
      '/%2e%2e/secret.txt',
      '/..%2fsecret.txt',
      '/..%5csecret.txt',
      '/%00.html',
      '/%zz.js',
      '/.stamp',
    ]) {
      const answer = await get(target, { cookie });
      expect([403, 404], target).toContain(answer.status);
      expect(answer.body).not.toContain('outside');
    }
    expect((await get('/', { cookie }, 'POST')).status).toBe(405);
    expect((await get('/', { cookie }, 'OPTIONS')).status).toBe(405);
  });

  test('a WebSocket needs our origin and the cookie', async () => {
    const cookie = await signIn();
    const origin = `http://127.0.0.1:${loopback.port}`;
    expect(await upgrade({ origin, cookie })).toBe(101);
    expect(await upgrade({ origin })).toBe(401);
    expect(await upgrade({ cookie })).toBe(403);
    expect(await upgrade({ cookie, origin: 'https://evil.example' })).toBe(403);
    expect(await upgrade({ cookie, origin: `http://localhost:${loopback.port}` })).toBe(403);
    expect(await upgrade({ origin, cookie, host: 'evil.example' })).toBe(403);
    expect(await upgrade({ origin, cookie }, '/other')).toBe(404);
  });

  test('nothing listens but 127.0.0.1', async () => {
    const others = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter(({ address }) => address !== '127.0.0.1')
      .map(({ address, scopeid }) => (scopeid ? `${address}%${scopeid}` : address));
    for (const host of [...others, '::1', '127.0.0.2']) expect([host, await reachable(host)]).toEqual([host, false]);
    expect(await reachable('127.0.0.1')).toBe(true);
  });

  test('a target that names another host, a second Host header or none does not get past the check', async () => {
    const cookie = await signIn();
    const own = `127.0.0.1:${loopback.port}`;
    const ask = async (target: string, ...headers: string[]): Promise<string | undefined> =>
      (await raw([`GET ${target} HTTP/1.1`, ...headers, `Cookie: ${cookie}`, 'Connection: close'])).split(' ')[1];
    expect(await ask('/', `Host: ${own}`)).toBe('200');
    expect(await ask('/', 'Host: evil.example', `Host: ${own}`)).not.toBe('200');
    expect(await ask('/')).toBe('400');
    expect(await ask('http://evil.example/', 'Host: evil.example')).toBe('403');
  });

  test('a WebSocket opened by a foreign page is refused by what the browser says of it', async () => {
    const cookie = await signIn();
    const origin = `http://127.0.0.1:${loopback.port}`;
    expect(await upgrade({ origin, cookie, 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await upgrade({ origin, cookie, 'sec-fetch-site': 'same-origin' })).toBe(101);
    expect(await upgrade({ origin, cookie: `${cookie}x` })).toBe(401);
    const { search } = new URL(loopback.url);
    expect(await upgrade({ origin }, `/rpc${search}`)).toBe(401);
  });

  test('neither token nor cookie gets into the log', async () => {
    const cookie = await signIn();
    const token = new URL(loopback.url).searchParams.get('token') ?? '?';
    const origin = `http://127.0.0.1:${loopback.port}`;
    await get(`/?token=${token}x`);
    await upgrade({ cookie, origin: 'https://evil.example' });
    await upgrade({ origin, cookie: `${cookie}x` }, `/rpc?token=${token}`);
    const text = JSON.stringify(log.lines);
    expect(text).toContain('connection refused');
    expect(text).not.toContain(token);
    expect(text).not.toContain(cookie.split('=')[1]);
  });

  test('a taken port is named', async () => {
    await expect(startLoopback({ engine, rendererDir, dataDir: dir, log, port: loopback.port })).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      params: { port: loopback.port },
    });
  });
});

describe('the contract over the WebSocket', () => {
  async function connect(): Promise<{
    client: ReturnType<typeof createTRPCClient<AppRouter>>;
    close(): Promise<void>;
  }> {
    const cookie = await signIn();
    const origin = `http://127.0.0.1:${loopback.port}`;
    class Socket extends NodeSocket {
      constructor(url: string | URL) {
        super(url, { headers: { cookie, origin } });
      }
    }
    const socket = createWSClient({
      url: `ws://127.0.0.1:${loopback.port}/rpc`,
      WebSocket: Socket as unknown as typeof WebSocket,
    });
    return {
      client: createTRPCClient<AppRouter>({ links: [wsLink({ client: socket })] }),
      close: () => socket.close(),
    };
  }

  test('answers queries, and carries errors as plain data', async () => {
    const { client, close } = await connect();
    expect((await client.system.info.query()).operator.name).toBe('tester');
    await expect(client.clusters.list.query()).rejects.toMatchObject({ data: { app: { code: 'UNSUPPORTED' } } });
    await expect(client.system.updateSettings.mutate({ theme: 'pink' as 'dark' })).rejects.toMatchObject({
      data: { app: { code: 'INVALID' } },
    });
    await close();
  });

  test('a subscription ends in the engine when the page cancels it, and when its connection breaks', async () => {
    const { client, close } = await connect();
    const first = client.system.heartbeat.subscribe(undefined, { onData: () => {} });
    client.system.heartbeat.subscribe(undefined, { onData: () => {} });
    await vi.waitFor(() => expect(engine.heartbeats).toBe(2));
    first.unsubscribe();
    await vi.waitFor(() => expect(engine.heartbeats).toBe(1));
    await close();
    await vi.waitFor(() => expect(engine.heartbeats).toBe(0));
  });

  test('closing ends open connections quickly', async () => {
    const { client, close } = await connect();
    await client.system.info.query();
    const started = Date.now();
    await loopback.close();
    expect(Date.now() - started).toBeLessThan(1000);
    await close();
    loopback = await startLoopback({ engine, rendererDir, dataDir: dir, log });
  });
});
