/**
 * The conditions of a Deployment template. Karmada adds up numbers and leaves the conditions away, so that
 * `helm install --wait` (Helm 4) and `kubectl wait --for=condition=Available`, which ask for them, never end. Judged as
 * the Deployment controller judges it, over all members together.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { AggregatedStatusItem } from '../api.ts';

const DEFAULT_UNAVAILABLE = '25%';
const ENOUGH = 'The members together have minimum availability.';
const NOT_ENOUGH = 'The members together do not have minimum availability.';
const COMPLETE = 'Every member has rolled the Deployment out.';
const NOT_COMPLETE = 'Not every member has rolled the Deployment out yet.';

/**
 * @param status what the statuses of the members add up to, undefined for no change; comes back as it is for other kinds
 * @param now when a condition that changes does so, RFC 3339
 */
export function withConditions(
  template: KubeObject,
  items: readonly AggregatedStatusItem[],
  status: Json | undefined,
  now: string,
): Json | undefined {
  if (template.apiVersion !== 'apps/v1' || template.kind !== 'Deployment') return status;
  const sum: Json = status ?? template.status ?? {};
  const before = (template.status?.conditions ?? []) as Json[];
  const own = [
    isAvailable(template, items, sum)
      ? { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable', message: ENOUGH }
      : { type: 'Available', status: 'False', reason: 'MinimumReplicasUnavailable', message: NOT_ENOUGH },
    isComplete(template, sum)
      ? { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable', message: COMPLETE }
      : { type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated', message: NOT_COMPLETE },
  ].map((condition) => {
    const old = before.find(({ type }) => type === condition.type);
    const changed = old?.status === condition.status ? (old.lastTransitionTime ?? now) : now;
    const updated = old?.reason === condition.reason ? (old.lastUpdateTime ?? now) : now;
    return { ...condition, lastUpdateTime: updated, lastTransitionTime: changed };
  });
  const others = before.filter(({ type }) => !own.some((condition) => condition.type === type));
  return { ...sum, conditions: [...others, ...own] };
}

function isAvailable({ spec }: KubeObject, items: readonly AggregatedStatusItem[], status: Json): boolean {
  const replicas: number = spec?.replicas ?? 1;
  // Without a policy nothing runs anywhere; a copy in each member is not enough while one of them has none.
  if (items.length === 0) return false;
  if (items.some(({ status: member }) => (member?.replicas ?? 0) > 0 && !member?.availableReplicas)) return false;
  return (status.availableReplicas ?? 0) >= replicas - maxUnavailable(spec, replicas);
}

/** Nothing old runs anywhere, and everything new works. A copy in each member adds up to more than the template asks for. */
function isComplete({ metadata, spec }: KubeObject, status: Json): boolean {
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0, observedGeneration = 0 } = status;
  return (
    observedGeneration >= (metadata.generation ?? 0) &&
    replicas >= (spec?.replicas ?? 1) &&
    updatedReplicas === replicas &&
    availableReplicas === replicas
  );
}

/** Rounded down; a surge of nothing makes it at least one, as the controller has it. */
function maxUnavailable(spec: Json, replicas: number): number {
  if (spec?.strategy?.type === 'Recreate') return 0;
  const { maxUnavailable: least = DEFAULT_UNAVAILABLE, maxSurge = DEFAULT_UNAVAILABLE } =
    spec?.strategy?.rollingUpdate ?? {};
  const most = Math.min(countOf(least, replicas, Math.floor), replicas);
  return most === 0 && countOf(maxSurge, replicas, Math.ceil) === 0 ? 1 : most;
}

function countOf(value: string | number, of: number, round: (value: number) => number): number {
  return typeof value === 'number' ? value : round((Number.parseInt(value, 10) * of) / 100);
}
