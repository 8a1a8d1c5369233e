/** Demo clusters of a given size: full at once, as controllers would have left them, alive, and the same again. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Fleet, startFleet } from '#engine/demo/fleet.ts';
import type { KubeClient } from '#engine/kube/index.ts';
import type { Json, KubeObject, ResourceRef } from '#shared/kubernetes/types.ts';
import { eventually } from '../fixtures/kubectl.ts';

const core = (resource: string): ResourceRef => ({ group: '', version: 'v1', resource });
const apps = (resource: string): ResourceRef => ({ group: 'apps', version: 'v1', resource });
const SLICES: ResourceRef = { group: 'discovery.k8s.io', version: 'v1', resource: 'endpointslices' };
const BULK = [apps('deployments'), apps('replicasets'), core('pods'), core('endpoints'), SLICES];
const EXAMPLES = ['kube-system', 'web-shop', 'monitoring', 'default'];
const problems: string[] = [];

async function start(size: {
  nodes: number;
  pods: number;
  churn?: number;
}): Promise<{ fleet: Fleet; client: KubeClient }> {
  const dir = mkdtempSync(path.join(tmpdir(), 'fleetdeck-sizes-'));
  const fleet = await startFleet({
    dir,
    clusters: 1,
    pace: 0.01,
    ...size,
    report: (error, where) => problems.push(`${where}: ${error}`),
  });
  onTestFinished(async () => {
    await fleet.close();
    rmSync(dir, { recursive: true, force: true });
  });
  const client = fleet.clusters[0]?.client('test');
  if (client === undefined) throw new Error('no cluster');
  return { fleet, client };
}

/** Objects of the bulk, without the examples every cluster has. */
async function bulk(client: KubeClient, ref: ResourceRef): Promise<KubeObject[]> {
  const { items } = await client.list(ref);
  return items.filter((item) => !EXAMPLES.includes(item.metadata.namespace ?? ''));
}

async function examplesRun(client: KubeClient, nodes = 40): Promise<void> {
  await eventually('the examples run', async () => {
    const shop = await client.list(apps('deployments'), { namespace: 'web-shop' });
    const ready = shop.items.every((item) => item.status?.readyReplicas === item.spec?.replicas);
    const stores = await client.list(apps('statefulsets'));
    const agents = await client.get(apps('daemonsets'), 'kube-proxy', { namespace: 'kube-system' });
    return shop.items.length > 0 &&
      ready &&
      (agents.status?.numberReady ?? 0) >= nodes &&
      stores.items.every((one) => one.status?.readyReplicas === one.spec?.replicas)
      ? true
      : undefined;
  });
}

test('a full cluster is as its controllers would have left it: they find nothing to change', async () => {
  const { client } = await start({ nodes: 40, pods: 1000 });
  const pods = await bulk(client, core('pods'));
  expect(pods).toHaveLength(1000);
  expect(pods.every((pod) => pod.status?.phase === 'Running' && pod.status.containerStatuses?.[0]?.ready)).toBe(true);
  expect(new Set(pods.map((pod) => pod.status?.podIP)).size).toBe(1000);
  expect(new Set(pods.map((pod) => pod.spec?.nodeName)).size).toBe(40);

  const versions = async () => {
    const lists = await Promise.all(BULK.map((ref) => bulk(client, ref)));
    return lists
      .flat()
      .map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name} ${metadata.resourceVersion}`);
  };
  const before = await versions();
  await examplesRun(client);
  expect(await versions()).toEqual(before);
  for (const deployment of await bulk(client, apps('deployments'))) {
    expect(deployment.status).toMatchObject({ readyReplicas: deployment.spec?.replicas, observedGeneration: 1 });
  }
  expect(problems).toEqual([]);
});

test('what happens to a pod of the bulk is answered by its controllers', async () => {
  const { client } = await start({ nodes: 3, pods: 40 });
  const [pod] = await bulk(client, core('pods'));
  const { name = '', namespace } = pod?.metadata ?? {};
  await client.delete(core('pods'), name, { namespace });
  await eventually('it is replaced', async () => {
    const pods = (await bulk(client, core('pods'))).filter((other) => other.metadata.name !== name);
    return pods.length === 40 && pods.every((other) => other.status?.phase === 'Running') ? true : undefined;
  });
});

test('the same seed makes the same objects: the examples of a cluster as well as its bulk', async () => {
  const KINDS = [
    ...['pods', 'services', 'persistentvolumes', 'persistentvolumeclaims'].map(core),
    ...['deployments', 'replicasets', 'statefulsets', 'daemonsets'].map(apps),
    SLICES,
  ];
  const told = async ({ client }: { client: KubeClient }) => {
    await examplesRun(client, 5);
    const lists = await Promise.all(KINDS.map((ref) => client.list(ref)));
    return lists
      .flatMap(({ items }) => items)
      .map(({ kind, metadata, spec, status }) => ({
        name: `${kind} ${metadata.namespace}/${metadata.name}`,
        uid: metadata.uid,
        addresses: [spec?.clusterIP, status?.podIP, ...(spec?.ports ?? []).map((port: Json) => port.nodePort)],
        node: spec?.nodeName,
        volumes: spec?.volumes ?? spec?.volumeName,
        containers: status?.containerStatuses?.map((one: Json) => one.containerID),
      }))
      .sort((one, other) => (one.name < other.name ? -1 : 1));
  };
  const first = await told(await start({ nodes: 5, pods: 100 }));
  expect(first.length).toBeGreaterThan(150);
  expect(await told(await start({ nodes: 5, pods: 100 }))).toEqual(first);
});

test('what is made again under the same name is another object', async () => {
  const { client } = await start({ nodes: 2, pods: 0 });
  const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'again', namespace: 'default' } };
  const where = { namespace: 'default' };
  const uids = new Set<string | undefined>();
  for (let round = 0; round < 3; round++) {
    uids.add((await client.create(core('configmaps'), structuredClone(map), where)).metadata.uid);
    await client.delete(core('configmaps'), 'again', where);
  }
  expect(uids.size).toBe(3);
});

test('churn restarts, replaces and rolls out, and leaves the cluster whole', async () => {
  const { fleet, client } = await start({ nodes: 5, pods: 100, churn: 200 });
  fleet.settled();
  await eventually(
    'containers were restarted, pods replaced, workloads rolled out',
    async () => {
      const pods = await bulk(client, core('pods'));
      const deployments = await bulk(client, apps('deployments'));
      const restarted = pods.some((pod) => (pod.status?.containerStatuses?.[0]?.restartCount ?? 0) > 0);
      const rolledOut = deployments.some((deployment) => (deployment.metadata.generation ?? 1) > 1);
      return restarted && rolledOut && pods.length >= 80 ? true : undefined;
    },
    60_000,
  );
  expect(problems.filter((problem) => problem.includes('churn'))).toEqual([]);
});

test.each([
  { nodes: 1001, pods: 0 },
  { nodes: 10, pods: 30_001 },
  { nodes: 2, pods: 2000 },
])('%j is refused in words', async (size) => {
  await expect(start(size)).rejects.toMatchObject({ code: 'INVALID' });
});
