/** Rows of the federation page: each workload with its policy, its decision, and what became of it in every member. */
import type { FederatedWorkload } from '#shared/contract/federations.ts';
import { type KubeObject, objectKey } from '#shared/kubernetes/types.ts';
import { type Binding, KEYS, type Work } from '../api.ts';
import { bindingKeyOf } from '../controllers/binding-build.ts';
import { bindingId } from '../controllers/cache.ts';
import { claimedBy } from '../controllers/claim.ts';
import type { ControlPlane } from '../controllers/control-plane.ts';
import { isReservedNamespace } from '../controllers/templates.ts';
import { clusterOfExecutionNamespace } from '../naming.ts';
import { createChangeSignal } from './signal.ts';

/** Kinds that are shown even while no policy claims them. */
const WORKLOADS = [
  ['apps/v1', 'Deployment'],
  ['apps/v1', 'StatefulSet'],
  ['apps/v1', 'DaemonSet'],
  ['batch/v1', 'Job'],
  ['batch/v1', 'CronJob'],
] as const;

export async function* watchWorkloads(
  plane: ControlPlane,
  signal: AbortSignal | undefined,
): AsyncIterable<FederatedWorkload[]> {
  const changes = createChangeSignal();
  const { bindings, clusterBindings, works } = plane.cache;
  const handler = { onAdd: changes.changed, onUpdate: changes.changed, onDelete: changes.changed };
  const ends = [
    bindings.subscribe(handler),
    clusterBindings.subscribe(handler),
    works.subscribe(handler),
    plane.templates.subscribe(changes.changed, { status: true }),
  ];
  try {
    yield* changes.watch(() => workloadsOf(plane), signal);
  } finally {
    for (const end of ends) end();
  }
}

export function workloadsOf(plane: ControlPlane): FederatedWorkload[] {
  const rows = new Map<string, FederatedWorkload>();
  for (const [key, binding] of plane.cache.allBindings()) {
    // What only follows a workload as its dependency is no row of its own.
    if (claimedBy(binding) === null && binding.spec.requiredBy?.length) continue;
    const { apiVersion, kind, namespace, name } = binding.spec.resource;
    const template = plane.templates.get(apiVersion, kind, namespace, name);
    if (template !== undefined) rows.set(key, rowOf(template, binding, plane));
  }
  for (const [apiVersion, kind] of WORKLOADS) {
    for (const template of plane.templates.all({ apiVersion, kind })) {
      const key = bindingKeyOf(template);
      if (!rows.has(key) && !isReservedNamespace(template.metadata.namespace ?? ''))
        rows.set(key, rowOf(template, undefined, plane));
    }
  }
  return [...rows.values()].sort((a, b) =>
    `${a.namespace}/${a.name}/${a.kind}` < `${b.namespace}/${b.name}/${b.kind}` ? -1 : 1,
  );
}

function rowOf(template: KubeObject, binding: Binding | undefined, plane: ControlPlane): FederatedWorkload {
  const { metadata, spec = {}, status = {} } = template;
  const scheduled = binding?.status?.conditions?.find(({ type }) => type === 'Scheduled');
  const replicas = spec.replicas ?? (template.kind === 'Job' ? spec.parallelism : undefined);
  return {
    uid: metadata.uid ?? objectKey(template),
    apiVersion: template.apiVersion,
    kind: template.kind,
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    createdAt: metadata.creationTimestamp ?? '',
    replicas: replicas ?? null,
    readyReplicas: replicas === undefined ? null : (status.readyReplicas ?? status.ready ?? 0),
    policy: claimedBy(template)?.key ?? null,
    scheduled:
      scheduled === undefined
        ? null
        : { status: scheduled.status, reason: scheduled.reason ?? '', message: scheduled.message ?? '' },
    clusters: binding === undefined ? [] : clustersOf(binding, plane),
  };
}

function clustersOf(binding: Binding, plane: ControlPlane): FederatedWorkload['clusters'] {
  const works = new Map(
    plane.cache
      .worksOfBinding(bindingId(binding) ?? '')
      .map((work) => [clusterOfExecutionNamespace(work.metadata.namespace ?? ''), work]),
  );
  const targets = [...(binding.spec.clusters ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1));
  return targets.map(({ name, replicas }) => {
    const item = binding.status?.aggregatedStatus?.find(({ clusterName }) => clusterName === name);
    return {
      name,
      replicas: replicas ?? null,
      readyReplicas: replicas === undefined ? null : (item?.status?.readyReplicas ?? 0),
      applied: item?.applied ?? null,
      appliedMessage: item?.appliedMessage ?? '',
      health: item?.health ?? 'Unknown',
      overrides: overridesOf(works.get(name)),
    };
  });
}

/** Names of the override policies that a Work carries the marks of. */
export function overridesOf(work: Work | undefined): string[] {
  const names = [KEYS.appliedClusterOverrides, KEYS.appliedOverrides].flatMap((key) => {
    const text = work?.metadata.annotations?.[key];
    try {
      return text === undefined ? [] : (JSON.parse(text) as { policyName: string }[]).map((entry) => entry.policyName);
    } catch {
      return [];
    }
  });
  return [...new Set(names)];
}
