/** What keeps a kubelet from running a pod, or makes it end one: sandboxes, scratch space. Pure; texts are kubelet's. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { UNREADY } from '../profiles/node-conditions.ts';
import { behavioursOf } from './behaviour.ts';
import { storageExcess } from './local-storage.ts';
import type { PodRun } from './run-state.ts';

/** So long a program that fills its disk needs to do so. */
const FILLED_AFTER_MS = 5000;
const SANDBOX = 'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox';

export interface Trouble {
  reason: string;
  message: string;
}

/** `wish`: the behaviours that hold for the pod; `exhausted`: the node's range of addresses where none is left. */
export function sandboxTrouble(
  pod: KubeObject,
  node: KubeObject | undefined,
  wish: string,
  exhausted: string | null,
): Trouble | null {
  if (pod.spec?.hostNetwork === true) return null;
  const ofNode = behavioursOf(node);
  if (ofNode.includes('not-ready'))
    return { reason: 'NetworkNotReady', message: `network is not ready: ${UNREADY['not-ready']}` };
  const failed = (why: string): Trouble => ({
    reason: 'FailedCreatePodSandBox',
    message: `${SANDBOX} "${short(pod)}": ${why}`,
  });
  if (ofNode.includes('sandbox-fails') || wish.split(',').includes('sandbox-fails'))
    return failed(
      'plugin type="calico" failed (add): error getting ClusterInformation: connection is unauthorized: Unauthorized',
    );
  return exhausted === null
    ? null
    : failed(
        `plugin type="bridge" failed (add): failed to allocate for range 0: no IP addresses available in range set: ${exhausted}`,
      );
}

function short(pod: KubeObject): string {
  return (pod.metadata.uid ?? '').replaceAll('-', '').slice(0, 12);
}

/**
 * Why kubelet evicts the pod whatever its node is like, or the milliseconds after which that is worth asking again; null
 * for a pod that keeps within its limits. Without a limit it would be the node's disk that fills.
 */
export function overLimit(
  pod: KubeObject,
  run: PodRun,
  wish: string,
  now: number,
  pace: number,
): string | number | null {
  const limits: (string | undefined)[] = (pod.spec?.containers ?? []).map(
    (one: Json) => one.resources?.limits?.['ephemeral-storage'],
  );
  if (!wish.split(',').includes('fills-disk') || limits.includes(undefined)) return null;
  const mains = run.containers.filter(({ role }) => role === 'main');
  if (mains.some(({ step }) => step !== 'running')) return null;
  const due = Math.max(...mains.map(({ startedAt }) => startedAt)) + FILLED_AFTER_MS * pace;
  if (due > now) return due - now;
  // It has filled everything that it may write to.
  const filled = new Map(mains.map(({ spec }) => [spec.name as string, Number.POSITIVE_INFINITY]));
  return storageExcess(pod, { volumes: new Map(), containers: filled });
}
