/** Writes that compare before they change anything, so that reconciling twice is the same as once. */
import { cloneJson } from '#shared/json.ts';
import type { KubeObject, ResourceRef } from '#shared/kubernetes/types.ts';
import { isAlreadyExists, isConflict, isNotFound, type KubeClient } from '../../kube/index.ts';
import { equalJson } from '../json.ts';

const MAX_CONFLICTS = 20;

/**
 * Reads, changes, writes; again when somebody else was faster. `change` works on a copy and returns false when there is
 * nothing to do, 'remove' when the object as it was read shall go. Null when the object does not exist, or not any more.
 * With `upper` the copy ends with labels, annotations and the fields of spec and status: what lies deeper is shared with
 * what is stored and has to be replaced as a whole. That is for what is written for every template.
 */
export async function mutate<T extends KubeObject>(
  client: KubeClient,
  ref: ResourceRef,
  where: { namespace?: string | undefined; name: string; subresource?: 'status'; upper?: true },
  // biome-ignore lint/suspicious/noConfusingVoidType: a change that always applies returns nothing.
  change: (object: T) => boolean | 'remove' | void,
): Promise<T | null> {
  const namespace = where.namespace ? { namespace: where.namespace } : {};
  for (let attempt = 1; ; attempt++) {
    const current = await client.find<T>(ref, where.name, namespace);
    if (current === null) return null;
    const copy = where.upper ? upperOf(current) : cloneJson(current);
    const decision = change(copy);
    if (decision === false || (decision !== 'remove' && equalJson(copy, current))) return current;
    try {
      if (decision === 'remove') {
        const { uid, resourceVersion } = current.metadata;
        const only = { preconditions: { uid, resourceVersion }, propagationPolicy: 'Background' } as const;
        await client.delete(ref, where.name, { ...namespace, ...only });
        return null;
      }
      return await client.update<T>(ref, copy, {
        ...namespace,
        ...(where.subresource === undefined ? {} : { subresource: where.subresource }),
      });
    } catch (error) {
      if (isNotFound(error)) return null;
      if (!isConflict(error) || attempt >= MAX_CONFLICTS) throw error;
    }
  }
}

function upperOf<T extends KubeObject>(object: T): T {
  const { labels, annotations } = object.metadata;
  const metadata = {
    ...object.metadata,
    ...(labels && { labels: { ...labels } }),
    ...(annotations && { annotations: { ...annotations } }),
  };
  const draft = { ...object, metadata };
  for (const field of ['spec', 'status'] as const)
    if (isFields(object[field])) Object.assign(draft, { [field]: { ...object[field] } });
  return draft;
}

function isFields(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Creates, and takes it as done when it is there already. */
export async function ensure(client: KubeClient, ref: ResourceRef, object: KubeObject): Promise<void> {
  try {
    await client.create(ref, object, object.metadata.namespace ? { namespace: object.metadata.namespace } : {});
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}

/** Creates, or brings spec, labels and annotations of what is there to what is wanted; what others added stays. */
export async function put<T extends KubeObject>(
  client: KubeClient,
  ref: ResourceRef,
  wanted: T,
  present: T | undefined,
): Promise<void> {
  const { namespace, name = '', labels, annotations } = wanted.metadata;
  if (present === undefined) {
    try {
      await client.create(ref, wanted, namespace === undefined ? {} : { namespace });
      return;
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
  }
  await mutate<T>(client, ref, { namespace, name }, (live) => {
    live.spec = wanted.spec;
    if (labels !== undefined) live.metadata.labels = { ...live.metadata.labels, ...labels };
    if (annotations !== undefined) live.metadata.annotations = { ...live.metadata.annotations, ...annotations };
  });
}

/** Deletes, and takes it as done when it is gone already. With `uid`, only that very object. */
export async function remove(
  client: KubeClient,
  ref: ResourceRef,
  where: { namespace?: string | undefined; name: string; uid?: string | undefined },
): Promise<void> {
  try {
    await client.delete(ref, where.name, {
      ...(where.namespace ? { namespace: where.namespace } : {}),
      ...(where.uid === undefined ? {} : { preconditions: { uid: where.uid } }),
      propagationPolicy: 'Background',
    });
  } catch (error) {
    if (!isNotFound(error) && !isConflict(error)) throw error;
  }
}

/** Adds or removes a finalizer; false when it was as wanted. */
export function setFinalizer(object: KubeObject, finalizer: string, present: boolean): boolean {
  const finalizers = object.metadata.finalizers ?? [];
  if (finalizers.includes(finalizer) === present) return false;
  object.metadata.finalizers = present ? [...finalizers, finalizer] : finalizers.filter((entry) => entry !== finalizer);
  return true;
}

/** A condition list with one condition set; the time of transition moves only when the status does. */
export function withCondition<T extends { type: string; status: string; lastTransitionTime?: string }>(
  conditions: readonly T[] | undefined,
  condition: T,
): T[] {
  const list = conditions ?? [];
  const index = list.findIndex(({ type }) => type === condition.type);
  const present = list[index];
  const next = {
    ...condition,
    lastTransitionTime:
      present?.status === condition.status && present.lastTransitionTime !== undefined
        ? present.lastTransitionTime
        : now(),
  };
  return index < 0 ? [...list, next] : list.map((entry, position) => (position === index ? next : entry));
}

/** Where the object of a key lies: `namespace/name`, or `name` when it is cluster-wide. */
export function splitKey(key: string): { namespace: string | undefined; name: string } {
  const slash = key.indexOf('/');
  return { namespace: slash < 0 ? undefined : key.slice(0, slash), name: key.slice(slash + 1) };
}

/** Present time as the API writes it: whole seconds. */
export function now(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`;
}
