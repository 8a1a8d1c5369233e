/**
 * The Karmada API as this area reads and writes it: names of groups, resources and well-known keys, and the shapes of
 * the objects. Shapes hold only what the code touches; unknown fields pass through as they are.
 * Source: API reference of karmada.io, groups cluster, policy and work (v1.19).
 */
import type { Json, KubeObject, ObjectMeta, ResourceRef } from '#shared/kubernetes/types.ts';

export const CLUSTERS: ResourceRef = { group: 'cluster.karmada.io', version: 'v1alpha1', resource: 'clusters' };
const policy = (resource: string): ResourceRef => ({ group: 'policy.karmada.io', version: 'v1alpha1', resource });
export const PROPAGATION_POLICIES = policy('propagationpolicies');
export const CLUSTER_PROPAGATION_POLICIES = policy('clusterpropagationpolicies');
export const OVERRIDE_POLICIES = policy('overridepolicies');
export const CLUSTER_OVERRIDE_POLICIES = policy('clusteroverridepolicies');
export const RESOURCE_BINDINGS: ResourceRef = {
  group: 'work.karmada.io',
  version: 'v1alpha2',
  resource: 'resourcebindings',
};
export const CLUSTER_RESOURCE_BINDINGS: ResourceRef = {
  group: 'work.karmada.io',
  version: 'v1alpha2',
  resource: 'clusterresourcebindings',
};
export const CLUSTER_TAINT_POLICIES = policy('clustertaintpolicies');
export const FEDERATED_RESOURCE_QUOTAS = policy('federatedresourcequotas');
export const REMEDIES: ResourceRef = { group: 'remedy.karmada.io', version: 'v1alpha1', resource: 'remedies' };
export const WORKLOAD_REBALANCERS: ResourceRef = {
  group: 'apps.karmada.io',
  version: 'v1alpha1',
  resource: 'workloadrebalancers',
};
export const INTERPRETER_CUSTOMIZATIONS: ResourceRef = {
  group: 'config.karmada.io',
  version: 'v1alpha1',
  resource: 'resourceinterpretercustomizations',
};
export const WORKS: ResourceRef = { group: 'work.karmada.io', version: 'v1alpha1', resource: 'works' };
export const NAMESPACES: ResourceRef = { group: '', version: 'v1', resource: 'namespaces' };
export const EVENTS: ResourceRef = { group: '', version: 'v1', resource: 'events' };

/** Labels and annotations with a meaning (facts of Karmada's `well_known_constants`). */
export const KEYS = {
  ppId: 'propagationpolicy.karmada.io/permanent-id',
  cppId: 'clusterpropagationpolicy.karmada.io/permanent-id',
  ppName: 'propagationpolicy.karmada.io/name',
  ppNamespace: 'propagationpolicy.karmada.io/namespace',
  cppName: 'clusterpropagationpolicy.karmada.io/name',
  rbId: 'resourcebinding.karmada.io/permanent-id',
  crbId: 'clusterresourcebinding.karmada.io/permanent-id',
  workId: 'work.karmada.io/permanent-id',
  mcsId: 'multiclusterservice.karmada.io/permanent-id',
  opId: 'overridepolicy.karmada.io/permanent-id',
  managed: 'karmada.io/managed',
  system: 'karmada.io/system',
  managedBy: 'binding.karmada.io/managed-by',
  claimedBy: 'resourcetemplate.karmada.io/claimed-by',
  deletionProtected: 'resourcetemplate.karmada.io/deletion-protected',
  retainReplicas: 'resourcetemplate.karmada.io/retain-replicas',
  skipAutoPropagation: 'namespace.karmada.io/skip-auto-propagation',
  dependedBy: 'resourcebinding.karmada.io/depended-by-',
  appliedPlacement: 'policy.karmada.io/applied-placement',
  appliedOverrides: 'policy.karmada.io/applied-overrides',
  appliedClusterOverrides: 'policy.karmada.io/applied-cluster-overrides',
  conflictResolution: 'work.karmada.io/conflict-resolution',
  workName: 'work.karmada.io/name',
  workNamespace: 'work.karmada.io/namespace',
  rbName: 'resourcebinding.karmada.io/name',
  rbNamespace: 'resourcebinding.karmada.io/namespace',
  crbName: 'clusterresourcebinding.karmada.io/name',
  dependencies: 'resourcebinding.karmada.io/dependencies',
  templateUid: 'resourcetemplate.karmada.io/uid',
  templateGeneration: 'resourcetemplate.karmada.io/generation',
  managedLabels: 'resourcetemplate.karmada.io/managed-labels',
  managedAnnotations: 'resourcetemplate.karmada.io/managed-annotations',
} as const;

export const FINALIZERS = {
  binding: 'karmada.io/binding-controller',
  clusterBinding: 'karmada.io/cluster-resource-binding-controller',
  dependencies: 'karmada.io/binding-dependencies-distributor',
  execution: 'karmada.io/execution-controller',
  cluster: 'karmada.io/cluster-controller',
  policy: 'karmada.io/propagation-policy-controller',
  clusterPolicy: 'karmada.io/cluster-propagation-policy-controller',
} as const;

export const TAINTS = {
  notReady: 'cluster.karmada.io/not-ready',
  unreachable: 'cluster.karmada.io/unreachable',
  /** Ours: somebody else manages the cluster. */
  managedElsewhere: 'fleetdeck.io/managed-elsewhere',
} as const;

export interface Taint {
  key: string;
  value?: string;
  effect: 'NoSchedule' | 'NoExecute' | 'PreferNoSchedule';
  timeAdded?: string;
}
export interface Toleration {
  key?: string;
  operator?: string;
  value?: string;
  effect?: string;
  tolerationSeconds?: number;
}
export interface LabelSelector {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
}
export interface Condition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
}
export type Quantities = Record<string, string | number>;

export interface ResourceSummary {
  allocatable?: Quantities;
  allocating?: Quantities;
  allocated?: Quantities;
  allocatableModelings?: { grade: number; count: number }[];
}
export interface ResourceModel {
  grade: number;
  ranges: { name: string; min: string | number; max: string | number }[];
}
export interface ClusterSpec {
  id?: string;
  syncMode?: string;
  apiEndpoint?: string;
  proxyURL?: string;
  provider?: string;
  region?: string;
  zone?: string;
  zones?: string[];
  taints?: Taint[];
  resourceModels?: ResourceModel[];
}
export interface ClusterStatus {
  kubernetesVersion?: string;
  apiEnablements?: { groupVersion: string; resources?: { name: string; kind: string }[] }[];
  conditions?: Condition[];
  nodeSummary?: { totalNum?: number; readyNum?: number };
  resourceSummary?: ResourceSummary;
  remedyActions?: string[];
}
export interface ClusterObject extends KubeObject {
  spec: ClusterSpec;
  status?: ClusterStatus;
}

export interface ClusterAffinity {
  labelSelector?: LabelSelector | null;
  fieldSelector?: { matchExpressions?: { key: string; operator: string; values?: string[] }[] } | null;
  clusterNames?: string[];
  exclude?: string[];
}
export interface NamedAffinity extends ClusterAffinity {
  affinityName: string;
  overflowAffinities?: (ClusterAffinity & { affinityName?: string })[];
}
export interface SpreadConstraint {
  spreadByField?: string;
  spreadByLabel?: string;
  maxGroups?: number;
  minGroups?: number;
}
export interface ReplicaScheduling {
  replicaSchedulingType?: string;
  replicaDivisionPreference?: string;
  weightPreference?: {
    staticWeightList?: { targetCluster?: ClusterAffinity; weight: number }[];
    dynamicWeight?: string;
  } | null;
}
export interface Placement {
  clusterAffinity?: ClusterAffinity | null;
  clusterAffinities?: NamedAffinity[];
  clusterTolerations?: Toleration[];
  spreadConstraints?: SpreadConstraint[];
  replicaScheduling?: ReplicaScheduling | null;
  workloadAffinity?: {
    affinity?: { groupByLabelKey: string } | null;
    antiAffinity?: { groupByLabelKey: string } | null;
  } | null;
}

export interface ReplicaRequirements {
  nodeClaim?: Json;
  resourceRequest?: Quantities;
  namespace?: string;
  priorityClassName?: string;
}
export interface TargetCluster {
  name: string;
  replicas?: number;
}
export interface ObjectReference {
  apiVersion: string;
  kind: string;
  namespace?: string;
  name: string;
  uid?: string;
  resourceVersion?: string;
}
export interface EvictionTask {
  fromCluster: string;
  /** Directly, Gracefully or Never; Karmada before 1.13 wrote Immediately and Graciously. */
  purgeMode?: string;
  replicas?: number;
  reason?: string;
  message?: string;
  producer?: string;
  gracePeriodSeconds?: number;
  /** True: the old copy stays until a person decides. */
  suppressDeletion?: boolean;
  /** Labels for the copy that takes over, read from the status of the one that is given up. */
  preservedLabelState?: Record<string, string>;
  creationTimestamp?: string | null;
  clustersBeforeFailover?: string[];
}
export interface StatePreservation {
  rules?: { aliasLabelName: string; jsonPath: string }[];
}
export interface FailoverBehaviour {
  application?: {
    decisionConditions?: { tolerationSeconds?: number };
    purgeMode?: string;
    gracePeriodSeconds?: number;
    statePreservation?: StatePreservation | null;
  } | null;
  cluster?: { purgeMode?: string; statePreservation?: StatePreservation | null } | null;
}
export interface Suspension {
  dispatching?: boolean;
  dispatchingOnClusters?: { clusterNames?: string[] };
  scheduling?: boolean;
}
export interface BindingSpec {
  resource: ObjectReference;
  propagateDeps?: boolean;
  replicas?: number;
  replicaRequirements?: ReplicaRequirements | null;
  components?: { name: string; replicas: number; replicaRequirements?: ReplicaRequirements | null }[];
  clusters?: TargetCluster[];
  placement?: Placement | null;
  gracefulEvictionTasks?: EvictionTask[];
  requiredBy?: { namespace?: string; name: string; clusters?: TargetCluster[] }[];
  schedulerName?: string;
  conflictResolution?: string;
  failover?: FailoverBehaviour | null;
  preserveResourcesOnDeletion?: boolean;
  rescheduleTriggeredAt?: string | null;
  suspension?: Suspension | null;
  schedulePriority?: { priority?: number } | null;
  /** `key=value` of the template's labels by which workloads of a namespace keep together or apart. */
  workloadAffinityGroups?: { affinityGroup?: string; antiAffinityGroup?: string } | null;
}
export interface AggregatedStatusItem {
  clusterName: string;
  status?: Json;
  applied?: boolean;
  appliedMessage?: string;
  health?: 'Healthy' | 'Unhealthy' | 'Unknown';
}
export interface BindingStatus {
  schedulerObservedGeneration?: number;
  schedulerObservingAffinityName?: string;
  lastScheduledTime?: string | null;
  conditions?: Condition[];
  aggregatedStatus?: AggregatedStatusItem[];
}
export interface Binding extends KubeObject {
  spec: BindingSpec;
  status?: BindingStatus;
}

export interface ResourceSelector {
  apiVersion: string;
  kind: string;
  namespace?: string;
  name?: string;
  labelSelector?: LabelSelector | null;
}
export interface PolicySpec {
  resourceSelectors: ResourceSelector[];
  propagateDeps?: boolean;
  placement?: Placement | null;
  priority?: number;
  preemption?: string;
  dependentOverrides?: string[];
  schedulerName?: string;
  failover?: FailoverBehaviour | null;
  conflictResolution?: string;
  activationPreference?: string;
  suspension?: Suspension | null;
  preserveResourcesOnDeletion?: boolean;
  schedulePriority?: { priorityClassSource?: string; priorityClassName: string } | null;
}
export interface PropagationPolicy extends KubeObject {
  spec: PolicySpec;
}

export interface PatchEntry {
  path: string;
  operator: string;
  value?: Json;
}
export interface Overriders {
  plaintext?: PatchEntry[];
  imageOverrider?: { predicate?: { path: string } | null; component: string; operator: string; value?: string }[];
  commandOverrider?: { containerName: string; operator: string; value?: string[] }[];
  argsOverrider?: { containerName: string; operator: string; value?: string[] }[];
  labelsOverrider?: { operator: string; value?: Record<string, string> }[];
  annotationsOverrider?: { operator: string; value?: Record<string, string> }[];
  fieldOverrider?: {
    fieldPath: string;
    json?: { subPath: string; operator: string; value?: Json }[];
    yaml?: { subPath: string; operator: string; value?: Json }[];
  }[];
}
export interface OverrideRule {
  targetCluster?: ClusterAffinity | null;
  overriders: Overriders;
}
export interface OverridePolicy extends KubeObject {
  spec: {
    resourceSelectors?: ResourceSelector[];
    overrideRules?: OverrideRule[];
    targetCluster?: ClusterAffinity | null;
    overriders?: Overriders;
  };
}

export interface StatusMatch {
  conditionType: string;
  operator: string;
  statusValues?: string[];
}
export interface ClusterTaintPolicy extends KubeObject {
  spec: {
    targetClusters?: ClusterAffinity | null;
    addOnConditions?: StatusMatch[];
    removeOnConditions?: StatusMatch[];
    taints?: Taint[];
  };
}
export interface FederatedResourceQuota extends KubeObject {
  spec: {
    overall?: Quantities;
    staticAssignments?: { clusterName: string; hard: Quantities }[];
  };
}
export interface Remedy extends KubeObject {
  spec: {
    clusterAffinity?: { clusterNames?: string[] } | null;
    decisionMatches?: {
      clusterConditionMatch?: { conditionType: string; operator: string; conditionStatus: string } | null;
    }[];
    actions?: string[];
  };
}
export interface WorkloadRebalancer extends KubeObject {
  spec: {
    workloads?: { apiVersion: string; kind: string; namespace?: string; name: string }[];
    ttlSecondsAfterFinished?: number;
  };
  status?: {
    observedWorkloads?: {
      workload: { apiVersion: string; kind: string; namespace?: string; name: string };
      result?: 'Successful' | 'Failed';
      reason?: string;
    }[];
    observedGeneration?: number;
    finishTime?: string | null;
  };
}

export interface ResourceInterpreterCustomization extends KubeObject {
  spec: {
    target: { apiVersion: string; kind: string };
    customizations?: Record<string, { luaScript?: string } | undefined>;
  };
}

export interface ManifestIdentifier {
  ordinal: number;
  group?: string;
  version: string;
  kind: string;
  resource: string;
  namespace?: string;
  name: string;
}
export interface Work extends KubeObject {
  spec: {
    workload: { manifests?: KubeObject[] };
    suspendDispatching?: boolean;
    preserveResourcesOnDeletion?: boolean;
  };
  status?: {
    conditions?: Condition[];
    manifestStatuses?: { identifier: ManifestIdentifier; status?: Json; health?: string }[];
  };
}

/** Minimal shape that the pure parts accept as a cluster. */
export type ClusterLike = { metadata: ObjectMeta; spec?: ClusterSpec; status?: ClusterStatus };
