/** The default admission chain of a running server, over TLS. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { startApiServer } from '../start.ts';
import { adminOf, type Credentials, call, until } from '../test-support.ts';
import type { ApiServer } from '../types.ts';

// Several servers and many TLS connections: a busy machine takes its time.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let server: ApiServer;
let admin: Credentials;
let counter = 0;

beforeAll(async () => {
  server = await startApiServer({ dir: null, name: 'admission', controllers: ['*'] });
  admin = adminOf(server);
});
afterAll(() => server.close());

const post = (path: string, body: Json, headers: Record<string, string> = {}) =>
  call(server, admin, 'POST', path, { body, headers });
const merge = (path: string, body: Json) =>
  call(server, admin, 'PATCH', path, { body, headers: { 'content-type': 'application/merge-patch+json' } });
const get = (path: string) => call(server, admin, 'GET', path);

async function namespace(labels: Record<string, string> = {}): Promise<string> {
  const name = `ns-${++counter}`;
  await post('/api/v1/namespaces', { metadata: { name, labels } });
  return name;
}

function pod(name: string, resources: Json = {}, extra: Json = {}): Json {
  return { metadata: { name }, spec: { containers: [{ name: 'c', image: 'i', resources }], ...extra } };
}

describe('LimitRanger', () => {
  async function limited(limits: Json[]): Promise<string> {
    const name = await namespace();
    const answer = await post(`/api/v1/namespaces/${name}/limitranges`, { metadata: { name: 'l' }, spec: { limits } });
    expect(answer.status).toBe(201);
    return name;
  }

  test('gives what a container leaves out and says so', async () => {
    const ns = await limited([{ type: 'Container', default: { cpu: '200m' }, defaultRequest: { cpu: '100m' } }]);
    const { json } = await post(`/api/v1/namespaces/${ns}/pods`, pod('p'));
    expect(json.spec.containers[0].resources).toEqual({ requests: { cpu: '100m' }, limits: { cpu: '200m' } });
    expect(json.metadata.annotations['kubernetes.io/limit-ranger']).toBe(
      'LimitRanger plugin set: cpu request for container c; cpu limit for container c',
    );
  });

  test('refuses what is out of bounds, with every reason', async () => {
    const ns = await limited([
      { type: 'Container', max: { cpu: '1' }, min: { memory: '100Mi' }, maxLimitRequestRatio: { cpu: '2' } },
      { type: 'Pod', max: { cpu: '3' } },
    ]);
    const refused = await post(
      `/api/v1/namespaces/${ns}/pods`,
      pod('p', { requests: { cpu: '500m', memory: '50Mi' }, limits: { cpu: '4', memory: '50Mi' } }),
    );
    expect(refused.status).toBe(403);
    expect(refused.json.message).toBe(
      'pods "p" is forbidden: [minimum memory usage per Container is 100Mi, but request is 50Mi, ' +
        'maximum cpu usage per Container is 1, but limit is 4, ' +
        'cpu max limit to request ratio per Container is 2, but provided ratio is 8.000000, ' +
        'maximum cpu usage per Pod is 3, but limit is 4]',
    );
  });

  test('bounds what a pod is resized to, unless it is on its way out', async () => {
    const ns = await limited([{ type: 'Container', max: { cpu: '500m' }, min: { memory: '50Mi' } }]);
    const amounts = (cpu: string, memory: string) => ({ requests: { cpu: '100m', memory }, limits: { cpu, memory } });
    const metadata = { name: 'p', finalizers: ['example.com/hold'] };
    const path = `/api/v1/namespaces/${ns}/pods`;
    expect((await post(path, { ...pod('p', amounts('500m', '100Mi')), metadata })).status).toBe(201);
    const resized = async (cpu: string, memory: string) => {
      const { json } = await get(`${path}/p`);
      const [container] = json.spec.containers;
      return await merge(`${path}/p/resize`, {
        spec: { containers: [{ ...container, resources: amounts(cpu, memory) }] },
      });
    };
    const refused = await resized('600m', '40Mi');
    expect(refused.status).toBe(403);
    expect(refused.json.message).toBe(
      'pods "p" is forbidden: [minimum memory usage per Container is 50Mi, but request is 40Mi, ' +
        'maximum cpu usage per Container is 500m, but limit is 600m]',
    );
    expect((await resized('400m', '60Mi')).status).toBe(200);
    await call(server, admin, 'DELETE', `${path}/p`);
    expect((await resized('600m', '40Mi')).status).toBe(200);
  });

  test('bounds the size of claims', async () => {
    const ns = await limited([{ type: 'PersistentVolumeClaim', max: { storage: '2Gi' } }]);
    const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '3Gi' } } };
    const refused = await post(`/api/v1/namespaces/${ns}/persistentvolumeclaims`, { metadata: { name: 'c' }, spec });
    expect(refused.json.message).toBe(
      'persistentvolumeclaims "c" is forbidden: maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi',
    );
  });
});

describe('ResourceQuota', () => {
  async function withQuota(spec: Json): Promise<string> {
    const ns = await namespace();
    await post(`/api/v1/namespaces/${ns}/resourcequotas`, { metadata: { name: 'q' }, spec });
    await until(async () => (await quota(ns)).hard !== undefined);
    return ns;
  }
  const quota = async (ns: string) => (await get(`/api/v1/namespaces/${ns}/resourcequotas/q`)).json.status;

  test('concurrent creates never exceed it', async () => {
    const ns = await withQuota({ hard: { 'count/configmaps': '7' } });
    // The root CA's ConfigMap is one of them.
    await until(async () => (await quota(ns)).used['count/configmaps'] === '1');
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        post(`/api/v1/namespaces/${ns}/configmaps`, { metadata: { name: `c${i}` } }),
      ),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(6);
    expect(answers.find(({ status }) => status !== 201)?.json.message).toMatch(
      /^configmaps "c\d+" is forbidden: exceeded quota: q, requested: count\/configmaps=1, used: count\/configmaps=7, limited: count\/configmaps=7$/,
    );
    expect((await quota(ns)).used).toEqual({ 'count/configmaps': '7' });
  });

  test('a refused, doubled or rehearsed create is not charged, a deletion gives back', async () => {
    const ns = await withQuota({ hard: { secrets: '2' } });
    const secrets = `/api/v1/namespaces/${ns}/secrets`;
    await post(secrets, { metadata: { name: 'a' } });
    expect((await post(secrets, { metadata: { name: 'a' } })).status).toBe(409);
    expect((await post(`${secrets}?dryRun=All`, { metadata: { name: 'b' } })).status).toBe(201);
    expect((await quota(ns)).used).toEqual({ secrets: '1' });
    await call(server, admin, 'DELETE', `${secrets}/a`);
    await until(async () => (await quota(ns)).used.secrets === '0');
  });

  test('counts what pods ask for until they end, and insists on being told', async () => {
    const ns = await withQuota({ hard: { 'requests.cpu': '1', pods: '5' } });
    const pods = `/api/v1/namespaces/${ns}/pods`;
    expect((await post(pods, pod('silent'))).json.message).toBe(
      'pods "silent" is forbidden: failed quota: q: must specify requests.cpu for: c',
    );
    await post(pods, pod('a', { requests: { cpu: '600m' } }));
    expect((await post(pods, pod('b', { requests: { cpu: '600m' } }))).json.message).toBe(
      'pods "b" is forbidden: exceeded quota: q, requested: requests.cpu=600m, used: requests.cpu=600m, limited: requests.cpu=1',
    );
    await merge(`${pods}/a/status`, { status: { phase: 'Succeeded' } });
    await until(async () => (await quota(ns)).used['requests.cpu'] === '0');
    expect((await post(pods, pod('b', { requests: { cpu: '600m' } }))).status).toBe(201);
  });

  test('follows its spec', async () => {
    const ns = await withQuota({ hard: { services: '1' } });
    await merge(`/api/v1/namespaces/${ns}/resourcequotas/q`, { spec: { hard: { services: '0', secrets: '1' } } });
    await until(async () => (await quota(ns)).hard.secrets === '1');
    const refused = await post(`/api/v1/namespaces/${ns}/services`, {
      metadata: { name: 's' },
      spec: { ports: [{ port: 80 }] },
    });
    expect(refused.json.message).toContain(
      'exceeded quota: q, requested: services=1, used: services=0, limited: services=0',
    );
  });
});

describe('PodSecurity', () => {
  const ENFORCE = 'pod-security.kubernetes.io/enforce';

  test('refuses a pod below the level and warns about a workload that would make some', async () => {
    const ns = await namespace({ [ENFORCE]: 'baseline' });
    const refused = await post(`/api/v1/namespaces/${ns}/pods`, pod('p', {}, { hostNetwork: true }));
    expect(refused.status).toBe(403);
    expect(refused.json.message).toBe(
      'pods "p" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true)',
    );
    const template = { metadata: { labels: { a: 'b' } }, spec: pod('p', {}, { hostPID: true }).spec };
    const warned = await post(`/apis/apps/v1/namespaces/${ns}/deployments`, {
      metadata: { name: 'd' },
      spec: { selector: { matchLabels: { a: 'b' } }, template },
    });
    expect(warned.status).toBe(201);
    expect(warned.headers.warning).toBe(
      '299 - "would violate PodSecurity \\"baseline:latest\\": host namespaces (hostPID=true)"',
    );
  });

  test('a stricter label says which pods it finds', async () => {
    const ns = await namespace();
    for (const name of ['a', 'b', 'c'])
      await post(`/api/v1/namespaces/${ns}/pods`, pod(name, {}, { hostNetwork: true }));
    const labelled = await merge(`/api/v1/namespaces/${ns}`, { metadata: { labels: { [ENFORCE]: 'baseline' } } });
    expect(labelled.status).toBe(200);
    expect(labelled.headers.warning).toBe(
      `299 - "existing pods in namespace \\"${ns}\\" violate the new PodSecurity enforce level \\"baseline:latest\\"", ` +
        '299 - "a (and 2 other pods): host namespaces"',
    );
  });

  test('labels have to be readable', async () => {
    const refused = await post('/api/v1/namespaces', { metadata: { name: 'bad', labels: { [ENFORCE]: 'high' } } });
    expect(refused.status).toBe(422);
    expect(refused.json.message).toBe(
      'Namespace "bad" is invalid: metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "high": must be one of privileged, baseline, restricted',
    );
  });
});

describe('pods', () => {
  test('get number and preemption of their priority class', async () => {
    const ns = await namespace();
    const PRIORITIES = '/apis/scheduling.k8s.io/v1/priorityclasses';
    await post(PRIORITIES, { metadata: { name: 'high' }, value: 1000, preemptionPolicy: 'Never' });
    await post(PRIORITIES, { metadata: { name: 'usual' }, value: 10, globalDefault: true });
    const pods = `/api/v1/namespaces/${ns}/pods`;
    expect((await post(pods, pod('a', {}, { priorityClassName: 'high' }))).json.spec).toMatchObject({
      priority: 1000,
      preemptionPolicy: 'Never',
    });
    expect((await post(pods, pod('b'))).json.spec).toMatchObject({ priority: 10, priorityClassName: 'usual' });
    expect((await post(pods, pod('c', {}, { priorityClassName: 'none' }))).json.message).toBe(
      'pods "c" is forbidden: no PriorityClass with name none was found',
    );
    expect((await post(pods, pod('d', {}, { priorityClassName: 'high', priority: 5 }))).json.message).toContain(
      'the integer value of priority (5) must not be provided in pod spec',
    );
    const second = await post(PRIORITIES, { metadata: { name: 'other' }, value: 1, globalDefault: true });
    expect(second.json.message).toBe(
      'priorityclasses.scheduling.k8s.io "other" is forbidden: PriorityClass usual is already marked as default. Only one default can exist',
    );
    await call(server, admin, 'DELETE', `${PRIORITIES}/usual`);
  });

  test('get the overhead of their runtime class', async () => {
    const ns = await namespace();
    const runtime: Partial<KubeObject> = {
      metadata: { name: 'kata' },
      handler: 'kata',
      overhead: { podFixed: { cpu: '250m' } },
      scheduling: { nodeSelector: { kata: 'yes' } },
    };
    await post('/apis/node.k8s.io/v1/runtimeclasses', runtime);
    const pods = `/api/v1/namespaces/${ns}/pods`;
    expect((await post(pods, pod('a', {}, { runtimeClassName: 'kata' }))).json.spec).toMatchObject({
      overhead: { cpu: '250m' },
      nodeSelector: { kata: 'yes' },
    });
    expect((await post(pods, pod('b', {}, { runtimeClassName: 'gone' }))).json.message).toBe(
      'pods "b" is forbidden: pod rejected: RuntimeClass "gone" not found',
    );
    const conflict = await post(pods, pod('c', {}, { runtimeClassName: 'kata', nodeSelector: { kata: 'no' } }));
    expect(conflict.json.message).toContain('conflict: runtimeClass.scheduling.nodeSelector[kata] = yes');
  });

  test('a pod created with its namespace waits for the default account, one with an unknown account is refused', async () => {
    const ns = `ns-${++counter}`;
    const [, created] = await Promise.all([
      post('/api/v1/namespaces', { metadata: { name: ns } }),
      until(async () => {
        const answer = await post(`/api/v1/namespaces/${ns}/pods`, pod('early'));
        return answer.status === 404 ? null : answer;
      }),
    ]);
    expect(created?.status).toBe(201);
    const refused = await post(`/api/v1/namespaces/${ns}/pods`, pod('p', {}, { serviceAccountName: 'nobody' }));
    expect(refused.json.message).toBe(
      `pods "p" is forbidden: error looking up service account ${ns}/nobody: serviceaccount "nobody" not found`,
    );
  });
});

test('a claim can only grow when its class lets it', async () => {
  const ns = await namespace();
  const claims = `/api/v1/namespaces/${ns}/persistentvolumeclaims`;
  await post('/apis/storage.k8s.io/v1/storageclasses', { metadata: { name: 'fixed' }, provisioner: 'x' });
  const spec = {
    storageClassName: 'fixed',
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: '1Gi' } },
  };
  await post(claims, { metadata: { name: 'c' }, spec });
  await merge(`${claims}/c/status`, { status: { phase: 'Bound', capacity: { storage: '1Gi' } } });
  const refused = await merge(`${claims}/c`, { spec: { resources: { requests: { storage: '2Gi' } } } });
  expect(refused.status).toBe(403);
  expect(refused.json.message).toContain('only dynamically provisioned pvc can be resized');
});
