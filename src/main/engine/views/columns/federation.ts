/** Kinds of a Karmada control plane: member clusters, policies, bindings, works. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import {
  age,
  condition,
  deleting,
  isTrue,
  joined,
  type KindDefinition,
  type Level,
  list,
  num,
  number,
  status,
  str,
  strings,
  text,
} from './define.ts';

export const memberClusters: KindDefinition = {
  resource: 'clusters.cluster.karmada.io',
  columns: [
    text('version', 'Version', (cluster) => str(cluster.status?.kubernetesVersion)),
    text('mode', 'Mode', (cluster) => str(cluster.spec?.syncMode)),
    status('ready', 'Ready', (cluster) => condition(cluster, 'Ready')?.status ?? 'Unknown'),
    text('provider', 'Provider', (cluster) => str(cluster.spec?.provider)),
    text('region', 'Region', (cluster) => str(cluster.spec?.region)),
    text('zones', 'Zones', (cluster) => joined(strings(cluster.spec?.zones)) ?? str(cluster.spec?.zone)),
    text('nodes', 'Nodes', (cluster) =>
      cluster.status?.nodeSummary == null
        ? null
        : `${num(cluster.status.nodeSummary.readyNum)}/${num(cluster.status.nodeSummary.totalNum)}`,
    ),
    text(
      'taints',
      'Taints',
      (cluster) => joined(list(cluster.spec?.taints).map((taint) => `${taint.key}:${taint.effect}`)),
      1,
    ),
    age,
  ],
  level(cluster): Level {
    if (deleting(cluster)) return 'progressing';
    const ready = condition(cluster, 'Ready');
    if (ready === undefined) return 'progressing';
    return ready.status === 'True' ? (list(cluster.spec?.taints).length > 0 ? 'warning' : 'ok') : 'error';
  },
};

function selectors(policy: KubeObject): string | null {
  return joined(
    list(policy.spec?.resourceSelectors).map(
      (selector) => `${selector.kind}${selector.name === undefined || selector.name === '' ? '' : `/${selector.name}`}`,
    ),
  );
}

function affinity(policy: KubeObject): string | null {
  const placement = policy.spec?.placement;
  const terms = placement?.clusterAffinity == null ? list(placement?.clusterAffinities) : [placement.clusterAffinity];
  return joined(terms.flatMap((term) => strings(term.clusterNames)));
}

const policyColumns = [
  text('selectors', 'Resources', selectors),
  text('clusters', 'Clusters', affinity),
  text('conflictResolution', 'Conflict-Resolution', (policy) => str(policy.spec?.conflictResolution)),
  number('priority', 'Priority', (policy) => num(policy.spec?.priority)),
  age,
];
export const propagationPolicies: KindDefinition = {
  resource: 'propagationpolicies.policy.karmada.io',
  columns: policyColumns,
};
export const clusterPropagationPolicies: KindDefinition = {
  resource: 'clusterpropagationpolicies.policy.karmada.io',
  columns: policyColumns,
};

const overrideColumns = [
  text('selectors', 'Resources', selectors),
  number('rules', 'Rules', (policy) => list(policy.spec?.overrideRules).length),
  age,
];
export const overridePolicies: KindDefinition = {
  resource: 'overridepolicies.policy.karmada.io',
  columns: overrideColumns,
};
export const clusterOverridePolicies: KindDefinition = {
  resource: 'clusteroverridepolicies.policy.karmada.io',
  columns: overrideColumns,
};

const bindingColumns = [
  text(
    'resource',
    'Resource',
    (binding) => `${binding.spec?.resource?.kind ?? ''}/${binding.spec?.resource?.name ?? ''}`,
  ),
  status('scheduled', 'Scheduled', (binding) => condition(binding, 'Scheduled')?.status ?? 'Unknown'),
  status('fullyApplied', 'FullyApplied', (binding) => condition(binding, 'FullyApplied')?.status ?? 'Unknown'),
  text('clusters', 'Clusters', (binding) =>
    joined(
      list(binding.spec?.clusters).map((target) =>
        typeof target.replicas === 'number' ? `${target.name}:${target.replicas}` : String(target.name),
      ),
      6,
    ),
  ),
  age,
];
function bindingLevel(binding: KubeObject): Level {
  if (deleting(binding)) return 'progressing';
  if (condition(binding, 'Scheduled')?.status === 'False') return 'error';
  if (condition(binding, 'FullyApplied')?.status === 'False') return 'warning';
  return isTrue(binding, 'FullyApplied') ? 'ok' : 'progressing';
}
export const resourceBindings: KindDefinition = {
  resource: 'resourcebindings.work.karmada.io',
  columns: bindingColumns,
  level: bindingLevel,
};
export const clusterResourceBindings: KindDefinition = {
  resource: 'clusterresourcebindings.work.karmada.io',
  columns: bindingColumns,
  level: bindingLevel,
};

export const works: KindDefinition = {
  resource: 'works.work.karmada.io',
  columns: [
    text('workload', 'Workload', (work) =>
      joined(
        list(work.spec?.workload?.manifests).map(
          (manifest) => `${manifest.kind ?? ''}/${manifest.metadata?.name ?? ''}`,
        ),
      ),
    ),
    status('applied', 'Applied', (work) => condition(work, 'Applied')?.status ?? 'Unknown'),
    text('message', 'Message', (work) => {
      const applied = condition(work, 'Applied');
      return applied === undefined || applied.status === 'True' ? null : str(applied.message);
    }),
    age,
  ],
  level: (work) =>
    deleting(work)
      ? 'progressing'
      : isTrue(work, 'Applied')
        ? 'ok'
        : condition(work, 'Applied') === undefined
          ? 'progressing'
          : 'error',
};
