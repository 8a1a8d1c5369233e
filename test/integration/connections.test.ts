/** Connections to API servers over real sockets and TLS: every way in which one fails has its own code, and recovers. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { execHash } from '#engine/kube/identity.ts';
import {
  createHttpsTransport,
  createInformer,
  createKubeClient,
  type HttpsTransport,
  type HttpsTransportOptions,
} from '#engine/kube/index.ts';
import { contextOf, parseKubeconfig } from '#engine/kubeconfig/index.ts';
import {
  base64,
  certificateUser,
  FakeCluster,
  json,
  kubeconfig,
  node,
  status,
  Wire,
} from './connections/fake-cluster.ts';
import { type Authority, createAuthority, type Pair } from './connections/pki.ts';

const NODES = { group: '', version: 'v1', resource: 'nodes' };
const YESTERDAY = new Date(Date.now() - 86_400_000);
const TOMORROW = new Date(Date.now() + 86_400_000);

let authority: Authority;
beforeAll(async () => {
  authority = await createAuthority();
});

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function cluster(options: Partial<Parameters<typeof FakeCluster.start>[0]> = {}): Promise<FakeCluster> {
  const started = await FakeCluster.start({ authority, ...options });
  cleanups.push(() => started.stop());
  return started;
}

async function folder(): Promise<string> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'connections-'));
  cleanups.push(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

async function connect(text: string, options: Partial<HttpsTransportOptions> = {}): Promise<HttpsTransport> {
  const entry = contextOf(await parseKubeconfig(text, os.tmpdir()), 'test');
  const transport = createHttpsTransport({
    server: entry.server,
    identity: async () => entry.identity(),
    env: { PATH: process.env.PATH },
    ...options,
  });
  cleanups.push(() => transport.close());
  return transport;
}

/** A server of plain TCP that does what it is told with each connection. */
async function tcp(onConnection: (socket: net.Socket) => void): Promise<number> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onConnection(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const version = (transport: HttpsTransport) => createKubeClient(transport).version();

describe('TLS', () => {
  test("a server of the kubeconfig's authority is talked to, over a connection that is used again", async () => {
    const server = await cluster();
    const transport = await connect(kubeconfig(server.server, authority, certificateUser(await authority.client())));
    for (let request = 0; request < 20; request++) await version(transport);
    // The pool may open a second one while the first is handed back; never one for each request.
    expect(await server.connections()).toBeLessThanOrEqual(2);
  });

  test('a server of another authority is untrusted', async () => {
    const server = await cluster();
    const other = await createAuthority('other');
    await expect(version(await connect(kubeconfig(server.server, other, {})))).rejects.toMatchObject({
      code: 'TLS_UNTRUSTED',
    });
  });

  test("without an authority the system's count, and they do not know it", async () => {
    const server = await cluster();
    await expect(version(await connect(kubeconfig(server.server, null, {})))).rejects.toMatchObject({
      code: 'TLS_UNTRUSTED',
    });
  });

  test('with verification switched off it is talked to all the same', async () => {
    const server = await cluster();
    const text = kubeconfig(server.server, null, {}, { 'insecure-skip-tls-verify': true });
    expect(await version(await connect(text))).toMatchObject({ gitVersion: 'v1.30.2' });
  });

  test('a certificate for another name is said with the names it has; tls-server-name helps', async () => {
    const certificate = await authority.server({ ip: [], dns: ['api.prod.internal'] });
    const server = await cluster({ certificate });
    await expect(version(await connect(kubeconfig(server.server, authority, {})))).rejects.toMatchObject({
      code: 'TLS_NAME_MISMATCH',
      params: { names: 'DNS:api.prod.internal' },
    });
    const named = kubeconfig(server.server, authority, {}, { 'tls-server-name': 'api.prod.internal' });
    expect(await version(await connect(named))).toMatchObject({ gitVersion: 'v1.30.2' });
  });

  test('an expired and a future certificate of the server are told apart', async () => {
    const expired = await cluster({
      certificate: await authority.server({ notAfter: YESTERDAY, notBefore: new Date(0) }),
    });
    await expect(version(await connect(kubeconfig(expired.server, authority, {})))).rejects.toMatchObject({
      code: 'CERT_EXPIRED',
      params: { whose: 'server' },
      hint: 'hints.serverCertificateExpired',
    });
    const future = await cluster({
      certificate: await authority.server({ notBefore: TOMORROW, notAfter: new Date(Date.now() + 2e8) }),
    });
    await expect(version(await connect(kubeconfig(future.server, authority, {})))).rejects.toMatchObject({
      code: 'CERT_NOT_YET_VALID',
      params: { whose: 'server' },
    });
  });

  test("a refused client certificate that has expired is the client's, with subject and date", async () => {
    const server = await cluster();
    server.handler = (_request, response) => {
      status(response, 401, 'Unauthorized');
      return true;
    };
    const pair = await authority.client({ cn: 'jane', notBefore: new Date(0), notAfter: YESTERDAY });
    await expect(
      version(await connect(kubeconfig(server.server, authority, certificateUser(pair)))),
    ).rejects.toMatchObject({
      code: 'CERT_EXPIRED',
      params: { whose: 'client', subject: expect.stringContaining('CN=jane') },
      hint: 'hints.clientCertificateExpired',
    });
  });

  test('a rotated client certificate in a file is used without a restart', async () => {
    const dir = await folder();
    const server = await cluster();
    const subjects: string[] = [];
    server.handler = (request) => {
      subjects.push(String((request.socket as import('node:tls').TLSSocket).getPeerCertificate().subject?.CN));
      return false;
    };
    const write = async (cn: string) => {
      const pair = await authority.client({ cn });
      await writeFile(path.join(dir, 'me.crt'), pair.cert);
      await writeFile(path.join(dir, 'me.key'), pair.key);
    };
    await write('first');
    const user = { 'client-certificate': path.join(dir, 'me.crt'), 'client-key': path.join(dir, 'me.key') };
    const transport = await connect(kubeconfig(server.server, authority, user));
    await version(transport);
    await write('second');
    await transport.prepare();
    await version(transport);
    expect(subjects).toEqual(['first', 'second']);
    // In the middle of the next rotation the two do not belong together; once they do, nobody waits for a look at the files.
    const third = await authority.client({ cn: 'third' });
    await writeFile(path.join(dir, 'me.crt'), third.cert);
    await transport.prepare().catch(() => {});
    await expect(version(transport)).rejects.toMatchObject({ code: 'KUBECONFIG_INCOMPLETE' });
    await writeFile(path.join(dir, 'me.key'), third.key);
    await version(transport);
    expect(subjects.at(-1)).toBe('third');
  });
});

describe('a server that cannot be reached', () => {
  test('refused, unknown name, no TLS, hung up: each its code', async () => {
    const closed = await cluster();
    await closed.stop();
    await expect(version(await connect(kubeconfig(closed.server, authority, {})))).rejects.toMatchObject({
      code: 'CLUSTER_UNREACHABLE',
      retryable: true,
    });
    await expect(
      version(await connect(kubeconfig('https://no-such-host.invalid:6443', authority, {}))),
    ).rejects.toMatchObject({
      code: 'CLUSTER_DNS',
    });
    const plain = await tcp((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await expect(version(await connect(kubeconfig(`https://127.0.0.1:${plain}`, authority, {})))).rejects.toMatchObject(
      {
        code: 'CLUSTER_UNREACHABLE',
      },
    );
    const rude = await tcp((socket) => socket.destroy());
    await expect(version(await connect(kubeconfig(`https://127.0.0.1:${rude}`, authority, {})))).rejects.toMatchObject({
      code: 'CLUSTER_UNREACHABLE',
    });
  });

  test('one that accepts the connection and says nothing times out at the handshake', async () => {
    const port = await tcp(() => {});
    const transport = await connect(kubeconfig(`https://127.0.0.1:${port}`, authority, {}), { connectTimeoutMs: 300 });
    await expect(version(transport)).rejects.toMatchObject({ code: 'CLUSTER_TIMEOUT', retryable: true });
  });

  test('one that takes the request and never answers times out', async () => {
    const server = await cluster();
    server.handler = () => true;
    const transport = await connect(kubeconfig(server.server, authority, {}), { requestTimeoutMs: 300 });
    await expect(version(transport)).rejects.toMatchObject({ code: 'CLUSTER_TIMEOUT', params: { seconds: 0.3 } });
  });

  test('one that stops in the middle of its answer times out too', async () => {
    const server = await cluster();
    server.handler = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"gitVersion":');
      return true;
    };
    const transport = await connect(kubeconfig(server.server, authority, {}), { requestTimeoutMs: 300 });
    await expect(version(transport)).rejects.toMatchObject({ code: 'CLUSTER_TIMEOUT' });
  });

  test('a slow one is waited for', async () => {
    const slow = await cluster();
    slow.handler = (_request, response) => {
      setTimeout(() => json(response, 200, { gitVersion: 'v1.30.2' }), 300);
      return true;
    };
    expect(await version(await connect(kubeconfig(slow.server, authority, {})))).toMatchObject({
      gitVersion: 'v1.30.2',
    });
  });

  test('an idle connection that the server closed is replaced without the caller noticing', async () => {
    const server = await cluster();
    const transport = await connect(kubeconfig(server.server, authority, {}));
    await version(transport);
    await server.stop();
    await server.restart();
    expect(await version(transport)).toMatchObject({ gitVersion: 'v1.30.2' });
  });

  test('a closed transport refuses at once', async () => {
    const server = await cluster();
    const transport = await connect(kubeconfig(server.server, authority, {}));
    await version(transport);
    await transport.close();
    await expect(version(transport)).rejects.toMatchObject({ code: 'CANCELLED' });
    await vi.waitFor(async () => expect(await server.connections()).toBe(0));
  });
});

describe('answers that are not what they should be', () => {
  test.each([
    [401, 'CREDENTIALS_REJECTED'],
    [403, 'FORBIDDEN'],
    [404, 'NOT_FOUND'],
    [410, 'GONE'],
    [500, 'CLUSTER_ERROR'],
    [503, 'CLUSTER_ERROR'],
    [302, 'CLUSTER_ERROR'],
  ])('HTTP %s is %s', async (code, expected) => {
    const server = await cluster();
    server.handler = (_request, response) => {
      status(response, code, 'Why', code === 302 ? { location: 'https://login.example' } : {});
      return true;
    };
    await expect(version(await connect(kubeconfig(server.server, authority, {})))).rejects.toMatchObject({
      code: expected,
    });
  });

  test("JSON that is none is the cluster's fault", async () => {
    const server = await cluster();
    server.handler = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"gitVersion"');
      return true;
    };
    await expect(version(await connect(kubeconfig(server.server, authority, {})))).rejects.toMatchObject({
      code: 'CLUSTER_ERROR',
    });
  });

  test('429 with a short Retry-After is waited out by the client', async () => {
    const server = await cluster();
    let refusals = 2;
    server.handler = (_request, response) => {
      if (refusals-- <= 0) return false;
      status(response, 429, 'TooManyRequests', { 'retry-after': '0' });
      return true;
    };
    expect(await version(await connect(kubeconfig(server.server, authority, {})))).toMatchObject({
      gitVersion: 'v1.30.2',
    });
    expect(server.requests).toHaveLength(3);
  });

  test('429 with a long one is handed on with the time to wait', async () => {
    const server = await cluster();
    server.handler = (_request, response) => {
      response.writeHead(429, { 'retry-after': '120' }).end('Too many requests, please try again later.');
      return true;
    };
    await expect(version(await connect(kubeconfig(server.server, authority, {})))).rejects.toMatchObject({
      code: 'TOO_MANY_REQUESTS',
      retryAfterSeconds: 120,
    });
    expect(server.requests).toHaveLength(1);
  });

  test('warnings of the server reach the caller', async () => {
    const server = await cluster();
    server.handler = (_request, response) => {
      json(response, 201, { metadata: {} }, { warning: '299 - "unknown field \\"spec.x\\""' });
      return true;
    };
    const client = createKubeClient(await connect(kubeconfig(server.server, authority, {})));
    const warnings: string[] = [];
    await client.create(
      NODES,
      { apiVersion: 'v1', kind: 'Node', metadata: { name: 'a' } },
      { onWarning: (text) => warnings.push(text) },
    );
    expect(warnings).toEqual(['unknown field "spec.x"']);
  });
});

describe('credentials', () => {
  test('tokens, basic and impersonation are sent as headers', async () => {
    const server = await cluster();
    const seen: unknown[] = [];
    server.handler = ({ headers }) => {
      seen.push([headers.authorization, headers['impersonate-user'], headers['impersonate-group']]);
      return false;
    };
    await version(await connect(kubeconfig(server.server, authority, { token: 'abc' })));
    await version(await connect(kubeconfig(server.server, authority, { username: 'u', password: 'p:w' })));
    await version(
      await connect(kubeconfig(server.server, authority, { token: 'abc', as: 'jane', 'as-groups': ['dev', 'ops'] })),
    );
    expect(seen).toEqual([
      ['Bearer abc', undefined, undefined],
      [`Basic ${base64('u:p:w')}`, undefined, undefined],
      ['Bearer abc', 'jane', 'dev, ops'],
    ]);
  });

  test('a token file is read again when the server refuses the old token', async () => {
    const dir = await folder();
    const tokenFile = path.join(dir, 'token');
    await writeFile(tokenFile, 'old\n');
    const tokens = new Set(['old']);
    const server = await cluster({ tokens });
    const transport = await connect(kubeconfig(server.server, authority, { tokenFile }));
    await version(transport);
    tokens.clear();
    tokens.add('new!');
    await expect(version(transport)).rejects.toMatchObject({ code: 'CREDENTIALS_REJECTED' });
    await writeFile(tokenFile, 'new!\n');
    expect(await version(transport)).toMatchObject({ gitVersion: 'v1.30.2' });
  });

  test('an OIDC token that the server refuses is told with how it is renewed', async () => {
    const server = await cluster({ tokens: new Set(['fresh']) });
    const oidc = (token: string) => ({ 'auth-provider': { name: 'oidc', config: { 'id-token': token } } });
    const ended = await connect(kubeconfig(server.server, authority, oidc('ended')));
    await expect(version(ended)).rejects.toMatchObject({ code: 'CREDENTIALS_REJECTED', hint: 'hints.oidcToken' });
    const renewed = await connect(kubeconfig(server.server, authority, oidc('fresh')));
    expect(await version(renewed)).toMatchObject({ gitVersion: 'v1.30.2' });
  });

  test('a missing token file names the file', async () => {
    const server = await cluster();
    const transport = await connect(kubeconfig(server.server, authority, { tokenFile: '/no/such/token' }));
    await expect(version(transport)).rejects.toMatchObject({
      code: 'KUBECONFIG_INCOMPLETE',
      params: { path: '/no/such/token', errno: 'ENOENT' },
    });
  });

  test('an exec plugin is run once for many requests, and anew when the server refuses its token', async () => {
    const dir = await folder();
    const command = path.join(dir, 'plugin');
    await writeFile(
      command,
      `#!/bin/sh
echo run >> ${dir}/runs
n=$(wc -l < ${dir}/runs | tr -d ' ')
echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"token-'$n'"}}'
`,
    );
    await chmod(command, 0o755);
    const tokens = new Set(['token-1']);
    const server = await cluster({ tokens });
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command, args: ['x'], env: null };
    const approved = execHash({ command, args: ['x'], env: [] });
    const transport = await connect(kubeconfig(server.server, authority, { exec }), { approvedExec: () => approved });
    const runs = async () => (await readFile(path.join(dir, 'runs'), 'utf8')).trim().split('\n').length;
    await Promise.all(Array.from({ length: 10 }, () => version(transport)));
    expect(await runs()).toBe(1);
    tokens.clear();
    tokens.add('token-2');
    await version(transport);
    expect(await runs()).toBe(2);
  });

  test('a client certificate from an exec plugin is used for the connection', async () => {
    const dir = await folder();
    const pair = await authority.client({ cn: 'from-plugin' });
    const answer = { clientCertificateData: pair.cert, clientKeyData: pair.key };
    const body = { kind: 'ExecCredential', apiVersion: 'client.authentication.k8s.io/v1beta1', status: answer };
    await writeFile(path.join(dir, 'answer'), JSON.stringify(body));
    const server = await cluster();
    let subject = '';
    server.handler = (request) => {
      subject = String((request.socket as import('node:tls').TLSSocket).getPeerCertificate().subject?.CN);
      return false;
    };
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1beta1',
      command: 'cat',
      args: [path.join(dir, 'answer')],
    };
    const approved = execHash({ ...exec, env: [] });
    await version(await connect(kubeconfig(server.server, authority, { exec }), { approvedExec: () => approved }));
    expect(subject).toBe('from-plugin');
  });

  test("an exec plugin that hangs is the plugin's fault, not the cluster's", async () => {
    const server = await cluster();
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'sleep', args: ['600'] };
    const approved = execHash({ ...exec, env: [] });
    const transport = await connect(kubeconfig(server.server, authority, { exec }), {
      approvedExec: () => approved,
      execTimeoutMs: () => 300,
    });
    await expect(version(transport)).rejects.toMatchObject({ code: 'EXEC_TIMEOUT', params: { command: 'sleep' } });
    expect(server.requests).toEqual([]);
  });
});

describe('through a proxy', () => {
  async function proxy(answer: number, certificate?: Pair): Promise<{ url: string; asked: string[] }> {
    const asked: string[] = [];
    const server = certificate === undefined ? http.createServer() : https.createServer(certificate);
    const sockets = new Set<net.Socket>();
    server.on('connect', (request, client: net.Socket) => {
      asked.push(`${request.url} ${request.headers['proxy-authorization'] ?? ''}`.trim());
      sockets.add(client);
      client.on('error', () => {});
      if (answer !== 200) {
        client.end(`HTTP/1.1 ${answer} No\r\n\r\n`);
        return;
      }
      const [host, port] = (request.url ?? '').split(':');
      const upstream = net.connect(Number(port), host);
      upstream.on('error', () => client.destroy());
      sockets.add(upstream);
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      client.pipe(upstream).pipe(client);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanups.push(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    const scheme = certificate === undefined ? 'http' : 'https';
    return { url: `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
  }

  test('of the kubeconfig, with its credentials, end to end encrypted', async () => {
    const server = await cluster();
    const { url, asked } = await proxy(200);
    const text = kubeconfig(server.server, authority, {}, { 'proxy-url': url.replace('://', '://me:pw@') });
    expect(await version(await connect(text))).toMatchObject({ gitVersion: 'v1.30.2' });
    expect(asked).toEqual([`127.0.0.1:${server.port} Basic ${base64('me:pw')}`]);
  });

  test('of https, known to the authority of the kubeconfig', async () => {
    const server = await cluster();
    const { url, asked } = await proxy(200, await authority.server({ cn: 'proxy' }));
    const text = kubeconfig(server.server, authority, {}, { 'proxy-url': url });
    expect(await version(await connect(text))).toMatchObject({ gitVersion: 'v1.30.2' });
    expect(asked).toEqual([`127.0.0.1:${server.port}`]);

    const stranger = await proxy(200, await (await createAuthority('other')).server());
    const through = kubeconfig(server.server, authority, {}, { 'proxy-url': stranger.url });
    await expect(version(await connect(through))).rejects.toMatchObject({
      code: 'TLS_UNTRUSTED',
      hint: 'hints.proxyUntrusted',
    });
  });

  test('one that refuses is named, without its credentials', async () => {
    const server = await cluster();
    const { url } = await proxy(407);
    const text = kubeconfig(server.server, authority, {}, { 'proxy-url': url.replace('://', '://me:secret@') });
    const error = await version(await connect(text)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'CLUSTER_UNREACHABLE',
      params: { proxy: url },
      hint: 'hints.proxyCredentials',
    });
    expect(JSON.stringify((error as { toShape(): unknown }).toShape())).not.toContain('secret');
  });

  test('one that is not there is unreachable', async () => {
    const server = await cluster();
    const text = kubeconfig(server.server, authority, {}, { 'proxy-url': 'http://127.0.0.1:1' });
    await expect(version(await connect(text))).rejects.toMatchObject({
      code: 'CLUSTER_UNREACHABLE',
      hint: 'hints.proxyInTheWay',
      message: expect.stringContaining('http://127.0.0.1:1'),
    });
  });

  test('of SOCKS5', async () => {
    const server = await cluster();
    let target = '';
    const port = await tcp((socket) => {
      socket.once('data', () => {
        socket.write(Buffer.from([5, 0]));
        socket.once('data', (request) => {
          const host = [...request.subarray(4, 8)].join('.');
          target = `${host}:${request.readUInt16BE(request.length - 2)}`;
          const upstream = net.connect(server.port, '127.0.0.1', () => {
            socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
            socket.pipe(upstream).pipe(socket);
          });
          upstream.on('error', () => socket.destroy());
          socket.on('close', () => upstream.destroy());
        });
      });
    });
    const text = kubeconfig(server.server, authority, {}, { 'proxy-url': `socks5://127.0.0.1:${port}` });
    expect(await version(await connect(text))).toMatchObject({ gitVersion: 'v1.30.2' });
    expect(target).toBe(`127.0.0.1:${server.port}`);
  });
});

describe('an informer over the network', () => {
  async function follow(server: { server: string }, fake: FakeCluster) {
    const transport = await connect(kubeconfig(server.server, authority, {}), { connectTimeoutMs: 500 });
    const informer = createInformer(
      { client: createKubeClient(transport), resource: NODES },
      { baseDelayMs: 20, maxDelayMs: 100 },
    );
    cleanups.push(() => informer.stop());
    await informer.synced;
    await vi.waitFor(() => expect(fake.watching).toBe(1));
    return { informer, transport };
  }

  test('sees events as they come', async () => {
    const server = await cluster();
    server.nodes = [node('a', '1')];
    const { informer } = await follow(server, server);
    server.send({ type: 'ADDED', object: node('b', '11') });
    server.send({ type: 'DELETED', object: node('a', '12') });
    await vi.waitFor(() => expect([...informer.items.keys()]).toEqual(['b']));
  });

  test('lists again after a broken line and after 410', async () => {
    const server = await cluster();
    server.nodes = [node('a', '1')];
    const { informer } = await follow(server, server);
    server.nodes = [node('a', '1'), node('b', '11')];
    server.send('{"type":"ADDED","object":{"metadata"\n');
    await vi.waitFor(() => expect([...informer.items.keys()]).toEqual(['a', 'b']));
    await vi.waitFor(() => expect(server.watching).toBe(1));
    server.nodes = [node('b', '11')];
    server.send({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } });
    await vi.waitFor(() => expect([...informer.items.keys()]).toEqual(['b']));
  });

  test('is stale while the server is away and live again, caught up, when it is back', async () => {
    const server = await cluster();
    server.nodes = [node('a', '1')];
    const { informer } = await follow(server, server);
    await server.stop();
    await vi.waitFor(() => expect(informer.state).toBe('stale'));
    expect(informer.reason).toMatchObject({ code: 'CLUSTER_UNREACHABLE' });
    expect(informer.items.size).toBe(1);
    await server.restart();
    await vi.waitFor(() => expect(informer.state).toBe('live'), { timeout: 5_000 });
    await vi.waitFor(() => expect(server.watching).toBe(1));
    server.send({ type: 'MODIFIED', object: node('a', '20', { seen: 'yes' }) });
    await vi.waitFor(() => expect(informer.get('a')?.metadata.labels).toEqual({ seen: 'yes' }));
  });

  test('a half-open connection is left behind when the transport is reset', async () => {
    const server = await cluster();
    server.nodes = [node('a', '1')];
    const wire = await Wire.start(server.port);
    cleanups.push(() => wire.stop());
    const { informer, transport } = await follow(wire, server);
    wire.freeze();
    const { AppError } = await import('#shared/errors.ts');
    transport.reset(new AppError('CLUSTER_TIMEOUT', 'no answer'));
    await vi.waitFor(() => expect(informer.state).toBe('stale'));
    wire.thaw();
    await vi.waitFor(() => expect(informer.state).toBe('live'), { timeout: 5_000 });
  });
});

test('an engine that dials nobody loads neither the HTTP client nor the YAML parser', () => {
  const script = `
    await import('${path.resolve('src/main/engine/kube/index.ts')}');
    await import('${path.resolve('src/main/engine/clusters/index.ts')}');
    console.log(JSON.stringify(Object.keys((await import('node:module')).default._cache)));
  `;
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect((JSON.parse(out) as string[]).filter((file) => /node_modules\/(undici|yaml)\//.test(file))).toEqual([]);
});
