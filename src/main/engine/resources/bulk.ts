/**
 * One action on many objects, over several clusters. Each object has its own outcome: one that is refused stops no other.
 * A cluster is asked a few at a time, so that its API server has air for everybody else.
 */
import type { BulkAction, BulkOutcome, ObjectRef } from '#shared/contract/resources.ts';
import { AppError, toErrorShape } from '#shared/errors.ts';
import type { KubeClient } from '../kube/index.ts';

export interface BulkDeps {
  client: (target: ObjectRef['target']) => KubeClient;
  name: (target: ObjectRef['target']) => string;
  fieldManager: string;
}

const AT_ONCE = 4;

export async function runBulk(refs: readonly ObjectRef[], action: BulkAction, deps: BulkDeps): Promise<BulkOutcome[]> {
  const outcomes = new Map<ObjectRef, BulkOutcome>();
  const queues = Map.groupBy(refs, ({ target }) => `${target.kind}/${target.id}`);
  await Promise.all(
    [...queues.values()].flatMap((queue) => {
      // Iterators are shared on purpose: each worker takes the next object.
      const next = queue.values();
      return Array.from({ length: AT_ONCE }, async () => {
        for (const ref of next) outcomes.set(ref, await outcomeOf(ref, action, deps));
      });
    }),
  );
  return refs.flatMap((ref) => outcomes.get(ref) ?? []);
}

async function outcomeOf(ref: ObjectRef, action: BulkAction, deps: BulkDeps): Promise<BulkOutcome> {
  const { target, namespace, name } = ref;
  try {
    await act(deps.client(target), ref, action, deps.fieldManager);
    return { target, namespace, name, error: null };
  } catch (error) {
    return { target, namespace, name, error: toErrorShape(error, deps.name(target)) };
  }
}

async function act(client: KubeClient, ref: ObjectRef, action: BulkAction, fieldManager: string): Promise<void> {
  const where = { ...(ref.namespace === '' ? {} : { namespace: ref.namespace }), fieldManager };
  const merge = (patch: unknown, subresource?: string) =>
    client.patch(ref.resource, ref.name, 'merge', patch, {
      ...where,
      ...(subresource === undefined ? {} : { subresource }),
    });
  switch (action.kind) {
    case 'delete':
      await client.delete(ref.resource, ref.name, {
        ...where,
        propagationPolicy: action.orphan ? 'Orphan' : 'Background',
        ...(action.graceSeconds === undefined ? {} : { gracePeriodSeconds: action.graceSeconds }),
      });
      return;
    case 'restart': {
      // What `kubectl rollout restart` does: a new template, so that the controller replaces the pods.
      const annotations = { 'kubectl.kubernetes.io/restartedAt': new Date().toISOString() };
      await merge({ spec: { template: { metadata: { annotations } } } });
      return;
    }
    case 'scale':
      await merge({ spec: { replicas: action.replicas } }, 'scale');
      return;
    case 'label':
      await merge({ metadata: { labels: action.labels } });
      return;
    case 'annotate':
      await merge({ metadata: { annotations: action.annotations } });
      return;
    case 'cordon':
      if (ref.resource.group !== '' || ref.resource.resource !== 'nodes')
        throw new AppError('UNSUPPORTED', 'only nodes can be cordoned', { params: { kind: ref.resource.resource } });
      await merge({ spec: { unschedulable: action.on } });
      return;
    case 'suspend':
      await merge({ spec: { suspend: action.on } });
  }
}
