/** Issued kubeconfigs and the farewell to a cluster, against a real Kubernetes API: a token that is revoked is refused. */
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Access, accessTargets, createAccess } from '#engine/access/index.ts';
import { type ApiServer, startApiServer } from '#engine/apiserver/index.ts';
import { type Clusters, createClusters } from '#engine/clusters/index.ts';
import type { Federations } from '#engine/federation/index.ts';
import { createHttpsTransport, createKubeClient, type KubeClient, type KubeTransport } from '#engine/kube/index.ts';
import { contextOf, readKubeconfigFile } from '#engine/kubeconfig/index.ts';
import { openStore, type Store } from '#engine/store/index.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const SECRETS = { group: '', version: 'v1', resource: 'secrets' };
const PODS = { group: '', version: 'v1', resource: 'pods' };
const CONFIG_MAPS = { group: '', version: 'v1', resource: 'configmaps' };
const ROLES = { group: 'rbac.authorization.k8s.io', version: 'v1', resource: 'clusterroles' };
const BINDINGS = { group: 'rbac.authorization.k8s.io', version: 'v1', resource: 'clusterrolebindings' };
const NAMESPACES = { group: '', version: 'v1', resource: 'namespaces' };

let dir = '';
let server: ApiServer;
let store: Store;
let clusters: Clusters;
let access: Access;
let admin: KubeClient;
let clusterId = '';
let adminFile = '';
const open: KubeTransport[] = [];
/** A federation whose control plane is the same server. */
const federations = {
  list: () => [{ id: 'of-a-federation', name: 'shops' }],
  client: () => admin,
  async identity() {
    const { entries, currentContext } = await readKubeconfigFile(adminFile);
    return entries.find(({ context }) => context === currentContext)?.identity();
  },
} as unknown as Pick<Federations, 'list' | 'client' | 'identity'>;

beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'access-'));
  server = await startApiServer({ dir: path.join(dir, 'server'), name: 'east' });
  admin = server.client('test');
  adminFile = path.join(dir, 'admin.yaml');
  await writeFile(adminFile, server.kubeconfig());
  store = await openStore({ dir: path.join(dir, 'data') });
  clusters = createClusters({
    repository: store.clusters,
    fleets: () => ({ get: () => undefined, fleetOfCluster: () => undefined }),
    addToFleet: async () => {},
    belongings: {
      isIn: (id) => access.isIn(id),
      cleanUp: (id) => access.cleanUp(id),
      forget: (id) => access.forget(id),
    },
    log: silent,
    env: {},
    home: dir,
  });
  access = createAccess({
    repository: store.access,
    targets: accessTargets(clusters, () => federations, {}),
    dir: path.join(dir, 'data', 'access'),
    log: silent,
  });
  clusters.start();
  clusterId = await register('east');
});
afterAll(async () => {
  for (const transport of open) await transport.close();
  await clusters.close();
  store.close();
  await server.close();
  await rm(dir, { recursive: true, force: true });
});

async function register(name: string): Promise<string> {
  const { entries } = await readKubeconfigFile(adminFile);
  const { id } = await clusters.register({
    source: { kind: 'file', path: adminFile },
    context: entries[0]?.context ?? '',
    name,
    deletionProtection: false,
    evenIfUnreachable: false,
  });
  return id;
}

/** As the person who got the file. */
async function clientOf(file: string): Promise<KubeClient> {
  const kubeconfig = await readKubeconfigFile(file);
  const entry = contextOf(kubeconfig, kubeconfig.currentContext ?? '');
  const transport = createHttpsTransport({ server: entry.server, identity: async () => entry.identity(), env: {} });
  open.push(transport);
  return createKubeClient(transport);
}

const issue = (extra: Partial<Parameters<Access['issue']>[0]> = {}) =>
  access.issue({
    clusterId,
    subject: 'zhang.wei',
    right: { kind: 'readOnly' },
    namespaces: [],
    expiresIn: 3600,
    ...extra,
  });

describe('an issued kubeconfig', () => {
  test('opens the cluster for reading and nothing else, and is a file of its owner alone', async () => {
    const issued = await issue();
    expect(issued).toMatchObject({ kind: 'temporary', shortened: false, revokedAt: null });
    expect(Date.parse(issued.expiresAt) - Date.now()).toBeLessThanOrEqual(3_605_000);
    expect((await stat(issued.path)).mode & 0o777).toBe(0o600);
    const client = await clientOf(issued.path);
    expect((await client.list(PODS)).items).toEqual([]);
    await expect(client.list(SECRETS, { namespace: 'default' })).rejects.toMatchObject({ status: 403 });
    await expect(
      client.create(
        CONFIG_MAPS,
        { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } },
        { namespace: 'default' },
      ),
    ).rejects.toMatchObject({ status: 403 });
  });

  test('for one namespace ends at its border', async () => {
    const issued = await issue({ subject: 'Li 娜', namespaces: ['default'], right: { kind: 'role', name: 'view' } });
    expect(issued.serviceAccount).toMatch(/^system:serviceaccount:fleetdeck-access:li-[0-9a-f]{8}$/);
    const client = await clientOf(issued.path);
    expect((await client.list(PODS, { namespace: 'default' })).items).toEqual([]);
    await expect(client.list(PODS, { namespace: 'kube-system' })).rejects.toMatchObject({ status: 403 });
  });

  test('that is permanent is asked for for ten years', async () => {
    const issued = await issue({ expiresIn: undefined });
    expect(issued.kind).toBe('permanent');
    const years = (Date.parse(issued.expiresAt) - Date.now()) / 31_536_000_000;
    expect(issued.shortened).toBe(years < 9);
  });

  test('is revoked alone: the next request with it is refused, the others go on', async () => {
    const [one, other] = [await issue({ subject: 'one' }), await issue({ subject: 'other' })];
    const [first, second] = [await clientOf(one.path), await clientOf(other.path)];
    await first.list(PODS);
    const revoked = await access.revoke(one.id);
    expect(revoked).toMatchObject({ refused: true });
    await expect(first.list(PODS)).rejects.toMatchObject({ status: 401 });
    await expect(stat(one.path)).rejects.toMatchObject({ code: 'ENOENT' });
    expect((await second.list(PODS)).items).toEqual([]);
    // Again: nothing happens.
    expect((await access.revoke(one.id)).revokedAt).toBe(revoked.revokedAt);
    expect(access.list(clusterId).find(({ id }) => id === one.id)?.revokedAt).not.toBeNull();
  });

  test('for a federation opens its API in the same way, and stays out of the operation logs of clusters', async () => {
    const before = clusters.operations(clusterId).length;
    const issued = await issue({ clusterId: 'of-a-federation', subject: 'pipeline' });
    expect(path.basename(issued.path)).toMatch(/^shops-pipeline-/);
    const client = await clientOf(issued.path);
    expect((await client.list(PODS)).items).toEqual([]);
    expect(access.list('of-a-federation')).toHaveLength(1);
    expect(await access.revoke(issued.id)).toMatchObject({ refused: true });
    await expect(client.list(PODS)).rejects.toMatchObject({ status: 401 });
    // It would go on into every member.
    const { labels } = (await admin.get(NAMESPACES, 'fleetdeck-access')).metadata;
    expect(labels).toMatchObject({ 'namespace.karmada.io/skip-auto-propagation': 'true' });
    expect(clusters.operations(clusterId)).toHaveLength(before);
  });

  test('whose file was taken away is revoked too, and not said to have been tried', async () => {
    const issued = await issue({ subject: 'moved' });
    const client = await clientOf(issued.path);
    await client.list(PODS);
    await rm(issued.path);
    expect(await access.revoke(issued.id)).toMatchObject({ refused: null });
    await expect
      .poll(
        () =>
          client.list(PODS).then(
            () => 200,
            (error) => error.status,
          ),
        { timeout: 15_000 },
      )
      .toBe(401);
  });

  test('that cannot be written leaves nothing behind in the cluster', async () => {
    const before = (await admin.list(BINDINGS, { labelSelector: 'app.kubernetes.io/managed-by=fleetdeck' })).items
      .length;
    const file = path.join(dir, 'there.yaml');
    await writeFile(file, 'mine');
    await expect(issue({ path: file })).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' });
    expect(await readFile(file, 'utf8')).toBe('mine');
    const after = await admin.list(BINDINGS, { labelSelector: 'app.kubernetes.io/managed-by=fleetdeck' });
    expect(after.items).toHaveLength(before);
    await chmod(file, 0o600);
  });

  test('keeps no token in the store', async () => {
    const issued = await issue({ subject: 'secret' });
    const { users } = JSON.parse(await readFile(issued.path, 'utf8')) as { users: { user: { token: string } }[] };
    const kept = JSON.stringify([store.access.list(), store.clusters.operations(undefined, 100)]);
    expect(kept).not.toContain(users[0]?.user.token);
    expect(store.clusters.operations(clusterId, 100).map(({ kind }) => kind)).toContain('revokeAccess');
  });
});

describe('farewell', () => {
  test('takes out of the cluster what was put there, and nothing else', async () => {
    await admin.create(ROLES, {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'theirs' },
    });
    const before = (await admin.list(ROLES)).items.map(({ metadata }) => metadata.name);
    expect(before).toContain('fleetdeck:read-only');
    const files = access.list(clusterId).map(({ path: file }) => file);
    // As a service mesh does it in every namespace.
    for (const namespace of ['default', 'fleetdeck-access']) {
      await admin.create(
        CONFIG_MAPS,
        { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'mesh-ca', namespace }, data: { ca: 'x' } },
        { namespace },
      );
    }
    await clusters.unregister({ id: clusterId, leaveBehind: false });
    const ours = async (ref: typeof ROLES) =>
      (await admin.list(ref, { labelSelector: 'app.kubernetes.io/managed-by=fleetdeck' })).items;
    expect(await ours(ROLES)).toEqual([]);
    expect(await ours(BINDINGS)).toEqual([]);
    expect((await ours(NAMESPACES)).filter(({ metadata }) => metadata.deletionTimestamp === undefined)).toEqual([]);
    expect((await admin.list(ROLES)).items.map(({ metadata }) => metadata.name)).toEqual(
      before.filter((name) => name !== 'fleetdeck:read-only'),
    );
    for (const file of files) await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
    const [operation] = store.clusters.operations(clusterId, 1);
    expect(operation).toMatchObject({ kind: 'deregister', result: 'succeeded' });
    expect(operation?.steps.map(({ message }) => message)).toContain('ClusterRole fleetdeck:read-only');
  });

  test('is refused while something of ours would stay, unless it may', async () => {
    const id = await register('west');
    await access.issue({ clusterId: id, subject: 'x', right: { kind: 'readOnly' }, namespaces: [] });
    await admin.create(
      CONFIG_MAPS,
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'theirs', namespace: 'fleetdeck-access' } },
      { namespace: 'fleetdeck-access' },
    );
    await expect(clusters.unregister({ id, leaveBehind: false })).rejects.toMatchObject({
      code: 'REFUSED',
      hint: 'hints.leftBehind',
      message: expect.stringContaining('ConfigMap/theirs'),
      params: { left: 'Namespace fleetdeck-access' },
    });
    await expect.poll(() => clusters.get(id)?.state, { timeout: 10_000 }).toBe('running');
    await clusters.unregister({ id, leaveBehind: true });
    expect(clusters.get(id)).toBeUndefined();
  });
});
