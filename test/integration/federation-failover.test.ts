/** A member is lost: what runs there is taken over, is never lost, and comes back only when somebody asks. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type Binding,
  CLUSTER_TAINT_POLICIES,
  CLUSTERS,
  PROPAGATION_POLICIES,
  RESOURCE_BINDINGS,
  WORKLOAD_REBALANCERS,
} from '#engine/federation/api.ts';
import type { KubeClient } from '#engine/kube/index.ts';
import type { Why } from '#shared/contract/federation-decisions.ts';
import type { Federation } from '#shared/contract/federations.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { DEPLOYMENTS, type Fixture, startFixture, startMember, until } from '../fixtures/federation.ts';

const inDefault = { namespace: 'default' };
const EVENTS = { group: '', version: 'v1', resource: 'events' };

let fixture: Fixture;
let federation: Federation;
const client = (): KubeClient => fixture.federations.client(federation.id);
const member = (index: number) => fixture.members[index]!;

beforeAll(async () => {
  fixture = await startFixture([await startMember('north'), await startMember('south')], {
    clusterStatus: { intervalMs: 50, thresholdMs: 100 },
  });
  federation = await fixture.federations.create({
    name: 'unity',
    fleetId: fixture.fleetId,
    failover: { enabled: true, evictionTimeoutSeconds: 0, tolerationSeconds: 0 },
  });
  await ready('north', 'south');
});
afterAll(() => fixture?.close());
beforeEach(async () => {
  for (const one of fixture.members) one.cutOff(false);
  await ready('north', 'south');
});

async function ready(...names: string[]): Promise<void> {
  await until(`${names} are ready and untainted`, async () => {
    for (const name of names) {
      const cluster = await client().find(CLUSTERS, name);
      const condition = cluster?.status?.conditions?.find((one: { type: string }) => one.type === 'Ready');
      if (condition?.status !== 'True' || cluster?.spec.taints?.length) return undefined;
    }
    return true;
  });
}

function deployment(name: string, replicas: number): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'web', image: 'nginx' }] } },
    },
  };
}

async function distribute(name: string, replicas: number, clusterNames: string[]): Promise<void> {
  await client().create(DEPLOYMENTS, deployment(name, replicas), inDefault);
  const policy = {
    apiVersion: 'policy.karmada.io/v1alpha1',
    kind: 'PropagationPolicy',
    metadata: { name, namespace: 'default' },
    spec: {
      resourceSelectors: [{ apiVersion: 'apps/v1', kind: 'Deployment', name }],
      placement: {
        clusterAffinity: { clusterNames },
        replicaScheduling: { replicaSchedulingType: 'Divided', replicaDivisionPreference: 'Weighted' },
      },
    },
  };
  await client().create(PROPAGATION_POLICIES, policy, inDefault);
}

const bindingOf = (name: string): Promise<Binding> =>
  client().get<Binding>(RESOURCE_BINDINGS, `${name}-deployment`, inDefault);

async function placed(name: string, expected: Record<string, number>): Promise<void> {
  await until(`${name} is placed as ${JSON.stringify(expected)}`, async () => {
    const { spec } = await bindingOf(name);
    const actual = Object.fromEntries((spec.clusters ?? []).map((target) => [target.name, target.replicas]));
    return JSON.stringify(Object.entries(actual).sort()) === JSON.stringify(Object.entries(expected).sort())
      ? true
      : undefined;
  });
}

async function runs(index: number, name: string, replicas: number | null): Promise<void> {
  await until(`${member(index).name} runs ${replicas} of ${name}`, async () => {
    const found = await member(index).server.client('look').find(DEPLOYMENTS, name, inDefault);
    return (found?.spec.replicas ?? null) === replicas ? true : undefined;
  });
}

async function whyOf(name: string): Promise<Why> {
  const object = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name };
  for await (const why of fixture.federations.why({ id: federation.id, object }, undefined)) return why;
  throw new Error('the engine said nothing');
}

test('a policy without tolerations gets those of the federation', async () => {
  await distribute('plain', 2, ['south']);
  const { spec } = await client().get(PROPAGATION_POLICIES, 'plain', inDefault);
  const toleration = { operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 0 };
  expect(spec.placement.clusterTolerations).toEqual([
    { key: 'cluster.karmada.io/not-ready', ...toleration },
    { key: 'cluster.karmada.io/unreachable', ...toleration },
  ]);
});

describe('a workload over two members, one of which is lost', () => {
  test('the other takes over all of it, and the eviction ends', async () => {
    await distribute('web', 4, ['north', 'south']);
    await placed('web', { north: 2, south: 2 });
    await runs(0, 'web', 2);
    await runs(1, 'web', 2);
    member(0).cutOff(true);
    await placed('web', { south: 4 });
    await runs(1, 'web', 4);
    await until('no eviction is pending', async () =>
      (await bindingOf('web')).spec.gracefulEvictionTasks === undefined ? true : undefined,
    );
    await until('template shows 4 ready', async () =>
      (await client().get(DEPLOYMENTS, 'web', inDefault)).status?.readyReplicas === 4 ? true : undefined,
    );
  });

  test('what happened is told by events', async () => {
    const events = await until('events of the take-over', async () => {
      const { items } = await client().list(EVENTS, inDefault);
      const reasons = items
        .filter((event) => event.involvedObject.name === 'web-deployment')
        .map(({ reason }) => reason);
      return reasons.includes('EvictWorkloadFromClusterSucceed') ? reasons : undefined;
    });
    expect(events).toContain('GracefulEvictionStarted');
  });

  test('and remembered with its reasons', async () => {
    const why = await until('the record of the take-over', async () => {
      const now = await whyOf('web');
      return now.journal.some(({ event }) => event.kind === 'evictionEnded') ? now : undefined;
    });
    const told = why.journal.map(({ event }) => event.kind).reverse();
    expect(told.slice(0, 2)).toEqual(['claimed', 'scheduled']);
    expect(told.indexOf('evicting')).toBeLessThan(told.indexOf('evictionEnded'));
    expect(why.verdicts).toMatchObject({ replicas: 4, error: null });
    const south = why.clusters.find(({ name }) => name === 'south');
    expect(south).toMatchObject({ ready: true, target: { replicas: 4 }, verdict: { outcome: 'chosen', replicas: 4 } });
    expect(why.clusters.find(({ name }) => name === 'north')).toMatchObject({ target: null });
    expect(why.policy).toMatchObject({ key: 'default/web', selector: 'name' });
  });

  test('when it is back its old copy goes, and nothing moves by itself', async () => {
    member(0).cutOff(false);
    await ready('north');
    await runs(0, 'web', null);
    await placed('web', { south: 4 });
    await runs(1, 'web', 4);
  });

  test('a WorkloadRebalancer spreads it again and says so', async () => {
    const missing = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'nobody' };
    const web = { ...missing, name: 'web' };
    // Times are whole seconds: the request has to be younger than the last decision.
    const { status } = await bindingOf('web');
    await until('the next second', () =>
      Date.now() >= Date.parse(status?.lastScheduledTime ?? '') + 1000 ? true : undefined,
    );
    await client().create(WORKLOAD_REBALANCERS, {
      apiVersion: 'apps.karmada.io/v1alpha1',
      kind: 'WorkloadRebalancer',
      metadata: { name: 'spread' },
      spec: { workloads: [web, missing], ttlSecondsAfterFinished: 0 },
    });
    await placed('web', { north: 2, south: 2 });
    await runs(0, 'web', 2);
    await until('the finished rebalancer is removed', async () =>
      (await client().find(WORKLOAD_REBALANCERS, 'spread')) === null ? true : undefined,
    );
  });
});

test('with nowhere to go the workload keeps running where it is, and is taken back when the member returns', async () => {
  await distribute('alone', 3, ['north']);
  await runs(0, 'alone', 3);
  const before = await member(0).server.client('look').get(DEPLOYMENTS, 'alone', inDefault);
  member(0).cutOff(true);
  await until('it is being evicted', async () =>
    (await bindingOf('alone')).spec.gracefulEvictionTasks?.length ? true : undefined,
  );
  await until('the status says why it is nowhere', async () => {
    const condition = (await bindingOf('alone')).status?.conditions?.find(({ type }) => type === 'Scheduled');
    return condition?.reason === 'NoClusterFit' ? true : undefined;
  });
  member(0).cutOff(false);
  await placed('alone', { north: 3 });
  await until('no eviction is pending', async () =>
    (await bindingOf('alone')).spec.gracefulEvictionTasks === undefined ? true : undefined,
  );
  const after = await member(0).server.client('look').get(DEPLOYMENTS, 'alone', inDefault);
  expect(after.metadata.uid).toBe(before.metadata.uid);
  expect(after.spec.replicas).toBe(3);
});

test('a workload that stays unhealthy is moved as its policy says', async () => {
  await client().create(DEPLOYMENTS, deployment('sick', 2), inDefault);
  const policy = {
    apiVersion: 'policy.karmada.io/v1alpha1',
    kind: 'PropagationPolicy',
    metadata: { name: 'sick', namespace: 'default' },
    spec: {
      resourceSelectors: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'sick' }],
      propagateDeps: true,
      placement: {
        clusterAffinity: { clusterNames: ['north', 'south'] },
        spreadConstraints: [{ spreadByField: 'cluster', minGroups: 1, maxGroups: 1 }],
        replicaScheduling: { replicaSchedulingType: 'Duplicated' },
      },
      failover: { application: { decisionConditions: { tolerationSeconds: 1 }, purgeMode: 'Gracefully' } },
    },
  };
  await client().create(PROPAGATION_POLICIES, policy, inDefault);
  const first = await until('it is placed', async () => {
    const found = await client().find<Binding>(RESOURCE_BINDINGS, 'sick-deployment', inDefault);
    return found?.status?.aggregatedStatus?.[0]?.health === 'Healthy' ? found.spec.clusters?.[0]?.name : undefined;
  });
  const index = first === 'north' ? 0 : 1;
  const direct = member(index).server.client('look');
  const live = await direct.get(DEPLOYMENTS, 'sick', inDefault);
  live.status = { ...live.status, availableReplicas: 0, readyReplicas: 0 };
  // Held down: the stand-in controller of the member would make it healthy again.
  member(index).holdStatus('sick');
  await direct.update(DEPLOYMENTS, live, { namespace: 'default', subresource: 'status' });
  await placed('sick', { [index === 0 ? 'south' : 'north']: 2 });
  await runs(index === 0 ? 1 : 0, 'sick', 2);
  await runs(index, 'sick', null);
});

test('with take-over switched off nothing moves', async () => {
  const off = { enabled: false, evictionTimeoutSeconds: 0, tolerationSeconds: 0 };
  expect((await fixture.federations.update({ id: federation.id, failover: off })).failover).toEqual(off);
  await distribute('fixed', 2, ['north', 'south']);
  await placed('fixed', { north: 1, south: 1 });
  const policy = await client().get(PROPAGATION_POLICIES, 'fixed', inDefault);
  expect(policy.spec.placement.clusterTolerations).toBeUndefined();
  member(0).cutOff(true);
  await until('the member is tainted for scheduling', async () =>
    (await client().get(CLUSTERS, 'north')).spec.taints?.length ? true : undefined,
  );
  expect((await client().get(CLUSTERS, 'north')).spec.taints).toEqual([
    { key: 'cluster.karmada.io/not-ready', effect: 'NoSchedule' },
  ]);
  await placed('fixed', { north: 1, south: 1 });
  const on = { ...off, enabled: true };
  await fixture.federations.update({ id: federation.id, failover: on });
});

test('a ClusterTaintPolicy taints members by their conditions', async () => {
  await client().create(CLUSTER_TAINT_POLICIES, {
    apiVersion: 'policy.karmada.io/v1alpha1',
    kind: 'ClusterTaintPolicy',
    metadata: { name: 'maintenance' },
    spec: {
      targetClusters: { clusterNames: ['south'] },
      addOnConditions: [{ conditionType: 'Ready', operator: 'In', statusValues: ['True'] }],
      taints: [{ key: 'maintenance', effect: 'NoSchedule' }],
    },
  });
  await until('south is tainted', async () =>
    (await client().get(CLUSTERS, 'south')).spec.taints?.some((taint: { key: string }) => taint.key === 'maintenance')
      ? true
      : undefined,
  );
  expect((await client().get(CLUSTERS, 'north')).spec.taints ?? []).toEqual([]);
});
