/**
 * Image faults that are annotated on a workload go to its pod template, so that they are what they are in life: a release
 * that cannot be pulled, with the pods of the one before still there. What ends them at either place ends them at both:
 * the annotation taken away, or the release rolled back.
 */
import type { KubeClient } from '#engine/kube/index.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { behaviourNamed, partsOf } from '../kubelet/behaviour.ts';
import { pullAnswer } from '../kubelet/images.ts';
import { isDeleting, nameOf, namespaceOf } from '../sim/objects.ts';
import type { Caches } from '../sim/world.ts';
import { annotationOf, changeBehaviours } from './annotate.ts';
import { WORKLOAD_REFS } from './values.ts';

export interface TemplateMoves {
  toTemplate: string[];
  offTemplate: string[];
  offObject: string[];
}

/** What has to be put right after a workload changed. Pure. */
export function templateMoves(object: KubeObject, previous: KubeObject | undefined): TemplateMoves {
  const on = imagesOf(object, 'object');
  const inside = imagesOf(object, 'template');
  const was = previous === undefined ? [] : imagesOf(previous, 'object');
  const wasInside = previous === undefined ? [] : imagesOf(previous, 'template');
  return {
    toTemplate: on.filter((one) => !inside.includes(one) && !was.includes(one)),
    offTemplate: inside.filter((one) => was.includes(one) && !on.includes(one)),
    offObject: on.filter((one) => was.includes(one) && wasInside.includes(one) && !inside.includes(one)),
  };
}

/** Returns what ends it. */
export function followTemplates(options: {
  caches: Caches;
  client: KubeClient;
  report(error: unknown, where: string): void;
}): () => void {
  const { caches, client, report } = options;
  const kinds = ['deployment', 'statefulset', 'daemonset'] as const;
  const cacheOf = { deployment: caches.deployments, statefulset: caches.statefulSets, daemonset: caches.daemonSets };

  async function put(kind: (typeof kinds)[number], object: KubeObject, moves: TemplateMoves): Promise<void> {
    const where = { name: nameOf(object), namespace: namespaceOf(object) };
    const { toTemplate, offTemplate, offObject } = moves;
    const without = (gone: string[]) => (parts: string[]) => parts.filter((part) => !gone.includes(part.trim()));
    if (offObject.length > 0) await changeBehaviours(client, WORKLOAD_REFS[kind], where, 'object', without(offObject));
    if (toTemplate.length + offTemplate.length > 0)
      await changeBehaviours(client, WORKLOAD_REFS[kind], where, 'template', (parts) => [
        ...without(offTemplate)(parts),
        ...toTemplate,
      ]);
  }

  const stops = kinds.map((kind) =>
    cacheOf[kind].subscribe((object, previous, deleted) => {
      if (deleted || isDeleting(object)) return;
      const moves = templateMoves(object, previous);
      if (moves.toTemplate.length + moves.offTemplate.length + moves.offObject.length === 0) return;
      put(kind, object, moves).catch((error: unknown) => report(error, `image fault of ${kind} ${nameOf(object)}`));
    }),
  );
  return () => {
    for (const stop of stops) stop();
  };
}

function imagesOf(object: KubeObject, on: 'object' | 'template'): string[] {
  return partsOf(annotationOf(object, on)).filter((part) => pullAnswer(behaviourNamed(part)) !== null);
}
