/** The part of a member object's status that travels back in its Work. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { KEYS } from '../api.ts';

const GENERATIONS = ['generation', 'resourceTemplateGeneration'];

/** Fields per kind; those of workloads carry the generations that tell whether the status is up to date. */
const FIELDS: Record<string, string[]> = {
  'apps/v1 Deployment': [
    'replicas',
    'updatedReplicas',
    'readyReplicas',
    'availableReplicas',
    'unavailableReplicas',
    'observedGeneration',
    ...GENERATIONS,
  ],
  'apps/v1 ReplicaSet': ['replicas', 'readyReplicas', 'availableReplicas', 'observedGeneration', ...GENERATIONS],
  'apps/v1 DaemonSet': [
    'currentNumberScheduled',
    'desiredNumberScheduled',
    'numberAvailable',
    'numberMisscheduled',
    'numberReady',
    'updatedNumberScheduled',
    'numberUnavailable',
    'observedGeneration',
    ...GENERATIONS,
  ],
  'apps/v1 StatefulSet': [
    'replicas',
    'readyReplicas',
    'currentReplicas',
    'updatedReplicas',
    'availableReplicas',
    'observedGeneration',
    ...GENERATIONS,
  ],
  'batch/v1 Job': ['active', 'succeeded', 'failed', 'conditions', 'startTime', 'completionTime'],
  'autoscaling/v2 HorizontalPodAutoscaler': ['currentReplicas', 'desiredReplicas'],
  'policy/v1 PodDisruptionBudget': [
    'disruptionsAllowed',
    'expectedPods',
    'desiredHealthy',
    'currentHealthy',
    'disruptedPods',
  ],
};

/** Counters that the API requires and that are therefore reported even when zero. */
const REQUIRED = new Set(['disruptionsAllowed', 'expectedPods', 'desiredHealthy', 'currentHealthy', 'desiredReplicas']);

/** Undefined when there is nothing to report. Throws when the mark of the template's generation is missing. */
export function reflectStatus(object: KubeObject): Json | undefined {
  const key = `${object.apiVersion} ${object.kind}`;
  const status = object.status;
  if (key === 'v1 Service') {
    return object.spec?.type === 'LoadBalancer' && status !== undefined
      ? { loadBalancer: status.loadBalancer ?? {} }
      : undefined;
  }
  const fields = FIELDS[key];
  if (status === undefined || status === null || fields === undefined) return status ?? undefined;
  const all = fields.includes('generation') ? { ...status, ...generationsOf(object) } : status;
  return Object.fromEntries(
    fields
      .filter((field) => all[field] !== undefined && (all[field] !== 0 || REQUIRED.has(field)))
      .map((field) => [field, all[field]]),
  );
}

function generationsOf(object: KubeObject): Json {
  const mark = object.metadata.annotations?.[KEYS.templateGeneration];
  if (mark === undefined || !/^-?\d+$/.test(mark)) {
    throw new Error(`annotation ${KEYS.templateGeneration} is missing or not a number`);
  }
  return { generation: object.metadata.generation ?? 0, resourceTemplateGeneration: Number(mark) };
}
