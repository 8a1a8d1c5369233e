/**
 * Image faults that are annotated on a workload go to its pod template, so that they are what they are in life: a release
 * that cannot be pulled, with the pods of the one before still there. What ends them at either place ends them at both:
 * the annotation taken away, or the release rolled back. Those of a namespace are releases gone wrong of all it has.
 */
import type { KubeClient } from '#engine/kube/index.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { behaviourNamed, CLUSTER_NAMESPACE, partsOf } from '../kubelet/behaviour.ts';
import { pullAnswer } from '../kubelet/images.ts';
import { isDeleting, nameOf, namespaceOf } from '../sim/objects.ts';
import type { Caches } from '../sim/world.ts';
import { annotationOf, changeBehaviours } from './annotate.ts';
import { refOf } from './values.ts';

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

const RELEASED = ['deployment', 'statefulset', 'daemonset'] as const;

function releasesIn(caches: Caches) {
  return { deployment: caches.deployments, statefulset: caches.statefulSets, daemonset: caches.daemonSets };
}

/** Puts image faults on the templates of all that the namespace has, and takes others away where nobody else wants them. */
export async function changeTemplatesIn(
  caches: Caches,
  client: KubeClient,
  namespace: string,
  wanted: readonly string[],
  unwanted: readonly string[],
): Promise<void> {
  for (const kind of RELEASED) {
    for (const object of releasesIn(caches)[kind].byIndex('namespace', namespace)) {
      const own = imagesOf(object, 'object');
      const gone = unwanted.filter((part) => !own.includes(part));
      await changeBehaviours(client, refOf(kind), { name: nameOf(object), namespace }, 'template', (parts) => [
        ...parts.filter((part) => !gone.includes(part.trim())),
        ...wanted,
      ]);
    }
  }
}

/** Returns what ends it. */
export function followTemplates(options: {
  caches: Caches;
  client: KubeClient;
  report(error: unknown, where: string): void;
}): () => void {
  const { caches, client, report } = options;
  const cacheOf = releasesIn(caches);

  async function put(kind: (typeof RELEASED)[number], object: KubeObject, moves: TemplateMoves): Promise<void> {
    const where = { name: nameOf(object), namespace: namespaceOf(object) };
    const { toTemplate, offTemplate, offObject } = moves;
    const without = (gone: string[]) => (parts: string[]) => parts.filter((part) => !gone.includes(part.trim()));
    if (offObject.length > 0) await changeBehaviours(client, refOf(kind), where, 'object', without(offObject));
    if (toTemplate.length + offTemplate.length > 0)
      await changeBehaviours(client, refOf(kind), where, 'template', (parts) => [
        ...without(offTemplate)(parts),
        ...toTemplate,
      ]);
  }

  const stops = RELEASED.map((kind) =>
    cacheOf[kind].subscribe((object, previous, deleted) => {
      if (deleted || isDeleting(object)) return;
      const moves = templateMoves(object, previous);
      if (moves.toTemplate.length + moves.offTemplate.length + moves.offObject.length === 0) return;
      put(kind, object, moves).catch((error: unknown) => report(error, `image fault of ${kind} ${nameOf(object)}`));
    }),
  );
  const stopNamespaces = caches.namespaces.subscribe((namespace, previous, deleted) => {
    // What is there at a start has been put on the templates before, and may have been rolled back since.
    if (deleted || isDeleting(namespace) || previous === undefined || nameOf(namespace) === CLUSTER_NAMESPACE) return;
    const [was, is] = [imagesOf(previous, 'object'), imagesOf(namespace, 'object')];
    const begun = is.filter((part) => !was.includes(part));
    const ended = was.filter((part) => !is.includes(part));
    if (begun.length + ended.length === 0) return;
    changeTemplatesIn(caches, client, nameOf(namespace), begun, ended).catch((error: unknown) =>
      report(error, `image fault of namespace ${nameOf(namespace)}`),
    );
  });
  return () => {
    for (const stop of [...stops, stopNamespaces]) stop();
  };
}

function imagesOf(object: KubeObject, on: 'object' | 'template'): string[] {
  return partsOf(annotationOf(object, on)).filter((part) => pullAnswer(behaviourNamed(part)) !== null);
}
