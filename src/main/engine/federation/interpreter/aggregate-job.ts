/** A Job divided over members is done when all parts are, and failed when one is; a finished Job does not change any more. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { AggregatedStatusItem } from '../api.ts';

const has = (status: Json, type: string): boolean =>
  (status?.conditions ?? []).some((condition: Json) => condition.type === type && condition.status === 'True');

export function aggregateJob(
  template: KubeObject,
  items: readonly AggregatedStatusItem[],
  now: string = new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
): Json | undefined {
  const old = template.status ?? {};
  if (has(old, 'Complete') || has(old, 'Failed')) return undefined;
  const members = items.filter((item) => item.status);
  const sum = (field: string): number => members.reduce((total, item) => total + (item.status[field] ?? 0), 0);
  const failedIn = members.filter((item) => has(item.status, 'Failed')).map((item) => item.clusterName);
  const complete = members.filter((item) => has(item.status, 'Complete'));
  const started = members.map((item) => item.status.startTime).filter(Boolean);
  const ended = members.map((item) => item.status.completionTime).filter(Boolean);

  const status: Json = { ...old };
  for (const field of ['active', 'succeeded', 'failed']) {
    const total = sum(field);
    if (total > 0) status[field] = total;
    else delete status[field];
  }
  const conditions = [...(old.conditions ?? [])];
  if (failedIn.length > 0) {
    const message = `Job executed failed in member clusters: ${failedIn.join(',')}`;
    conditions.push(finished('Failed', 'JobFailed', message, now));
  } else if (items.length > 0 && complete.length === items.length) {
    conditions.push(finished('Complete', 'Completed', 'Job completed', now));
    if (ended.length > 0) status.completionTime = ended.sort().at(-1);
  }
  if (conditions.length > 0) status.conditions = conditions;
  if (items.length > 0 && started.length === items.length) status.startTime = started.sort().at(0);
  return status;
}

function finished(type: string, reason: string, message: string, now: string): Json {
  return { type, status: 'True', reason, message, lastProbeTime: now, lastTransitionTime: now };
}
