/** A Job divided over members is done when all parts are, and failed when one is; a finished Job does not change any more. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { AggregatedStatusItem } from '../api.ts';
import { equalJson } from '../json.ts';
import { typedStatus } from './typed.ts';

const has = (status: Json, type: string): boolean =>
  (status.conditions ?? []).some((condition: Json) => condition.type === type && condition.status === 'True');

/** Which of the two ends came first in the list of conditions, as upstream asks. */
const endOf = (status: Json): 'Complete' | 'Failed' | undefined =>
  (status.conditions ?? []).find(
    ({ type, status: is }: Json) => (type === 'Complete' || type === 'Failed') && is === 'True',
  )?.type;

/** Undefined when the Job has ended, or nothing is new: its status stays. */
export function aggregateJob(
  template: KubeObject,
  items: readonly AggregatedStatusItem[],
  now: string = new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
): Json | undefined {
  const old = typedStatus(template, template.status ?? {});
  if (endOf(old) !== undefined) return undefined;
  const members = items
    .filter((item) => item.status !== undefined && item.status !== null)
    .map(({ clusterName, status }) => ({ clusterName, status: typedStatus(template, status) }));
  const sum = (field: string): number => members.reduce((total, { status }) => total + (status[field] ?? 0), 0);
  const failedIn = members.filter(({ status }) => endOf(status) === 'Failed').map(({ clusterName }) => clusterName);
  const everywhere = (good: (status: Json) => boolean): boolean =>
    items.length > 0 && members.filter(({ status }) => good(status)).length === items.length;
  const times = (field: string): string[] => members.map(({ status }) => status[field]).filter(Boolean);

  const conditions: Json[] = [];
  if (failedIn.length > 0) {
    const message = `Job executed failed in member clusters ${failedIn.join(',')}`;
    conditions.push(reached('Failed', 'JobFailed', message, now));
  }
  if (everywhere((status) => endOf(status) === 'Complete')) {
    conditions.push(reached('Complete', 'Completed', 'Job completed', now));
    // Since Kubernetes 1.31 nothing is complete that has not met its criteria.
    if (everywhere((status) => has(status, 'SuccessCriteriaMet')))
      conditions.push(
        reached('SuccessCriteriaMet', 'CompletionsReached', 'All member clusters have met success criteria', now),
      );
  }
  const started =
    old.startTime ?? (everywhere(({ startTime }) => Boolean(startTime)) ? times('startTime').sort()[0] : undefined);
  const ended = everywhere(({ completionTime }) => Boolean(completionTime))
    ? times('completionTime').sort().at(-1)
    : undefined;
  const status = typedStatus(template, {
    active: sum('active'),
    succeeded: sum('succeeded'),
    failed: sum('failed'),
    ...(conditions.length > 0 && { conditions }),
    ...(started !== undefined && { startTime: started }),
    ...(ended !== undefined && { completionTime: ended }),
  });
  return equalJson(status, old) ? undefined : status;
}

function reached(type: string, reason: string, message: string, now: string): Json {
  return { type, status: 'True', reason, message, lastProbeTime: now, lastTransitionTime: now };
}
