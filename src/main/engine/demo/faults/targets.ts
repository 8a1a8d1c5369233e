/** What the faults of one cluster can be aimed at, and which target is taken when none is named. Reads caches only. */
import type { FaultScope, FaultTargets } from '#shared/contract/demo.ts';
import { AppError } from '#shared/errors.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { SHOP } from '../seed.ts';
import type { Cache } from '../sim/cache.ts';
import { isDeleting, nameOf, namespaceOf } from '../sim/objects.ts';
import type { Caches } from '../sim/world.ts';
import { CASES, caseOf } from './cases/index.ts';
import type { FaultDefinition } from './types.ts';
import { formatWorkload, parseWorkload, type WorkloadKind } from './values.ts';

/** A list nobody could read to its end is cut; what is not in it can still be named. */
const LISTED_AT_MOST = 1000;
const CONTROL_PLANE = 'node-role.kubernetes.io/control-plane';

export function targetsOf(caches: Caches, scope: FaultScope): FaultTargets {
  if (scope === 'cluster') return { targets: [], initial: null };
  if (scope === 'case') return { targets: CASES.map(({ id }) => id), initial: CASES[0]?.id ?? null };
  if (scope === 'node') {
    const nodes = caches.nodes.list().filter((node) => !isDeleting(node));
    const targets = nodes.map(nameOf).sort();
    const workers = nodes.filter((node) => node.metadata.labels?.[CONTROL_PLANE] === undefined).map(nameOf);
    return { targets: targets.slice(0, LISTED_AT_MOST), initial: workers.sort().at(-1) ?? targets.at(-1) ?? null };
  }
  const targets = (['deployment', 'statefulset', 'daemonset'] as const).flatMap((kind) =>
    cacheOf(caches, kind)
      .list()
      .filter((object) => !isDeleting(object))
      .map((object) => formatWorkload(kind, namespaceOf(object), nameOf(object)))
      .sort(),
  );
  const shop = formatWorkload('deployment', SHOP, 'storefront');
  const initial = targets.includes(shop) ? shop : targets.find((target) => !target.startsWith('kube-system/'));
  return { targets: targets.slice(0, LISTED_AT_MOST), initial: initial ?? targets[0] ?? null };
}

/** In the form that ids have. @throws AppError INVALID, NOT_FOUND. */
export function resolveTarget(caches: Caches, fault: FaultDefinition, given: string | undefined): string | null {
  if (fault.scope === 'cluster') {
    if (given === undefined) return null;
    if (fault.onClaim === undefined) throw invalid(`${fault.id} concerns the whole cluster and takes no target`);
    return waitingClaim(caches, fault, given);
  }
  const target = given ?? targetsOf(caches, fault.scope).initial;
  if (target === null) throw new AppError('NOT_FOUND', `there is nothing ${fault.id} could be aimed at`);
  if (fault.scope === 'case') {
    if (caseOf(target) === undefined) throw notFound(target);
    return target;
  }
  if (fault.scope === 'node') {
    if (caches.nodes.get(target) === undefined) throw notFound(target);
    return target;
  }
  const { kind, namespace, name } = parseWorkload(target);
  if (kind === 'persistentvolumeclaim')
    throw invalid(`${fault.id} is aimed at pods and what makes them, not at ${target}`);
  const object = cacheOf(caches, kind).get(`${namespace}/${name}`);
  if (object === undefined) throw notFound(target);
  const { probe } = fault;
  if (probe !== undefined && !containersIn(object).some((container) => container[probe] !== undefined))
    throw invalid(`no container of ${target} has a ${probe}: nothing could be seen to fail`);
  if (kind === 'pod' && fault.effect.kind === 'annotation' && fault.effect.on === 'template') {
    throw invalid(`${fault.id} is a release gone wrong: its target needs a pod template`);
  }
  return formatWorkload(kind, namespace, name);
}

function containersIn({ spec }: KubeObject): Json[] {
  return (spec?.template?.spec ?? spec)?.containers ?? [];
}

/** A claim that has its volume waits for nothing. */
function waitingClaim(caches: Caches, fault: FaultDefinition, given: string): string {
  const { kind, namespace, name } = parseWorkload(given);
  if (kind !== 'persistentvolumeclaim')
    throw invalid(`${fault.id} concerns the whole cluster or one persistentvolumeclaim, not ${given}`);
  const claim = caches.volumeClaims.get(`${namespace}/${name}`);
  if (claim === undefined) throw notFound(given);
  if (claim.status?.phase === 'Bound')
    throw invalid(`${given} has its volume already: only a new claim can be left without`);
  return formatWorkload(kind, namespace, name);
}

function invalid(message: string): AppError {
  return new AppError('INVALID', message, { params: { field: 'target' } });
}

function cacheOf(caches: Caches, kind: WorkloadKind): Cache {
  switch (kind) {
    case 'deployment':
      return caches.deployments;
    case 'statefulset':
      return caches.statefulSets;
    case 'daemonset':
      return caches.daemonSets;
    case 'pod':
      return caches.pods;
    case 'persistentvolumeclaim':
      return caches.volumeClaims;
  }
}

function notFound(target: string): AppError {
  return new AppError('NOT_FOUND', `${target} is not there`, { params: { name: target } });
}
