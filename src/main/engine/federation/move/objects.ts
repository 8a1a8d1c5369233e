/**
 * What of a control plane goes along when it moves, and how it is written elsewhere: without what the server that had it
 * gave it, and without the claims of policies, which are made anew there. Pure.
 */
import type { KubeObject, ResourceInfo } from '#shared/kubernetes/types.ts';
import { type Binding, KEYS } from '../api.ts';
import { claimedBy, clearClaim } from '../controllers/claim.ts';
import { isReservedNamespace } from '../controllers/templates.ts';

/** In the order in which they are written: nothing comes before what it needs. */
export const moveStages = [
  'namespaces',
  'definitions',
  'interpreters',
  'overrides',
  'templates',
  'bindings',
  'policies',
  'others',
] as const;
export type MoveStage = (typeof moveStages)[number];

const KARMADA = /(^|\.)karmada\.io$/;
const POLICY = 'policy.karmada.io';
/** Made by a control plane for itself, or with no meaning elsewhere. */
const LEFT_GROUPS = new Set([
  'apiregistration.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'certificates.k8s.io',
  'coordination.k8s.io',
  'discovery.k8s.io',
  'events.k8s.io',
  'flowcontrol.apiserver.k8s.io',
  'internal.apiserver.k8s.io',
  'metrics.k8s.io',
]);
const LEFT_KINDS = new Set([
  'Event',
  'Node',
  'Endpoints',
  'ComponentStatus',
  'ServiceCIDR',
  'IPAddress',
  'Cluster',
  'Work',
  'WorkloadRebalancer',
]);

/** Null for kinds that stay. */
export function stageOf(info: Pick<ResourceInfo, 'group' | 'kind' | 'resource' | 'verbs'>): MoveStage | null {
  const { group, kind, resource, verbs } = info;
  if (resource.includes('/') || !['list', 'create', 'delete'].every((verb) => verbs.includes(verb))) return null;
  if (LEFT_GROUPS.has(group) || LEFT_KINDS.has(kind)) return null;
  if (group === '' && kind === 'Namespace') return 'namespaces';
  if (group === 'apiextensions.k8s.io') return kind === 'CustomResourceDefinition' ? 'definitions' : null;
  if (group === 'config.karmada.io') return 'interpreters';
  if (group === 'work.karmada.io') return 'bindings';
  if (group === POLICY && kind.endsWith('OverridePolicy')) return 'overrides';
  if (group === POLICY && kind.endsWith('PropagationPolicy')) return 'policies';
  return KARMADA.test(group) ? 'others' : 'templates';
}

/** Whether an object of a kind that moves goes along. */
export function isMoved(object: KubeObject, stage: MoveStage): boolean {
  const { name = '', namespace, deletionTimestamp, labels = {} } = object.metadata;
  if (deletionTimestamp || (namespace !== undefined && isReservedNamespace(namespace))) return false;
  switch (stage) {
    case 'namespaces':
      return name !== 'default' && !isReservedNamespace(name);
    case 'definitions':
      return !KARMADA.test(object.spec?.group ?? '') && object.spec?.group !== 'multicluster.x-k8s.io';
    case 'bindings':
      // What only follows another workload is made there by what it follows.
      return claimedBy(object) !== null;
    case 'templates':
      return !isOfServer(object, labels);
    default:
      return true;
  }
}

/** What every API server makes for itself, and what Karmada's own components are reached by. */
function isOfServer(
  { kind, type, metadata, webhooks }: KubeObject & { type?: unknown; webhooks?: unknown },
  labels: Record<string, string>,
): boolean {
  const { name = '', ownerReferences = [] } = metadata;
  if (Array.isArray(webhooks) && webhooks.some((one) => KARMADA.test(one?.name ?? ''))) return true;
  if (labels['kubernetes.io/bootstrapping'] !== undefined || /^system[:-]/.test(name)) return true;
  if (kind === 'ServiceAccount' && name === 'default') return true;
  if (kind === 'ConfigMap' && name === 'kube-root-ca.crt') return true;
  if (kind === 'Service' && name === 'kubernetes' && metadata.namespace === 'default') return true;
  if (kind === 'Secret' && type === 'kubernetes.io/service-account-token') return true;
  if (/^Cluster(Role|RoleBinding)$/.test(kind) && /^(cluster-admin|admin|edit|view)$/.test(name)) return true;
  return ownerReferences.some(({ controller }) => controller === true);
}

/** As it is written elsewhere. */
export function portable(object: KubeObject, stage: MoveStage): KubeObject {
  const { status: _, ...copy } = structuredClone(object);
  const { labels, annotations, name, namespace, finalizers } = copy.metadata;
  const kept = finalizers?.filter((finalizer) => !/(^|\.)karmada\.io\//.test(finalizer)) ?? [];
  const moved: KubeObject = {
    ...copy,
    metadata: {
      ...(name === undefined ? {} : { name }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(kept.length === 0 ? {} : { finalizers: kept }),
    },
  };
  if (stage === 'templates' || stage === 'definitions') clearClaim(moved);
  if (stage === 'namespaces') {
    delete moved.spec;
    delete moved.metadata.labels?.['kubernetes.io/metadata.name'];
  }
  if (moved.kind === 'Service') for (const field of ['clusterIP', 'clusterIPs']) delete moved.spec?.[field];
  if (moved.kind === 'Job') withoutJobDefaults(moved);
  delete moved.metadata.annotations?.['kubectl.kubernetes.io/last-applied-configuration'];
  for (const field of ['labels', 'annotations'] as const)
    if (Object.keys(moved.metadata[field] ?? {}).length === 0) delete moved.metadata[field];
  return moved;
}

/** The selector that a server generates would be refused by another one. */
function withoutJobDefaults({ spec }: KubeObject): void {
  if (spec === undefined || spec.manualSelector === true) return;
  delete spec.selector;
  for (const key of [
    'controller-uid',
    'job-name',
    'batch.kubernetes.io/controller-uid',
    'batch.kubernetes.io/job-name',
  ])
    delete spec.template?.metadata?.labels?.[key];
}

/**
 * The binding of a template as it is in the target: placed where it is placed now, so that nothing moves, and not claimed
 * yet. Its id stays: the Works and the objects in the members carry it.
 */
export function portableBinding(binding: Binding, template: KubeObject): Binding {
  const moved = portable(binding, 'bindings') as Binding;
  clearClaim(moved);
  for (const key of Object.keys(moved.metadata.labels ?? {}))
    if (key.startsWith(KEYS.dependedBy)) delete moved.metadata.labels?.[key];
  const { uid = '', resourceVersion = '' } = template.metadata;
  const { requiredBy: _, rescheduleTriggeredAt: __, ...spec } = moved.spec;
  moved.spec = { ...spec, resource: { ...spec.resource, uid, resourceVersion } };
  moved.metadata.ownerReferences = [
    {
      apiVersion: template.apiVersion,
      kind: template.kind,
      name: template.metadata.name ?? '',
      uid,
      controller: true,
      blockOwnerDeletion: true,
    },
  ];
  return moved;
}

/** What the scheduler there has to know of decisions that were made here. */
export function portableStatus({ status = {}, metadata }: Binding): NonNullable<Binding['status']> {
  const { schedulerObservingAffinityName, lastScheduledTime, conditions = [] } = status;
  return {
    ...(schedulerObservingAffinityName === undefined ? {} : { schedulerObservingAffinityName }),
    ...(lastScheduledTime == null ? {} : { lastScheduledTime }),
    schedulerObservedGeneration: metadata.generation ?? 1,
    conditions: conditions.filter(({ type }) => type === 'Scheduled'),
  };
}
