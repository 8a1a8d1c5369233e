/** The part of a member object's status that travels back in its Work. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { KEYS } from '../api.ts';
import { typedStatus } from './typed.ts';

/** Fields per kind; those of workloads carry the generations that tell whether the status is up to date. */
const FIELDS: Record<string, readonly string[]> = {
  'apps/v1 Deployment': [
    'replicas',
    'updatedReplicas',
    'readyReplicas',
    'availableReplicas',
    'unavailableReplicas',
    'observedGeneration',
  ],
  'apps/v1 ReplicaSet': ['replicas', 'readyReplicas', 'availableReplicas', 'observedGeneration'],
  'apps/v1 DaemonSet': [
    'currentNumberScheduled',
    'desiredNumberScheduled',
    'numberAvailable',
    'numberMisscheduled',
    'numberReady',
    'updatedNumberScheduled',
    'numberUnavailable',
    'observedGeneration',
  ],
  // Without observedGeneration, as upstream has it: observed.ts adds it.
  'apps/v1 StatefulSet': ['replicas', 'readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'],
  'batch/v1 Job': ['active', 'succeeded', 'failed', 'conditions', 'startTime', 'completionTime'],
  'autoscaling/v2 HorizontalPodAutoscaler': ['currentReplicas', 'desiredReplicas'],
  'policy/v1 PodDisruptionBudget': [
    'disruptionsAllowed',
    'expectedPods',
    'desiredHealthy',
    'currentHealthy',
    'disruptedPods',
  ],
  'v1 Service': ['loadBalancer'],
};

/**
 * Undefined when there is nothing to report. Throws when the mark of the template's generation is missing, or the
 * status is none.
 */
export function reflectStatus(object: KubeObject): Json | undefined {
  const key = `${object.apiVersion} ${object.kind}`;
  if (key === 'v1 Service' && object.spec?.type !== 'LoadBalancer') return undefined;
  const { status } = object;
  if (status === undefined) return undefined;
  if (typeof status !== 'object' || status === null || Array.isArray(status))
    throw new Error('the status is not an object');
  const fields = FIELDS[key];
  if (fields === undefined) return status;
  const typed = typedStatus(object, status);
  const picked = Object.fromEntries(
    fields.filter((field) => typed[field] !== undefined).map((field) => [field, typed[field]]),
  );
  const told = typedStatus(object, picked);
  if (object.apiVersion !== 'apps/v1') return told;
  const all = { ...told, ...generationsOf(object) };
  return object.kind === 'Deployment' && Object.keys(all).length === 0 ? undefined : all;
}

function generationsOf(object: KubeObject): Json {
  const mark = object.metadata.annotations?.[KEYS.templateGeneration];
  if (mark === undefined || !/^[-+]?\d+$/.test(mark)) {
    throw new Error(`annotation ${KEYS.templateGeneration} is missing or not a number`);
  }
  const marks = { generation: object.metadata.generation ?? 0, resourceTemplateGeneration: Number(mark) };
  return Object.fromEntries(Object.entries(marks).filter(([, value]) => value !== 0));
}
