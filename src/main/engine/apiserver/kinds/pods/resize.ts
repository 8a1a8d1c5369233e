/**
 * Resizing a pod where it runs: the subresource changes cpu and memory of containers and of the pod, and nothing else.
 * Source: KEP-1287, KEP-5419; texts of the server's validation.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { FieldError } from '../../types.ts';
import { eachAt, forbiddenField, invalidValue, sameJson } from '../validation/field.ts';
import { qosClass } from './qos.ts';

const LISTS = ['containers', 'initContainers'] as const;
const MUTABLE = ['cpu', 'memory'];
/** Says that a pod shows what runs on its node anyway. */
export const MIRROR = 'kubernetes.io/config.mirror';
const ONLY = 'only cpu and memory resources are mutable';

/**
 * What of `wanted` the subresource takes: resources and resize policies. Containers that were added, taken away, renamed or
 * reordered are left as they came, for the validation to refuse.
 */
export function resizedOnly(old: KubeObject, wanted: KubeObject): KubeObject {
  const [before, next]: [Json, Json] = [old.spec ?? {}, wanted.spec ?? {}];
  if (LISTS.some((list) => (before[list] ?? []).length !== (next[list] ?? []).length)) return wanted;
  const { resources: _given, ...kept } = before;
  const spec: Json = { ...kept, ...(next.resources === undefined ? {} : { resources: next.resources }) };
  for (const list of LISTS) if (before[list] !== undefined) spec[list] = merged(next[list], before[list]);
  const { labels, annotations, finalizers, ownerReferences } = old.metadata;
  const metadata = { ...wanted.metadata };
  for (const [field, value] of Object.entries({ labels, annotations, finalizers, ownerReferences })) {
    if (value === undefined) delete (metadata as Json)[field];
    else (metadata as Json)[field] = value;
  }
  return { ...wanted, metadata, spec, ...(old.status === undefined ? {} : { status: old.status }) };
}

function merged(next: Json[], before: Json[]): Json[] {
  if (next.some((container, index) => container.name !== before[index].name)) return next;
  return before.map(({ resources: _resources, resizePolicy: _policy, ...container }, index) => {
    const { resources, resizePolicy } = next[index]!;
    return {
      ...container,
      ...(resources === undefined ? {} : { resources }),
      ...(resizePolicy === undefined ? {} : { resizePolicy }),
    };
  });
}

/** In the order of the server; what is wrong with the new spec by itself is told before. */
export function validatePodResize(object: KubeObject, old: KubeObject): FieldError[] {
  const [next, before]: [Json, Json] = [object.spec ?? {}, old.spec ?? {}];
  if (old.metadata.annotations?.[MIRROR] !== undefined) return [forbiddenField('', 'static pods cannot be resized')];
  if (before.os?.name === 'windows') return [forbiddenField('', 'windows pods cannot be resized')];
  const errors: FieldError[] = [];
  const quality: string = old.status?.qosClass ?? qosClass(before);
  if (quality !== qosClass(next))
    errors.push(
      invalidValue('spec', object.status?.qosClass ?? '', 'Pod QOS Class may not change as a result of resizing'),
    );
  if (!runsWhereResized(old)) errors.push(forbiddenField('spec', 'Pod running on node without support for resize'));
  errors.push(...ofPod(next.resources, before.resources));
  const order = ofOrder(next, before);
  if (order.length > 0) return [...errors, ...order];
  for (const list of ['initContainers', 'containers'] as const)
    errors.push(
      ...eachAt(next[list], `spec.${list}`, (container, at, index) => {
        return removed(container.resources, before[list][index].resources, `${at}.resources`, 'resource');
      }),
    );
  const odd = (container: Json, was: Json): boolean =>
    !sameJson(withoutMutable(container.resources), withoutMutable(was.resources)) ||
    !sameJson(container.resizePolicy ?? null, was.resizePolicy ?? null);
  errors.push(
    ...eachAt(next.containers, 'spec.containers', (container, _at, index) =>
      odd(container, before.containers[index]) ? [forbiddenField('spec', ONLY)] : [],
    ),
    ...eachAt(next.initContainers, 'spec.initContainers', (container, at, index) =>
      ofInit(container, before.initContainers[index], at, odd),
    ),
  );
  return errors;
}

function ofInit(container: Json, was: Json, at: string, odd: (container: Json, was: Json) => boolean): FieldError[] {
  const errors: FieldError[] = [];
  if (odd(container, was))
    errors.push(forbiddenField(at, 'only cpu and memory resources for init or sidecar containers are mutable'));
  const isSidecar = container.restartPolicy === 'Always';
  if (isSidecar || sameJson(container, was)) return errors;
  const text = 'non-sidecar init containers with a resize policy of RestartContainer cannot be resized';
  const restarts = ((container.resizePolicy ?? []) as Json[]).filter(
    (each) => each.restartPolicy === 'RestartContainer',
  );
  return [...errors, ...restarts.map(() => forbiddenField(at, text))];
}

function ofPod(next: Json, before: Json): FieldError[] {
  const isSet = (resources: Json) =>
    [resources?.requests, resources?.limits].some((list) => Object.keys(list ?? {})[0]);
  if (!isSet(next) && !isSet(before)) return [];
  if (before !== undefined && next === undefined)
    return [forbiddenField('spec.resources', 'pod-level resources cannot be removed')];
  const errors = before === undefined ? [] : removed(next, before, 'spec.resources', 'pod-level resource');
  if (!sameJson(withoutMutable(next), withoutMutable(before)))
    errors.push(forbiddenField('spec', `${ONLY} at pod-level`));
  return errors;
}

function ofOrder(next: Json, before: Json): FieldError[] {
  return LISTS.flatMap((list) => {
    const [now, was]: [Json[], Json[]] = [next[list] ?? [], before[list] ?? []];
    if (now.length !== was.length)
      return [forbiddenField(`spec.${list}`, `${list} may not be added or removed on resize`)];
    const text = `${list} may not be renamed or reordered on resize`;
    return eachAt(now, `spec.${list}`, ({ name }, at, index) =>
      name === was[index].name ? [] : [forbiddenField(`${at}.name`, text)],
    );
  });
}

function removed(next: Json, before: Json, at: string, what: string): FieldError[] {
  return ['requests', 'limits'].flatMap((list) => {
    const lost = Object.keys(before?.[list] ?? {}).some((name) => next?.[list]?.[name] === undefined);
    return lost ? [forbiddenField(`${at}.${list}`, `${what} ${list} cannot be removed`)] : [];
  });
}

function withoutMutable(resources: Json): Json {
  const { requests = {}, limits = {}, ...rest } = resources ?? {};
  const left = (list: Json) => Object.entries(list).filter(([name]) => !MUTABLE.includes(name));
  return { ...rest, requests: Object.fromEntries(left(requests)), limits: Object.fromEntries(left(limits)) };
}

/** A node that can says what its running containers have; of a pod that does not run nobody knows. */
function runsWhereResized({ status }: KubeObject): boolean {
  const running = ((status?.containerStatuses ?? []) as Json[]).find(({ state }) => state?.running !== undefined);
  return running === undefined || running.resources !== undefined;
}
