/** All that is looked at for a pod, in the order in which a pod comes to life. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { containersOf, isOver, isReady } from '../pods.ts';
import type { Check, Hit } from '../types.ts';
import type { World } from '../world.ts';
import { podPolicyCheck } from './egress.ts';
import { exitCheck } from './exits.ts';
import { imageCheck } from './image.ts';
import { readinessCheck, terminationCheck } from './readiness.ts';
import { schedulingCheck } from './scheduling.ts';
import { sandboxCheck, startCheck } from './start.ts';
import { volumeCheck } from './volumes.ts';

export const POD_CHECKS: readonly Check[] = [
  schedulingCheck,
  volumeCheck,
  sandboxCheck,
  imageCheck,
  startCheck,
  exitCheck,
  readinessCheck,
  podPolicyCheck,
  terminationCheck,
];

export function podHits(pod: KubeObject, world: World): Hit[] {
  return world.once('pod', pod, () => POD_CHECKS.flatMap((check) => check.run(pod, world)));
}

/** Not ready, not done, or failed: worth a closer look. */
export function isUnhealthy(pod: KubeObject): boolean {
  if (pod.status?.phase === 'Succeeded') return false;
  return pod.status?.phase === 'Failed' || !isReady(pod);
}

/** The pods of one owner mostly fail for one reason: a few of them tell all. */
const LOOKED_AT = 30;

export function unhealthyHits(pods: readonly KubeObject[], world: World): Hit[] {
  const replaced = pods.some((pod) => !isOver(pod));
  return pods
    .filter((pod) => (isUnhealthy(pod) && !(replaced && isLeftOver(pod))) || hasRestarted(pod))
    .slice(0, LOOKED_AT)
    .flatMap((pod) => podHits(pod, world));
}

/** It may be ready just now: whether that is often is for the check of exits to say. */
function hasRestarted(pod: KubeObject): boolean {
  return !isOver(pod) && containersOf(pod).some(({ restarts }) => restarts > 0);
}

/** Failed pods of a ReplicaSet stay behind when others have taken their place: those say how it is now. */
function isLeftOver(pod: KubeObject): boolean {
  return isOver(pod) && pod.metadata.ownerReferences?.some(({ kind }) => kind === 'ReplicaSet') === true;
}
