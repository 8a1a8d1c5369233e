import { describe, expect, test } from 'vitest';
import type { SupposedChange } from '#shared/contract/federation-what-if.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import type { Binding, ClusterObject, Placement, PropagationPolicy, TargetCluster } from '../api.ts';
import { claimedBinding } from '../controllers/binding-build.ts';
import { claimOf, setClaim } from '../controllers/claim.ts';
import { DEFAULT_FAILOVER } from '../failover/settings.ts';
import { builtIn } from '../interpreter/index.ts';
import { whatIf } from './whatif.ts';
import type { Snapshot } from './world.ts';

const TOLERATIONS = ['not-ready', 'unreachable'].map((key) => ({
  key: `cluster.karmada.io/${key}`,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: 300,
}));

function cluster(name: string, cpu = 10, used = 0): ClusterObject {
  return {
    apiVersion: 'cluster.karmada.io/v1alpha1',
    kind: 'Cluster',
    metadata: { name, labels: { tier: name } },
    spec: { region: `region-${name}` },
    status: {
      conditions: [{ type: 'Ready', status: 'True' }],
      apiEnablements: [
        { groupVersion: 'apps/v1', resources: [{ name: 'deployments', kind: 'Deployment' }] },
        { groupVersion: 'v1', resources: [{ name: 'configmaps', kind: 'ConfigMap' }] },
      ],
      resourceSummary: {
        allocatable: { cpu: String(cpu), memory: '64Gi', pods: '110' },
        allocated: { cpu: String(used), pods: '0' },
      },
    },
  };
}

function policy(name: string, placement: Placement, more: Partial<PropagationPolicy['spec']> = {}): PropagationPolicy {
  return {
    apiVersion: 'policy.karmada.io/v1alpha1',
    kind: 'PropagationPolicy',
    metadata: {
      name,
      namespace: 'default',
      uid: `uid-${name}`,
      labels: { 'propagationpolicy.karmada.io/permanent-id': `id-${name}` },
    },
    spec: {
      resourceSelectors: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }],
      schedulerName: 'default-scheduler',
      placement: { clusterTolerations: TOLERATIONS, ...placement },
      ...more,
    },
  };
}

function deployment(name: string, replicas: number, cpu = '1'): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default', uid: `uid-${name}`, generation: 1, resourceVersion: '1' },
    spec: {
      replicas,
      template: { spec: { containers: [{ name: 'web', resources: { requests: { cpu } } }] } },
    },
  };
}

/** What the policy distributes already, where it is. */
function distributed(template: KubeObject, by: PropagationPolicy, clusters: TargetCluster[]): Binding {
  setClaim(template, claimOf(by));
  const binding = claimedBinding(template, by, null, true);
  binding.spec.clusters = clusters;
  binding.metadata.annotations = {
    ...binding.metadata.annotations,
    'policy.karmada.io/applied-placement': JSON.stringify(binding.spec.placement),
  };
  binding.status = { lastScheduledTime: '2026-01-01T00:00:00Z', conditions: [{ type: 'Scheduled', status: 'True' }] };
  return binding;
}

function snapshot(parts: {
  clusters?: ClusterObject[];
  policies: PropagationPolicy[];
  templates: KubeObject[];
  bindings: Binding[];
  quotas?: Snapshot['quotas'];
}): Snapshot {
  const bindings = new Map(
    parts.bindings.map((one) => [
      one.metadata.namespace ? `${one.metadata.namespace}/${one.metadata.name}` : (one.metadata.name ?? ''),
      one,
    ]),
  );
  return {
    clusters: parts.clusters ?? [cluster('north'), cluster('south')],
    policies: parts.policies,
    templates: parts.templates,
    binding: (key) => bindings.get(key),
    failover: DEFAULT_FAILOVER,
    foreign: false,
    quotas: parts.quotas ?? [],
    interpreter: builtIn,
  };
}

const weights = (north: number, south: number): Placement => ({
  replicaScheduling: {
    replicaSchedulingType: 'Divided',
    replicaDivisionPreference: 'Weighted',
    weightPreference: {
      staticWeightList: [
        { targetCluster: { clusterNames: ['north'] }, weight: north },
        { targetCluster: { clusterNames: ['south'] }, weight: south },
      ],
    },
  },
});
const byRoom: Placement = {
  replicaScheduling: {
    replicaSchedulingType: 'Divided',
    replicaDivisionPreference: 'Weighted',
    weightPreference: { dynamicWeight: 'AvailableReplicas' },
  },
};

function oneWorkload(placement = weights(1, 1), more: Partial<PropagationPolicy['spec']> = {}): Snapshot {
  const by = policy('web', placement, more);
  const template = deployment('web', 4);
  const binding = distributed(template, by, [
    { name: 'north', replicas: 2 },
    { name: 'south', replicas: 2 },
  ]);
  return snapshot({ policies: [by], templates: [template], bindings: [binding] });
}
const ask = (given: Snapshot, ...changes: SupposedChange[]) => whatIf(given, changes);
const placement = (given: Snapshot, ...changes: SupposedChange[]) =>
  Object.fromEntries((ask(given, ...changes).workloads[0]?.after ?? []).map(({ name, replicas }) => [name, replicas]));

describe('a policy', () => {
  test('with other weights moves replicas, and says how many', () => {
    const result = ask(oneWorkload(), { kind: 'policy', object: policy('web', weights(1, 3)) });
    expect(result.workloads[0]?.clusters).toEqual([
      { cluster: 'north', from: 2, to: 1, what: 'shrinks' },
      { cluster: 'south', from: 2, to: 3, what: 'grows' },
    ]);
    expect(result.totals).toEqual({ created: 0, deleted: 0, released: 0, moved: 1, unplaced: 0 });
  });

  test('that stays as it is changes nothing', () => {
    const result = ask(oneWorkload(), { kind: 'policy', object: policy('web', weights(1, 1)) });
    expect(result).toMatchObject({ considered: 1, workloads: [] });
  });

  test('that no cluster satisfies leaves everything where it is and says so', () => {
    const narrowed = policy('web', { ...weights(1, 1), clusterAffinity: { clusterNames: ['typo'] } });
    const [effect] = ask(oneWorkload(), { kind: 'policy', object: narrowed }).workloads;
    expect(effect?.error?.reason).toBe('NoClusterFit');
    expect(effect?.after).toEqual(effect?.before);
  });

  test('that is new takes what nobody claims', () => {
    const given = snapshot({ policies: [], templates: [deployment('web', 4)], bindings: [] });
    const [effect] = ask(given, { kind: 'policy', object: policy('web', weights(1, 1)) }).workloads;
    expect(effect).toMatchObject({ policyBefore: null, policyAfter: 'default/web' });
    expect(effect?.clusters.map(({ what }) => what)).toEqual(['created', 'created']);
  });

  test('that is lazy waits for a change of what is there', () => {
    const lazy = policy('web', weights(1, 3), { activationPreference: 'Lazy' });
    expect(ask(oneWorkload(), { kind: 'policy', object: lazy }).workloads).toEqual([]);
  });

  test('that is deleted removes nothing; another one takes over where it selects', () => {
    const given = oneWorkload();
    const gone: SupposedChange = { kind: 'deletePolicy', key: 'default/web' };
    const [alone] = ask(given, gone).workloads;
    expect(alone).toMatchObject({ policyBefore: 'default/web', policyAfter: null });
    expect(alone?.clusters.every(({ what }) => what === 'same')).toBe(true);
    const next = policy('next', weights(3, 1));
    const [taken] = ask({ ...given, policies: [...given.policies, next] }, gone).workloads;
    expect(taken).toMatchObject({ policyAfter: 'default/next' });
    expect(taken?.after).toEqual([
      { name: 'north', replicas: 3 },
      { name: 'south', replicas: 1 },
    ]);
  });
});

describe('a template', () => {
  test('that is deleted takes its copies with it', () => {
    const object = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'web' };
    const result = ask(oneWorkload(), { kind: 'deleteTemplate', object });
    expect(result.totals).toMatchObject({ deleted: 2, released: 0 });
  });

  test('whose copies are preserved leaves them behind', () => {
    const object = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'web' };
    const given = oneWorkload(weights(1, 1), { preserveResourcesOnDeletion: true });
    expect(ask(given, { kind: 'deleteTemplate', object }).totals).toMatchObject({ deleted: 0, released: 2 });
  });

  test('takes along what only follows it', () => {
    const given = oneWorkload();
    const config: KubeObject = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'settings', namespace: 'default', uid: 'uid-settings' },
    };
    const attached: Binding = {
      apiVersion: 'work.karmada.io/v1alpha2',
      kind: 'ResourceBinding',
      metadata: { name: 'settings-configmap', namespace: 'default' },
      spec: {
        resource: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'settings' },
        requiredBy: [
          { namespace: 'default', name: 'web-deployment', clusters: [{ name: 'north' }, { name: 'south' }] },
        ],
      },
    };
    const all: Snapshot = {
      ...given,
      templates: [...given.templates, config],
      binding: (key) => (key === 'default/settings-configmap' ? attached : given.binding(key)),
    };
    const object = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'web' };
    const result = ask(all, { kind: 'deleteTemplate', object });
    const followed = result.workloads.find((effect) => effect.object.kind === 'ConfigMap');
    expect(followed?.clusters.map(({ what }) => what)).toEqual(['deleted', 'deleted']);
  });

  test('with more replicas is divided anew', () => {
    expect(placement(oneWorkload(), { kind: 'template', object: deployment('web', 6) })).toEqual({
      north: 3,
      south: 3,
    });
  });
});

describe('a cluster', () => {
  test('that is lost is taken over by the others', () => {
    const result = ask(oneWorkload(), { kind: 'cluster', name: 'north', gone: 'lost' });
    expect(result.workloads[0]?.clusters).toEqual([
      { cluster: 'north', from: 2, to: null, what: 'lost' },
      { cluster: 'south', from: 2, to: 4, what: 'grows' },
    ]);
    expect(result.workloads[0]?.missing).toBe(0);
  });

  test('that is lost keeps what its policy wants to stay there', () => {
    const forever = TOLERATIONS.map(({ tolerationSeconds: _, ...rest }) => rest);
    const given = oneWorkload({ ...weights(1, 1), clusterTolerations: forever });
    const [effect] = ask(given, { kind: 'cluster', name: 'north', gone: 'lost' }).workloads;
    expect(effect).toMatchObject({ missing: 2 });
    expect(effect?.clusters[0]).toEqual({ cluster: 'north', from: 2, to: 2, what: 'lost' });
  });

  describe('where Karmada itself decides', () => {
    const elsewhere = (given: Snapshot): Snapshot => ({
      ...given,
      foreign: true,
      failover: { ...DEFAULT_FAILOVER, enabled: false },
    });

    test('is taken over when it is lost, and said to be supposed', () => {
      const result = ask(elsewhere(oneWorkload()), { kind: 'cluster', name: 'north', gone: 'lost' });
      expect(result.takeOverAssumed).toBe(true);
      expect(result.workloads[0]?.clusters.map(({ to }) => to)).toEqual([null, 4]);
      expect(ask(elsewhere(oneWorkload()), { kind: 'rebalance' }).takeOverAssumed).toBe(false);
      expect(ask(oneWorkload(), { kind: 'cluster', name: 'north', gone: 'lost' }).takeOverAssumed).toBe(false);
    });

    test('loses its copies when it leaves, unless they are to be preserved', () => {
      const left = (more: Partial<PropagationPolicy['spec']>) =>
        ask(elsewhere(oneWorkload(weights(1, 1), more)), { kind: 'cluster', name: 'north', gone: 'left' }).workloads[0];
      expect(left({})).toMatchObject({ clusters: [{ cluster: 'north', what: 'deleted' }, {}], missing: 0 });
      expect(left({ preserveResourcesOnDeletion: true })?.clusters[0]?.what).toBe('released');
    });

    test('keeps nothing of what fits nowhere', () => {
      const nowhere: SupposedChange = {
        kind: 'policy',
        object: policy('web', { clusterAffinity: { clusterNames: ['nobody'] } }),
      };
      const [there] = ask(elsewhere(oneWorkload()), nowhere).workloads;
      expect(there?.clusters.map(({ what }) => what)).toEqual(['deleted', 'deleted']);
      expect(there?.error?.reason).toBe('NoClusterFit');
      expect(ask(oneWorkload(), nowhere).workloads[0]?.clusters.map(({ what }) => what)).toEqual(['same', 'same']);
    });
  });

  test('that leaves keeps its copies, unmanaged, and the others take the replicas', () => {
    const result = ask(oneWorkload(), { kind: 'cluster', name: 'north', gone: 'left' });
    expect(result.workloads[0]?.clusters).toEqual([
      { cluster: 'north', from: 2, to: null, what: 'released' },
      { cluster: 'south', from: 2, to: 4, what: 'grows' },
    ]);
    expect(result.workloads[0]?.missing).toBe(0);
    expect(result.clusters.map(({ name, state }) => [name, state])).toEqual([
      ['north', 'left'],
      ['south', 'same'],
    ]);
  });

  test('with other labels is no longer meant', () => {
    const selecting = { ...weights(1, 1), clusterAffinity: { labelSelector: { matchLabels: { keep: 'yes' } } } };
    const by = policy('web', selecting);
    const template = deployment('web', 2);
    const south = cluster('south');
    south.metadata.labels = { keep: 'yes' };
    const given = snapshot({
      clusters: [cluster('north'), south],
      policies: [by],
      templates: [template],
      bindings: [distributed(template, by, [{ name: 'south', replicas: 2 }])],
    });
    // A change of labels alone moves nothing that is counted right; a new decision would.
    expect(ask(given, { kind: 'cluster', name: 'north', labels: { keep: 'yes' } }).workloads).toEqual([]);
    expect(
      placement(
        given,
        { kind: 'cluster', name: 'north', labels: { keep: 'yes' } },
        { kind: 'template', object: deployment('web', 4) },
      ),
    ).toEqual({ north: 2, south: 2 });
  });

  test('what one workload takes the next does not find', () => {
    const names = ['a', 'b', 'c'];
    const parts = names.map((name) => {
      const by = policy(name, byRoom, {
        resourceSelectors: [{ apiVersion: 'apps/v1', kind: 'Deployment', name }],
      });
      const template = deployment(name, 4);
      return { by, template, binding: distributed(template, by, [{ name: 'north', replicas: 4 }]) };
    });
    const given = snapshot({
      clusters: [cluster('north', 12, 12), cluster('south', 10)],
      policies: parts.map(({ by }) => by),
      templates: parts.map(({ template }) => template),
      bindings: parts.map(({ binding }) => binding),
    });
    const result = ask(given, { kind: 'cluster', name: 'north', gone: 'lost' });
    expect(result.workloads.map(({ object, missing }) => [object.name, missing])).toEqual([
      ['a', 0],
      ['b', 0],
      ['c', 4],
    ]);
    expect(result.totals.unplaced).toBe(1);
    const south = result.clusters.find(({ name }) => name === 'south');
    expect(south).toMatchObject({ replicasBefore: 0, replicasAfter: 8, suffices: true });
    expect(south?.after.cpu).toBe(8);
  });

  test('static weights can ask for more than there is, and it shows', () => {
    const result = ask(oneWorkload(), { kind: 'template', object: deployment('web', 30) });
    expect(result.clusters.map(({ suffices }) => suffices)).toEqual([false, false]);
  });

  test('with less room loses nothing by itself', () => {
    const result = ask(oneWorkload(byRoom), { kind: 'cluster', name: 'north', capacityPercent: 10 });
    expect(result.workloads).toEqual([]);
    expect(result.clusters[0]?.allocatable.cpu).toBe(1);
  });

  test('that joins is used when everything is divided anew', () => {
    const join: SupposedChange = { kind: 'addCluster', name: 'west', like: 'north', labels: {} };
    expect(placement(oneWorkload(byRoom), join, { kind: 'rebalance' })).toMatchObject({ west: expect.any(Number) });
    expect(ask(oneWorkload(byRoom), join).workloads).toEqual([]);
  });
});

test('a question changes nothing of what it was asked about', () => {
  const given = oneWorkload();
  const before = JSON.stringify([[...given.clusters], [...given.templates], given.binding('default/web-deployment')]);
  ask(
    given,
    { kind: 'cluster', name: 'north', gone: 'lost' },
    { kind: 'policy', object: policy('web', weights(5, 1)) },
    { kind: 'rebalance' },
  );
  expect(JSON.stringify([[...given.clusters], [...given.templates], given.binding('default/web-deployment')])).toBe(
    before,
  );
});

test('a change of what is not there is refused', () => {
  expect(() => ask(oneWorkload(), { kind: 'cluster', name: 'nobody', gone: 'lost' })).toThrow('no cluster nobody');
  expect(() => ask(oneWorkload(), { kind: 'deletePolicy', key: 'default/nobody' })).toThrow('no policy default/nobody');
  const object = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'nobody' };
  expect(() => ask(oneWorkload(), { kind: 'deleteTemplate', object })).toThrow('no Deployment nobody');
});

test('when every member leaves, everything runs on and nothing is missing', () => {
  const changes = ['north', 'south'].map((name): SupposedChange => ({ kind: 'cluster', name, gone: 'left' }));
  const result = ask(oneWorkload(), ...changes);
  expect(result.totals).toEqual({ created: 0, deleted: 0, released: 2, moved: 0, unplaced: 0 });
});

test('what has no place already is no effect of what is supposed', () => {
  const given = oneWorkload({ ...weights(1, 1), clusterAffinity: { clusterNames: ['typo'] } });
  const stuck = given.binding('default/web-deployment') as Binding;
  stuck.spec.clusters = [];
  stuck.status = { conditions: [{ type: 'Scheduled', status: 'False', reason: 'NoClusterFit' }] };
  expect(ask(given, { kind: 'cluster', name: 'north', gone: 'lost' }).workloads).toEqual([]);
});

describe('limits and order', () => {
  const quota = (cpu: string): Snapshot['quotas'][number] => ({
    apiVersion: 'policy.karmada.io/v1alpha1',
    kind: 'FederatedResourceQuota',
    metadata: { name: 'limit', namespace: 'default' },
    spec: { overall: { cpu } },
  });
  const scaled = (cpu: string) => {
    const by = policy('web', weights(1, 1));
    const places = ['north', 'south'].map((name) => ({ name, replicas: 2 }));
    const binding = distributed(deployment('web', 4), by, places);
    const template = deployment('web', 4);
    setClaim(template, claimOf(by));
    const given = snapshot({ policies: [by], templates: [template], bindings: [binding], quotas: [quota(cpu)] });
    return ask(given, { kind: 'template', object: deployment('web', 8) }).workloads[0];
  };

  test('what a quota refuses stays where it is, with its words', () => {
    const effect = scaled('6');
    expect(effect?.error).toEqual({
      reason: 'QuotaExceeded',
      message: 'FederatedResourceQuota(default/limit) exceeded for resource cpu: requested sum 8, limit 6',
    });
    expect(effect?.after.map(({ replicas }) => replicas)).toEqual([2, 2]);
  });

  test('what a quota has room for is placed', () => {
    expect(scaled('8')).toMatchObject({ error: null, after: [{ replicas: 4 }, { replicas: 4 }] });
  });

  test('workloads of one group keep apart, and the one too many is told why', () => {
    const by = policy(
      'web',
      {
        workloadAffinity: { antiAffinity: { groupByLabelKey: 'tier' } },
        spreadConstraints: [{ spreadByField: 'cluster', minGroups: 1, maxGroups: 1 }],
      },
      { resourceSelectors: [{ apiVersion: 'apps/v1', kind: 'Deployment' }] },
    );
    const templates = ['a', 'b', 'c'].map((name) => {
      const template = deployment(name, 1);
      template.metadata.labels = { tier: 'front' };
      return template;
    });
    const result = ask(snapshot({ policies: [], templates, bindings: [] }), { kind: 'policy', object: by });
    const places = result.workloads.map(({ after }) => after.map(({ name }) => name).join());
    expect(places.slice(0, 2).sort()).toEqual(['north', 'south']);
    expect(result.workloads[2]).toMatchObject({ after: [], error: { reason: expect.any(String) } });
  });
});
