/** Policies and members of a federation as the console lists them, live from the caches. */
import type {
  FederationPoliciesService,
  MemberDetail,
  PolicyKind,
  PolicyRow,
} from '#shared/contract/federation-policies.ts';
import { AppError } from '#shared/errors.ts';
import { type KubeObject, objectKey } from '#shared/kubernetes/types.ts';
import {
  CLUSTERS,
  type ClusterObject,
  type OverridePolicy,
  type PropagationPolicy,
  type ResourceSelector,
  type Work,
} from '../api.ts';
import { policyIdOf } from '../controllers/cache.ts';
import type { ControlPlane } from '../controllers/control-plane.ts';
import { mutate } from '../controllers/write.ts';
import { clusterMatches } from '../matching/clusters.ts';
import { executionNamespace } from '../naming.ts';
import { overridesObject } from '../override/policies.ts';
import { milliValue } from '../quantity.ts';
import { overrideWarnings, placementWarnings } from '../warnings.ts';
import { previewOverride } from './override-preview.ts';
import type { FederationAccess, Running } from './running.ts';
import { createChangeSignal } from './signal.ts';
import { isOccupiedNamespace } from './workloads.ts';

const CORDON = { key: 'cluster.karmada.io/unschedulable', effect: 'NoSchedule' } as const;

export function createFederationPolicies({ running }: FederationAccess): FederationPoliciesService {
  return {
    watch: ({ id }, signal) => watchPolicies(running(id), signal),
    previewOverride: async ({ id, change }) => previewOverride(running(id), change),
    members: ({ id }, signal) => watchMembers(running(id), signal),
    async cordon({ id, cluster, on }) {
      const { client } = running(id);
      const changed = await mutate<ClusterObject>(client, CLUSTERS, { name: cluster }, (live) => {
        const others = (live.spec.taints ?? []).filter(({ key }) => key !== CORDON.key);
        live.spec.taints = on ? [...others, { ...CORDON }] : others;
      });
      if (changed === null) throw new AppError('NOT_FOUND', `no member ${cluster}`, { params: { name: cluster } });
    },
  };
}

async function* watchPolicies({ plane }: Running, signal: AbortSignal | undefined): AsyncIterable<PolicyRow[]> {
  const changes = createChangeSignal();
  const handler = { onAdd: changes.changed, onUpdate: changes.changed, onDelete: changes.changed };
  const { policies, clusterPolicies, overrides, clusterOverrides, bindings, clusterBindings, clusters } = plane.cache;
  const ends = [policies, clusterPolicies, overrides, clusterOverrides, bindings, clusterBindings, clusters].map(
    (informer) => (informer as typeof policies).subscribe(handler),
  );
  try {
    yield* changes.watch(() => policyRows(plane), signal);
  } finally {
    for (const end of ends) end();
  }
}

export function policyRows(plane: ControlPlane): PolicyRow[] {
  const { policies, clusterPolicies, overrides, clusterOverrides } = plane.cache;
  const rows = [
    ...[...policies.items.values(), ...clusterPolicies.items.values()].map((policy) => propagationRow(policy, plane)),
    ...[...overrides.items.values(), ...clusterOverrides.items.values()].map((policy) => overrideRow(policy, plane)),
  ];
  return rows.sort((a, b) => (`${a.kind} ${a.namespace}/${a.name}` < `${b.kind} ${b.namespace}/${b.name}` ? -1 : 1));
}

function propagationRow(policy: PropagationPolicy, plane: ControlPlane): PolicyRow {
  const { spec } = policy;
  const placement = spec.placement ?? {};
  const clusters = membersOf(plane);
  const terms = placement.clusterAffinities ?? [];
  const matches = (cluster: ClusterObject): boolean =>
    terms.length > 0
      ? terms.some((term) => clusterMatches(cluster, term))
      : clusterMatches(cluster, placement.clusterAffinity);
  const id = policyIdOf(policy);
  return {
    ...commonOf(policy, spec.resourceSelectors),
    clusters: namesOf(clusters.filter(matches)),
    templates: id === undefined ? 0 : plane.cache.bindingsOfPolicy(id).length,
    priority: spec.priority ?? 0,
    strategy: strategyOf(spec.placement?.replicaScheduling),
    suspended:
      spec.suspension?.dispatching === true || Boolean(spec.suspension?.dispatchingOnClusters?.clusterNames?.length),
    preserves: spec.preserveResourcesOnDeletion === true,
    warnings: placementWarnings(policy, clusters, plane.failover.enabled),
  };
}

function overrideRow(policy: OverridePolicy, plane: ControlPlane): PolicyRow {
  const { spec } = policy;
  const clusters = membersOf(plane);
  const affinities = spec.overrideRules?.map(({ targetCluster }) => targetCluster) ?? [spec.targetCluster];
  let templates = 0;
  for (const [, binding] of plane.cache.allBindings()) {
    const { apiVersion, kind, namespace, name } = binding.spec.resource;
    if (policy.metadata.namespace !== undefined && policy.metadata.namespace !== namespace) continue;
    const template = plane.templates.get(apiVersion, kind, namespace, name);
    if (template !== undefined && overridesObject(policy, template)) templates += 1;
  }
  return {
    ...commonOf(policy, spec.resourceSelectors),
    clusters: namesOf(clusters.filter((cluster) => affinities.some((affinity) => clusterMatches(cluster, affinity)))),
    templates,
    priority: null,
    strategy: null,
    suspended: false,
    preserves: false,
    warnings: overrideWarnings(policy, clusters),
  };
}

function commonOf(policy: KubeObject, selectors: readonly ResourceSelector[] | undefined) {
  const { namespace = '', name = '', creationTimestamp, deletionTimestamp } = policy.metadata;
  return {
    kind: policy.kind as PolicyKind,
    namespace,
    name,
    createdAt: creationTimestamp ?? '',
    deleting: Boolean(deletionTimestamp),
    selectors: (selectors ?? []).map((selector) => ({
      kind: selector.kind,
      namespace: selector.namespace ?? '',
      name: selector.name ?? '',
      labelled: !selector.name && Boolean(selector.labelSelector),
    })),
  };
}

type Scheduling = NonNullable<PropagationPolicy['spec']['placement']>['replicaScheduling'];

/** As the scheduler reads it (facts of Karmada's assignment). */
function strategyOf(scheduling: Scheduling): NonNullable<PolicyRow['strategy']> {
  if (scheduling?.replicaSchedulingType !== 'Divided') return 'Duplicated';
  if (scheduling.replicaDivisionPreference === 'Aggregated') return 'Aggregated';
  return scheduling.weightPreference?.dynamicWeight ? 'DynamicWeight' : 'StaticWeight';
}

function membersOf({ cache }: ControlPlane): ClusterObject[] {
  return [...cache.clusters.items.values()].filter((cluster) => !cluster.metadata.deletionTimestamp);
}

function namesOf(clusters: readonly ClusterObject[]): string[] {
  return clusters.map((cluster) => cluster.metadata.name ?? '').sort();
}

async function* watchMembers({ plane }: Running, signal: AbortSignal | undefined): AsyncIterable<MemberDetail[]> {
  const changes = createChangeSignal();
  const handler = { onAdd: changes.changed, onUpdate: changes.changed, onDelete: changes.changed };
  const ends = [plane.cache.clusters.subscribe(handler), plane.cache.works.subscribe(handler)];
  try {
    yield* changes.watch(() => memberDetails(plane), signal);
  } finally {
    for (const end of ends) end();
  }
}

export function memberDetails(plane: ControlPlane): MemberDetail[] {
  const works = new Map<string, Work[]>();
  for (const work of plane.cache.works.items.values()) {
    const namespace = work.metadata.namespace ?? '';
    const list = works.get(namespace);
    if (list === undefined) works.set(namespace, [work]);
    else list.push(work);
  }
  return membersOf(plane)
    .sort((a, b) => (objectKey(a) < objectKey(b) ? -1 : 1))
    .map((cluster) => detailOf(cluster, works.get(executionNamespace(cluster.metadata.name ?? '')) ?? []));
}

function detailOf({ metadata, spec, status }: ClusterObject, works: readonly Work[]): MemberDetail {
  const summary = status?.resourceSummary;
  const [bound, waiting] = [figures(summary?.allocated), figures(summary?.allocating)];
  const isFailed = (work: Work): boolean =>
    (work.status?.conditions?.some(({ type, status: value }) => type === 'Applied' && value === 'False') ?? false) &&
    !isOccupiedNamespace(work);
  return {
    name: metadata.name ?? '',
    network: (spec as { proxyURL?: string }).proxyURL ? 'proxy' : 'direct',
    apiEndpoint: spec.apiEndpoint ?? '',
    provider: spec.provider ?? '',
    region: spec.region ?? '',
    zones: spec.zones ?? [],
    labels: metadata.labels ?? {},
    taints: (spec.taints ?? []).map(({ key, value = '', effect }) => ({ key, value, effect })),
    cordoned: (spec.taints ?? []).some(({ key }) => key === CORDON.key),
    nodes:
      status?.nodeSummary === undefined
        ? null
        : { ready: status.nodeSummary.readyNum ?? 0, total: status.nodeSummary.totalNum ?? 0 },
    allocatable: figures(summary?.allocatable),
    requested: {
      cpu: bound.cpu + waiting.cpu,
      memory: bound.memory + waiting.memory,
      pods: bound.pods + waiting.pods,
    },
    objects: works.length,
    failed: works.filter(isFailed).length,
  };
}

function figures(quantities: Record<string, string | number> | undefined): MemberDetail['allocatable'] {
  const value = (resource: string): number => milliValue(quantities?.[resource]) / 1000;
  return { cpu: value('cpu'), memory: value('memory'), pods: value('pods') };
}
