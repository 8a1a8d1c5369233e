/**
 * What is odd about a policy before it is used: it would be accepted, and not do what its author hopes. Pure. The messages
 * go as they are into Warning headers, so each names its field.
 */
import type { AppErrorShape, ErrorCode } from '#shared/errors.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import type { ClusterAffinity, ClusterObject, OverridePolicy, Placement, PropagationPolicy } from './api.ts';
import { clusterMatches } from './matching/clusters.ts';
import { selectorsPriority } from './matching/selectors.ts';
import { ignoresSpread } from './scheduler/select.ts';

/** @param failover whether the control plane moves workloads away from what fails */
export function policyWarnings(
  template: KubeObject,
  policy: PropagationPolicy,
  override: OverridePolicy | null,
  clusters: readonly ClusterObject[],
  failover: boolean,
): AppErrorShape[] {
  return [
    ...(policySelects(template, policy) ? [] : [selectsNot(template, policy)]),
    ...placementWarnings(policy, clusters, failover),
    ...(override === null ? [] : overrideWarnings(override, clusters)),
  ];
}

/** Of a policy by itself, whatever it selects. */
export function placementWarnings(
  policy: PropagationPolicy,
  clusters: readonly ClusterObject[],
  failover: boolean,
): AppErrorShape[] {
  const placement = policy.spec.placement ?? {};
  return [
    ...unknownClusters(namedByPlacement(placement), clusters),
    ...(hasZeroWeights(placement, clusters)
      ? [warning('POLICY_ZERO_WEIGHTS', `spec.${WEIGHTS}: no cluster that can be chosen has a weight above zero`)]
      : []),
    ...withoutEffect(policy, failover),
  ];
}

export function overrideWarnings({ spec }: OverridePolicy, clusters: readonly ClusterObject[]): AppErrorShape[] {
  const named = (spec.overrideRules ?? []).map(
    ({ targetCluster }, index): Named => [`overrideRules[${index}].targetCluster`, targetCluster],
  );
  return unknownClusters(named, clusters);
}

/** A selector that no stored template answers to. `what`: `Deployment "default/nginx"`. */
export function nothingSelected(policy: PropagationPolicy, index: number, what: string): AppErrorShape {
  return warning(
    'POLICY_SELECTS_NOTHING',
    `spec.resourceSelectors[${index}]: no ${what} exists here yet; nothing is distributed until one does`,
    { name: policy.metadata.name ?? '' },
  );
}

function selectsNot(template: KubeObject, { metadata: { name = '' } }: PropagationPolicy): AppErrorShape {
  const message = `spec.resourceSelectors: policy ${name} does not select ${template.kind} ${template.metadata.name}`;
  return warning('POLICY_SELECTS_NOTHING', message, { name });
}

/** Selector and scope: a namespaced policy reaches only its own namespace. */
export function policySelects(template: KubeObject, policy: PropagationPolicy): boolean {
  const { namespace } = policy.metadata;
  if (namespace !== undefined && namespace !== template.metadata.namespace) return false;
  return selectorsPriority(template, policy.spec.resourceSelectors ?? []) > 0;
}

const WEIGHTS = 'placement.replicaScheduling.weightPreference.staticWeightList';
/** Field below spec, and the clusters it means. */
type Named = [string, ClusterAffinity | null | undefined];

function namedByPlacement(placement: Placement): Named[] {
  return [
    ['placement.clusterAffinity', placement.clusterAffinity],
    ...(placement.clusterAffinities ?? []).map((term, index): Named => [`placement.clusterAffinities[${index}]`, term]),
    ...(placement.replicaScheduling?.weightPreference?.staticWeightList ?? []).map(
      ({ targetCluster }, index): Named => [`${WEIGHTS}[${index}].targetCluster`, targetCluster],
    ),
  ];
}

/** One for each name, at the first place that has it. */
function unknownClusters(affinities: readonly Named[], clusters: readonly ClusterObject[]): AppErrorShape[] {
  const told = new Set(clusters.map((cluster) => cluster.metadata.name));
  const warnings: AppErrorShape[] = [];
  for (const [field, affinity] of affinities)
    for (const [index, name] of (affinity?.clusterNames ?? []).entries()) {
      if (told.has(name)) continue;
      told.add(name);
      const message = `spec.${field}.clusterNames[${index}]: "${name}" is not a member of this federation; it gets nothing until it joins`;
      warnings.push(warning('POLICY_UNKNOWN_CLUSTER', message, { name }));
    }
  return warnings;
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
  ];
  return fields
    .filter(([, present]) => present)
    .map(([field]) => warning('UNSUPPORTED', `spec.${field}: has no effect here`, { field: `spec.${field}` }));
}

function warning(code: ErrorCode, message: string, params?: Record<string, string | number>): AppErrorShape {
  return { code, message, retryable: false, ...(params === undefined ? {} : { params }) };
}
