/** How many replicas a template wants, and the same template with another number. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import type { ReplicaRequirements } from '../api.ts';
import { podSpecOf } from './pods.ts';
import { requirementsOf } from './requests.ts';

export interface ReplicaDemand {
  replicas: number;
  requirements: ReplicaRequirements | null;
}

const GROUPS: Record<string, string> = {
  Deployment: 'apps/v1',
  ReplicaSet: 'apps/v1',
  StatefulSet: 'apps/v1',
  Job: 'batch/v1',
  Pod: 'v1',
};

/** Null for kinds whose replicas are not counted: they are copied, not divided. */
export function getReplicas(object: KubeObject): ReplicaDemand | null {
  if (GROUPS[object.kind] !== object.apiVersion) return null;
  return { replicas: wanted(object), requirements: requirementsOf(podSpecOf(object)) };
}

function wanted(object: KubeObject): number {
  if (object.kind === 'Pod') return 1;
  if (object.kind !== 'Job') return object.spec?.replicas ?? 0;
  const parallelism: number = object.spec?.parallelism ?? 0;
  return Math.min(parallelism, object.spec?.completions ?? parallelism);
}

const REPLICAS_FIELD: Record<string, string> = {
  Deployment: 'replicas',
  ReplicaSet: 'replicas',
  StatefulSet: 'replicas',
  Job: 'parallelism',
};

/** Whether `reviseReplicas` has an effect on the kind. */
export function canRevise(object: KubeObject): boolean {
  return object.kind in REPLICAS_FIELD && GROUPS[object.kind] === object.apiVersion;
}

/** A template that does not say a number keeps saying none: upstream leaves it to the member's default. */
export function reviseReplicas(object: KubeObject, replicas: number): KubeObject {
  const field = REPLICAS_FIELD[object.kind];
  if (field === undefined || !canRevise(object) || object.spec?.[field] === undefined) return object;
  return { ...object, spec: { ...object.spec, [field]: replicas } };
}
