/**
 * What made the endpoints of a Service change, as the annotation `endpoints.kubernetes.io/last-change-trigger-time`: the
 * oldest of the pods' changes of readiness, and of the Service's own creation, that were not seen before.
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { objectKey } from '#shared/kubernetes/types.ts';
import { parseTime } from '../sim/objects.ts';
import { podCondition } from '../sim/pods.ts';

export const TRIGGER_TIME = 'endpoints.kubernetes.io/last-change-trigger-time';

export class TriggerTimes {
  /** By key of the Service: times of its pods, and its own under its key. */
  readonly #seen = new Map<string, Map<string, number>>();

  /** The time to be told of, as the annotation has it; undefined where nothing new was seen. */
  next(service: KubeObject, pods: readonly KubeObject[]): string | undefined {
    const key = objectKey(service);
    const before = this.#seen.get(key);
    const now = new Map<string, number>();
    let oldest: { at: number; text: string } | undefined;
    const look = (id: string, text: string | null | undefined): void => {
      const at = parseTime(text);
      if (typeof text !== 'string' || Number.isNaN(at)) return;
      now.set(id, at);
      if (at > (before?.get(id) ?? 0) && (oldest === undefined || at < oldest.at)) oldest = { at, text };
    };
    for (const pod of pods) look(pod.metadata.uid ?? '', podCondition(pod, 'Ready')?.lastTransitionTime);
    look(key, service.metadata.creationTimestamp);
    this.#seen.set(key, now);
    return oldest?.text;
  }

  forget(key: string): void {
    this.#seen.delete(key);
  }
}

/** The annotations with the time, or without it where there is none. */
export function withTrigger(
  annotations: Record<string, string> | undefined,
  time: string | undefined,
): Record<string, string> | undefined {
  const { [TRIGGER_TIME]: _old, ...rest } = annotations ?? {};
  const next = time === undefined ? rest : { ...rest, [TRIGGER_TIME]: time };
  return Object.keys(next).length === 0 ? undefined : next;
}
