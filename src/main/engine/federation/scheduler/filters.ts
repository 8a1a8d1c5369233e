/**
 * Rules that take clusters out of consideration. Upstream runs them in random order; here the order is fixed, so that
 * the reason a person reads does not change from run to run.
 */
import type { BindingSpec, ClusterLike, NamedAffinity } from '../api.ts';
import { clusterMatches, zonesOf } from '../matching/clusters.ts';
import { taintText, untolerated } from '../matching/labels.ts';

export interface Rejection {
  plugin: string;
  /** As Karmada words it. */
  reason: string;
  /** What exactly stood in the way: the taint, the API, the missing property; undefined where the rule says it all. */
  subject?: string;
}
export interface FilterInput {
  spec: BindingSpec;
  /** The affinity group in force, when the placement has ordered groups. */
  term: NamedAffinity | null;
  targets: ReadonlySet<string>;
  /** Other bindings of the namespace that keep together or apart; empty where none of them can matter. */
  neighbours: readonly BindingSpec[];
}
type Filter = (cluster: ClusterLike, input: FilterInput) => Omit<Rejection, 'plugin'> | null;

const AFFINITY = { reason: 'cluster(s) did not match the placement cluster affinity constraint' };

const clusterAffinity: Filter = (cluster, { spec, term }) => {
  if (term === null) return clusterMatches(cluster, spec.placement?.clusterAffinity) ? null : AFFINITY;
  if (clusterMatches(cluster, term)) return null;
  return isWorkload(spec) && overflowOf(cluster, term) !== null ? null : AFFINITY;
};

/** A cluster that already runs it stays, even when it gains taints: moving replicas away is the business of eviction. */
const taintToleration: Filter = (cluster, { spec, targets }) => {
  if (targets.has(cluster.metadata.name ?? '')) return null;
  const taint = untolerated(cluster.spec?.taints, spec.placement?.clusterTolerations);
  if (taint === undefined) return null;
  const subject = taintText(taint);
  return { reason: `cluster(s) had untolerated taint {${subject}}`, subject };
};

const apiEnablement: Filter = (cluster, { spec, targets }) => {
  if (targets.has(cluster.metadata.name ?? '')) return null;
  const { apiVersion, kind } = spec.resource;
  const served = cluster.status?.apiEnablements?.some(
    (group) => group.groupVersion === apiVersion && group.resources?.some((resource) => resource.kind === kind),
  );
  return served ? null : { reason: 'cluster(s) did not have the API resource', subject: `${apiVersion} ${kind}` };
};

const spreadConstraint: Filter = (cluster, { spec }) => {
  for (const { spreadByField } of spec.placement?.spreadConstraints ?? []) {
    if (spreadByField === 'provider' && !cluster.spec?.provider) return lacks('provider');
    if (spreadByField === 'region' && !cluster.spec?.region) return lacks('region');
    if (spreadByField === 'zone' && zonesOf(cluster).length === 0) return lacks('zones');
  }
  return null;
};

function lacks(subject: string): { reason: string; subject: string } {
  return { reason: `cluster(s) did not have ${subject} property`, subject };
}

const clusterEviction: Filter = (cluster, { spec }) =>
  spec.gracefulEvictionTasks?.some((task) => task.fromCluster === cluster.metadata.name)
    ? { reason: 'cluster(s) is in the process of eviction' }
    : null;

/** Where any of the group runs, the others go; those already placed agree on it, or nothing fits. */
const workloadAffinity: Filter = (cluster, { spec, targets, neighbours }) => {
  const group = spec.workloadAffinityGroups?.affinityGroup;
  if (!group || targets.has(cluster.metadata.name ?? '')) return null;
  const apart = neighbours.some(
    ({ workloadAffinityGroups, clusters = [] }) =>
      workloadAffinityGroups?.affinityGroup === group &&
      clusters.length > 0 &&
      !clusters.some(({ name }) => name === cluster.metadata.name),
  );
  return apart
    ? { reason: 'ResourceBinding with the same affinity group does not target this cluster', subject: group }
    : null;
};

const workloadAntiAffinity: Filter = (cluster, { spec, targets, neighbours }) => {
  const group = spec.workloadAffinityGroups?.antiAffinityGroup;
  if (!group || targets.has(cluster.metadata.name ?? '')) return null;
  const taken = neighbours.some(
    ({ workloadAffinityGroups, clusters = [] }) =>
      workloadAffinityGroups?.antiAffinityGroup === group &&
      clusters.some(({ name }) => name === cluster.metadata.name),
  );
  return taken ? { reason: 'cluster already has workload with the same anti-affinity group', subject: group } : null;
};

const FILTERS: readonly [string, Filter][] = [
  ['APIEnablement', apiEnablement],
  ['TaintToleration', taintToleration],
  ['ClusterAffinity', clusterAffinity],
  ['SpreadConstraint', spreadConstraint],
  ['ClusterEviction', clusterEviction],
  ['WorkloadAffinity', workloadAffinity],
  ['WorkloadAntiAffinity', workloadAntiAffinity],
];

/** Null when every rule lets the cluster pass, else the first that does not. */
export function rejectionOf(cluster: ClusterLike, input: FilterInput): Rejection | null {
  for (const [plugin, filter] of FILTERS) {
    const rejection = filter(cluster, input);
    if (rejection !== null) return { plugin, ...rejection };
  }
  return null;
}

/** Index of the first overflow group that means the cluster. */
export function overflowOf(cluster: ClusterLike, term: NamedAffinity): number | null {
  const index = (term.overflowAffinities ?? []).findIndex((affinity) => clusterMatches(cluster, affinity));
  return index < 0 ? null : index;
}

/** Whether replicas are divided or counted at all, as opposed to an object that is simply copied. */
export function isWorkload(spec: BindingSpec): boolean {
  return (spec.replicas ?? 0) > 0 || Boolean(spec.replicaRequirements) || (spec.components?.length ?? 0) > 0;
}

/** `0/3 clusters are available: 2 cluster(s) ..., 1 cluster(s) ...` as Karmada's FitError prints it. */
export function fitErrorMessage(total: number, rejections: Iterable<Rejection>): string {
  const counts = new Map<string, number>();
  for (const { reason } of rejections) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  if (counts.size === 0) return `0/${total} clusters are available: no cluster exists.`;
  const reasons = [...counts].map(([reason, count]) => `${count} ${reason}`).sort();
  return `0/${total} clusters are available: ${reasons.join(', ')}.`;
}
