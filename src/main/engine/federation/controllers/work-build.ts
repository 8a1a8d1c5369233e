/** The Work that carries a template to one cluster: pruned, divided, overridden and marked. Pure. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import {
  type Binding,
  type ClusterObject,
  FINALIZERS,
  KEYS,
  type OverridePolicy,
  type TargetCluster,
  type Work,
} from '../api.ts';
import { injectedLabels } from '../failover/evict.ts';
import { builtIn, type Interpreter, prune } from '../interpreter/index.ts';
import { clusterOfExecutionNamespace, executionNamespace, workName } from '../naming.ts';
import { appliedAnnotation, applyOverridePolicies, type OverrideResult } from '../override/policies.ts';
import { divide } from '../scheduler/division.ts';
import { isWorkload } from '../scheduler/filters.ts';

export interface WorkInput {
  binding: Binding;
  template: KubeObject;
  target: TargetCluster;
  cluster: ClusterObject;
  overrides: readonly OverridePolicy[];
  interpreter?: Interpreter;
}

/** The object as one cluster shall get it, before Karmada's marks. Throws OverrideError. */
export function renderFor({
  binding,
  template,
  target,
  cluster,
  overrides,
  interpreter = builtIn,
}: WorkInput): OverrideResult {
  let object = prune(template);
  if (isWorkload(binding.spec) && target.replicas !== undefined && interpreter.canRevise(object)) {
    object = interpreter.reviseReplicas(object, target.replicas);
    object = divideCompletions(object, binding, target);
  }
  return applyOverridePolicies(object, cluster, overrides);
}

/** The completions of a divided Job are shared like its parallelism. */
function divideCompletions(object: KubeObject, { spec }: Binding, target: TargetCluster): KubeObject {
  const divided = spec.placement?.replicaScheduling?.replicaSchedulingType === 'Divided';
  if (object.kind !== 'Job' || object.spec?.completions === undefined || !divided) return object;
  const votes = (spec.clusters ?? []).map(({ name, replicas = 0 }) => ({ name, votes: replicas }));
  const share = divide(object.spec.completions, votes, spec.resource.uid ?? '').find(
    ({ name }) => name === target.name,
  );
  return { ...object, spec: { ...object.spec, completions: share?.replicas ?? 0 } };
}

/** Throws OverrideError when an override policy cannot be applied. */
export function buildWork(input: WorkInput, present: Work | undefined): Work {
  const { binding, template, target } = input;
  const { namespace, name = '' } = template.metadata;
  const rendered = renderFor(input);
  const place = { namespace: executionNamespace(target.name), name: workName(template.kind, name, namespace) };
  const workId = present?.metadata.labels?.[KEYS.workId];
  const resolution = resolutionFor(rendered.object, binding);
  const manifest = marked(rendered.object, input, { ...place, resolution, workId });
  const reference = bindingReference(binding);
  const annotations: Record<string, string> = { ...reference.annotations, [KEYS.conflictResolution]: resolution };
  const wide = appliedAnnotation(rendered.cluster);
  const local = appliedAnnotation(rendered.namespaced);
  if (wide !== undefined) annotations[KEYS.appliedClusterOverrides] = wide;
  if (local !== undefined) annotations[KEYS.appliedOverrides] = local;
  const { suspension } = binding.spec;
  const suspended =
    suspension?.dispatching === true || suspension?.dispatchingOnClusters?.clusterNames?.includes(target.name) === true;
  return {
    apiVersion: 'work.karmada.io/v1alpha1',
    kind: 'Work',
    metadata: {
      ...place,
      labels: { ...reference.labels, ...(workId === undefined ? {} : { [KEYS.workId]: workId }) },
      annotations,
      finalizers: [FINALIZERS.execution],
    },
    spec: {
      workload: { manifests: [manifest] },
      ...(suspended ? { suspendDispatching: true } : {}),
      ...(binding.spec.preserveResourcesOnDeletion ? { preserveResourcesOnDeletion: true } : {}),
    },
  };
}

/** Labels and annotations that tie a Work, and the object it carries, to the binding. */
export function bindingReference(binding: Binding): {
  labels: Record<string, string>;
  annotations: Record<string, string>;
} {
  const { namespace, name = '', labels = {} } = binding.metadata;
  return namespace
    ? {
        labels: { [KEYS.rbId]: labels[KEYS.rbId] ?? '' },
        annotations: { [KEYS.rbNamespace]: namespace, [KEYS.rbName]: name },
      }
    : { labels: { [KEYS.crbId]: labels[KEYS.crbId] ?? '' }, annotations: { [KEYS.crbName]: name } };
}

/** What the template says, if that is one of the two, else what the policy says. */
function resolutionFor({ metadata }: KubeObject, { spec }: Binding): 'abort' | 'overwrite' {
  const own = metadata.annotations?.[KEYS.conflictResolution];
  if (own === 'abort' || own === 'overwrite') return own;
  return spec.conflictResolution === 'Overwrite' ? 'overwrite' : 'abort';
}

function marked(
  object: KubeObject,
  { binding, template }: WorkInput,
  work: { namespace: string; name: string; resolution: string; workId: string | undefined },
): KubeObject {
  const { workId } = work;
  const reference = bindingReference(binding);
  const { labels = {}, annotations = {} } = object.metadata;
  const allLabels = {
    ...labels,
    ...injectedLabels(binding, clusterOfExecutionNamespace(work.namespace) ?? ''),
    ...reference.labels,
    [KEYS.managed]: 'true',
    ...(workId === undefined ? {} : { [KEYS.workId]: workId }),
  };
  const allAnnotations: Record<string, string> = {
    ...annotations,
    ...reference.annotations,
    [KEYS.workNamespace]: work.namespace,
    [KEYS.workName]: work.name,
    [KEYS.conflictResolution]: work.resolution,
    [KEYS.templateUid]: template.metadata.uid ?? '',
    [KEYS.templateGeneration]: String(template.metadata.generation ?? 0),
  };
  const keys = (record: Record<string, string>, ...more: string[]): string =>
    [...new Set([...Object.keys(record), ...more])].sort().join(',');
  allAnnotations[KEYS.managedLabels] = keys(allLabels, KEYS.workId);
  allAnnotations[KEYS.managedAnnotations] = keys(allAnnotations, KEYS.managedLabels, KEYS.managedAnnotations);
  return { ...object, metadata: { ...object.metadata, labels: allLabels, annotations: allAnnotations } };
}
