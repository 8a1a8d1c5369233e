/** What limits and orders placements beyond room: federated quotas, workload affinity, priorities; and remedies. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Binding,
  CLUSTERS,
  FEDERATED_RESOURCE_QUOTAS,
  PROPAGATION_POLICIES,
  REMEDIES,
  RESOURCE_BINDINGS,
} from '#engine/federation/api.ts';
import type { KubeClient } from '#engine/kube/index.ts';
import type { Federation } from '#shared/contract/federations.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { DEPLOYMENTS, type Fixture, startFixture, startMember, until } from '../fixtures/federation.ts';

const QUOTAS = { group: '', version: 'v1', resource: 'resourcequotas' };
const PRIORITY_CLASSES = { group: 'scheduling.k8s.io', version: 'v1', resource: 'priorityclasses' };
const inDefault = { namespace: 'default' };
let fixture: Fixture;
let federation: Federation;
const client = (): KubeClient => fixture.federations.client(federation.id);

beforeAll(async () => {
  fixture = await startFixture([await startMember('north'), await startMember('south')], {
    clusterStatus: { intervalMs: 100, thresholdMs: 100 },
  });
  federation = await fixture.federations.create({ name: 'limits', fleetId: fixture.fleetId });
  await until('the members are ready', () =>
    fixture.federations.list()[0]!.members.every(({ ready }) => ready) ? true : undefined,
  );
});
afterAll(() => fixture?.close());

async function distribute(
  name: string,
  options: { replicas?: number; cpu?: string; labels?: Record<string, string>; policy?: object; placement?: object },
): Promise<void> {
  const { replicas = 2, cpu = '1', labels = {} } = options;
  const container = { name: 'web', image: 'nginx', resources: { requests: { cpu } } };
  await client().create(
    DEPLOYMENTS,
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace: 'default', labels },
      spec: {
        replicas,
        selector: { matchLabels: { app: name } },
        template: { metadata: { labels: { app: name } }, spec: { containers: [container] } },
      },
    },
    inDefault,
  );
  await client().create(
    PROPAGATION_POLICIES,
    {
      apiVersion: 'policy.karmada.io/v1alpha1',
      kind: 'PropagationPolicy',
      metadata: { name, namespace: 'default' },
      spec: {
        resourceSelectors: [{ apiVersion: 'apps/v1', kind: 'Deployment', name }],
        placement: {
          replicaScheduling: { replicaSchedulingType: 'Divided', replicaDivisionPreference: 'Weighted' },
          ...options.placement,
        },
        ...options.policy,
      },
    },
    inDefault,
  );
}

const bindingOf = (name: string) => client().find<Binding>(RESOURCE_BINDINGS, `${name}-deployment`, inDefault);
const placed = (binding: Binding | null) =>
  binding?.spec.clusters?.reduce((sum, { replicas = 0 }) => sum + replicas, 0);

async function scheduled(name: string, reason = 'Success'): Promise<Binding> {
  return await until(`${name}: ${reason}`, async () => {
    const binding = await bindingOf(name);
    return binding?.status?.conditions?.some((one) => one.type === 'Scheduled' && one.reason === reason)
      ? binding
      : undefined;
  });
}

function quota(spec: object): KubeObject {
  return {
    apiVersion: 'policy.karmada.io/v1alpha1',
    kind: 'FederatedResourceQuota',
    metadata: { name: 'team', namespace: 'default' },
    spec,
  };
}

describe('a federated quota', () => {
  const used = async () => (await client().get(FEDERATED_RESOURCE_QUOTAS, 'team', inDefault)).status;

  test('is refused when clusters are assigned more than there is', async () => {
    const spec = {
      overall: { cpu: '4' },
      staticAssignments: [{ clusterName: 'north', hard: { cpu: '5', pods: '1' } }],
    };
    await expect(client().create(FEDERATED_RESOURCE_QUOTAS, quota(spec), inDefault)).rejects.toMatchObject({
      status: 422,
      message: expect.stringMatching(/spec\.overall\[cpu\].*spec\.staticAssignments\[0\]\.hard\[pods\]|hard\[pods\]/s),
    });
  });

  test('becomes a ResourceQuota in each assigned cluster, and tells what is used', async () => {
    const assigned = [{ clusterName: 'north', hard: { cpu: '3' } }];
    await client().create(
      FEDERATED_RESOURCE_QUOTAS,
      quota({ overall: { cpu: '4' }, staticAssignments: assigned }),
      inDefault,
    );
    const [north, south] = fixture.members;
    await until('north has it', async () => {
      const found = await north!.client.find(QUOTAS, 'team', inDefault);
      return found?.spec.hard.cpu === '3' ? true : undefined;
    });
    expect(await south!.client.find(QUOTAS, 'team', inDefault)).toBeNull();
    await distribute('fits', { replicas: 3 });
    await scheduled('fits');
    await until('its use is told', async () => {
      const status = await used();
      return status?.overallUsed?.cpu === '3' && status.aggregatedStatus?.[0]?.clusterName === 'north'
        ? true
        : undefined;
    });
  });

  test('keeps what would exceed it from being placed, and says which quota, resource, sum and limit', async () => {
    await distribute('more', { replicas: 2 });
    const refused = await scheduled('more', 'QuotaExceeded');
    expect(placed(refused) ?? 0).toBe(0);
    expect(refused.status?.conditions?.find(({ type }) => type === 'Scheduled')?.message).toContain(
      'FederatedResourceQuota(default/team) exceeded for resource cpu: requested sum 5, limit 4',
    );
  });

  test('lets what runs go on when it is scaled beyond it, and places it when room comes free', async () => {
    await scale('fits', 5);
    await scheduled('fits', 'QuotaExceeded');
    expect(placed(await bindingOf('fits'))).toBe(3);
    await scale('fits', 2);
    expect(
      placed(
        await until('it is smaller', async () => {
          const binding = await bindingOf('fits');
          return placed(binding) === 2 ? binding! : undefined;
        }),
      ),
    ).toBe(2);
    expect(placed(await scheduled('more'))).toBe(2);
  });

  test('many at once never exceed it', async () => {
    await client().patch(FEDERATED_RESOURCE_QUOTAS, 'team', 'merge', { spec: { overall: { cpu: '7' } } }, inDefault);
    const names = Array.from({ length: 6 }, (_, index) => `rush-${index}`);
    await Promise.all(names.map((name) => distribute(name, { replicas: 1 })));
    await until('three of six have a place', async () => {
      const all = await Promise.all(names.map(bindingOf));
      const decided = all.filter((one) => one?.status?.conditions?.some(({ type }) => type === 'Scheduled'));
      return decided.length === names.length && all.filter((one) => placed(one) === 1).length === 3 ? true : undefined;
    });
    await until('its use is told', async () => ((await used())?.overallUsed?.cpu === '7' ? true : undefined));
  });

  test('takes its ResourceQuota back when it is deleted', async () => {
    await client().delete(FEDERATED_RESOURCE_QUOTAS, 'team', inDefault);
    await until('north has none', async () =>
      (await fixture.members[0]!.client.find(QUOTAS, 'team', inDefault)) === null ? true : undefined,
    );
    await until('what waited is placed', async () => {
      const all = await Promise.all(['rush-0', 'rush-1', 'rush-2', 'rush-3', 'rush-4', 'rush-5'].map(bindingOf));
      return all.every((one) => placed(one) === 1) ? true : undefined;
    });
  });

  async function scale(name: string, replicas: number): Promise<void> {
    await client().patch(DEPLOYMENTS, name, 'merge', { spec: { replicas } }, inDefault);
  }
});

describe('workload affinity', () => {
  const one = {
    spreadConstraints: [{ spreadByField: 'cluster', minGroups: 1, maxGroups: 1 }],
    replicaScheduling: null,
  };

  test('workloads of one group keep apart, and the one too many is told why', async () => {
    const placement = { ...one, workloadAffinity: { antiAffinity: { groupByLabelKey: 'tier' } } };
    const labels = { tier: 'db' };
    await Promise.all(['apart-1', 'apart-2'].map((name) => distribute(name, { labels, placement })));
    const [a, b] = [await scheduled('apart-1'), await scheduled('apart-2')];
    expect([a.spec.clusters?.[0]?.name, b.spec.clusters?.[0]?.name].sort()).toEqual(['north', 'south']);
    await distribute('apart-3', { labels, placement });
    const left = await scheduled('apart-3', 'NoClusterFit');
    expect(left.status?.conditions?.find(({ type }) => type === 'Scheduled')?.message).toBe(
      '0/2 clusters are available: 2 cluster already has workload with the same anti-affinity group.',
    );
  });

  test('workloads of one group go where the first of them is', async () => {
    const placement = { ...one, workloadAffinity: { affinity: { groupByLabelKey: 'app-of' } } };
    const labels = { 'app-of': 'shop' };
    await distribute('with-1', { labels, placement: { ...placement, clusterAffinity: { clusterNames: ['south'] } } });
    await scheduled('with-1');
    await distribute('with-2', { labels, placement });
    expect((await scheduled('with-2')).spec.clusters).toMatchObject([{ name: 'south' }]);
  });
});

test('the value of the PriorityClass goes along with the binding; a class that is missing is waited for', async () => {
  const policy = { schedulePriority: { priorityClassSource: 'KubePriorityClass', priorityClassName: 'urgent' } };
  await distribute('first', { policy });
  await client().create(PRIORITY_CLASSES, {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name: 'urgent' },
    value: 4711,
  } as KubeObject);
  expect((await scheduled('first')).spec.schedulePriority).toEqual({ priority: 4711 });
});

test('remedies are written into the status of the clusters they mean', async () => {
  await client().create(REMEDIES, {
    apiVersion: 'remedy.karmada.io/v1alpha1',
    kind: 'Remedy',
    metadata: { name: 'cut' },
    spec: { clusterAffinity: { clusterNames: ['north'] }, actions: ['TrafficControl'] },
  });
  const actions = async (name: string) => (await client().get(CLUSTERS, name)).status?.remedyActions ?? [];
  await until('north has it', async () => ((await actions('north')).length > 0 ? true : undefined));
  expect([await actions('north'), await actions('south')]).toEqual([['TrafficControl'], []]);
  await client().delete(REMEDIES, 'cut');
  await until('it is taken back', async () => ((await actions('north')).length === 0 ? true : undefined));
});
