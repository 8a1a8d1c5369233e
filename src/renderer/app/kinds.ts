/**
 * The kinds every cluster has, as the kind chooser groups them before (and until) discovery has answered, with kubectl's
 * short names. Source: Kubernetes API reference; Karmada's API for the federation group.
 */
import type { ResourceRef } from '#shared/kubernetes/types.ts';

export type KindGroup =
  | 'workloads'
  | 'network'
  | 'configuration'
  | 'storage'
  | 'access'
  | 'cluster'
  | 'federation'
  | 'custom'
  | 'builtin';

export interface KnownKind extends ResourceRef {
  kind: string;
  short: string;
  section: KindGroup;
}

const kind = (
  section: KindGroup,
  group: string,
  version: string,
  resource: string,
  name: string,
  short = '',
): KnownKind => ({
  section,
  group,
  version,
  resource,
  kind: name,
  short,
});

export const commonKinds: readonly KnownKind[] = [
  kind('workloads', 'apps', 'v1', 'deployments', 'Deployment', 'deploy'),
  kind('workloads', 'apps', 'v1', 'statefulsets', 'StatefulSet', 'sts'),
  kind('workloads', 'apps', 'v1', 'daemonsets', 'DaemonSet', 'ds'),
  kind('workloads', 'batch', 'v1', 'jobs', 'Job'),
  kind('workloads', 'batch', 'v1', 'cronjobs', 'CronJob', 'cj'),
  kind('workloads', 'apps', 'v1', 'replicasets', 'ReplicaSet', 'rs'),
  kind('workloads', '', 'v1', 'pods', 'Pod', 'po'),
  kind('network', '', 'v1', 'services', 'Service', 'svc'),
  kind('network', 'networking.k8s.io', 'v1', 'ingresses', 'Ingress', 'ing'),
  kind('network', 'networking.k8s.io', 'v1', 'ingressclasses', 'IngressClass'),
  kind('network', 'networking.k8s.io', 'v1', 'networkpolicies', 'NetworkPolicy', 'netpol'),
  kind('network', 'discovery.k8s.io', 'v1', 'endpointslices', 'EndpointSlice'),
  kind('configuration', '', 'v1', 'configmaps', 'ConfigMap', 'cm'),
  kind('configuration', '', 'v1', 'secrets', 'Secret'),
  kind('configuration', 'autoscaling', 'v2', 'horizontalpodautoscalers', 'HorizontalPodAutoscaler', 'hpa'),
  kind('configuration', 'policy', 'v1', 'poddisruptionbudgets', 'PodDisruptionBudget', 'pdb'),
  kind('configuration', '', 'v1', 'resourcequotas', 'ResourceQuota', 'quota'),
  kind('configuration', '', 'v1', 'limitranges', 'LimitRange', 'limits'),
  kind('configuration', 'scheduling.k8s.io', 'v1', 'priorityclasses', 'PriorityClass', 'pc'),
  kind('storage', '', 'v1', 'persistentvolumeclaims', 'PersistentVolumeClaim', 'pvc'),
  kind('storage', '', 'v1', 'persistentvolumes', 'PersistentVolume', 'pv'),
  kind('storage', 'storage.k8s.io', 'v1', 'storageclasses', 'StorageClass', 'sc'),
  kind('access', '', 'v1', 'serviceaccounts', 'ServiceAccount', 'sa'),
  kind('access', 'rbac.authorization.k8s.io', 'v1', 'roles', 'Role'),
  kind('access', 'rbac.authorization.k8s.io', 'v1', 'rolebindings', 'RoleBinding'),
  kind('access', 'rbac.authorization.k8s.io', 'v1', 'clusterroles', 'ClusterRole'),
  kind('access', 'rbac.authorization.k8s.io', 'v1', 'clusterrolebindings', 'ClusterRoleBinding'),
  kind('cluster', '', 'v1', 'nodes', 'Node', 'no'),
  kind('cluster', '', 'v1', 'namespaces', 'Namespace', 'ns'),
  kind('cluster', '', 'v1', 'events', 'Event', 'ev'),
  kind('cluster', 'coordination.k8s.io', 'v1', 'leases', 'Lease'),
  kind('cluster', 'apiextensions.k8s.io', 'v1', 'customresourcedefinitions', 'CustomResourceDefinition', 'crd'),
  kind('federation', 'cluster.karmada.io', 'v1alpha1', 'clusters', 'Cluster'),
  kind('federation', 'policy.karmada.io', 'v1alpha1', 'propagationpolicies', 'PropagationPolicy', 'pp'),
  kind('federation', 'policy.karmada.io', 'v1alpha1', 'clusterpropagationpolicies', 'ClusterPropagationPolicy', 'cpp'),
  kind('federation', 'policy.karmada.io', 'v1alpha1', 'overridepolicies', 'OverridePolicy', 'op'),
  kind('federation', 'policy.karmada.io', 'v1alpha1', 'clusteroverridepolicies', 'ClusterOverridePolicy', 'cop'),
  kind('federation', 'work.karmada.io', 'v1alpha2', 'resourcebindings', 'ResourceBinding', 'rb'),
  kind('federation', 'work.karmada.io', 'v1alpha2', 'clusterresourcebindings', 'ClusterResourceBinding', 'crb'),
  kind('federation', 'work.karmada.io', 'v1alpha1', 'works', 'Work', 'wk'),
];

export const kindGroups: readonly KindGroup[] = [
  'workloads',
  'network',
  'configuration',
  'storage',
  'access',
  'cluster',
  'federation',
  'custom',
  'builtin',
];

/** The section a kind belongs to; what is not of Kubernetes itself is a custom resource. */
export function sectionOf(ref: { group: string; resource: string }): KindGroup {
  const known = commonKinds.find(({ group, resource }) => group === ref.group && resource === ref.resource);
  // Groups without a dot and those of k8s.io are kept for Kubernetes.
  return known?.section ?? (!ref.group.includes('.') || ref.group.endsWith('.k8s.io') ? 'builtin' : 'custom');
}

/**
 * `Deployment` rather than `deployments`: as discovery says, where it has been asked (others may have a resource of the same
 * name, as `pods.metrics.k8s.io`), else where it is known.
 */
export function kindName(
  ref: { group: string; resource: string },
  discovered: readonly { group: string; resource: string; kind: string }[] = [],
): string {
  const same = (kind: { group: string; resource: string }) =>
    kind.group === ref.group && kind.resource === ref.resource;
  return (discovered.find(same) ?? commonKinds.find(same))?.kind ?? ref.resource;
}

/** `backups.example.com`, as kubectl takes it; the core group has no name. */
export function fullName({ group, resource }: { group: string; resource: string }): string {
  return group === '' ? resource : `${resource}.${group}`;
}
