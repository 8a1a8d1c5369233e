/** Rows of the federation page: each workload with its policy, its decision, and what became of it in every member. */
import type { FederatedWorkload } from '#shared/contract/federations.ts';
import { type KubeObject, objectKey } from '#shared/kubernetes/types.ts';
import { type Binding, KEYS, type Work } from '../api.ts';
import { bindingKeyOf } from '../controllers/binding-build.ts';
import { bindingId } from '../controllers/cache.ts';
import { claimedBy } from '../controllers/claim.ts';
import type { ControlPlane } from '../controllers/control-plane.ts';
import { isReservedNamespace } from '../controllers/templates.ts';
import { targetsOf } from '../controllers/works.ts';
import { clusterOfExecutionNamespace, executionNamespace, workName } from '../naming.ts';
import { categoryOf } from './categories.ts';
import type { KeptJournal } from './journal.ts';
import { overrideProblem } from './override-problem.ts';
import { createChangeSignal } from './signal.ts';

/** Kinds that are shown even while no policy claims them. */
const WORKLOADS = [
  ['apps/v1', 'Deployment'],
  ['apps/v1', 'StatefulSet'],
  ['apps/v1', 'DaemonSet'],
  ['batch/v1', 'Job'],
  ['batch/v1', 'CronJob'],
] as const;

export interface WorkloadsSource {
  plane: ControlPlane;
  repairsOf: KeptJournal['repairsOf'];
  onJournal(listener: () => void): () => void;
}

export async function* watchWorkloads(
  source: WorkloadsSource,
  signal: AbortSignal | undefined,
): AsyncIterable<FederatedWorkload[]> {
  const { plane } = source;
  const changes = createChangeSignal();
  const { bindings, clusterBindings, works, overrides, clusterOverrides } = plane.cache;
  const handler = { onAdd: changes.changed, onUpdate: changes.changed, onDelete: changes.changed };
  const ends = [
    ...[bindings, clusterBindings, works, overrides, clusterOverrides].map((informer) =>
      (informer as typeof bindings).subscribe(handler),
    ),
    plane.templates.subscribe(changes.changed, { status: true }),
    source.onJournal(changes.changed),
  ];
  try {
    yield* changes.watch(() => workloadsOf(source), signal);
  } finally {
    for (const end of ends) end();
  }
}

export function workloadsOf(source: WorkloadsSource): FederatedWorkload[] {
  const { plane } = source;
  const rows = new Map<string, FederatedWorkload>();
  for (const [key, binding] of plane.cache.allBindings()) {
    const { apiVersion, kind, namespace, name } = binding.spec.resource;
    const template = plane.templates.get(apiVersion, kind, namespace, name);
    if (template !== undefined) rows.set(key, rowOf(template, binding, source));
  }
  for (const [apiVersion, kind] of WORKLOADS) {
    for (const template of plane.templates.all({ apiVersion, kind })) {
      const key = bindingKeyOf(template);
      if (!rows.has(key) && !isReservedNamespace(template.metadata.namespace ?? ''))
        rows.set(key, rowOf(template, undefined, source));
    }
  }
  for (const namespace of plane.cache.namespaces.items.values())
    if (!isReservedNamespace(namespace.metadata.name ?? ''))
      rows.set(`Namespace ${namespace.metadata.name}`, namespaceRow(namespace, source));
  return [...rows.values()].sort((a, b) =>
    `${a.namespace}/${a.name}/${a.kind}` < `${b.namespace}/${b.name}/${b.kind}` ? -1 : 1,
  );
}

function rowOf(template: KubeObject, binding: Binding | undefined, source: WorkloadsSource): FederatedWorkload {
  const { metadata, spec = {}, status = {} } = template;
  const scheduled = binding?.status?.conditions?.find(({ type }) => type === 'Scheduled');
  const replicas = spec.replicas ?? (template.kind === 'Job' ? spec.parallelism : undefined);
  return {
    uid: metadata.uid ?? objectKey(template),
    category: categoryOf(template.apiVersion, template.kind),
    apiVersion: template.apiVersion,
    kind: template.kind,
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    createdAt: metadata.creationTimestamp ?? '',
    generation: metadata.generation ?? 0,
    follows: (binding?.spec.requiredBy ?? []).map(({ namespace = '', name }) =>
      namespace === '' ? name : `${namespace}/${name}`,
    ),
    replicas: replicas ?? null,
    readyReplicas: replicas === undefined ? null : (status.readyReplicas ?? status.ready ?? 0),
    policy: claimedBy(template)?.key ?? null,
    scheduled:
      scheduled === undefined
        ? null
        : { status: scheduled.status, reason: scheduled.reason ?? '', message: scheduled.message ?? '' },
    clusters: binding === undefined ? [] : clustersOf(binding, source),
  };
}

function clustersOf(binding: Binding, { plane, repairsOf }: WorkloadsSource): FederatedWorkload['clusters'] {
  const works = new Map(
    plane.cache
      .worksOfBinding(bindingId(binding) ?? '')
      .map((work) => [clusterOfExecutionNamespace(work.metadata.namespace ?? ''), work]),
  );
  const targets = [...targetsOf(binding).values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const { apiVersion, kind, namespace = '', name: objectName } = binding.spec.resource;
  const repairs = repairsOf({ apiVersion, kind, namespace, name: objectName });
  return targets.map((target) => {
    const { name, replicas } = target;
    const problem = overrideProblem(binding, target, plane);
    const item = binding.status?.aggregatedStatus?.find(({ clusterName }) => clusterName === name);
    const work = works.get(name);
    return {
      name,
      replicas: replicas ?? null,
      readyReplicas: replicas === undefined ? null : (item?.status?.readyReplicas ?? 0),
      // Not applied, and nothing that says why: its turn has not come yet.
      applied: problem !== null ? false : item?.applied === true ? true : item?.appliedMessage ? false : null,
      appliedMessage: problem ?? item?.appliedMessage ?? '',
      occupied: item?.applied !== true && isOccupied(item?.appliedMessage),
      health: item?.health ?? 'Unknown',
      overrides: overridesOf(work),
      generation: sentGeneration(work),
      images: imagesOf(work?.spec.workload.manifests?.[0]),
      repaired: repairs.get(name) ?? null,
    };
  });
}

/** Namespaces go to every member without a binding. */
function namespaceRow(namespace: KubeObject, source: WorkloadsSource): FederatedWorkload {
  const { plane, repairsOf } = source;
  const name = namespace.metadata.name ?? '';
  const repairs = repairsOf({ apiVersion: 'v1', kind: 'Namespace', namespace: '', name });
  const clusters = [...plane.cache.clusters.items.keys()].sort().flatMap((cluster) => {
    const work = plane.cache.works.get(`${executionNamespace(cluster)}/${workName('Namespace', name, undefined)}`);
    if (work === undefined) return [];
    const condition = work.status?.conditions?.find(({ type }) => type === 'Applied');
    const occupied = isOccupiedNamespace(work);
    const applied = condition === undefined ? null : condition.status === 'True' || occupied;
    return [
      {
        name: cluster,
        replicas: null,
        readyReplicas: null,
        applied,
        appliedMessage: condition?.message ?? '',
        occupied,
        health: applied === true ? ('Healthy' as const) : ('Unknown' as const),
        overrides: overridesOf(work),
        generation: sentGeneration(work),
        images: [],
        repaired: repairs.get(cluster) ?? null,
      },
    ];
  });
  return { ...rowOf(namespace, undefined, source), clusters };
}

/** Both engines name the annotation that would let them take over what is there. */
function isOccupied(message: string | undefined): boolean {
  return message?.includes(KEYS.conflictResolution) ?? false;
}

/** Karmada leaves a namespace alone that was there before, and its Work failed for ever: nothing that a person has to mend. */
export function isOccupiedNamespace({ spec, status }: Work): boolean {
  const manifest = spec.workload.manifests?.[0];
  const applied = status?.conditions?.find(({ type }) => type === 'Applied');
  return manifest?.kind === 'Namespace' && applied?.status === 'False' && isOccupied(applied.message);
}

function sentGeneration(work: Work | undefined): number | null {
  const text = work?.spec.workload.manifests?.[0]?.metadata.annotations?.[KEYS.templateGeneration];
  return text === undefined ? null : Number(text);
}

/** Of containers in a pod template, or in a pod itself. */
function imagesOf(manifest: KubeObject | undefined): string[] {
  const pod = manifest?.spec?.template?.spec ?? manifest?.spec?.jobTemplate?.spec?.template?.spec ?? manifest?.spec;
  const containers: unknown = pod?.containers;
  if (!Array.isArray(containers)) return [];
  return containers.flatMap((container) => (typeof container?.image === 'string' ? [container.image] : []));
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
