/** What a binding says, derived from template and policy. Pure. */
import { cloneJson } from '#shared/json.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { type Binding, type BindingSpec, FINALIZERS, type PropagationPolicy } from '../api.ts';
import { builtIn, type Interpreter } from '../interpreter/index.ts';
import { bindingName } from '../naming.ts';
import { DEFAULT_SCHEDULER } from '../scheduler/decide.ts';
import { claimOf, setClaim } from './claim.ts';

/** Fields of the spec that others own: scheduler, eviction and dependency controllers. */
const FOREIGN = ['clusters', 'gracefulEvictionTasks', 'requiredBy', 'rescheduleTriggeredAt'] as const;

export function bindingKeyOf(template: KubeObject): string {
  const name = bindingName(template.kind, template.metadata.name ?? '');
  return template.metadata.namespace ? `${template.metadata.namespace}/${name}` : name;
}

/** A new binding for a template, not yet claimed by a policy. */
export function emptyBinding(template: KubeObject, interpreter: Interpreter = builtIn): Binding {
  const { namespace, name = '', uid = '' } = template.metadata;
  return {
    apiVersion: 'work.karmada.io/v1alpha2',
    kind: namespace ? 'ResourceBinding' : 'ClusterResourceBinding',
    metadata: {
      name: bindingName(template.kind, name),
      ...(namespace ? { namespace } : {}),
      finalizers: [namespace ? FINALIZERS.binding : FINALIZERS.clusterBinding],
      ownerReferences: [
        {
          apiVersion: template.apiVersion,
          kind: template.kind,
          name,
          uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: { resource: referenceTo(template), ...demandOf(template, interpreter) },
  };
}

/**
 * The binding as the policy wants it; what others own in a present binding is kept.
 * @param touched the template's content has changed
 * @param priority value of the PriorityClass that the policy names
 */
export function claimedBinding(
  template: KubeObject,
  policy: PropagationPolicy,
  present: Binding | null,
  touched: boolean,
  interpreter: Interpreter = builtIn,
  priority: number | undefined = present?.spec.schedulePriority?.priority,
): Binding {
  const binding = cloneJson(present ?? emptyBinding(template, interpreter));
  setClaim(binding, claimOf(policy));
  const kept = Object.fromEntries(
    FOREIGN.filter((field) => present?.spec[field] !== undefined).map((field) => [field, present?.spec[field]]),
  );
  const resource = referenceTo(template);
  // Status updates change the version too, and must not look like a change of what is to be distributed.
  if (present !== null && !touched && present.spec.resource.resourceVersion !== undefined) {
    resource.resourceVersion = present.spec.resource.resourceVersion;
  }
  const asked = { ...fromPolicy(policy, present), ...groupsOf(template, policy), ...priorityFor(policy, priority) };
  binding.spec = { resource, ...demandOf(template, interpreter), ...asked, ...kept };
  return binding;
}

function priorityFor({ spec }: PropagationPolicy, priority: number | undefined): Partial<BindingSpec> {
  return spec.schedulePriority == null || priority === undefined ? {} : { schedulePriority: { priority } };
}

/** `key=value` of the labels by which the policy groups workloads; one without the label is in no group. */
function groupsOf(template: KubeObject, { spec }: PropagationPolicy): Partial<BindingSpec> {
  const { affinity, antiAffinity } = spec.placement?.workloadAffinity ?? {};
  const group = (key: string | undefined): string | undefined => {
    const value = key === undefined ? undefined : template.metadata.labels?.[key];
    return value === undefined ? undefined : `${key}=${value}`;
  };
  const groups = defined({
    affinityGroup: group(affinity?.groupByLabelKey),
    antiAffinityGroup: group(antiAffinity?.groupByLabelKey),
  });
  return Object.keys(groups).length === 0 ? {} : { workloadAffinityGroups: groups };
}

function fromPolicy(policy: PropagationPolicy, present: Binding | null): Partial<BindingSpec> {
  const { spec } = policy;
  const scheduling = present?.spec.suspension?.scheduling;
  const suspension = { ...spec.suspension, ...(scheduling === undefined ? {} : { scheduling }) };
  return defined({
    conflictResolution: spec.conflictResolution ?? 'Abort',
    failover: spec.failover,
    placement: spec.placement ?? {},
    preserveResourcesOnDeletion: spec.preserveResourcesOnDeletion,
    propagateDeps: spec.propagateDeps,
    schedulerName: spec.schedulerName || DEFAULT_SCHEDULER,
    suspension: Object.keys(suspension).length > 0 ? suspension : undefined,
  });
}

/** Replicas and what each of them needs; nothing for objects that are only copied. */
export function demandOf(template: KubeObject, interpreter: Interpreter = builtIn): Partial<BindingSpec> {
  const demand = interpreter.getReplicas(template);
  if (demand === null) return {};
  return defined({
    replicas: demand.replicas,
    replicaRequirements: demand.requirements ?? undefined,
  });
}

/** The template as a binding names it. */
export function referenceTo(template: KubeObject): BindingSpec['resource'] {
  const { namespace, name = '', uid, resourceVersion } = template.metadata;
  return defined({ apiVersion: template.apiVersion, kind: template.kind, namespace, name, uid, resourceVersion });
}

function defined<T extends Record<string, Json>>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined && value !== '')) as T;
}
