/** Registered clusters from first sight to farewell: real store, real TLS, faults on the way. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Clusters, type ClustersDeps, createClusters } from '#engine/clusters/index.ts';
import { execHash } from '#engine/kube/index.ts';
import { openStore, type Store } from '#engine/store/index.ts';
import type { Cluster, KubeconfigSource } from '#shared/contract/clusters.ts';
import type { Fleet } from '#shared/contract/fleets.ts';
import { certificateUser, FakeCluster, json, kubeconfig, node, status, Wire } from './connections/fake-cluster.ts';
import { type Authority, createAuthority } from './connections/pki.ts';

/** Quick, but with time enough for an answer on a busy machine. */
const TIMING = {
  probeMs: 40,
  confirmMs: 20,
  probeTimeoutMs: 5_000,
  retryBaseMs: 20,
  retryMaxMs: 60,
  identifyMs: 60_000,
};
const LABELS = { 'topology.kubernetes.io/region': 'cn-hangzhou', 'topology.kubernetes.io/zone': 'cn-hangzhou-h' };

let authority: Authority;
beforeAll(async () => {
  authority = await createAuthority();
});

const cleanups: (() => unknown)[] = [];
let dir = '';
let store: Store;
let fleets: Fleet[] = [];
const logged: string[] = [];

beforeEach(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'clusters-'));
  store = await openStore({ dir });
  fleets = [];
  logged.length = 0;
  cleanups.push(async () => {
    await store.close();
    await rm(dir, { recursive: true, force: true });
  });
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function service(overrides: Partial<ClustersDeps> = {}): Clusters {
  const write = (message: string, fields?: Record<string, unknown>) => {
    logged.push(`${message} ${JSON.stringify(fields)}`);
  };
  const made = createClusters({
    repository: store.clusters,
    fleets: () => ({
      get: (id) => fleets.find((fleet) => fleet.id === id),
      fleetOfCluster: (id) => fleets.find((fleet) => fleet.clusterIds.includes(id)),
    }),
    addToFleet: async (id, clusterIds) => {
      fleets.find((fleet) => fleet.id === id)?.clusterIds.push(...clusterIds);
    },
    log: { debug: write, info: write, warn: write, error: write },
    env: {},
    home: dir,
    timing: TIMING,
    ...overrides,
  });
  made.start();
  cleanups.push(() => made.close());
  return made;
}

async function fake(options: Partial<Parameters<typeof FakeCluster.start>[0]> = {}): Promise<FakeCluster> {
  const started = await FakeCluster.start({ authority, ...options });
  started.nodes = [node('a', '1', LABELS)];
  cleanups.push(() => started.stop());
  return started;
}

function fleet(id: string): Fleet {
  const made: Fleet = {
    id,
    name: `fleet-${id}`,
    description: '',
    clusterIds: [],
    federationId: null,
    deletionProtection: false,
    createdAt: '',
  };
  fleets.push(made);
  return made;
}

const text = (content: string): KubeconfigSource => ({ kind: 'text', text: content });
const admin = async (server: string) => text(kubeconfig(server, authority, certificateUser(await authority.client())));

type Input = Parameters<Clusters['register']>[0];
function register(
  clusters: Clusters,
  source: KubeconfigSource,
  name: string,
  extra: Partial<Input> = {},
): Promise<Cluster> {
  return clusters.register({
    source,
    context: 'test',
    name,
    deletionProtection: false,
    evenIfUnreachable: false,
    ...extra,
  });
}

async function until(clusters: Clusters, id: string, condition: Partial<Cluster>): Promise<Cluster> {
  return await vi.waitFor(
    () => {
      const cluster = clusters.get(id);
      expect(cluster).toMatchObject(condition);
      return cluster as Cluster;
    },
    { timeout: 10_000, interval: 10 },
  );
}

describe('registration', () => {
  test('a cluster comes up running, described by what was detected, and is still there after a restart', async () => {
    const server = await fake({ version: 'v1.30.2-aliyun.1' });
    const clusters = service();
    const registered = await register(clusters, await admin(server.server), 'east');
    expect(registered).toMatchObject({
      name: 'east',
      state: 'running',
      reason: null,
      version: 'v1.30.2-aliyun.1',
      provider: 'aliyun',
      type: 'thirdParty',
      region: 'cn-hangzhou',
      zones: ['cn-hangzhou-h'],
      fleetId: null,
    });
    await until(clusters, registered.id, {
      nodes: { total: 1, ready: 1 },
      capacity: { cpuCores: 4, memoryBytes: 8 * 2 ** 30, pods: 110 },
    });
    expect((await clusters.client(registered.id).version()).gitVersion).toBe('v1.30.2-aliyun.1');
    await clusters.close();

    const again = service();
    expect(again.list()).toMatchObject([{ name: 'east', state: 'pending', provider: 'aliyun' }]);
    await until(again, registered.id, { state: 'running' });
  });

  test('a name that exists and a cluster that is registered under another one are refused', async () => {
    const server = await fake();
    const clusters = service();
    await register(clusters, await admin(server.server), 'east');
    await expect(register(clusters, await admin(server.server), 'east')).rejects.toMatchObject({ code: 'NAME_TAKEN' });
    const wire = await Wire.start(server.port);
    cleanups.push(() => wire.stop());
    // Another address, another person: the same cluster all the same.
    await expect(register(clusters, await admin(wire.server), 'west')).rejects.toMatchObject({
      code: 'CONFLICT',
      params: { name: 'east' },
      hint: 'hints.clusterRegistered',
    });
    expect(clusters.list()).toHaveLength(1);
  });

  test('two registrations of one cluster at the same time: one wins', async () => {
    const server = await fake();
    const clusters = service();
    const source = await admin(server.server);
    const results = await Promise.allSettled([register(clusters, source, 'one'), register(clusters, source, 'two')]);
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected']);
    expect(clusters.list().map((cluster) => cluster.name)).toEqual(['one']);
  });

  test('while it is being looked at it is there as being created, its name taken, and nothing else is done with it', async () => {
    const server = await fake();
    let answer: () => void = () => {};
    server.handler = (_request, response, { pathname }) => {
      if (pathname !== '/version') return false;
      answer = () => json(response, 200, { gitVersion: 'v1.30.2' });
      return true;
    };
    const clusters = service();
    const registering = register(clusters, await admin(server.server), 'east');
    await vi.waitFor(() => expect(server.requests).toEqual(['GET /version']));
    expect(clusters.list()).toMatchObject([{ name: 'east', state: 'creating', reason: null, version: null }]);
    const id = clusters.list()[0]?.id ?? '';
    for (const attempt of [clusters.unregister({ id, leaveBehind: false }), clusters.reconnect(id)])
      await expect(attempt).rejects.toMatchObject({ code: 'REFUSED', hint: 'hints.stillCreating' });
    server.handler = () => false;
    answer();
    expect(await registering).toMatchObject({ id, state: 'running', version: 'v1.30.2' });
    expect(clusters.transitions(id).map(({ from, to }) => `${from}>${to}`)).toEqual([
      'creating>running',
      'null>creating',
    ]);
  });

  test('a registration that the end of the engine cut off leaves nothing behind, and the log says so', async () => {
    const server = await fake();
    server.handler = () => true;
    const clusters = service();
    const source = await admin(server.server);
    void register(clusters, source, 'east').catch(() => {});
    await vi.waitFor(() => expect(server.requests).toHaveLength(1));
    // A second engine on the same store, as after `kill -9`.
    const again = service();
    expect(again.list()).toEqual([]);
    expect(store.clusters.list()).toEqual([]);
    expect(again.operations()).toMatchObject([{ kind: 'register', result: 'failed', error: { code: 'CANCELLED' } }]);
    server.handler = () => false;
    expect(await register(again, source, 'east')).toMatchObject({ state: 'running' });
  });

  test('one that does not answer is refused, unless the person wants it: then it waits as disconnected', async () => {
    const server = await fake();
    await server.stop();
    const clusters = service();
    const source = await admin(server.server);
    await expect(register(clusters, source, 'east')).rejects.toMatchObject({ code: 'CLUSTER_UNREACHABLE' });
    expect(clusters.list()).toEqual([]);
    const registered = await register(clusters, source, 'east', { evenIfUnreachable: true });
    expect(registered).toMatchObject({ state: 'disconnected', reason: { code: 'CLUSTER_UNREACHABLE' }, version: null });
    await expect(register(clusters, source, 'twin', { evenIfUnreachable: true })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    await server.restart();
    await until(clusters, registered.id, { state: 'running', version: 'v1.30.2', region: 'cn-hangzhou' });
  });

  test('an exec plugin runs only when exactly this one was approved', async () => {
    const server = await fake({ tokens: new Set(['good']) });
    const answer = path.join(dir, 'answer');
    await writeFile(
      answer,
      JSON.stringify({
        kind: 'ExecCredential',
        apiVersion: 'client.authentication.k8s.io/v1',
        status: { token: 'good' },
      }),
    );
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'cat', args: [answer] };
    const source = text(kubeconfig(server.server, authority, { exec }));
    const clusters = service();
    const contents = await clusters.readKubeconfig(source);
    const hash = contents.contexts[0]?.exec?.hash ?? '';
    expect(contents.contexts[0]).toMatchObject({ auth: 'exec', exec: { command: 'cat', args: [answer] } });
    for (const approvedExec of [undefined, execHash({ command: 'cat', args: [], env: [] })]) {
      await expect(register(clusters, source, 'east', { approvedExec, evenIfUnreachable: true })).rejects.toMatchObject(
        {
          code: 'EXEC_NOT_APPROVED',
          params: { hash },
        },
      );
    }
    expect(server.requests).toEqual([]);
    expect(await register(clusters, source, 'east', { approvedExec: hash })).toMatchObject({ state: 'running' });
  });

  test('into a fleet: both or nothing', async () => {
    const server = await fake();
    const wanted = fleet('f1');
    const source = await admin(server.server);
    const failing = service({
      addToFleet: async () => {
        throw new Error('the federation refuses');
      },
    });
    await expect(register(failing, source, 'east', { fleetId: 'f1' })).rejects.toThrow('refuses');
    expect(store.clusters.list()).toEqual([]);
    await failing.close();
    const clusters = service();
    await expect(register(clusters, source, 'east', { fleetId: 'none' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const registered = await register(clusters, source, 'east', { fleetId: 'f1' });
    expect(registered.fleetId).toBe('f1');
    expect(wanted.clusterIds).toEqual([registered.id]);
  });

  test('what the person says of it beats detection, now and later', async () => {
    const server = await fake();
    const clusters = service();
    const { id } = await register(clusters, await admin(server.server), 'east', { region: 'my-region' });
    await clusters.update({ id, provider: 'my-provider' });
    await clusters.reconnect(id);
    expect(clusters.get(id)).toMatchObject({ region: 'my-region', provider: 'my-provider', zones: ['cn-hangzhou-h'] });
  });

  test('the text is kept sealed: neither the database nor the log holds the key', async () => {
    const server = await fake();
    const pair = await authority.client();
    const clusters = service();
    await register(clusters, text(kubeconfig(server.server, authority, certificateUser(pair))), 'east');
    await clusters.close();
    const key = pair.key.split('\n')[1] ?? '';
    const { readdir, readFile } = await import('node:fs/promises');
    for (const file of await readdir(dir, { recursive: true, withFileTypes: true })) {
      if (!file.isFile()) continue;
      const bytes = await readFile(path.join(file.parentPath, file.name));
      expect(bytes.includes(key)).toBe(false);
      expect(bytes.includes(Buffer.from(key).toString('base64').slice(4, 40))).toBe(false);
    }
    expect(logged.join('\n')).not.toContain(key);
  });
});

describe('the check', () => {
  const steps = (check: Awaited<ReturnType<Clusters['check']>>) =>
    check.steps.map(({ step, result, error }) => `${step} ${result}${error === null ? '' : ` ${error.code}`}`);

  test('passes in order and says what it found', async () => {
    const server = await fake();
    const check = await service().check({ source: await admin(server.server), context: 'test' });
    expect(check.ok).toBe(true);
    expect(steps(check)).toEqual([
      'kubeconfig passed',
      'credentials passed',
      'reachable passed',
      'tls passed',
      'authenticated passed',
      'version passed',
      'rights passed',
      'metrics warning UNSUPPORTED',
      'clockSkew passed',
    ]);
    expect(check.detected).toMatchObject({ version: 'v1.30.2', uid: 'uid-1', region: 'cn-hangzhou' });
    expect(check.features?.every(({ missing }) => missing.length === 0)).toBe(true);
  });

  test('stops at the step that fails, with its error', async () => {
    const clusters = service();
    const check = async (source: KubeconfigSource, context = 'test') =>
      steps(await clusters.check({ source, context })).at(-1);
    const server = await fake();
    const other = await createAuthority('other');
    const pair = await authority.client({ notBefore: new Date(0), notAfter: new Date(1e12) });
    expect(await check(text(': : :'))).toBe('kubeconfig failed KUBECONFIG_NOT_YAML');
    expect(await check(await admin(server.server), 'none')).toBe('kubeconfig failed KUBECONFIG_CONTEXT_MISSING');
    expect(await check(text(kubeconfig(server.server, authority, certificateUser(pair))))).toBe(
      'credentials failed CERT_EXPIRED',
    );
    expect(await check(text(kubeconfig(server.server, authority, { tokenFile: '/none' })))).toBe(
      'credentials failed KUBECONFIG_INCOMPLETE',
    );
    expect(await check(text(kubeconfig('https://127.0.0.1:1', authority, {})))).toBe(
      'reachable failed CLUSTER_UNREACHABLE',
    );
    expect(await check(text(kubeconfig(server.server, other, {})))).toBe('tls failed TLS_UNTRUSTED');
    const locked = await fake({ tokens: new Set(['x']) });
    locked.handler = (_request, response, { pathname }) => {
      if (pathname !== '/version') return false;
      json(response, 200, { gitVersion: 'v1.30.2' });
      return true;
    };
    expect(await check(text(kubeconfig(locked.server, authority, { token: 'bad' })))).toBe(
      'authenticated failed CREDENTIALS_REJECTED',
    );
    const old = await fake({ version: 'v1.18.20' });
    expect(await check(await admin(old.server))).toBe('version failed UNSUPPORTED');
    // It answers, so that it is no question of waiting for it.
    await expect(register(clusters, await admin(old.server), 'old', { evenIfUnreachable: true })).rejects.toMatchObject(
      {
        code: 'UNSUPPORTED',
      },
    );
  });

  test('warns of a version too old for federations, of missing rights and of a clock that is off', async () => {
    const server = await fake({ version: 'v1.20.4' });
    server.handler = (_request, response, { pathname }) => {
      response.setHeader('date', new Date(Date.now() - 600_000).toUTCString());
      if (!pathname.endsWith('selfsubjectaccessreviews')) return false;
      json(response, 201, { status: { allowed: false } });
      return true;
    };
    const check = await service().check({
      source: text(kubeconfig(server.server, null, {}, { 'insecure-skip-tls-verify': true })),
      context: 'test',
    });
    expect(check.ok).toBe(true);
    expect(steps(check).filter((step) => step.includes('warning'))).toEqual([
      'tls warning',
      'version warning UNSUPPORTED',
      'rights warning FORBIDDEN',
      'metrics warning UNSUPPORTED',
      'clockSkew warning',
    ]);
    expect(check.steps.find(({ step }) => step === 'rights')?.evidence).toContain('list nodes');
  });

  test('tells metrics that may not be read from metrics that are not there', async () => {
    for (const [installed, code] of [
      [true, 'FORBIDDEN'],
      [false, 'UNSUPPORTED'],
    ] as const) {
      const server = await fake();
      server.handler = (_request, response, { pathname }) => {
        if (!pathname.startsWith('/apis/metrics.k8s.io')) return false;
        json(response, pathname.endsWith('/nodes') ? 403 : installed ? 200 : 404, {});
        return true;
      };
      const { steps } = await service().check({ source: await admin(server.server), context: 'test' });
      expect(steps.find(({ step }) => step === 'metrics')).toMatchObject({ result: 'warning', error: { code } });
    }
  });

  test('says for each feature which rights it lacks, a rule of one namespace being none for the cluster', async () => {
    const server = await fake();
    server.handler = (request, response, { pathname }) => {
      if (pathname.endsWith('selfsubjectrulesreviews')) {
        const rule = (resources: string[], verbs: string[]) => ({ apiGroups: ['', 'apps'], resources, verbs });
        const resourceRules = [
          rule(['nodes', 'namespaces', 'pods', 'deployments'], ['list', 'watch']),
          rule(['pods'], ['delete']),
        ];
        json(response, 201, { status: { incomplete: false, resourceRules } });
        return true;
      }
      if (!pathname.endsWith('selfsubjectaccessreviews')) return false;
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        const { verb, resource } = JSON.parse(body).spec.resourceAttributes;
        json(response, 201, { status: { allowed: ['list', 'watch'].includes(verb) && resource !== 'deployments' } });
      });
      return true;
    };
    const { features } = await service().check({ source: await admin(server.server), context: 'test' });
    expect(features?.find(({ feature }) => feature === 'view')?.missing).toEqual(['list deployments']);
    expect(features?.find(({ feature }) => feature === 'nodes')?.missing).toEqual([
      'patch nodes',
      'create pods/eviction',
    ]);
  });

  test('looks at the room for one more cluster', async () => {
    const server = await fake();
    const check = await service({ dataDir: dir }).check({ source: await admin(server.server), context: 'test' });
    expect(check.steps.at(-1)).toMatchObject({ step: 'store', evidence: expect.stringMatching(/^0 of at most 500/) });
  });

  test('what answers and is no Kubernetes is said so', async () => {
    const server = await fake();
    server.handler = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Welcome</html>');
      return true;
    };
    const check = await service().check({ source: await admin(server.server), context: 'test' });
    expect(steps(check).at(-1)).toBe('reachable failed CLUSTER_ERROR');
  });
});

describe('life', () => {
  test('away is told with the reason after the failure has repeated, back again by itself, all of it recorded', async () => {
    const server = await fake();
    const clusters = service();
    const { id } = await register(clusters, await admin(server.server), 'east');
    await until(clusters, id, { nodes: { total: 1, ready: 1 } });
    await server.stop();
    const away = await until(clusters, id, { state: 'disconnected' });
    expect(away).toMatchObject({
      reason: { code: 'CLUSTER_UNREACHABLE' },
      latencyMs: null,
      nodes: { total: 1, ready: 1 },
    });
    await server.restart();
    await until(clusters, id, { state: 'running', reason: null });
    const history = store.clusters.transitions(id, 10);
    expect(history.map(({ from, to }) => `${from}>${to}`)).toEqual([
      'disconnected>running',
      'running>disconnected',
      'creating>running',
      'null>creating',
    ]);
    expect(history[1]?.reason).toMatchObject({ code: 'CLUSTER_UNREACHABLE' });
    expect(logged.join('\n')).toContain('CLUSTER_UNREACHABLE');
  });

  test('one that never answered is called timed out after its time, and comes up all the same', async () => {
    const server = await fake();
    const clusters = service({ timing: { ...TIMING, accessTimeoutMs: 100 } });
    const source = await admin(server.server);
    await server.stop();
    const { id } = await register(clusters, source, 'east', { evenIfUnreachable: true });
    await until(clusters, id, { state: 'accessTimeout', reason: expect.objectContaining({ retryable: true }) });
    await server.restart();
    await until(clusters, id, { state: 'running', size: 4 });
  });

  test('another kubeconfig of the same cluster is taken, of another one refused; both are in the operation log', async () => {
    const [server, stranger] = [await fake(), await fake({ uid: 'somebody-else' })];
    const clusters = service();
    const { id } = await register(clusters, await admin(server.server), 'east');
    const replace = async (source: KubeconfigSource) => clusters.replaceKubeconfig({ id, source, context: 'test' });
    await expect(replace(await admin(stranger.server))).rejects.toMatchObject({ hint: 'hints.clusterReplaced' });
    await until(clusters, id, { state: 'running', server: server.server });
    const file = path.join(dir, 'new.yaml');
    await writeFile(file, kubeconfig(server.server, authority, certificateUser(await authority.client())));
    expect(await replace({ kind: 'file', path: file })).toMatchObject({ sourcePath: file, state: 'running' });
    expect(clusters.operations(id).map(({ kind, result }) => `${kind} ${result}`)).toEqual([
      'kubeconfig succeeded',
      'kubeconfig failed',
      'register succeeded',
    ]);
    expect(clusters.operations(id)[2]?.steps.map(({ step }) => step)).toContain('authenticated');
    expect(clusters.transitions(id).map(({ to }) => to)).toContain('changing');
  });

  test('a cluster that vanishes behind open connections is noticed, and its watches with it', async () => {
    const server = await fake();
    const wire = await Wire.start(server.port);
    cleanups.push(() => wire.stop());
    const clusters = service({ timing: { ...TIMING, probeTimeoutMs: 200 } });
    const { id } = await register(clusters, await admin(wire.server), 'east');
    await until(clusters, id, { state: 'running', nodes: { total: 1, ready: 1 } });
    wire.freeze();
    await until(clusters, id, { state: 'disconnected' });
    expect(clusters.get(id)?.reason?.code).toBe('CLUSTER_TIMEOUT');
    server.nodes = [node('a', '1', LABELS), node('b', '11', LABELS)];
    wire.thaw();
    await until(clusters, id, { state: 'running' });
  });

  test('refused credentials are abnormal at once, not disconnected', async () => {
    const tokens = new Set(['good']);
    const server = await fake({ tokens });
    const clusters = service();
    const { id } = await register(clusters, text(kubeconfig(server.server, authority, { token: 'good' })), 'east');
    tokens.clear();
    await until(clusters, id, { state: 'abnormal' });
    expect(clusters.get(id)?.reason?.code).toBe('CREDENTIALS_REJECTED');
    tokens.add('good');
    expect((await clusters.reconnect(id)).state).toBe('running');
  });

  test('a server that says it is not ready is abnormal with what it says', async () => {
    const server = await fake();
    const clusters = service();
    const { id } = await register(clusters, await admin(server.server), 'east');
    server.handler = (_request, response, { pathname }) => {
      if (pathname !== '/readyz') return false;
      response.writeHead(500).end('[-]etcd failed: reason withheld');
      return true;
    };
    const cluster = await until(clusters, id, { state: 'abnormal' });
    expect(cluster.reason?.message).toContain('etcd failed');
  });

  test('its health: certificates by their end, probes that failed among them, what it says of itself and what is asked of it', async () => {
    const at = (days: number) => new Date(Math.floor(Date.now() / 1000) * 1000 + days * 86_400_000);
    const server = await fake({ certificate: await authority.server({ cn: 'api', notAfter: at(20) }) });
    const soon = at(3);
    const pair = await authority.client({ cn: 'jane', notAfter: soon });
    const clusters = service();
    const source = text(kubeconfig(server.server, authority, certificateUser(pair)));
    const { id } = await register(clusters, source, 'east');
    await until(clusters, id, { certificate: { whose: 'client', notAfter: soon.toISOString() } });
    const { certificates, requests, clockSkewMs } = await clusters.health(id);
    expect(certificates.map(({ whose, subject }) => `${whose} ${subject}`)).toEqual([
      'client CN=jane, O=system:masters',
      'server CN=api',
      'authority CN=test-ca',
    ]);
    expect(requests).toMatchObject({ atOnce: 8, refused: 0, pausedUntil: null });
    expect(Math.abs(clockSkewMs ?? Number.NaN)).toBeLessThan(60_000);

    server.handler = (_request, response, { pathname }) => {
      if (pathname !== '/readyz') return false;
      response.writeHead(500).end('[+]ping ok\n[-]etcd failed: reason withheld\nreadyz check failed\n');
      return true;
    };
    await until(clusters, id, { state: 'abnormal' });
    expect((await clusters.health(id)).probes.some(({ latencyMs }) => latencyMs === null)).toBe(true);
    expect(await clusters.healthChecks(id)).toMatchObject({
      ready: [{ name: 'etcd', ok: false }, { name: 'ping' }],
      deprecated: null,
      deprecatedError: { code: 'NOT_FOUND' },
    });
  });

  test('another cluster at the old address is not taken for the registered one', async () => {
    const server = await fake();
    const clusters = service();
    const { id } = await register(clusters, await admin(server.server), 'east');
    server.handler = (_request, response, { pathname }) => {
      if (pathname !== '/api/v1/namespaces/kube-system') return false;
      json(response, 200, { metadata: { name: 'kube-system', uid: 'somebody-else' } });
      return true;
    };
    await server.stop();
    await until(clusters, id, { state: 'disconnected' });
    await server.restart();
    await until(clusters, id, { state: 'abnormal' });
    expect(clusters.get(id)?.reason).toMatchObject({ code: 'CONFLICT', hint: 'hints.clusterReplaced' });
  });

  test('a kubeconfig file is read again when it changes, and said to be missing when it is gone', async () => {
    const tokens = new Set(['first']);
    const server = await fake({ tokens });
    const file = path.join(dir, 'kubeconfig');
    await writeFile(file, kubeconfig(server.server, authority, { token: 'first' }));
    const clusters = service();
    const { id, sourcePath } = await register(clusters, { kind: 'file', path: file }, 'east');
    expect(sourcePath).toBe(file);
    expect(await store.clusters.getKubeconfig(id)).toBeNull();
    tokens.clear();
    tokens.add('second');
    await until(clusters, id, { state: 'abnormal' });
    await writeFile(file, kubeconfig(server.server, authority, { token: 'second' }));
    await until(clusters, id, { state: 'running' });
    await rm(file);
    await until(clusters, id, { state: 'abnormal' });
    expect(clusters.get(id)?.reason).toMatchObject({ code: 'KUBECONFIG_UNREADABLE', params: { path: file } });
  });

  test('a changed exec plugin in the file does not run until it is approved', async () => {
    const server = await fake({ tokens: new Set(['good']) });
    const file = path.join(dir, 'kubeconfig');
    const answer = path.join(dir, 'answer');
    await writeFile(
      answer,
      JSON.stringify({
        kind: 'ExecCredential',
        apiVersion: 'client.authentication.k8s.io/v1',
        status: { token: 'good' },
      }),
    );
    const exec = (args: string[]) => ({ apiVersion: 'client.authentication.k8s.io/v1', command: 'cat', args });
    await writeFile(file, kubeconfig(server.server, authority, { exec: exec([answer]) }));
    const clusters = service();
    const approvedExec = execHash({ ...exec([answer]), env: [] });
    const { id } = await register(clusters, { kind: 'file', path: file }, 'east', { approvedExec });
    await writeFile(file, kubeconfig(server.server, authority, { exec: exec(['-u', answer]) }));
    const cluster = await until(clusters, id, { state: 'abnormal' });
    expect(cluster.reason?.code).toBe('EXEC_NOT_APPROVED');
    await clusters.update({ id, approvedExec: String(cluster.reason?.params?.hash) });
    expect((await clusters.reconnect(id)).state).toBe('running');
  });

  test('watchers get the whole list at once and after changes', async () => {
    const server = await fake();
    const clusters = service();
    const abort = new AbortController();
    const seen: string[][] = [];
    const watching = (async () => {
      for await (const list of clusters.watch(abort.signal))
        seen.push(list.map(({ name, state }) => `${name} ${state}`));
    })();
    await vi.waitFor(() => expect(seen).toEqual([[]]));
    const { id } = await register(clusters, await admin(server.server), 'east');
    await vi.waitFor(() => expect(seen.at(-1)).toEqual(['east running']));
    await clusters.unregister({ id, leaveBehind: false });
    await vi.waitFor(() => expect(seen.at(-1)).toEqual([]));
    abort.abort();
    await watching;
  });
});

describe('farewell', () => {
  test('is refused under deletion protection and in a fleet, with the reason', async () => {
    const server = await fake();
    const clusters = service();
    const { id } = await register(clusters, await admin(server.server), 'east', { deletionProtection: true });
    await expect(clusters.unregister({ id, leaveBehind: false })).rejects.toMatchObject({
      code: 'REFUSED',
      hint: 'hints.deletionProtection',
    });
    await clusters.update({ id, deletionProtection: false });
    fleet('f1').clusterIds.push(id);
    await expect(clusters.unregister({ id, leaveBehind: false })).rejects.toMatchObject({
      code: 'REFUSED',
      hint: 'hints.clusterInFleet',
      params: { fleet: 'fleet-f1' },
    });
    expect(clusters.list()).toHaveLength(1);
  });

  test('takes everything along: record, secret, connections; the name is free again', async () => {
    const server = await fake();
    const clusters = service();
    const source = await admin(server.server);
    const { id } = await register(clusters, source, 'east');
    const changes: string[] = [];
    clusters.subscribe(({ kind, cluster }) => changes.push(`${kind} ${cluster.name}`));
    const before = server.requests.filter((request) => !request.startsWith('GET') && !request.includes('reviews'));
    await clusters.unregister({ id, leaveBehind: false });
    expect(changes.at(-1)).toBe('removed east');
    expect(clusters.list()).toEqual([]);
    expect(await store.clusters.getKubeconfig(id)).toBeNull();
    expect(() => clusters.client(id)).toThrowError(expect.objectContaining({ code: 'NOT_FOUND' }));
    await vi.waitFor(async () => expect(await server.connections()).toBe(0));
    // Nothing was ever written into the cluster.
    expect(before).toEqual([]);
    expect(await register(clusters, source, 'east')).toMatchObject({ state: 'running' });
  });
});

describe('what kubectl would find', () => {
  test('every context of every default file, with problems and names, before anything is dialled', async () => {
    const good = path.join(dir, 'good');
    const bad = path.join(dir, 'bad');
    const pair = await authority.client({ notBefore: new Date(0), notAfter: new Date(1e12) });
    await writeFile(good, kubeconfig('https://api:6443', authority, certificateUser(pair)));
    await writeFile(bad, 'no: [');
    const clusters = service({ env: { KUBECONFIG: [good, bad, path.join(dir, 'none')].join(path.delimiter) } });
    expect(await clusters.defaultKubeconfigs()).toMatchObject([
      {
        source: { kind: 'file', path: good },
        currentContext: 'test',
        contexts: [
          {
            context: 'test',
            suggestedName: 'test',
            auth: 'clientCertificate',
            registeredAs: null,
            problems: [{ code: 'CERT_EXPIRED', params: { whose: 'client' } }],
          },
        ],
        problem: null,
      },
      { source: { path: bad }, contexts: [], problem: { code: 'KUBECONFIG_NOT_YAML' } },
    ]);
  });

  test('what lies beside the default file and is a kubeconfig is offered too; what is none is passed over', async () => {
    const home = path.join(dir, 'person');
    const folder = path.join(home, '.kube');
    await mkdir(path.join(folder, 'cache'), { recursive: true });
    const text = kubeconfig('https://api:6443', authority, { token: 't' });
    await writeFile(path.join(folder, 'config'), 'no: [');
    await writeFile(path.join(folder, 'shop.yaml'), text);
    await writeFile(path.join(folder, '.shop.yaml.swp'), text);
    await writeFile(path.join(folder, 'kuberc'), 'apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\n');
    const found = async (env: NodeJS.ProcessEnv) =>
      (await service({ env, home }).defaultKubeconfigs()).map(({ source }) => 'path' in source && source.path);
    expect(await found({})).toEqual([path.join(folder, 'config'), path.join(folder, 'shop.yaml')]);
    expect(await found({ KUBECONFIG: path.join(folder, 'shop.yaml') })).toEqual([path.join(folder, 'shop.yaml')]);
  });

  test('a context of a registered server says under which name', async () => {
    const server = await fake();
    const clusters = service();
    const source = await admin(server.server);
    await register(clusters, source, 'test');
    const contents = await clusters.readKubeconfig(source);
    expect(contents.contexts[0]).toMatchObject({ registeredAs: 'test', suggestedName: 'test-2' });
  });

  test('a 403 on health endpoints and nodes does not make a cluster useless', async () => {
    const server = await fake();
    server.handler = (_request, response, { pathname }) => {
      if (!['/readyz', '/healthz', '/api/v1/nodes', '/api/v1/namespaces/kube-system'].includes(pathname)) return false;
      status(response, 403, 'Forbidden');
      return true;
    };
    const clusters = service();
    const { id } = await register(clusters, await admin(server.server), 'narrow');
    expect(await clusters.reconnect(id)).toMatchObject({ state: 'running', nodes: null });
  });
});
