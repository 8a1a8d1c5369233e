/**
 * Faults that are on the objects themselves: whoever annotated them, by command or with kubectl, they are found here and
 * end here. Pods that have an annotation from their controller's template are not counted again.
 */
import type { ActiveFault, FaultValues } from '#shared/contract/demo.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { BEHAVIOUR_ANNOTATION, behaviourNamed, behaviourWish, partsOf } from '../kubelet/behaviour.ts';
import { controllerOf, nameOf, namespaceOf } from '../sim/objects.ts';
import type { Caches } from '../sim/world.ts';
import { annotationOf } from './annotate.ts';
import { CASE_LABEL } from './cases/label.ts';
import { FAULTS } from './catalogue/index.ts';
import { idOf } from './records.ts';
import type { AnnotationEffect, FaultDefinition } from './types.ts';
import { formatTarget, hasTemplate, type ObjectKind } from './values.ts';

export interface ObservedFaults {
  /** By id. */
  readonly active: ReadonlyMap<string, ActiveFault>;
  stop(): void;
}

/** `onChange` gets the ids of those that began and ended; those that are there already have been found when this returns. */
export function observeFaults(options: {
  cluster: string;
  caches: Caches;
  now(): number;
  onChange(began: readonly string[], ended: readonly string[]): void;
}): ObservedFaults {
  const { cluster, caches } = options;
  const active = new Map<string, ActiveFault>();

  function follow(kind: ObjectKind | 'node') {
    return (object: KubeObject, previous: KubeObject | undefined, deleted: boolean): void => {
      const before = previous === undefined ? EMPTY : faultsOn(kind, previous);
      const after = deleted ? EMPTY : faultsOn(kind, object);
      if (before.size === 0 && after.size === 0) return;
      const target = kind === 'node' ? nameOf(object) : formatTarget(kind, namespaceOf(object), nameOf(object));
      const began: string[] = [];
      const ended: string[] = [];
      for (const [fault, values] of after) {
        const id = idOf(cluster, fault, target);
        const since = active.get(id)?.since ?? new Date(options.now()).toISOString();
        if (!active.has(id)) began.push(id);
        active.set(id, { id, fault, cluster, target, values, since, until: null, by: 'annotation' });
      }
      for (const fault of before.keys()) {
        if (after.has(fault)) continue;
        const id = idOf(cluster, fault, target);
        active.delete(id);
        ended.push(id);
      }
      if (began.length > 0 || ended.length > 0) options.onChange(began, ended);
    };
  }

  function faultsOn(kind: ObjectKind | 'node', object: KubeObject): ReadonlyMap<ActiveFault['fault'], FaultValues> {
    const onObject = annotationOf(object, 'object');
    const onTemplate = hasTemplate(kind) ? annotationOf(object, 'template') : '';
    if (onObject === '' && onTemplate === '') return EMPTY;
    if (isCopy(kind, object, onObject)) return EMPTY;
    // What belongs to a case ends with the case.
    if (object.metadata.labels?.[CASE_LABEL] !== undefined) return EMPTY;
    const found = new Map<ActiveFault['fault'], FaultValues>();
    // What the whole namespace has is on its releases as well.
    const shared = kind === 'namespace' ? [] : partsOf(behaviourWish(caches.namespaces.get(namespaceOf(object))));
    const ofTemplate = partsOf(onTemplate).filter((part) => !shared.includes(part));
    for (const part of [...partsOf(onObject), ...ofTemplate]) {
      for (const fault of FAULTS) {
        const values = effectFor(fault, kind)?.valuesOf(behaviourNamed(part));
        if (values !== undefined) found.set(fault.id, values);
      }
    }
    return found;
  }

  /** What an object has from its controller is a fault of that one. */
  function isCopy(kind: ObjectKind | 'node', object: KubeObject, onObject: string): boolean {
    if (kind === 'replicaset') return controllerOf(object)?.kind === 'Deployment';
    return kind === 'pod' && onObject !== '' && onObject === inherited(object);
  }

  /** What the pod was made with. */
  function inherited(pod: KubeObject): string | undefined {
    const owner = controllerOf(pod);
    if (owner === undefined) return undefined;
    const key = `${namespaceOf(pod)}/${owner.name}`;
    const { replicaSets, replicationControllers, statefulSets, daemonSets, jobs } = caches;
    const cacheOf = [replicaSets, replicationControllers, statefulSets, daemonSets, jobs];
    const set = cacheOf.map((cache) => cache.get(key)).find((found) => found !== undefined);
    return set?.spec?.template?.metadata?.annotations?.[BEHAVIOUR_ANNOTATION];
  }

  const stops = [
    caches.nodes.subscribe(follow('node')),
    caches.deployments.subscribe(follow('deployment')),
    caches.statefulSets.subscribe(follow('statefulset')),
    caches.daemonSets.subscribe(follow('daemonset')),
    caches.replicaSets.subscribe(follow('replicaset')),
    caches.replicationControllers.subscribe(follow('replicationcontroller')),
    caches.jobs.subscribe(follow('job')),
    caches.cronJobs.subscribe(follow('cronjob')),
    caches.pods.subscribe(follow('pod')),
    caches.namespaces.subscribe(follow('namespace')),
    caches.volumeClaims.subscribe(follow('persistentvolumeclaim')),
    caches.storageClasses.subscribe(follow('storageclass')),
  ];
  return {
    active,
    stop() {
      for (const stop of stops) stop();
    },
  };
}

/** What of the fault an annotation on such an object asks for. */
function effectFor(
  { scope, effect, onStorage }: FaultDefinition,
  kind: ObjectKind | 'node',
): AnnotationEffect | undefined {
  if (kind === 'persistentvolumeclaim' || kind === 'storageclass') return onStorage;
  if (effect.kind !== 'annotation' || (scope === 'node') !== (kind === 'node')) return undefined;
  return effect;
}

const EMPTY: ReadonlyMap<ActiveFault['fault'], FaultValues> = new Map();
