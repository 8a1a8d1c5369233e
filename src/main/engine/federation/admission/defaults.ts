/** What the control plane fills in on the way in: defaults, permanent ids and finalizers. In place and idempotent. */
import { randomUUID } from 'node:crypto';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import {
  FINALIZERS,
  KEYS,
  type Placement,
  type PolicySpec,
  type ResourceModel,
  type ResourceSelector,
  TAINTS,
} from '../api.ts';
import { DEFAULT_SCHEDULER } from '../scheduler/decide.ts';

const DEFAULT_GRACE_SECONDS = 600;
/** MaxInt64. */
const LARGEST = '9223372036854775807';

/** @param tolerationSeconds of lost members, for a policy that says nothing of them; null adds nothing */
export function defaultPolicy(policy: KubeObject, creating: boolean, tolerationSeconds: number | null = null): void {
  const spec: PolicySpec = policy.spec ?? {};
  const cluster = policy.kind === 'ClusterPropagationPolicy';
  spec.priority ??= 0;
  spec.preemption ??= 'Never';
  spec.schedulerName ||= DEFAULT_SCHEDULER;
  spec.conflictResolution ??= 'Abort';
  if (!cluster) inheritNamespace(spec.resourceSelectors, policy.metadata.namespace);
  if (spec.resourceSelectors?.some(({ kind }) => kind === 'ServiceImport')) spec.propagateDeps = true;
  for (const constraint of spec.placement?.spreadConstraints ?? []) {
    if (!constraint.spreadByField && !constraint.spreadByLabel) constraint.spreadByField = 'cluster';
    constraint.minGroups ||= 1;
  }
  const scheduling = spec.placement?.replicaScheduling;
  if (scheduling) {
    scheduling.replicaSchedulingType ??= 'Divided';
    if (scheduling.replicaSchedulingType === 'Divided') scheduling.replicaDivisionPreference ||= 'Weighted';
  }
  if (tolerationSeconds !== null) {
    spec.placement ??= {};
    tolerateLostMembers(spec.placement, tolerationSeconds);
  }
  const application = spec.failover?.application;
  if (application) {
    application.purgeMode ??= 'Gracefully';
    application.decisionConditions ??= {};
    application.decisionConditions.tolerationSeconds ??= 300;
    if (application.purgeMode === 'Gracefully') application.gracePeriodSeconds ??= DEFAULT_GRACE_SECONDS;
  }
  if (!creating) return;
  addLabel(policy, cluster ? KEYS.cppId : KEYS.ppId);
  addFinalizer(policy, cluster ? FINALIZERS.clusterPolicy : FINALIZERS.policy);
}

/** As Karmada's webhook did up to 1.14. */
function tolerateLostMembers(placement: Placement, tolerationSeconds: number): void {
  for (const key of [TAINTS.notReady, TAINTS.unreachable]) {
    if (placement.clusterTolerations?.some((toleration) => toleration.key === key)) continue;
    const toleration = { key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds };
    placement.clusterTolerations = [...(placement.clusterTolerations ?? []), toleration];
  }
}

export function defaultOverridePolicy(policy: KubeObject): void {
  if (policy.kind === 'OverridePolicy') inheritNamespace(policy.spec?.resourceSelectors, policy.metadata.namespace);
}

export function defaultBinding(binding: KubeObject, creating: boolean): void {
  if (binding.spec) binding.spec.conflictResolution ??= 'Abort';
  if (creating) addLabel(binding, binding.kind === 'ResourceBinding' ? KEYS.rbId : KEYS.crbId);
}

/** The id goes into what the Work carries too, so that a member's object tells which Work made it. */
export function defaultWork(work: KubeObject, creating: boolean): void {
  if (creating) addLabel(work, KEYS.workId);
  const id = work.metadata.labels?.[KEYS.workId];
  if (id === undefined) return;
  for (const manifest of (work.spec?.workload?.manifests ?? []) as KubeObject[]) {
    manifest.metadata.labels = { ...manifest.metadata.labels, [KEYS.workId]: id };
  }
}

export function defaultMultiClusterService(service: KubeObject): void {
  addLabel(service, KEYS.mcsId);
}

export function defaultCluster(cluster: KubeObject, time: string): void {
  const spec = cluster.spec ?? {};
  if (spec.zone && !spec.zones?.length) {
    spec.zones = [spec.zone];
    delete spec.zone;
  }
  standardise(spec.resourceModels ?? []);
  for (const taint of spec.taints ?? []) if (taint.effect === 'NoExecute') taint.timeAdded ??= time;
}

/** In the order of their grades; what is below the second grade and above the last but one belongs to the first and the last. */
function standardise(models: ResourceModel[]): void {
  models.sort((a, b) => a.grade - b.grade);
  for (const range of models[0]?.ranges ?? []) range.min = '0';
  for (const range of models.at(-1)?.ranges ?? []) range.max = LARGEST;
}

function inheritNamespace(selectors: ResourceSelector[] | undefined, namespace: string | undefined): void {
  for (const selector of selectors ?? []) if (namespace && !selector.namespace) selector.namespace = namespace;
}

function addLabel(object: KubeObject, key: string): void {
  if (object.metadata.labels?.[key]) return;
  object.metadata.labels = { ...object.metadata.labels, [key]: randomUUID() };
}

function addFinalizer(object: KubeObject, finalizer: string): void {
  const finalizers = object.metadata.finalizers ?? [];
  if (!finalizers.includes(finalizer)) object.metadata.finalizers = [...finalizers, finalizer];
}
