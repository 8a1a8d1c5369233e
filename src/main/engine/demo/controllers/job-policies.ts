/**
 * What a Job makes of its failed and finished pods beyond counting them: failure policy, success policy, a back-off limit
 * per index. Pure. Source: Kubernetes documentation "Jobs" (KEP-3329, KEP-3998, KEP-3850).
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { nameOf, namespaceOf } from '../sim/objects.ts';

export const INDEX = 'batch.kubernetes.io/job-completion-index';

export interface Ending {
  type: 'Complete' | 'Failed';
  reason: string;
  message: string;
}

interface PolicyMatch {
  action: 'FailJob' | 'FailIndex' | 'Ignore' | 'Count';
  message: string;
}

/** The first rule of spec.podFailurePolicy that a failed pod matches. */
export function failureMatch(job: KubeObject, pod: KubeObject): PolicyMatch | undefined {
  const rules: Json[] = job.spec?.podFailurePolicy?.rules ?? [];
  for (const [index, rule] of rules.entries()) {
    const what = `${namespaceOf(pod)}/${nameOf(pod)}`;
    const suffix = `matching ${rule.action} rule at index ${index}`;
    if (rule.onExitCodes !== undefined) {
      const container = matchingContainer(rule.onExitCodes, pod);
      if (container !== undefined) {
        const message = `Container ${container.name} for pod ${what} failed with exit code ${container.exitCode} ${suffix}`;
        return { action: rule.action, message };
      }
    }
    const condition = (rule.onPodConditions ?? []).find((wanted: Json) =>
      (pod.status?.conditions ?? []).some(
        (one: Json) => one.type === wanted.type && one.status === (wanted.status ?? 'True'),
      ),
    );
    if (condition !== undefined)
      return { action: rule.action, message: `Pod ${what} has condition ${condition.type} ${suffix}` };
  }
  return undefined;
}

function matchingContainer(rule: Json, pod: KubeObject): { name: string; exitCode: number } | undefined {
  const statuses: Json[] = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  for (const status of statuses) {
    const exitCode: number | undefined = status.state?.terminated?.exitCode;
    if (exitCode === undefined || exitCode === 0) continue;
    if (rule.containerName !== undefined && rule.containerName !== status.name) continue;
    if ((rule.values ?? []).includes(exitCode) === (rule.operator === 'In')) return { name: status.name, exitCode };
  }
  return undefined;
}

/** How a failed pod ends the whole job by its policy; undefined when none does. */
export function failedByPolicy(job: KubeObject, failed: readonly KubeObject[]): Ending | undefined {
  for (const pod of failed) {
    const match = failureMatch(job, pod);
    if (match?.action === 'FailJob') return { type: 'Failed', reason: 'PodFailurePolicy', message: match.message };
  }
  return undefined;
}

/** Failed pods that count: those that a rule says to ignore do not. */
export function countedFailures(job: KubeObject, failed: readonly KubeObject[]): KubeObject[] {
  return failed.filter((pod) => failureMatch(job, pod)?.action !== 'Ignore');
}

/** How failed indexes end the job: too many of them, or nothing else left to do. */
export function failedByIndexes(job: KubeObject, given: readonly number[], succeeded: number): Ending | undefined {
  const most: number | undefined = job.spec?.maxFailedIndexes;
  if (most !== undefined && given.length > most)
    return {
      type: 'Failed',
      reason: 'MaxFailedIndexesExceeded',
      message: 'Job has exceeded the specified maximal number of failed indexes',
    };
  if (given.length === 0 || given.length + succeeded < (job.spec?.completions ?? 0)) return undefined;
  return { type: 'Failed', reason: 'FailedIndexes', message: 'Job has failed indexes' };
}

/** spec.successPolicy: any rule that the succeeded indexes meet. */
export function succeededByPolicy(job: KubeObject, succeeded: readonly number[]): Ending | undefined {
  const rules: Json[] = job.spec?.successPolicy?.rules ?? [];
  const met = rules.findIndex((rule) => {
    const wanted = rule.succeededIndexes === undefined ? null : parseIndexes(rule.succeededIndexes);
    const counted = wanted === null ? succeeded : succeeded.filter((index) => wanted.has(index));
    return counted.length >= (rule.succeededCount ?? wanted?.size ?? 1);
  });
  if (met < 0) return undefined;
  return { type: 'Complete', reason: 'SuccessPolicy', message: `Matched rules at index ${met}` };
}

/** `0,2-4`; none in an empty text. */
export function parseIndexes(text: string): Set<number> {
  const out = new Set<number>();
  if (text === '') return out;
  for (const part of String(text).split(',')) {
    const [from = 0, to = from] = part.split('-').map(Number);
    for (let index = from; index <= to; index++) out.add(index);
  }
  return out;
}

export function indexOf(pod: KubeObject): number {
  return Number(pod.metadata.annotations?.[INDEX] ?? -1);
}
