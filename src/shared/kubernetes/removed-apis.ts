/** Versions of APIs that Kubernetes has removed, and what takes their place. Source: Deprecated API Migration Guide. */

export interface Removal {
  /** Minor version of 1.x without it. */
  in: number;
  use: string;
}

const removed = (version: number, use: string, ...kinds: string[]): [string, Removal][] =>
  kinds.map((kind) => [kind, { in: version, use }]);

const REMOVED: Readonly<Record<string, ReadonlyMap<string, Removal>>> = {
  'extensions/v1beta1': new Map([
    ...removed(16, 'apps/v1', 'Deployment', 'DaemonSet', 'ReplicaSet'),
    ...removed(16, 'networking.k8s.io/v1', 'NetworkPolicy'),
    ...removed(22, 'networking.k8s.io/v1', 'Ingress'),
  ]),
  'apps/v1beta1': new Map(removed(16, 'apps/v1', 'Deployment', 'StatefulSet')),
  'apps/v1beta2': new Map(removed(16, 'apps/v1', 'Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet')),
  'networking.k8s.io/v1beta1': new Map(removed(22, 'networking.k8s.io/v1', 'Ingress', 'IngressClass')),
  'rbac.authorization.k8s.io/v1beta1': new Map(
    removed(22, 'rbac.authorization.k8s.io/v1', 'Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding'),
  ),
  'apiextensions.k8s.io/v1beta1': new Map(removed(22, 'apiextensions.k8s.io/v1', 'CustomResourceDefinition')),
  'admissionregistration.k8s.io/v1beta1': new Map(
    removed(22, 'admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'),
  ),
  'scheduling.k8s.io/v1beta1': new Map(removed(22, 'scheduling.k8s.io/v1', 'PriorityClass')),
  'coordination.k8s.io/v1beta1': new Map(removed(22, 'coordination.k8s.io/v1', 'Lease')),
  'storage.k8s.io/v1beta1': new Map([
    ...removed(22, 'storage.k8s.io/v1', 'StorageClass', 'CSIDriver', 'CSINode', 'VolumeAttachment'),
    ...removed(27, 'storage.k8s.io/v1', 'CSIStorageCapacity'),
  ]),
  'batch/v1beta1': new Map(removed(25, 'batch/v1', 'CronJob')),
  'policy/v1beta1': new Map([
    ...removed(25, 'policy/v1', 'PodDisruptionBudget'),
    ...removed(25, 'Pod Security Admission', 'PodSecurityPolicy'),
  ]),
  'discovery.k8s.io/v1beta1': new Map(removed(25, 'discovery.k8s.io/v1', 'EndpointSlice')),
  'autoscaling/v2beta1': new Map(removed(25, 'autoscaling/v2', 'HorizontalPodAutoscaler')),
  'autoscaling/v2beta2': new Map(removed(26, 'autoscaling/v2', 'HorizontalPodAutoscaler')),
  'flowcontrol.apiserver.k8s.io/v1beta2': new Map(
    removed(29, 'flowcontrol.apiserver.k8s.io/v1', 'FlowSchema', 'PriorityLevelConfiguration'),
  ),
  'flowcontrol.apiserver.k8s.io/v1beta3': new Map(
    removed(32, 'flowcontrol.apiserver.k8s.io/v1', 'FlowSchema', 'PriorityLevelConfiguration'),
  ),
};

export function removalOf(apiVersion: string, kind: string): Removal | undefined {
  return REMOVED[apiVersion]?.get(kind);
}

/** Every kind that ever had a version removed. */
export const REMOVED_KINDS: readonly string[] = [
  ...new Set(Object.values(REMOVED).flatMap((kinds) => [...kinds.keys()])),
];
