import { describe, expect, test } from 'vitest';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { KEYS } from '../api.ts';
import { defaultCluster, defaultPolicy, defaultWork } from './defaults.ts';
import { validateCluster, validatePolicy } from './validate.ts';
import {
  validateAutoscaler,
  validateCronAutoscaler,
  validateMultiClusterService,
  validateQuota,
} from './validate-more.ts';
import { validateOverridePolicy } from './validate-override.ts';

const policy = (spec: object, metadata: object = {}): KubeObject => ({
  apiVersion: 'policy.karmada.io/v1alpha1',
  kind: 'PropagationPolicy',
  metadata: { name: 'p', namespace: 'shop', ...metadata },
  spec: { resourceSelectors: [{ apiVersion: 'apps/v1', kind: 'Deployment' }], ...spec },
});
function problems(spec: object): string[] {
  const object = policy(spec);
  defaultPolicy(object, true);
  return validatePolicy(object, null).map(({ field }) => field);
}

describe('admission of policies', () => {
  test('fills in what Karmada fills in, once', () => {
    const object = policy({ placement: { spreadConstraints: [{ maxGroups: 2 }], replicaScheduling: {} } });
    defaultPolicy(object, true);
    const id = object.metadata.labels?.[KEYS.ppId];
    expect(object.metadata.finalizers).toEqual(['karmada.io/propagation-policy-controller']);
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(object.spec).toMatchObject({
      priority: 0,
      preemption: 'Never',
      conflictResolution: 'Abort',
      schedulerName: 'default-scheduler',
      resourceSelectors: [{ namespace: 'shop' }],
      placement: {
        spreadConstraints: [{ spreadByField: 'cluster', minGroups: 1, maxGroups: 2 }],
        replicaScheduling: { replicaSchedulingType: 'Divided', replicaDivisionPreference: 'Weighted' },
      },
    });
    const again = structuredClone(object);
    defaultPolicy(again, true);
    expect(again).toEqual(object);
  });

  test.each([
    [{ resourceSelectors: [] }, 'spec.resourceSelectors'],
    [
      { resourceSelectors: [{ apiVersion: 'v1', kind: 'Secret', namespace: 'other' }] },
      'spec.resourceSelectors[0].namespace',
    ],
    [{ preemption: 'Always' }, 'spec.resourceSelectors[0].name'],
    [{ failover: { application: {} } }, 'spec.propagateDeps'],
    [{ placement: { clusterAffinity: {}, clusterAffinities: [{ affinityName: 'a' }] } }, 'spec.placement'],
    [{ placement: { spreadConstraints: [{ spreadByField: 'region' }] } }, 'spec.placement.spreadConstraints'],
    [
      { placement: { spreadConstraints: [{ minGroups: 3, maxGroups: 2 }] } },
      'spec.placement.spreadConstraints[0].maxGroups',
    ],
    [
      {
        placement: {
          replicaScheduling: { weightPreference: { staticWeightList: [{ targetCluster: {}, weight: 0 }] } },
        },
      },
      'spec.placement.replicaScheduling.weightPreference.staticWeightList[0].weight',
    ],
    [
      { placement: { clusterTolerations: [{ operator: 'Lt', key: 'a' }] } },
      'spec.placement.clusterTolerations[0].operator',
    ],
    [
      { placement: { clusterAffinities: [{ affinityName: 'not a name' }] } },
      'spec.placement.clusterAffinities[0].affinityName',
    ],
    [
      { placement: { workloadAffinity: { affinity: { groupByLabelKey: '-' } } } },
      'spec.placement.workloadAffinity.affinity.groupByLabelKey',
    ],
    [
      { propagateDeps: true, failover: { application: { purgeMode: 'Directly', gracePeriodSeconds: 5 } } },
      'spec.failover.application.gracePeriodSeconds',
    ],
    [
      { propagateDeps: true, failover: { application: { gracePeriodSeconds: 0 } } },
      'spec.failover.application.gracePeriodSeconds',
    ],
    [
      { propagateDeps: true, failover: { application: { decisionConditions: { tolerationSeconds: -1 } } } },
      'spec.failover.application.decisionConditions.tolerationSeconds',
    ],
    [
      { failover: { cluster: { statePreservation: { rules: [{ aliasLabelName: '/', jsonPath: '{.a}' }] } } } },
      'spec.failover.cluster.statePreservation.rules[0].aliasLabelName',
    ],
    [{ suspension: { dispatching: true, dispatchingOnClusters: { clusterNames: ['a'] } } }, 'spec.suspension'],
  ])('refuses case %#', (spec, field) => {
    expect(problems(spec)).toContain(field);
  });

  test('the scheduler and the permanent id cannot be changed', () => {
    const old = policy({ schedulerName: 'a' }, { labels: { [KEYS.ppId]: '1' } });
    const next = policy({ schedulerName: 'b' }, { labels: { [KEYS.ppId]: '2' } });
    defaultPolicy(next, false);
    expect(validatePolicy(next, old).map(({ field }) => field)).toEqual([
      'spec.schedulerName',
      `metadata.labels[${KEYS.ppId}]`,
    ]);
  });
});

test('clusters to turn to when there is no room', () => {
  const overflowing = (term: object, division = 'Aggregated'): string[] =>
    problems({
      placement: {
        clusterAffinities: [{ affinityName: 'own', ...term }],
        replicaScheduling: { replicaSchedulingType: 'Divided', replicaDivisionPreference: division },
      },
    });
  const field = 'spec.placement.clusterAffinities[0].overflowAffinities';
  const cloud = { affinityName: 'cloud', clusterNames: ['c'] };
  expect(overflowing({ clusterNames: ['a'], overflowAffinities: [cloud] })).toEqual([]);
  expect(overflowing({ clusterNames: ['a'], overflowAffinities: [cloud] }, 'Weighted')).toEqual([field]);
  expect(overflowing({ overflowAffinities: [cloud] })).toEqual([field]);
  expect(overflowing({ clusterNames: ['a'], overflowAffinities: [cloud, { ...cloud, affinityName: 'own' }] })).toEqual([
    `${field}[1].affinityName`,
  ]);
});

test('a suspension that names no cluster is none', () => {
  expect(problems({ suspension: { dispatching: true, dispatchingOnClusters: {} } })).toEqual([]);
});

test('override policies: bad pointers and double forms are refused', () => {
  const override: KubeObject = {
    apiVersion: 'policy.karmada.io/v1alpha1',
    kind: 'OverridePolicy',
    metadata: { name: 'o', namespace: 'shop' },
    spec: {
      targetCluster: {},
      overrideRules: [
        { overriders: { fieldOverrider: [{ fieldPath: 'x', json: [{ subPath: '/a', operator: 'add' }] }] } },
      ],
    },
  };
  expect(validateOverridePolicy(override).map(({ field }) => field)).toEqual([
    'spec.overrideRules',
    'spec.overrideRules[0].overriders.fieldOverrider[0].fieldPath',
    'spec.overrideRules[0].overriders.fieldOverrider[0].json[0].value',
  ]);
});

test('override policies: only their own namespace, valid labels, something to do', () => {
  const override = (kind: string, spec: object): string[] =>
    validateOverridePolicy({
      apiVersion: 'policy.karmada.io/v1alpha1',
      kind,
      metadata: kind === 'OverridePolicy' ? { name: 'o', namespace: 'shop' } : { name: 'o' },
      spec,
    }).map(({ field }) => field);
  const elsewhere = { resourceSelectors: [{ apiVersion: 'v1', kind: 'Secret', namespace: 'other' }] };
  expect(override('OverridePolicy', elsewhere)).toEqual(['spec.resourceSelectors[0].namespace']);
  expect(override('ClusterOverridePolicy', elsewhere)).toEqual([]);
  const overriders = {
    labelsOverrider: [{ operator: 'add', value: { app: 'not a value' } }],
    annotationsOverrider: [{ operator: 'add', value: { '': 'x' } }],
    fieldOverrider: [{ fieldPath: '/data/a' }],
  };
  expect(new Set(override('OverridePolicy', { overrideRules: [{ overriders }] }))).toEqual(
    new Set([
      'spec.overrideRules[0].overriders.annotationsOverrider[0].value',
      'spec.overrideRules[0].overriders.labelsOverrider[0].value',
      'spec.overrideRules[0].overriders.fieldOverrider[0]',
    ]),
  );
});

test('a cluster needs a short DNS label and unique taints', () => {
  const cluster = (name: string, taints: object[] = []): KubeObject => ({
    apiVersion: 'cluster.karmada.io/v1alpha1',
    kind: 'Cluster',
    metadata: { name },
    spec: { taints },
  });
  expect(validateCluster(cluster('a'.repeat(49)))).toHaveLength(1);
  expect(
    validateCluster(
      cluster('a', [
        { key: 'k', effect: 'NoSchedule' },
        { key: 'k', effect: 'NoSchedule' },
      ]),
    ),
  ).toHaveLength(1);
  expect(validateCluster(cluster('member-1'))).toEqual([]);
  expect(validateCluster(cluster('member-1', [{ key: 'a b', effect: 'NoSchedule' }]))).toHaveLength(1);
});

test('a Work carries its id into every manifest', () => {
  const work: KubeObject = {
    apiVersion: 'work.karmada.io/v1alpha1',
    kind: 'Work',
    metadata: { name: 'w' },
    spec: { workload: { manifests: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } }] } },
  };
  defaultWork(work, true);
  expect(work.spec.workload.manifests[0].metadata.labels[KEYS.workId]).toBe(work.metadata.labels?.[KEYS.workId]);
});

test('addresses and zones of a cluster', () => {
  const fields = (spec: object): string[] =>
    validateCluster({
      apiVersion: 'cluster.karmada.io/v1alpha1',
      kind: 'Cluster',
      metadata: { name: 'a' },
      spec: { syncMode: 'Push', ...spec },
    }).map(({ field }) => field);
  expect(fields({ apiEndpoint: 'https://10.0.0.1:6443', proxyURL: 'socks5://127.0.0.1:1080' })).toEqual([]);
  expect(fields({ apiEndpoint: 'https://me:secret@10.0.0.1' })).toEqual(['spec.apiEndpoint']);
  expect(fields({ proxyURL: 'ftp://10.0.0.1' })).toEqual(['spec.proxyURL']);
  expect(fields({ zone: 'a', zones: ['b'] })).toEqual(['spec.zone']);
});

test('resource models are put in order, with the first and last grade open', () => {
  const range = (min: string, max: string) => ({ name: 'cpu', min, max });
  const cluster: KubeObject = {
    apiVersion: 'cluster.karmada.io/v1alpha1',
    kind: 'Cluster',
    metadata: { name: 'a' },
    spec: {
      resourceModels: [
        { grade: 1, ranges: [range('2', '4')] },
        { grade: 0, ranges: [range('1', '2')] },
      ],
    },
  };
  expect(validateCluster(structuredClone(cluster))).not.toEqual([]);
  defaultCluster(cluster, '2026-01-01T00:00:00Z');
  expect(validateCluster(cluster)).toEqual([]);
  expect(cluster.spec.resourceModels[0]).toEqual({ grade: 0, ranges: [range('0', '2')] });
});

const kind = (spec: object, name = 'a'): KubeObject => ({ apiVersion: 'v1', kind: 'X', metadata: { name }, spec });
const fieldsOf = (errors: { field: string }[]): string[] => errors.map(({ field }) => field);

test('quotas name resources that a quota knows, and clusters by names that clusters can have', () => {
  const quota = (overall: object, hard: object = {}, clusterName = 'm') =>
    fieldsOf(validateQuota(kind({ overall, staticAssignments: [{ clusterName, hard }] })));
  expect(quota({ cpu: '4', 'requests.memory': '1Gi', 'example.com/gpu': 1 }, { cpu: '4' })).toEqual([]);
  expect(quota({ rubbish: '1' })).toContain('spec.overall[rubbish]');
  expect(quota({ cpu: '4' }, { cpu: '5' })).toEqual(['spec.overall[cpu]']);
  expect(quota({ cpu: '4' }, {}, 'Not_A_Name')).toEqual(['spec.staticAssignments[0].clusterName']);
});

test('autoscalers', () => {
  const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
  const scaler = (spec: object) =>
    fieldsOf(validateAutoscaler(kind({ scaleTargetRef: target, maxReplicas: 3, ...spec })));
  expect(scaler({})).toEqual([]);
  expect(scaler({ minReplicas: 4 })).toEqual(['spec.maxReplicas']);
  expect(scaler({ behavior: { scaleUp: { policies: [] } } })).toEqual(['spec.behavior.scaleUp.policies']);
  const external = { metric: { name: 'q' }, target: { type: 'Value', value: '1' } };
  expect(scaler({ metrics: [{ type: 'External', external }] })).toContain('spec.metrics[0].type');
  const cron = (rule: object, to: object = target) =>
    fieldsOf(
      validateCronAutoscaler(
        kind({ scaleTargetRef: to, rules: [{ name: 'r', schedule: '0 8 * * 1-5', targetReplicas: 2, ...rule }] }),
      ),
    );
  expect(cron({})).toEqual([]);
  expect(cron({ schedule: '61 * * * *' })).toEqual(['spec.rules[0].schedule']);
  expect(cron({ timeZone: 'Mars/Base' })).toEqual(['spec.rules[0].timeZone']);
  const federated = { apiVersion: 'autoscaling.karmada.io/v1alpha1', kind: 'FederatedHPA', name: 'web' };
  expect(cron({}, federated)).toEqual(['spec.rules[0].targetMaxReplicas']);
  expect(cron({ targetMinReplicas: 2 }, federated)).toEqual([]);
  expect(cron({}, { ...federated, kind: 'CronFederatedHPA' })).toEqual(['spec.scaleTargetRef.kind']);
});

test('services over several clusters', () => {
  const service = (spec: object, name = 'web', old: KubeObject | null = null) =>
    fieldsOf(validateMultiClusterService(kind(spec, name), old));
  expect(service({ types: ['CrossCluster'], ports: [{ name: 'http', port: 80 }] })).toEqual([]);
  expect(service({})).toEqual([]);
  expect(service({ types: ['CrossCluster', 'LoadBalancer'] })).toEqual(['spec.types']);
  expect(service({ ports: [{ port: 0 }, { name: 'a', port: 1 }, { name: 'a', port: 2 }] })).toEqual([
    'spec.ports[0].port',
    'spec.ports[2].name',
  ]);
  expect(service({ consumerClusters: [{ name: 'UPPER' }] })).toEqual(['spec.consumerClusters[0].name']);
  expect(service({}, '1web')).toEqual(['metadata.name']);
  expect(service({ types: ['LoadBalancer'] }, 'web', kind({ types: ['CrossCluster'] }))).toEqual(['spec.types']);
});
