/** Whether an object in a member does what it should. Kinds without a rule count as healthy once they exist. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';

type Rule = (object: KubeObject, status: Json) => boolean;

const observed: Rule = (object, status) => (status.observedGeneration ?? 0) === (object.metadata.generation ?? 0);
const rolledOut: Rule = (object, status) =>
  observed(object, status) &&
  (object.spec?.replicas === undefined || (status.updatedReplicas ?? 0) >= object.spec.replicas) &&
  (status.availableReplicas ?? 0) >= (status.updatedReplicas ?? 0);

const isReachable = (status: Json): boolean =>
  (status.loadBalancer?.ingress ?? []).some(({ hostname, ip }: Json) => Boolean(hostname) || Boolean(ip));

const RULES: Record<string, Rule> = {
  'apps/v1 Deployment': rolledOut,
  'apps/v1 StatefulSet': rolledOut,
  'apps/v1 ReplicaSet': (object, status) =>
    observed(object, status) &&
    (object.spec?.replicas === undefined || (status.availableReplicas ?? 0) >= object.spec.replicas),
  'apps/v1 DaemonSet': (object, status) =>
    observed(object, status) &&
    (status.updatedNumberScheduled ?? 0) >= (status.desiredNumberScheduled ?? 0) &&
    (status.numberAvailable ?? 0) >= (status.updatedNumberScheduled ?? 0),
  'v1 Service': (object, status) => object.spec?.type !== 'LoadBalancer' || isReachable(status),
  'networking.k8s.io/v1 Ingress': (_, status) => isReachable(status),
  'v1 PersistentVolumeClaim': (_, status) => status.phase === 'Bound',
  'v1 Pod': (_, status) =>
    status.phase === 'Succeeded' ||
    (status.phase === 'Running' &&
      (status.conditions ?? []).some((c: Json) => c.type === 'Ready' && c.status === 'True')),
  'policy/v1 PodDisruptionBudget': (_, status) => (status.currentHealthy ?? 0) >= (status.desiredHealthy ?? 0),
};

export function isHealthy(object: KubeObject): boolean {
  const rule = RULES[`${object.apiVersion} ${object.kind}`];
  return rule === undefined || rule(object, object.status ?? {});
}
