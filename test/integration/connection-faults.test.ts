/**
 * What goes wrong between us and an API server while we follow it, over real sockets and TLS: everything ends in being
 * live again with what is true then, without a restart; what one cluster does is felt by no other. How a connection fails
 * at first sight is in connections.test.ts; docs/connections.md says where every known defect of other clients is tested.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Clusters, createClusters } from '#engine/clusters/index.ts';
import {
  createHttpsTransport,
  createInformer,
  createKubeClient,
  execHash,
  type HttpsTransport,
  type HttpsTransportOptions,
  type Informer,
  withPriority,
} from '#engine/kube/index.ts';
import { contextOf, parseKubeconfig } from '#engine/kubeconfig/index.ts';
import { openStore, type Store } from '#engine/store/index.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { certificateUser, FakeCluster, json, kubeconfig, node, status, Wire } from './connections/fake-cluster.ts';
import { type Authority, createAuthority } from './connections/pki.ts';

const NODES = { group: '', version: 'v1', resource: 'nodes' };
const PODS = { group: '', version: 'v1', resource: 'pods' };
const API = 'client.authentication.k8s.io/v1';
/** Ends only what hangs. */
const WAIT = { timeout: 20_000, interval: 10 };
const QUICK = { baseDelayMs: 20, maxDelayMs: 100 };

let authority: Authority;
let dir: string;
let store: Store;
let clusters: Clusters;
beforeAll(async () => {
  authority = await createAuthority();
  dir = await mkdtemp(path.join(os.tmpdir(), 'faults-'));
  store = await openStore({ dir });
  clusters = createClusters({
    repository: store.clusters,
    fleets: () => ({ get: () => undefined, fleetOfCluster: () => undefined }),
    addToFleet: async () => {},
    log: { debug() {}, info() {}, warn() {}, error() {} },
    env: { PATH: process.env.PATH },
    timing: { probeMs: 40, confirmMs: 20, probeTimeoutMs: 1_000, retryBaseMs: 20, retryMaxMs: 60 },
  });
  clusters.start();
});
afterAll(async () => {
  await clusters.close();
  await store.close();
  await rm(dir, { recursive: true, force: true });
});

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function fake(options: Partial<Parameters<typeof FakeCluster.start>[0]> = {}): Promise<FakeCluster> {
  const started = await FakeCluster.start({ authority, ...options });
  started.nodes = [node('a', '1')];
  cleanups.push(() => started.stop());
  return started;
}

async function connect(text: string, options: Partial<HttpsTransportOptions> = {}): Promise<HttpsTransport> {
  const entry = contextOf(await parseKubeconfig(text, os.tmpdir()), 'test');
  const transport = createHttpsTransport({
    server: entry.server,
    identity: async () => entry.identity(),
    env: {},
    ...options,
  });
  cleanups.push(() => transport.close());
  return transport;
}

describe('one cluster that is asked for much', () => {
  /** Holds every list of pods until it is let go. */
  function holding(server: FakeCluster): { held: ServerResponse[]; release(): void } {
    const held: ServerResponse[] = [];
    server.handler = (_request, response, { pathname }) => {
      if (pathname !== '/api/v1/pods') return false;
      held.push(response);
      return true;
    };
    return {
      held,
      release() {
        server.handler = () => false;
        for (const response of held) json(response, 200, { kind: 'PodList', metadata: {}, items: [] });
      },
    };
  }

  test('answers a person and the probes while an inspection reads with all it may', async () => {
    const server = await fake();
    const transport = await connect(kubeconfig(server.server, authority, {}));
    const { held, release } = holding(server);
    const inspection = createKubeClient(withPriority(transport, 'background'));
    const lists = Array.from({ length: 30 }, () => inspection.list(PODS));
    await vi.waitFor(() => expect(held).toHaveLength(3), WAIT);
    const page = createKubeClient(withPriority(transport, 'foreground'));
    expect((await page.list(NODES)).items).toHaveLength(1);
    expect(await transport.request({ method: 'GET', path: '/readyz', priority: 'health' })).toMatchObject({
      status: 200,
    });
    expect(held).toHaveLength(3);
    expect(transport.budget()).toMatchObject({ running: { background: 3 }, waiting: { background: 27 }, sent: 5 });
    release();
    server.handler = (_request, response, { pathname }) => {
      if (pathname !== '/api/v1/pods') return false;
      json(response, 200, { kind: 'PodList', metadata: {}, items: [] });
      return true;
    };
    await Promise.all(lists);
    expect(transport.budget()).toMatchObject({ running: { background: 0 }, waiting: { background: 0 }, sent: 32 });
  });

  test('and asks to be spared is: nothing but probes is sent, and a person is told for how long', async () => {
    const server = await fake();
    const transport = await connect(kubeconfig(server.server, authority, {}));
    server.handler = (_request, response, { pathname }) => {
      if (pathname === '/readyz') return false;
      response.writeHead(429, { 'retry-after': '120' }).end('Too many requests, please try again later.');
      return true;
    };
    const page = createKubeClient(withPriority(transport, 'foreground'));
    const refusal = { code: 'TOO_MANY_REQUESTS', retryable: true };
    await expect(createKubeClient(transport).list(NODES)).rejects.toMatchObject(refusal);
    await expect(page.list(NODES)).rejects.toMatchObject({ ...refusal, params: { seconds: expect.any(Number) } });
    const abort = new AbortController();
    const work = createKubeClient(transport).list(NODES, { signal: abort.signal });
    expect(await transport.request({ method: 'GET', path: '/readyz', priority: 'health' })).toMatchObject({
      status: 200,
    });
    expect(server.requests.filter((request) => request.includes('nodes'))).toHaveLength(1);
    expect(transport.budget()).toMatchObject({ refused: 1, pausedUntil: expect.any(Number), waiting: { normal: 1 } });
    abort.abort();
    await expect(work).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  test('but an eviction that a disruption budget refuses holds nobody back', async () => {
    const server = await fake();
    const transport = await connect(kubeconfig(server.server, authority, {}));
    server.handler = (_request, response, { pathname }) => {
      if (!pathname.endsWith('/eviction')) return false;
      status(response, 429, 'TooManyRequests', { 'retry-after': '30' });
      return true;
    };
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p', namespace: 'n' } };
    const evicting = createKubeClient(transport).create(PODS, eviction, { subresource: 'eviction' });
    await expect(evicting).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' });
    expect((await createKubeClient(transport).list(NODES)).items).toHaveLength(1);
  });

  test('or hangs slows no other: the others have answered everything before it has answered anything', async () => {
    const [hanging, good] = [await fake(), await fake()];
    const stuck = await connect(kubeconfig(hanging.server, authority, {}));
    const healthy = createKubeClient(await connect(kubeconfig(good.server, authority, {})));
    hanging.handler = () => true;
    const abort = new AbortController();
    const order: string[] = [];
    const waiting = Array.from({ length: 200 }, () =>
      createKubeClient(stuck)
        .version(abort.signal)
        .catch((error: unknown) => error)
        .finally(() => order.push('hanging')),
    );
    const answers = Array.from({ length: 50 }, () => healthy.version().then(() => order.push('good')));
    await Promise.all(answers);
    abort.abort();
    for (const error of await Promise.all(waiting)) expect(error).toMatchObject({ code: 'CANCELLED' });
    expect(order).toEqual([...Array(50).fill('good'), ...Array(200).fill('hanging')]);
  });
});

/** A registered cluster and an informer on its nodes, both up. */
interface Followed {
  server: FakeCluster;
  wire: Wire;
  id: string;
  informer: Informer<KubeObject>;
}

let made = 0;
async function followed(
  server: FakeCluster,
  user: object,
  extra: { file?: string; ca?: Authority; approvedExec?: string } = {},
): Promise<Followed> {
  const wire = await Wire.start(server.port);
  cleanups.push(() => wire.stop());
  const text = kubeconfig(wire.server, extra.ca ?? authority, user);
  if (extra.file !== undefined) await writeFile(extra.file, text);
  const { id } = await clusters.register({
    source: extra.file === undefined ? { kind: 'text', text } : { kind: 'file', path: extra.file },
    context: 'test',
    name: `c${made}`,
    deletionProtection: false,
    evenIfUnreachable: false,
    ...(extra.approvedExec === undefined ? {} : { approvedExec: extra.approvedExec }),
  });
  cleanups.push(() => clusters.unregister({ id, leaveBehind: true }));
  const informer = createInformer({ client: clusters.client(id, 'foreground'), resource: NODES }, QUICK);
  cleanups.push(() => informer.stop());
  await informer.synced;
  // Its own and the one by which the cluster's nodes are counted.
  await vi.waitFor(() => expect(server.watching).toBe(2), WAIT);
  return { server, wire, id, informer };
}

/** An informer alone: what it does by itself, with no cluster's probes to wake it. */
async function informed(server: FakeCluster): Promise<Omit<Followed, 'wire' | 'id'>> {
  const transport = await connect(kubeconfig(server.server, authority, {}));
  const informer = createInformer({ client: createKubeClient(transport), resource: NODES }, QUICK);
  cleanups.push(() => informer.stop());
  await informer.synced;
  await vi.waitFor(() => expect(server.watching).toBe(1), WAIT);
  return { server, informer };
}

/** What changed meanwhile is there; the cluster, if there is one, is entered again. */
async function resynced({
  server,
  id,
  informer,
}: Pick<Followed, 'server' | 'informer'> & { id?: string }): Promise<void> {
  if (id !== undefined)
    await vi.waitFor(() => expect(clusters.get(id)).toMatchObject({ state: 'running', nodes: { total: 2 } }), WAIT);
  await vi.waitFor(() => {
    expect([...informer.items.keys()]).toEqual(['a', 'b']);
    expect(informer).toMatchObject({ state: 'live', reason: null });
  }, WAIT);
  await vi.waitFor(() => expect(server.watching).toBe(id === undefined ? 1 : 2), WAIT);
  // Live in fact, not only in name.
  server.send({ type: 'ADDED', object: node('c', '99') });
  await vi.waitFor(() => expect(informer.get('c')).toBeDefined(), WAIT);
}
const uid = () => `uid-of-${made++}`;

describe('resync without a restart', () => {
  /** Something happens meanwhile, more than the server remembers: whoever comes back has to list again. */
  function changes(server: FakeCluster): void {
    server.nodes = [node('a', '1'), node('b', '11')];
    server.resourceVersion = 20;
    server.oldest = 20;
  }

  test('after this machine slept: connections are dead and nobody has said so', async () => {
    const all = await followed(await fake({ uid: uid() }), {});
    all.wire.freeze();
    changes(all.server);
    // The clock goes on while timers stand still; the network is there again when they fire.
    vi.useFakeTimers({ toFake: ['Date'] });
    cleanups.push(() => vi.useRealTimers());
    vi.setSystemTime(Date.now() + 3_600_000);
    all.wire.thaw();
    await resynced(all);
    vi.useRealTimers();
  });

  test('after the network has changed: what was open hangs for ever', async () => {
    const all = await followed(await fake({ uid: uid() }), {});
    all.wire.freeze();
    await vi.waitFor(() => expect(clusters.get(all.id)?.state).toBe('disconnected'), WAIT);
    await vi.waitFor(() => expect(all.informer.state).toBe('stale'), WAIT);
    expect([...all.informer.items.keys()]).toEqual(['a']);
    changes(all.server);
    all.wire.thaw();
    await resynced(all);
  });

  test('after the server has got a new certificate of the same authority', async () => {
    const all = await followed(await fake({ uid: uid() }), {});
    changes(all.server);
    await all.server.rotate(await authority.server({ cn: 'renewed' }));
    await resynced(all);
  });

  test('after the authority has changed, once the kubeconfig file has the new one', async () => {
    const file = path.join(dir, 'rotating-authority');
    const all = await followed(await fake({ uid: uid() }), {}, { file });
    changes(all.server);
    const next = await createAuthority('next');
    await all.server.rotate(await next.server(), next);
    await vi.waitFor(() => expect(clusters.get(all.id)?.reason?.code).toBe('TLS_UNTRUSTED'), WAIT);
    await writeFile(file, kubeconfig(all.wire.server, next, {}));
    await resynced(all);
  });

  test('after the client certificate was rotated in its file', async () => {
    const pair = async (cn: string) => {
      const { cert, key } = await authority.client({ cn });
      await writeFile(path.join(dir, 'me.crt'), cert);
      await writeFile(path.join(dir, 'me.key'), key);
    };
    await pair('first');
    const user = { 'client-certificate': path.join(dir, 'me.crt'), 'client-key': path.join(dir, 'me.key') };
    const all = await followed(await fake({ uid: uid() }), user);
    all.server.handler = (request, response) => {
      if ((request.socket as TLSSocket).getPeerCertificate().subject?.CN === 'second') return false;
      status(response, 401, 'Unauthorized');
      return true;
    };
    all.server.endWatches();
    await vi.waitFor(() => expect(clusters.get(all.id)?.reason?.code).toBe('CREDENTIALS_REJECTED'), WAIT);
    changes(all.server);
    await pair('second');
    await resynced(all);
  });

  test('after a token has expired, with the next one of its file', async () => {
    const tokens = new Set(['first']);
    const tokenFile = path.join(dir, 'token');
    await writeFile(tokenFile, 'first');
    const all = await followed(await fake({ uid: uid(), tokens }), { tokenFile });
    tokens.clear();
    tokens.add('second one');
    all.server.endWatches();
    await vi.waitFor(() => expect(clusters.get(all.id)?.state).toBe('abnormal'), WAIT);
    changes(all.server);
    await writeFile(tokenFile, 'second one');
    await resynced(all);
  });

  test('after a token has expired, with the next one of its plugin, unnoticed by anybody', async () => {
    const tokens = new Set(['t1']);
    const answer = path.join(dir, 'answer');
    const answers = (token: string) =>
      writeFile(answer, JSON.stringify({ kind: 'ExecCredential', apiVersion: API, status: { token } }));
    await answers('t1');
    const exec = { apiVersion: API, command: 'cat', args: [answer], interactiveMode: 'Never' };
    const all = await followed(
      await fake({ uid: uid(), tokens }),
      { exec },
      { approvedExec: execHash({ ...exec, env: [] }) },
    );
    const before = clusters.transitions(all.id).length;
    await answers('t2');
    tokens.clear();
    tokens.add('t2');
    changes(all.server);
    all.server.endWatches();
    await resynced(all);
    expect(clusters.transitions(all.id)).toHaveLength(before);
  });

  test.each([
    ['503', (response: ServerResponse) => status(response, 503, 'ServiceUnavailable')],
    ['429', (response: ServerResponse) => status(response, 429, 'TooManyRequests', { 'retry-after': '0' })],
    [
      'HTML',
      (response: ServerResponse) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Login</html>'),
    ],
    [
      'garbage',
      (response: ServerResponse) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"kind"'),
    ],
    ['a redirect', (response: ServerResponse) => response.writeHead(302, { location: 'https://login.example' }).end()],
    [
      'a cut in the middle of the answer',
      (response: ServerResponse) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
        response.write('{"kind":"NodeList","items":[');
        response.socket?.destroySoon();
      },
    ],
  ])('after a burst of %s: nothing was lost meanwhile', async (_what, misbehave) => {
    const all = await informed(await fake());
    let answers = 0;
    all.server.handler = (_request, response, { pathname }) => {
      if (pathname !== '/api/v1/nodes') return false;
      answers += 1;
      misbehave(response);
      return true;
    };
    all.server.endWatches();
    await vi.waitFor(() => expect(answers).toBeGreaterThan(5), WAIT);
    expect([...all.informer.items.keys()]).toEqual(['a']);
    all.server.handler = () => false;
    changes(all.server);
    await resynced(all);
  });

  test('after a connection was cut in the middle of a line: half an object is none', async () => {
    const all = await informed(await fake());
    changes(all.server);
    const line = JSON.stringify({ type: 'ADDED', object: node('never-whole', '50') });
    all.server.send(line.slice(0, line.length / 2));
    await all.server.stop();
    await all.server.restart();
    await resynced(all);
    expect(all.informer.get('never-whole')).toBeUndefined();
  });
});

describe('what is large, odd or hostile', () => {
  test('objects of 10 MB come whole, in a list and in an event', async () => {
    const server = await fake();
    const large = (name: string, version: string) => {
      const object = node(name, version) as { metadata: { annotations?: Record<string, string> } };
      object.metadata.annotations = { 'example.com/notes': 'n'.repeat(10_000_000) };
      return object;
    };
    server.nodes = [large('big', '2')];
    const transport = await connect(kubeconfig(server.server, authority, {}));
    const size = (object: KubeObject) => object.metadata.annotations?.['example.com/notes']?.length ?? 0;
    const informer = createInformer({ client: createKubeClient(transport), resource: NODES, project: size }, QUICK);
    cleanups.push(() => informer.stop());
    await informer.synced;
    await vi.waitFor(() => expect(server.watching).toBe(1), WAIT);
    server.send({ type: 'ADDED', object: large('bigger', '11') });
    await vi.waitFor(
      () =>
        expect([...informer.items]).toEqual([
          ['big', 10_000_000],
          ['bigger', 10_000_000],
        ]),
      WAIT,
    );
  });

  test('an answer that never ends is left', async () => {
    const server = await fake();
    server.handler = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const chunk = Buffer.alloc(65_536, 'x');
      const more = () => {
        while (!response.destroyed && response.write(chunk));
        if (!response.destroyed) response.once('drain', more);
      };
      more();
      return true;
    };
    const transport = await connect(kubeconfig(server.server, authority, {}), { maxBodyBytes: 2_000_000 });
    await expect(createKubeClient(transport).list(NODES)).rejects.toMatchObject({
      code: 'CLUSTER_ERROR',
      message: expect.stringContaining('larger than'),
    });
  });

  test('a small answer that unpacks to a huge one is left too', async () => {
    const server = await fake();
    const bomb = execFileSync(process.execPath, [
      '-e',
      'process.stdout.write(require("zlib").gzipSync(Buffer.alloc(20e6)))',
    ]);
    server.handler = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(bomb);
      return true;
    };
    const transport = await connect(kubeconfig(server.server, authority, {}), { maxBodyBytes: 1_000_000 });
    await expect(createKubeClient(transport).list(NODES)).rejects.toMatchObject({ code: 'CLUSTER_ERROR' });
  });

  test.each([
    'system:controller:a',
    'a b',
    'a?b#c&d=e+f',
    'gr\u00fc\u00dfe-\u540d\u79f0-\ud83d\ude80',
    'quo"te\'$`\\;|',
    'a..b',
  ])('an object named %j is the one that is asked for', async (name) => {
    const server = await fake();
    server.handler = (_request, response, { pathname, search }) => {
      json(response, 200, {
        kind: 'Role',
        metadata: { name: decodeURIComponent(pathname.split('/').at(-1) ?? ''), search },
      });
      return true;
    };
    const client = createKubeClient(await connect(kubeconfig(server.server, authority, {})));
    const roles = { group: 'rbac.authorization.k8s.io', version: 'v1', resource: 'clusterroles' };
    expect((await client.get(roles, name)).metadata).toEqual({ name, search: '' });
  });

  test('selectors arrive as they are, with every character that labels may have', async () => {
    const server = await fake();
    let asked: [string | null, string | null] = [null, null];
    server.handler = (_request, response, { searchParams }) => {
      asked = [searchParams.get('labelSelector'), searchParams.get('fieldSelector')];
      json(response, 200, { kind: 'NodeList', metadata: {}, items: [] });
      return true;
    };
    const client = createKubeClient(await connect(kubeconfig(server.server, authority, {})));
    const labelSelector = 'a.B-c_9.example.com/x.Y-z_0 in (v.1-2_3,),!gone,tier!=0';
    const fieldSelector = 'metadata.name=a+b c&d=e\u540d';
    await client.list(NODES, { labelSelector, fieldSelector });
    expect(asked).toEqual([labelSelector, fieldSelector]);
  });

  test('a client certificate and its key are in no error that leaves the engine', async () => {
    const pair = await authority.client();
    const other = await createAuthority('other');
    const server = await fake();
    const transport = await connect(
      kubeconfig(server.server, other, { ...certificateUser(pair), token: 'very-secret-token' }),
    );
    const error = await createKubeClient(transport)
      .version()
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'TLS_UNTRUSTED' });
    const told = JSON.stringify((error as { toShape(): unknown }).toShape());
    for (const secret of ['very-secret-token', pair.key.split('\n')[1] ?? '', 'PRIVATE KEY'])
      expect(told).not.toContain(secret);
  });
});
