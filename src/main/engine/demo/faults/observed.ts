/**
 * Faults that are on the objects themselves: whoever annotated them, by command or with kubectl, they are found here and
 * end here. Pods that have an annotation from their controller's template are not counted again.
 */
import type { ActiveFault, FaultValues } from '#shared/contract/demo.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { BEHAVIOUR_ANNOTATION, behaviourNamed, partsOf } from '../kubelet/behaviour.ts';
import { controllerOf, nameOf, namespaceOf } from '../sim/objects.ts';
import type { Caches } from '../sim/world.ts';
import { annotationOf } from './annotate.ts';
import { CASE_LABEL } from './cases/label.ts';
import { FAULTS } from './catalogue/index.ts';
import { idOf } from './records.ts';
import type { AnnotationEffect, FaultDefinition } from './types.ts';
import { formatWorkload, hasTemplate, type WorkloadKind } from './values.ts';

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

  function follow(kind: WorkloadKind | 'node') {
    return (object: KubeObject, previous: KubeObject | undefined, deleted: boolean): void => {
      const before = previous === undefined ? EMPTY : faultsOn(kind, previous);
      const after = deleted ? EMPTY : faultsOn(kind, object);
      if (before.size === 0 && after.size === 0) return;
      const target = kind === 'node' ? nameOf(object) : formatWorkload(kind, namespaceOf(object), nameOf(object));
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

  function faultsOn(kind: WorkloadKind | 'node', object: KubeObject): ReadonlyMap<ActiveFault['fault'], FaultValues> {
    const onObject = annotationOf(object, 'object');
    const onTemplate = hasTemplate(kind) ? annotationOf(object, 'template') : '';
    if (onObject === '' && onTemplate === '') return EMPTY;
    if (kind === 'pod' && onObject === inherited(object)) return EMPTY;
    // What belongs to a case ends with the case.
    if (object.metadata.labels?.[CASE_LABEL] !== undefined) return EMPTY;
    const found = new Map<ActiveFault['fault'], FaultValues>();
    for (const part of [...partsOf(onObject), ...partsOf(onTemplate)]) {
      for (const fault of FAULTS) {
        const values = effectFor(fault, kind)?.valuesOf(behaviourNamed(part));
        if (values !== undefined) found.set(fault.id, values);
      }
    }
    return found;
  }

  /** What the pod was made with. */
  function inherited(pod: KubeObject): string | undefined {
    const owner = controllerOf(pod);
    if (owner === undefined) return undefined;
    const key = `${namespaceOf(pod)}/${owner.name}`;
    const set = caches.replicaSets.get(key) ?? caches.statefulSets.get(key) ?? caches.daemonSets.get(key);
    return set?.spec?.template?.metadata?.annotations?.[BEHAVIOUR_ANNOTATION];
  }

  const stops = [
    caches.nodes.subscribe(follow('node')),
    caches.deployments.subscribe(follow('deployment')),
    caches.statefulSets.subscribe(follow('statefulset')),
    caches.daemonSets.subscribe(follow('daemonset')),
    caches.pods.subscribe(follow('pod')),
    caches.volumeClaims.subscribe(follow('persistentvolumeclaim')),
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
  { scope, effect, onClaim }: FaultDefinition,
  kind: WorkloadKind | 'node',
): AnnotationEffect | undefined {
  if (kind === 'persistentvolumeclaim') return onClaim;
  if (effect.kind !== 'annotation' || (scope === 'node') !== (kind === 'node')) return undefined;
  return effect;
}

const EMPTY: ReadonlyMap<ActiveFault['fault'], FaultValues> = new Map();
