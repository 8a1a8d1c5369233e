/** What the faults of one cluster can be aimed at, and which target is taken when none is named. Reads caches only. */
import type { FaultTargets } from '#shared/contract/demo.ts';
import { AppError } from '#shared/errors.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { CLUSTER_NAMESPACE } from '../kubelet/behaviour.ts';
import { SHOP } from '../seed.ts';
import type { Cache } from '../sim/cache.ts';
import { podsInNamespace } from '../sim/indexes.ts';
import { controllerOf, isDeleting, nameOf, namespaceOf } from '../sim/objects.ts';
import type { Caches } from '../sim/world.ts';
import { CASES, caseOf } from './cases/index.ts';
import { claimProblem, probeProblem, problemOfClusterNamespace } from './sense.ts';
import type { FaultDefinition } from './types.ts';
import { formatTarget, type ObjectKind, parseTarget } from './values.ts';

/** A list nobody could read to its end is cut; what is not in it can still be named. */
const LISTED_AT_MOST = 1000;
const CONTROL_PLANE = 'node-role.kubernetes.io/control-plane';

/** Whether a target can be named. */
export function isAimed({ scope, onStorage }: FaultDefinition): boolean {
  return scope !== 'cluster' || onStorage !== undefined;
}

export function targetsOf(caches: Caches, fault: FaultDefinition): FaultTargets {
  if (fault.scope === 'cluster') return fault.onStorage === undefined ? NONE : storageTargets(caches);
  if (fault.scope === 'case') return { targets: CASES.map(({ id }) => id), initial: CASES[0]?.id ?? null };
  if (fault.scope === 'node') {
    const nodes = caches.nodes.list().filter((node) => !isDeleting(node));
    const targets = nodes.map(nameOf).sort();
    const workers = nodes.filter((node) => node.metadata.labels?.[CONTROL_PLANE] === undefined).map(nameOf);
    return { targets: targets.slice(0, LISTED_AT_MOST), initial: workers.sort().at(-1) ?? targets.at(-1) ?? null };
  }
  const named = namedIn(caches, ['deployment', 'statefulset', 'daemonset', 'job', 'cronjob', 'pod']);
  const namespaces = namedIn(caches, ['namespace']).filter(
    (target) => target !== formatTarget('namespace', '', CLUSTER_NAMESPACE),
  );
  const shop = formatTarget('deployment', SHOP, 'storefront');
  const initial = named.includes(shop) ? shop : named.find((target) => !target.startsWith(`${CLUSTER_NAMESPACE}/`));
  // Namespaces first: of a large cluster not everything is listed.
  return { targets: [...namespaces, ...named].slice(0, LISTED_AT_MOST), initial: initial ?? named[0] ?? null };
}

const NONE: FaultTargets = { targets: [], initial: null };

function storageTargets(caches: Caches): FaultTargets {
  const classes = namedIn(caches, ['storageclass']);
  const waiting = caches.volumeClaims
    .list()
    .filter((claim) => !isDeleting(claim) && claim.status?.phase !== 'Bound')
    .map((claim) => formatTarget('persistentvolumeclaim', namespaceOf(claim), nameOf(claim)));
  return { targets: [...classes, ...waiting.sort()].slice(0, LISTED_AT_MOST), initial: null };
}

/** Of pods and jobs those that nobody looks after. */
function namedIn(caches: Caches, kinds: readonly ObjectKind[]): string[] {
  return kinds.flatMap((kind) =>
    cacheOf(caches, kind)
      .list()
      .filter((object) => !isDeleting(object) && controllerOf(object) === undefined)
      .map((object) => formatTarget(kind, namespaceOf(object), nameOf(object)))
      .sort(),
  );
}

/** In the form that ids have. @throws AppError INVALID, NOT_FOUND. */
export function resolveTarget(caches: Caches, fault: FaultDefinition, given: string | undefined): string | null {
  if (fault.scope === 'cluster' && given === undefined) return null;
  if (!isAimed(fault)) throw invalid(`${fault.id} concerns the whole cluster and takes no target`);
  const target = given ?? targetsOf(caches, fault).initial;
  if (target === null) throw new AppError('NOT_FOUND', `there is nothing ${fault.id} could be aimed at`);
  if (fault.scope === 'case') {
    if (caseOf(target) === undefined) throw notFound(target);
    return target;
  }
  if (fault.scope === 'node') {
    if (caches.nodes.get(target) === undefined) throw notFound(target);
    return target;
  }
  const { kind, namespace = '', name } = parseTarget(target);
  const aim = formatTarget(kind, namespace, name);
  const isStorage = kind === 'persistentvolumeclaim' || kind === 'storageclass';
  if (isStorage && fault.scope === 'workload')
    throw invalid(`${fault.id} is aimed at pods, what makes them or their namespace, not at ${aim}`);
  if (!isStorage && fault.scope === 'cluster')
    throw invalid(`${fault.id} concerns the whole cluster, a storageclass or a persistentvolumeclaim, not ${aim}`);
  if (kind === 'namespace' && name === CLUSTER_NAMESPACE) throw invalid(problemOfClusterNamespace(fault.id));
  const object = cacheOf(caches, kind).get(namespace === '' ? name : `${namespace}/${name}`);
  if (object === undefined) throw notFound(aim);
  const problem = problemOn(caches, kind, object, fault);
  if (problem !== null) throw invalid(problem);
  if (kind === 'pod' && fault.effect.kind === 'annotation' && fault.effect.on === 'template')
    throw invalid(`${fault.id} is a release gone wrong: its target needs a pod template`);
  return aim;
}

/** Why the fault could not be seen there, in words; null where it can. */
function problemOn(caches: Caches, kind: ObjectKind, object: KubeObject, { probe }: FaultDefinition): string | null {
  if (kind === 'persistentvolumeclaim') return claimProblem(object);
  if (probe === undefined) return null;
  const pods = kind === 'namespace' ? podsInNamespace(caches, nameOf(object)) : [object];
  return probeProblem(pods, probe, formatTarget(kind, namespaceOf(object), nameOf(object)));
}

function invalid(message: string): AppError {
  return new AppError('INVALID', message, { params: { field: 'target' } });
}

function cacheOf(caches: Caches, kind: ObjectKind): Cache {
  const byKind: Readonly<Record<ObjectKind, Cache>> = {
    deployment: caches.deployments,
    statefulset: caches.statefulSets,
    daemonset: caches.daemonSets,
    replicaset: caches.replicaSets,
    replicationcontroller: caches.replicationControllers,
    job: caches.jobs,
    cronjob: caches.cronJobs,
    pod: caches.pods,
    persistentvolumeclaim: caches.volumeClaims,
    namespace: caches.namespaces,
    storageclass: caches.storageClasses,
  };
  return byKind[kind];
}

function notFound(target: string): AppError {
  return new AppError('NOT_FOUND', `${target} is not there`, { params: { name: target } });
}
