/** What is odd about a policy before it is used: it would be accepted, and not do what its author hopes. Pure. */
import type { AppErrorShape, ErrorCode } from '#shared/errors.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import type { ClusterAffinity, ClusterObject, OverridePolicy, Placement, PropagationPolicy } from '../api.ts';
import { clusterMatches } from '../matching/clusters.ts';
import { selectorsPriority } from '../matching/selectors.ts';
import { ignoresSpread } from '../scheduler/select.ts';

/** @param failover whether the control plane moves workloads away from what fails */
export function policyWarnings(
  template: KubeObject,
  policy: PropagationPolicy,
  override: OverridePolicy | null,
  clusters: readonly ClusterObject[],
  failover: boolean,
): AppErrorShape[] {
  const placement = policy.spec.placement ?? {};
  return [
    ...selects(template, policy),
    ...unknownClusters(placement, override, clusters),
    ...(hasZeroWeights(placement, clusters)
      ? [warning('POLICY_ZERO_WEIGHTS', 'no cluster has a weight above zero')]
      : []),
    ...withoutEffect(policy, failover),
  ];
}

function selects(template: KubeObject, policy: PropagationPolicy): AppErrorShape[] {
  if (policySelects(template, policy)) return [];
  const name = policy.metadata.name ?? '';
  return [
    warning('POLICY_SELECTS_NOTHING', `policy ${name} does not select ${template.kind} ${template.metadata.name}`, {
      name,
    }),
  ];
}

/** Selector and scope: a namespaced policy reaches only its own namespace. */
export function policySelects(template: KubeObject, policy: PropagationPolicy): boolean {
  const { namespace } = policy.metadata;
  if (namespace !== undefined && namespace !== template.metadata.namespace) return false;
  return selectorsPriority(template, policy.spec.resourceSelectors ?? []) > 0;
}

function unknownClusters(
  placement: Placement,
  override: OverridePolicy | null,
  clusters: readonly ClusterObject[],
): AppErrorShape[] {
  const known = new Set(clusters.map((cluster) => cluster.metadata.name));
  const affinities: (ClusterAffinity | null | undefined)[] = [
    placement.clusterAffinity,
    ...(placement.clusterAffinities ?? []),
    ...(placement.replicaScheduling?.weightPreference?.staticWeightList ?? []).map((rule) => rule.targetCluster),
    ...(override?.spec.overrideRules ?? []).map((rule) => rule.targetCluster),
  ];
  const named = new Set(affinities.flatMap((affinity) => affinity?.clusterNames ?? []));
  return [...named]
    .filter((name) => !known.has(name))
    .map((name) => warning('POLICY_UNKNOWN_CLUSTER', `${name} is not a member of this federation`, { name }));
}

/** Static weights of which none counts: upstream then treats all clusters alike, which nobody asked for. */
export function hasZeroWeights(placement: Placement, clusters: readonly ClusterObject[]): boolean {
  const rules = placement.replicaScheduling?.weightPreference?.staticWeightList ?? [];
  if (rules.length === 0) return false;
  if (rules.every((rule) => !(Number(rule.weight) > 0))) return true;
  const terms = placement.clusterAffinities ?? [];
  const eligible = clusters.filter((cluster) =>
    terms.length > 0
      ? terms.some((term) => clusterMatches(cluster, term))
      : clusterMatches(cluster, placement.clusterAffinity),
  );
  const counts = (cluster: ClusterObject): boolean =>
    rules.some((rule) => Number(rule.weight) > 0 && clusterMatches(cluster, rule.targetCluster));
  return eligible.length > 0 && !eligible.some(counts);
}

function withoutEffect({ spec }: PropagationPolicy, failover: boolean): AppErrorShape[] {
  const placement = spec.placement ?? {};
  const fields: [string, boolean][] = [
    ['placement.spreadConstraints', Boolean(placement.spreadConstraints?.length) && ignoresSpread(placement)],
    ['failover', !failover && spec.failover != null],
    ['association', (spec as { association?: unknown }).association !== undefined],
    ['schedulePriority', (spec as { schedulePriority?: unknown }).schedulePriority !== undefined],
    ['placement.workloadAffinity', (placement as { workloadAffinity?: unknown }).workloadAffinity !== undefined],
  ];
  return fields
    .filter(([, present]) => present)
    .map(([field]) => warning('UNSUPPORTED', `spec.${field} has no effect here`, { field: `spec.${field}` }));
}

function warning(code: ErrorCode, message: string, params?: Record<string, string | number>): AppErrorShape {
  return { code, message, retryable: false, ...(params === undefined ? {} : { params }) };
}
