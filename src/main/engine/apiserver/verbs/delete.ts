/**
 * delete and deletecollection: preconditions, propagation policy, finalizers, grace periods.
 * Source: API reference, "DeleteOptions"; "Garbage Collection"; registry store's graceful deletion.
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { type Core, collectionOf, inVersion, keyOf, timestamp } from '../core.ts';
import { cloneJson, equalJson, isRecord } from '../json.ts';
import { returnsDeleted } from '../kinds/deleted.ts';
import { parseListOptions } from '../request/options.ts';
import { presentAction, presentList, presentObject } from '../request/present.ts';
import type { ApiAnswer } from '../request/types.ts';
import { conflict, forbidden, notFound, qualifiedKind, refuse } from '../status.ts';
import { Stored } from '../storage/stored.ts';
import type { AdmissionNotes, AdmissionRequest, KindDefinition, UserInfo } from '../types.ts';
import { rowsIn, storedIn } from '../versions.ts';
import { mutate, newNotes, validate } from './admit.ts';
import type { VerbContext } from './context.ts';
import { type DeleteOptions, deleteOptionsOf } from './delete-options.ts';
import { encodeContinue, selectionOf, selectMeant } from './read.ts';
import { isFinished } from './update.ts';

export const FOREGROUND_FINALIZER = 'foregroundDeletion';
export const ORPHAN_FINALIZER = 'orphan';
/** Holds a CustomResourceDefinition until its instances are gone. */
export const CLEANUP_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';
/** Source: admission plugin NamespaceLifecycle. */
const PROTECTED = new Set(['default', 'kube-system', 'kube-public']);
const SYSTEM_CLASSES = new Set(['system-cluster-critical', 'system-node-critical']);
const DEFAULT_POD_GRACE_SECONDS = 30;

export async function deleteOne(context: VerbContext): Promise<ApiAnswer> {
  const { core, kind, route } = context;
  const options = optionsOf(context);
  const { object, gone } = await deleteObject(core, kind, route.namespace, route.name, options, context.user, context);
  if (gone && !returnsDeleted(kind)) {
    const details = {
      name: route.name,
      ...(kind.group === '' ? {} : { group: kind.group }),
      kind: kind.resource,
      uid: object.metadata.uid,
    };
    const done = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details } as const;
    return presentAction(done, context.accept, 200);
  }
  const answer = presentObject(kind, object, context.accept, context.include);
  // The old way to say that dependents go too is told when they are waited for.
  return gone || options.asked?.orphanDependents !== false ? answer : { ...answer, status: 202 };
}

const ORPHANING =
  'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning';

export async function deleteCollection(context: VerbContext): Promise<ApiAnswer> {
  const { core, kind } = context;
  // Which objects are meant is read before what is to become of them, and looked for when both are known.
  const asked = parseListOptions(context.request.query, false);
  const selection = selectionOf(context, asked);
  const options = optionsOf(context);
  const { selected, behind, revision } = selectMeant(context, asked, selection);
  const one = async ({ metadata: { namespace = '', name = '' } }: KubeObject) => {
    try {
      await deleteObject(core, kind, namespace, name, options, context.user, context, true);
    } catch (error) {
      // Somebody else was faster: that is what was asked for.
      if ((error as { status?: number }).status !== 404) throw error;
    }
  };
  // Who is asked about each may put an end to it.
  if (core.admission.some(({ matches }) => matches(kind, 'DELETE', '')))
    for (const { stored } of selected) await one(stored.object);
  else await Promise.all(selected.map(({ stored }) => one(stored.object)));
  const rows = await rowsIn(
    core.store,
    kind,
    selected.map(({ stored }) => stored),
  );
  const objects = rows.map(({ object }) => object);
  const meta = {
    resourceVersion: String(revision),
    continue: behind > 0 ? encodeContinue(revision, selected.at(-1)!.key) : undefined,
    remainingItemCount: behind > 0 && asked.labelSelector === '' && asked.fieldSelector === '' ? behind : undefined,
  };
  return presentList(kind, objects, meta, context.accept, context.include);
}

/** Deletes, or marks for deletion when something has to happen first. */
export async function deleteObject(
  core: Core,
  kind: KindDefinition,
  namespace: string,
  name: string,
  options: DeleteOptions,
  user: UserInfo,
  notes: AdmissionNotes = newNotes(),
  /** Whether it goes with its collection, as which admission sees the request. */
  inCollection = false,
): Promise<{ object: KubeObject; gone: boolean }> {
  const collection = collectionOf(core, kind);
  const key = keyOf(kind, namespace, name);
  // Started over when somebody wrote while plugins were awaited; preconditions are looked at each time.
  for (;;) {
    const stored = collection.latest(key);
    if (stored === undefined) throw notFound(kind, name);
    const shown = storedIn(core.store, kind, stored);
    const old = inVersion(kind, (shown instanceof Promise ? await shown : shown).object);
    checkPreconditions(kind, name, old, options);
    if (kind.group === '' && kind.resource === 'namespaces' && PROTECTED.has(name))
      throw forbidden(kind, name, 'this namespace may not be deleted');
    if (kind.resource === 'priorityclasses' && SYSTEM_CLASSES.has(name))
      throw forbidden(kind, name, 'this is a system priority class and cannot be deleted');
    const asked = askedOf(kind, old, options);
    const judge = async (object: KubeObject) => {
      const request: AdmissionRequest = {
        operation: 'DELETE',
        kind,
        subresource: '',
        namespace,
        name: inCollection ? '' : name,
        object: null,
        old: object,
        user,
        dryRun: options.dryRun,
        options: asked,
        notes,
      };
      const mutated = mutate(core, request);
      if (mutated !== null) await mutated;
      const validated = validate(core, request);
      if (validated !== null) await validated;
    };
    if (core.admission.length > 0) await judge(old);
    if (collection.latest(key) !== stored) continue;
    // What is stored is marked as it is stored; what is answered is in the version that was asked for.
    const marked = markForDeletion(kind, stored.object, options);
    const answered = async (last: Stored) => inVersion(kind, (await storedIn(core.store, kind, last)).object);
    if (isFinished(marked)) {
      if (options.dryRun) return { object: old, gone: true };
      const pod = isPod(kind);
      // Who has seen a pod that is to end sees that it has, too.
      if (pod && core.admission.length > 0) {
        await judge(marked);
        if (collection.latest(key) !== stored) continue;
      }
      // Pods pass through the end of their grace period, other objects go as they are.
      const last = await core.store.remove(collection, key, pod ? marked : cloneJson(stored.object));
      return { object: await answered(last), gone: true };
    }
    if (equalJson(marked, stored.object) || options.dryRun)
      return { object: await answered(Stored.ofObject(marked, stored.revision)), gone: false };
    return { object: await answered(await core.store.put(collection, key, marked)), gone: false };
  }
}

/** The options as the storage of the kind completes them; admission is told these. */
function askedOf(kind: KindDefinition, old: KubeObject, options: DeleteOptions): DeleteOptions['asked'] {
  if (options.asked === undefined) return undefined;
  if (isPod(kind)) return { ...options.asked, gracePeriodSeconds: graceSeconds(kind, old, options) };
  if (kind.group !== '' || kind.resource !== 'namespaces') return options.asked;
  const { preconditions } = options.asked;
  return {
    ...options.asked,
    preconditions: { uid: old.metadata.uid, ...(isRecord(preconditions) ? preconditions : {}) },
  };
}

function isPod({ group, resource }: KindDefinition): boolean {
  return group === '' && resource === 'pods';
}

/** The object as it has to be stored to begin its deletion. */
function markForDeletion(kind: KindDefinition, old: KubeObject, options: DeleteOptions): KubeObject {
  const object = cloneJson(old);
  const metadata = object.metadata;
  const finalizers = finalizersFor(metadata.finalizers ?? [], options);
  const definition = kind.group === 'apiextensions.k8s.io' && kind.resource === 'customresourcedefinitions';
  if (definition && metadata.deletionTimestamp === undefined) finalizers.push(CLEANUP_FINALIZER);
  if (finalizers.length > 0) metadata.finalizers = finalizers;
  else delete metadata.finalizers;
  const grace = graceSeconds(kind, object, options);
  if (metadata.deletionTimestamp === undefined) {
    metadata.deletionTimestamp = timestamp(Date.now() + grace * 1000);
    const namespace = kind.group === '' && kind.resource === 'namespaces';
    // Namespaces and definitions are marked by their own means, which know no grace and count no generation.
    if (!namespace && !definition) metadata.deletionGracePeriodSeconds = grace;
    const counts = kind.group !== 'apiextensions.k8s.io';
    if (counts && (metadata.generation ?? 0) > 0) metadata.generation = metadata.generation! + 1;
    if (definition) object.status = withTerminating(object.status);
    if (namespace) object.status = { ...object.status, phase: 'Terminating' };
  } else if (grace < (metadata.deletionGracePeriodSeconds ?? 0)) {
    // A second delete can only shorten the wait.
    const began = Date.parse(metadata.deletionTimestamp) - (metadata.deletionGracePeriodSeconds ?? 0) * 1000;
    metadata.deletionTimestamp = timestamp(began + grace * 1000);
    metadata.deletionGracePeriodSeconds = grace;
  }
  return object;
}

function withTerminating(status: KubeObject['status']): KubeObject['status'] {
  const condition = {
    type: 'Terminating',
    status: 'True',
    lastTransitionTime: timestamp(),
    reason: 'InstanceDeletionPending',
    message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
  };
  return { ...status, conditions: [...(status?.conditions ?? []), condition] };
}

/** What was asked for. Jobs and replication controllers come from a time before garbage collection. */
function optionsOf({ kind, request, heard, warnings }: VerbContext): DeleteOptions {
  const options = deleteOptionsOf(request, heard);
  const isJob = kind.group === 'batch' && kind.resource === 'jobs';
  if (options.propagation !== null || !(isJob || kind.resource === 'replicationcontrollers')) return options;
  if (isJob) warnings.push(ORPHANING);
  return { ...options, orphaning: true };
}

function finalizersFor(present: readonly string[], options: DeleteOptions): string[] {
  const decided = present.includes(FOREGROUND_FINALIZER) || present.includes(ORPHAN_FINALIZER);
  if (options.propagation === null) return [...present, ...(options.orphaning && !decided ? [ORPHAN_FINALIZER] : [])];
  const others = present.filter((finalizer) => finalizer !== FOREGROUND_FINALIZER && finalizer !== ORPHAN_FINALIZER);
  if (options.propagation === 'Foreground') return [...others, FOREGROUND_FINALIZER];
  return options.propagation === 'Orphan' ? [...others, ORPHAN_FINALIZER] : others;
}

/** Only pods have time to end; those that never ran on a node or have ended need none. */
function graceSeconds(kind: KindDefinition, object: KubeObject, options: DeleteOptions): number {
  if (!isPod(kind)) return 0;
  const phase = object.status?.phase;
  if ((object.spec?.nodeName ?? '') === '' || phase === 'Succeeded' || phase === 'Failed') return 0;
  const asked = options.gracePeriodSeconds ?? object.spec?.terminationGracePeriodSeconds ?? DEFAULT_POD_GRACE_SECONDS;
  return asked < 0 ? 1 : asked;
}

export function checkPreconditions(kind: KindDefinition, name: string, old: KubeObject, options: DeleteOptions): void {
  const { uid, resourceVersion } = old.metadata;
  if (kind.group === '' && kind.resource === 'namespaces') {
    // Their storage looks for itself, in its own words.
    const failed = (what: string, asked: string, is: string | undefined) =>
      conflict(kind, name, `Precondition failed: ${what} in precondition: ${asked}, ${what} in object meta: ${is}`);
    if (options.uid !== null && options.uid !== uid) throw failed('UID', options.uid, uid);
    if (options.resourceVersion !== null && options.resourceVersion !== resourceVersion)
      throw failed('ResourceVersion', options.resourceVersion, resourceVersion);
  }
  const mismatch = (text: string) =>
    refuse(409, 'Conflict', `Operation cannot be fulfilled on ${qualifiedKind(kind)} "${name}": ${text}`, {
      name,
      ...(kind.group === '' ? {} : { group: kind.group }),
      kind: kind.kind,
    });
  if (options.uid !== null && options.uid !== uid)
    throw mismatch(
      `the UID in the precondition (${options.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
    );
  if (options.resourceVersion !== null && options.resourceVersion !== resourceVersion)
    throw mismatch(
      `the ResourceVersion in the precondition (${options.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`,
    );
}
