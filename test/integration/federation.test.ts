/** The manual's nginx job over API servers in this process: every step that a person would take, without kubectl. */
import { statSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  CLUSTER_RESOURCE_BINDINGS,
  CLUSTERS,
  KEYS,
  NAMESPACES,
  PROPAGATION_POLICIES,
  RESOURCE_BINDINGS,
  WORKS,
} from '#engine/federation/api.ts';
import type { KubeClient } from '#engine/kube/index.ts';
import type { Federation } from '#shared/contract/federations.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { DEPLOYMENTS, type Fixture, startFixture, startMember, until } from '../fixtures/federation.ts';
import { overridePolicy, propagationPolicy } from '../fixtures/nginx-scenario.ts';

const CONFIG_MAPS = { group: '', version: 'v1', resource: 'configmaps' };
const inDefault = { namespace: 'default' };

describe('nginx over two members', () => {
  let fixture: Fixture;
  let federation: Federation;
  const client = (): KubeClient => fixture.federations.client(federation.id);
  const member = (index: number): KubeClient => fixture.members[index]?.client as KubeClient;
  const policyOf = (weights: Record<string, number>): KubeObject => JSON.parse(propagationPolicy(weights));

  const nginx = (replicas: number): KubeObject => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'nginx', namespace: 'default', labels: { app: 'nginx' } },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'nginx' } },
      template: {
        metadata: { labels: { app: 'nginx' } },
        spec: { containers: [{ name: 'nginx', image: 'nginx', envFrom: [{ configMapRef: { name: 'settings' } }] }] },
      },
    },
  });

  async function replicasBecome(expected: (number | null)[]): Promise<void> {
    await until(`members run ${expected.join(' and ')}`, async () => {
      for (const [index, replicas] of expected.entries()) {
        const found = await member(index).find(DEPLOYMENTS, 'nginx', inDefault);
        if ((found?.spec.replicas ?? null) !== replicas) return undefined;
      }
      return true;
    });
  }

  beforeAll(async () => {
    fixture = await startFixture([await startMember('demo1'), await startMember('demo2')]);
    federation = await fixture.federations.create({ name: 'unity', fleetId: fixture.fleetId });
  });
  afterAll(async () => {
    await fixture?.close();
  });

  test('the federation runs with a private kubeconfig and both members become ready', async () => {
    expect(federation.state).toBe('running');
    const file = federation.kubeconfigPath as string;
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await until('members are ready', async () => {
      const [view] = fixture.federations.list();
      return view?.members.length === 2 && view.members.every((m) => m.ready && m.join === 'connected')
        ? true
        : undefined;
    });
    const cluster = await client().get(CLUSTERS, 'demo1');
    expect(cluster.spec).toMatchObject({
      syncMode: 'Push',
      provider: 'kind',
      region: 'region-demo1',
      zones: ['zone-a'],
    });
    expect(cluster.spec.taints ?? []).toEqual([]);
    expect(cluster.status.apiEnablements.length).toBeGreaterThan(5);
  });

  test('a name that exists is refused, whatever its case', async () => {
    await expect(fixture.federations.create({ name: 'UNITY' })).rejects.toMatchObject({ code: 'NAME_TAKEN' });
    expect(fixture.federations.list().length).toBe(1);
  });

  test('a template without a policy goes nowhere', async () => {
    await client().create(DEPLOYMENTS, nginx(3), inDefault);
    expect(await client().find(RESOURCE_BINDINGS, 'nginx-deployment', inDefault)).toBeNull();
    await replicasBecome([null, null]);
  });

  test('the preview says what a policy would do, and warns about an unknown cluster', async () => {
    const result = await fixture.federations.preview({
      federationId: federation.id,
      template: nginx(3),
      policy: policyOf({ demo1: 1, demo2: 2, nowhere: 1 }),
      overridePolicy: JSON.parse(overridePolicy(['demo1', 'demo2'])),
    });
    expect(result.clusters).toEqual([
      { name: 'demo1', replicas: 1 },
      { name: 'demo2', replicas: 2 },
    ]);
    expect(result.manifests.map(({ overrides }) => overrides)).toEqual([['example'], ['example']]);
    expect(result.manifests[0]?.yaml).toContain('cceone.propagationto: demo1');
    expect(result.warnings.map(({ code }) => code)).toEqual(['POLICY_UNKNOWN_CLUSTER']);
  });

  test('with policies it is split by weight, runs, and reports back', async () => {
    await client().create(
      { group: 'policy.karmada.io', version: 'v1alpha1', resource: 'overridepolicies' },
      JSON.parse(overridePolicy(['demo1', 'demo2'])),
      inDefault,
    );
    const started = performance.now();
    await client().create(PROPAGATION_POLICIES, policyOf({ demo1: 1, demo2: 2 }), inDefault);
    await until('the template shows 3 ready', async () => {
      const template = await client().get(DEPLOYMENTS, 'nginx', inDefault);
      const { readyReplicas, availableReplicas, observedGeneration } = template.status ?? {};
      return readyReplicas === 3 && availableReplicas === 3 && observedGeneration === template.metadata.generation
        ? true
        : undefined;
    });
    console.info(`policy to status back: ${Math.round(performance.now() - started)} ms`);
    await replicasBecome([1, 2]);
  });

  test('the binding carries what the manual shows', async () => {
    const binding = await until('the binding is fully applied', async () => {
      const found = await client().get(RESOURCE_BINDINGS, 'nginx-deployment', inDefault);
      const conditions = Object.fromEntries(
        (found.status?.conditions ?? []).map((c: { type: string; status: string }) => [c.type, c.status]),
      );
      if (conditions.Scheduled === 'True' && conditions.FullyApplied === 'True') return found;
      throw new Error(JSON.stringify(found.status));
    });
    const policy = await client().get(PROPAGATION_POLICIES, 'example-policy', inDefault);
    const template = await client().get(DEPLOYMENTS, 'nginx', inDefault);
    const { annotations = {}, labels = {}, finalizers, ownerReferences } = binding.metadata;
    expect(JSON.parse(annotations[KEYS.appliedPlacement] ?? '')).toEqual(policy.spec.placement);
    expect(annotations[KEYS.ppName]).toBe('example-policy');
    expect(annotations[KEYS.ppNamespace]).toBe('default');
    expect(finalizers).toEqual(['karmada.io/binding-controller', 'karmada.io/binding-dependencies-distributor']);
    expect(labels[KEYS.ppId]).toBe(policy.metadata.labels?.[KEYS.ppId]);
    expect(labels[KEYS.rbId]).toMatch(/^[0-9a-f-]{36}$/);
    expect(ownerReferences).toEqual([
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        name: 'nginx',
        uid: template.metadata.uid,
        controller: true,
        blockOwnerDeletion: true,
      },
    ]);
  });

  test('each member has its own label and the marks of its Work', async () => {
    for (const [index, name] of ['demo1', 'demo2'].entries()) {
      const { metadata } = await member(index).get(DEPLOYMENTS, 'nginx', inDefault);
      expect(metadata.labels?.['cceone.propagationto']).toBe(name);
      expect(metadata.labels?.[KEYS.managed]).toBe('true');
      expect(metadata.annotations?.[KEYS.workName]).toBe('nginx-687f7fb96f');
      const work = await client().get(WORKS, 'nginx-687f7fb96f', { namespace: `karmada-es-${name}` });
      expect(JSON.parse(work.metadata.annotations?.[KEYS.appliedOverrides] ?? '[]')[0].policyName).toBe('example');
      expect(metadata.labels?.[KEYS.workId]).toBe(work.metadata.labels?.[KEYS.workId]);
    }
  });

  test('a dependency that appears later follows the workload, and goes when nobody needs it', async () => {
    const settings = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'settings', namespace: 'default' },
      data: { a: '1' },
    };
    await client().create(CONFIG_MAPS, settings, inDefault);
    for (const index of [0, 1])
      await until(
        'the ConfigMap is in the member',
        async () => (await member(index).find(CONFIG_MAPS, 'settings', inDefault))?.data.a,
      );
    await client().patch(CONFIG_MAPS, 'settings', 'merge', { data: { a: '2' } }, inDefault);
    await until('the change is in the member', async () =>
      (await member(0).find(CONFIG_MAPS, 'settings', inDefault))?.data.a === '2' ? true : undefined,
    );
    // What is still wanted is made anew when it goes.
    const { uid } = (await client().get(RESOURCE_BINDINGS, 'settings-configmap', inDefault)).metadata;
    await client().delete(RESOURCE_BINDINGS, 'settings-configmap', inDefault);
    await until('there is another binding for it', async () => {
      const found = await client().find(RESOURCE_BINDINGS, 'settings-configmap', inDefault);
      return found !== null && found.metadata.uid !== uid ? true : undefined;
    });
    for (const index of [0, 1])
      await until(
        'it is in the member again',
        async () => (await member(index).find(CONFIG_MAPS, 'settings', inDefault))?.data.a,
      );
  });

  test('scaling to 7 divides by the same weights', async () => {
    await client().patch(DEPLOYMENTS, 'nginx', 'merge', { spec: { replicas: 7 } }, inDefault);
    await replicasBecome([2, 5]);
  });

  test('drift and deletion in a member are repaired', async () => {
    await member(0).patch(DEPLOYMENTS, 'nginx', 'merge', { spec: { replicas: 6 } }, inDefault);
    await member(1).delete(DEPLOYMENTS, 'nginx', inDefault);
    await replicasBecome([2, 5]);
    // A control plane that the federation has left takes its marks off, and more, when something is deleted there.
    const stripped = { metadata: { labels: { [KEYS.managed]: null } }, spec: { replicas: 9 } };
    await member(0).patch(DEPLOYMENTS, 'nginx', 'merge', stripped, inDefault);
    await until('the marks are back', async () => {
      const { metadata, spec } = await member(0).get(DEPLOYMENTS, 'nginx', inDefault);
      return metadata.labels?.[KEYS.managed] === 'true' && spec.replicas === 2 ? true : undefined;
    });
  });

  test('a member that is down holds up nobody and catches up', async () => {
    fixture.members[1]?.cutOff(true);
    await client().patch(DEPLOYMENTS, 'nginx', 'merge', { metadata: { annotations: { note: 'new' } } }, inDefault);
    await until(
      'the other member has the change',
      async () => (await member(0).get(DEPLOYMENTS, 'nginx', inDefault)).metadata.annotations?.note,
    );
    fixture.members[1]?.cutOff(false);
    await until(
      'it catches up',
      async () => (await member(1).get(DEPLOYMENTS, 'nginx', inDefault)).metadata.annotations?.note,
      20_000,
    );
  });

  test('everything goes on after a restart, and what changed meanwhile is seen', async () => {
    const port = federation.server;
    await fixture.restart();
    expect(fixture.federations.list()[0]?.server).toBe(port);
    await client().patch(DEPLOYMENTS, 'nginx', 'merge', { spec: { replicas: 3 } }, inDefault);
    await replicasBecome([1, 2]);
  });

  test('closed while it starts, it leaves nothing open behind', async () => {
    const listening = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPServerWrap').length;
    await fixture.federations.close();
    const closed = listening();
    const other = fixture.open();
    const started = other.start();
    await other.close();
    await started;
    expect(listening()).toBe(closed);
    await fixture.restart();
    await replicasBecome([1, 2]);
  });

  test('changing the weights moves replicas', async () => {
    await client().patch(
      PROPAGATION_POLICIES,
      'example-policy',
      'merge',
      { spec: policyOf({ demo1: 2, demo2: 1 }).spec },
      inDefault,
    );
    await replicasBecome([2, 1]);
  });

  test('a placement that fits no cluster says so and takes nothing away', async () => {
    const spec = {
      placement: { ...policyOf({ demo1: 2, demo2: 1 }).spec.placement, clusterAffinity: { clusterNames: ['nowhere'] } },
    };
    await client().patch(PROPAGATION_POLICIES, 'example-policy', 'merge', { spec }, inDefault);
    await until('the condition says why', async () => {
      const binding = await client().get(RESOURCE_BINDINGS, 'nginx-deployment', inDefault);
      const condition = binding.status.conditions.find((c: { type: string }) => c.type === 'Scheduled');
      return condition.reason === 'NoClusterFit' &&
        condition.message.startsWith('0/2 clusters are available: 2 cluster(s)')
        ? true
        : undefined;
    });
    await replicasBecome([2, 1]);
    await client().patch(
      PROPAGATION_POLICIES,
      'example-policy',
      'merge',
      { spec: policyOf({ demo1: 2, demo2: 1 }).spec },
      inDefault,
    );
    await until('it is scheduled again', async () => {
      const binding = await client().get(RESOURCE_BINDINGS, 'nginx-deployment', inDefault);
      return binding.status.conditions.find((c: { type: string }) => c.type === 'Scheduled').status === 'True'
        ? true
        : undefined;
    });
  });

  test('a namespace of the federation is made in every member', async () => {
    await client().create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
    for (const index of [0, 1])
      await until('the namespace is there', async () => (await member(index).find(NAMESPACES, 'shop')) ?? undefined);
  });

  test('the workload list shows the split with health and overrides', async () => {
    const stop = new AbortController();
    try {
      for await (const rows of fixture.federations.workloads({ id: federation.id }, stop.signal)) {
        const row = rows.find(({ name }) => name === 'nginx');
        if (row?.clusters.length !== 2 || row.readyReplicas !== 3) continue;
        expect(row).toMatchObject({ policy: 'default/example-policy', replicas: 3, scheduled: { status: 'True' } });
        expect(row.clusters[0]).toMatchObject({ name: 'demo1', replicas: 2, overrides: ['example'], applied: true });
        break;
      }
    } finally {
      stop.abort();
    }
  });

  test('deleting the policy leaves what runs in the members', async () => {
    await client().delete(PROPAGATION_POLICIES, 'example-policy', inDefault);
    await until('the claim is gone', async () => {
      const template = await client().get(DEPLOYMENTS, 'nginx', inDefault);
      const gone = await client().find(PROPAGATION_POLICIES, 'example-policy', inDefault);
      return template.metadata.labels?.[KEYS.ppId] === undefined && gone === null ? true : undefined;
    });
    await replicasBecome([2, 1]);
  });

  test('deleting the template removes it from every member, with its dependencies', async () => {
    await client().delete(DEPLOYMENTS, 'nginx', inDefault);
    await replicasBecome([null, null]);
    await until('binding and Works are gone', async () => {
      const binding = await client().find(RESOURCE_BINDINGS, 'nginx-deployment', inDefault);
      const works = await client().list(WORKS);
      const left = works.items.filter((work) => work.metadata.name?.startsWith('nginx'));
      return binding === null && left.length === 0 ? true : undefined;
    });
    await until('the ConfigMap left the member, and its binding is gone', async () => {
      const copy = await member(0).find(CONFIG_MAPS, 'settings', inDefault);
      const attached = await client().find(RESOURCE_BINDINGS, 'settings-configmap', inDefault);
      return copy === null && attached === null ? true : undefined;
    });
    expect((await client().get(CONFIG_MAPS, 'settings', inDefault)).data).toEqual({ a: '2' });
  });

  test('what only a workload that is gone required goes too', async () => {
    const gone = (): Promise<true> =>
      until('the binding is gone', async () =>
        (await client().find(RESOURCE_BINDINGS, 'settings-configmap', inDefault)) === null ? true : undefined,
      );
    // The deleted template took it along just now.
    await gone();
    const { metadata } = await client().get(CONFIG_MAPS, 'settings', inDefault);
    const binding = {
      apiVersion: 'work.karmada.io/v1alpha2',
      kind: 'ResourceBinding',
      metadata: { name: 'settings-configmap', namespace: 'default' },
      spec: {
        resource: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'settings', uid: metadata.uid },
        requiredBy: [{ namespace: 'default', name: 'gone-deployment', clusters: [{ name: 'demo1' }] }],
      },
    };
    await client().create(RESOURCE_BINDINGS, binding, inDefault);
    await gone();
  });

  test('distribute saves all three objects or none', async () => {
    const input = {
      federationId: federation.id,
      template: nginx(2),
      policy: policyOf({ demo1: 1, demo2: 1 }),
      overridePolicy: JSON.parse(overridePolicy(['demo1', 'demo2'])),
    };
    await expect(fixture.federations.distribute(input)).rejects.toMatchObject({ code: 'NAME_TAKEN' });
    const selectsNothing = { ...input, overridePolicy: null, template: { ...nginx(2), metadata: { name: 'other' } } };
    await expect(fixture.federations.distribute(selectsNothing)).rejects.toMatchObject({
      code: 'POLICY_SELECTS_NOTHING',
    });
    const zero = { ...input, overridePolicy: null, policy: policyOf({ demo1: 0, demo2: 0 }) };
    await expect(fixture.federations.distribute(zero)).rejects.toMatchObject({ code: 'POLICY_ZERO_WEIGHTS' });
    const refused = {
      ...input,
      overridePolicy: null,
      policy: {
        ...input.policy,
        spec: {
          ...input.policy.spec,
          conflictResolution: 'Abort',
          placement: { ...input.policy.spec.placement, spreadConstraints: [{ spreadByField: 'region' }] },
        },
      },
    };
    await expect(fixture.federations.distribute(refused)).rejects.toMatchObject({ code: 'INVALID' });
    expect(await client().find(DEPLOYMENTS, 'nginx', inDefault)).toBeNull();
    const { created } = await fixture.federations.distribute({ ...input, overridePolicy: null });
    expect(created.map(({ kind }) => kind)).toEqual(['Deployment', 'PropagationPolicy']);
    await replicasBecome([1, 1]);
  });

  test('an object that somebody else made in a member is not taken over', async () => {
    const own = { ...nginx(4), metadata: { name: 'own', namespace: 'default' } };
    await member(0).create(DEPLOYMENTS, own, inDefault);
    const policy = policyOf({ demo1: 1, demo2: 1 });
    policy.metadata.name = 'own';
    policy.spec.resourceSelectors[0].name = 'own';
    await fixture.federations.distribute({ federationId: federation.id, template: own, policy, overridePolicy: null });
    await until('the binding says why', async () => {
      const binding = await client().find(RESOURCE_BINDINGS, 'own-deployment', inDefault);
      const item = binding?.status?.aggregatedStatus?.find(
        (entry: { clusterName: string }) => entry.clusterName === 'demo1',
      );
      return item?.appliedMessage?.includes('already exists in the cluster demo1') ? true : undefined;
    });
    expect((await member(0).get(DEPLOYMENTS, 'own', inDefault)).spec.replicas).toBe(4);
    expect((await member(1).get(DEPLOYMENTS, 'own', inDefault)).spec.replicas).toBe(2);
    expect((await client().list(CLUSTER_RESOURCE_BINDINGS)).items).toEqual([]);
  });

  test('leaving keeps what runs in the members, without marks; then the federation can be removed', async () => {
    await expect(fixture.federations.remove(federation.id)).rejects.toMatchObject({ code: 'REFUSED' });
    await fixture.federations.leave({ id: federation.id });
    await until('all members have left', () =>
      fixture.federations.list()[0]?.members.length === 0 ? true : undefined,
    );
    const kept = await member(0).get(DEPLOYMENTS, 'nginx', inDefault);
    expect(kept.spec.replicas).toBe(1);
    expect(Object.keys(kept.metadata.labels ?? {}).filter((key) => key.includes('karmada'))).toEqual([]);
    await fixture.federations.remove(federation.id);
    expect(fixture.federations.list()).toEqual([]);
    expect((await member(0).get(DEPLOYMENTS, 'nginx', inDefault)).spec.replicas).toBe(1);
  });
});
