/** What `karmadactl`, `kubectl` and Helm ask of a federation, over TLS: the requests that these programs were seen to make. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CLUSTERS, NAMESPACES, PROPAGATION_POLICIES, RESOURCE_BINDINGS } from '#engine/federation/api.ts';
import { connectExternal, type ExternalConnection } from '#engine/federation/external/connect.ts';
import type { Federation } from '#shared/contract/federations.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { DEPLOYMENTS, type Fixture, startFixture, startMember, until } from '../fixtures/federation.ts';

const CLAIMS = { group: '', version: 'v1', resource: 'persistentvolumeclaims' };
const CLUSTER_API = '/apis/cluster.karmada.io/v1alpha1';
const inDefault = { namespace: 'default' };
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

describe('a federation asked from outside', () => {
  let fixture: Fixture;
  let federation: Federation;
  let connection: ExternalConnection;

  async function ask(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: Json, headers = {}) {
    const answer = await connection.client.transport.request({
      method,
      path,
      headers: { accept: 'application/json', ...headers },
      ...(body === undefined ? {} : { body }),
    });
    return { status: answer.status, headers: answer.headers, body: answer.body as Json };
  }
  const patch = (path: string, body: Json) =>
    ask('PATCH', path, body, { 'content-type': 'application/merge-patch+json' });
  const deployment = (name: string): KubeObject => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default' },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
    },
  });

  beforeAll(async () => {
    fixture = await startFixture([await startMember('west'), await startMember('east')]);
    federation = await fixture.federations.create({ name: 'asked', fleetId: fixture.fleetId });
    connection = await connectExternal(readFileSync(federation.kubeconfigPath as string, 'utf8'), undefined);
    await until('members are ready and known by their ids', async () => {
      const { items } = await connection.client.list(CLUSTERS);
      return items.length === 2 && items.every(({ spec }) => spec.id) ? true : undefined;
    });
  });
  afterAll(async () => {
    await connection?.close();
    await fixture?.close();
  });

  test('discovery tells of the way into members', async () => {
    const { body } = await ask('GET', CLUSTER_API);
    expect(body.resources.find(({ name }: Json) => name === 'clusters/proxy')).toEqual({
      name: 'clusters/proxy',
      singularName: '',
      namespaced: false,
      kind: 'ClusterProxyOptions',
      verbs: ['create', 'delete', 'get', 'patch', 'update'],
    });
    const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';
    const inside = await ask('GET', `${CLUSTER_API}/clusters/west/proxy/apis`, undefined, { accept: aggregated });
    expect(inside).toMatchObject({ status: 200 });
    const list = await ask('GET', `${CLUSTER_API}/clusters`, undefined, { accept: TABLE });
    expect(list.body.columnDefinitions.map(({ name }: Json) => name.toUpperCase()).slice(0, 4)).toEqual([
      'NAME',
      'VERSION',
      'MODE',
      'READY',
    ]);
  });

  test('promote: the object is read in the member, made here, and taken over as it runs', async () => {
    const member = fixture.members[0]!.client;
    await member.create(DEPLOYMENTS, deployment('shop'), inDefault);
    const { uid } = (await member.get(DEPLOYMENTS, 'shop', inDefault)).metadata;
    const live = await ask(
      'GET',
      `${CLUSTER_API}/clusters/west/proxy/apis/apps/v1/namespaces/default/deployments/shop`,
    );
    expect(live).toMatchObject({ status: 200, body: { metadata: { uid } } });
    const deployments = '/apis/apps/v1/namespaces/default/deployments';
    expect(await ask('GET', `${deployments}/shop`)).toMatchObject({ status: 404 });
    const template = deployment('shop');
    template.metadata.annotations = { 'work.karmada.io/conflict-resolution': 'overwrite' };
    expect(await ask('POST', deployments, template)).toMatchObject({ status: 201 });
    const policies = '/apis/policy.karmada.io/v1alpha1/namespaces/default/propagationpolicies';
    const name = 'shop-6d7f8d5f5b';
    expect(await ask('GET', `${policies}/${name}`)).toMatchObject({ status: 404 });
    const made = await ask('POST', policies, {
      kind: 'PropagationPolicy',
      apiVersion: 'policy.karmada.io/v1alpha1',
      metadata: { name, namespace: 'default', creationTimestamp: null },
      spec: {
        resourceSelectors: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'shop' }],
        placement: { clusterAffinity: { clusterNames: ['west'] } },
        preserveResourcesOnDeletion: true,
        conflictResolution: 'Overwrite',
      },
    });
    expect(made).toMatchObject({ status: 201 });
    await until('it is taken over and its template is available', async () => {
      const found = await connection.client.get(DEPLOYMENTS, 'shop', inDefault);
      const conditions: Json[] = found.status?.conditions ?? [];
      return conditions.some(({ type, status }) => type === 'Available' && status === 'True') &&
        conditions.some(({ type, reason }) => type === 'Progressing' && reason === 'NewReplicaSetAvailable')
        ? true
        : undefined;
    });
    const taken = await member.get(DEPLOYMENTS, 'shop', inDefault);
    expect(taken.metadata).toMatchObject({ uid, labels: { 'karmada.io/managed': 'true' } });
  });

  test('cordon, taint and back', async () => {
    const path = `${CLUSTER_API}/clusters/east`;
    const cordon = { key: 'cluster.karmada.io/unschedulable', effect: 'NoSchedule' };
    const left = { key: 'left', effect: 'NoExecute' };
    expect(await patch(path, { spec: { taints: [cordon, left] } })).toMatchObject({
      status: 200,
      body: { spec: { taints: [cordon, { ...left, timeAdded: expect.any(String) }] } },
    });
    const refused = await patch(path, { spec: { taints: [{ key: 'a', effect: 'PreferNoSchedule' }] } });
    expect(refused).toMatchObject({ status: 422 });
    expect((await patch(path, { spec: { taints: null } })).body.spec.taints).toBeUndefined();
  });

  test('join is refused: a cluster comes with the fleet, whose clusters are known by their ids', async () => {
    const { items } = (await ask('GET', `${CLUSTER_API}/clusters`)).body;
    const kubeSystem = await fixture.members[0]!.client.get(NAMESPACES, 'kube-system');
    expect(items.find(({ metadata }: Json) => metadata.name === 'west').spec.id).toBe(kubeSystem.metadata.uid);
    const joined = await ask('POST', `${CLUSTER_API}/clusters`, {
      apiVersion: 'cluster.karmada.io/v1alpha1',
      kind: 'Cluster',
      metadata: { name: 'stranger' },
      spec: { syncMode: 'Push', apiEndpoint: 'https://127.0.0.1:6443', id: 'some-id' },
    });
    expect(joined).toMatchObject({ status: 403, body: { message: expect.stringContaining('add it to the fleet') } });
    const token = await ask('POST', '/api/v1/namespaces/kube-system/secrets', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'bootstrap-token-abcdef' },
      type: 'bootstrap.kubernetes.io/token',
    });
    expect(token).toMatchObject({ status: 201, headers: { warning: expect.stringContaining('pull mode') } });
  });

  test('unjoin is refused, and nothing moves', async () => {
    const path = `${CLUSTER_API}/clusters/west`;
    const { uid } = (await ask('GET', path)).body.metadata;
    const refused = await ask('DELETE', path, { apiVersion: 'v1', kind: 'DeleteOptions' });
    expect(refused).toMatchObject({ status: 403, body: { message: expect.stringContaining('out of the fleet') } });
    expect((await ask('GET', path)).body.metadata.uid).toBe(uid);
    const binding = await connection.client.get(RESOURCE_BINDINGS, 'shop-deployment', inDefault);
    expect(binding.spec.clusters).toEqual([{ name: 'west', replicas: 2 }]);
  });

  test('a claim that is a template can be deleted', async () => {
    const claim = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    };
    await ask('POST', '/api/v1/namespaces/default/persistentvolumeclaims', claim);
    await ask('DELETE', '/api/v1/namespaces/default/persistentvolumeclaims/data');
    expect(await connection.client.find(CLAIMS, 'data', inDefault)).toBeNull();
  });

  test('the permanent id of a policy is what it was, whatever is applied', async () => {
    const [policy] = (await connection.client.list(PROPAGATION_POLICIES, inDefault)).items;
    const path = `/apis/policy.karmada.io/v1alpha1/namespaces/default/propagationpolicies/${policy?.metadata.name}`;
    const label = 'propagationpolicy.karmada.io/permanent-id';
    expect(await patch(path, { metadata: { labels: { [label]: 'other' } } })).toMatchObject({ status: 422 });
  });
});
