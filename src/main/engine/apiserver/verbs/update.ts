/**
 * update and the common course of everything that changes a stored object: optimistic concurrency, rules of the
 * metadata, defaults, admission, validation, generation, no-op detection, the end of an object whose last finalizer goes.
 */
import { isNotFound } from '#engine/kube/index.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { MUTATORS } from '../admission/mutators.ts';
import { fitsBesideStatus, keepTimes, recordUpdate } from '../apply/managed.ts';
import type { Views } from '../apply/versions.ts';
import { type Core, collectionOf, inVersion, isCurrent, keyOf, placeInStore } from '../core.ts';
import { cloneJson, equalJson } from '../json.ts';
import { immutable } from '../kinds/validation/field.ts';
import { sendsEmpty } from '../openapi/emptiness.ts';
import { withQuantitiesOf } from '../openapi/quantities.ts';
import { cloneAsSent, forgetLeftOut, settleEmpty } from '../openapi/sent-empty.ts';
import { decodeBody, objectOf } from '../request/body.ts';
import { parseWriteOptions, type WriteOptions } from '../request/options.ts';
import { presentStored } from '../request/present.ts';
import type { ApiAnswer } from '../request/types.ts';
import { badRequest, conflict, invalid, MODIFIED_TEXT, notFound, refuse } from '../status.ts';
import { Stored } from '../storage/stored.ts';
import type { AdmissionNotes, AdmissionRequest, FieldError, KindDefinition, UserInfo } from '../types.ts';
import { asKept, needsWebhook, storedIn, withViews } from '../versions.ts';
import { after, commit, isUnsettled, mayMutate, mutate, newNotes, validate } from './admit.ts';
import type { VerbContext } from './context.ts';
import { createObject, mayCreate } from './create.ts';
import { checkFields, refuseUndecodable, refuseUnreadAside } from './fields.ts';
import { dropRepeatedOwners } from './owners.ts';
import {
  allButStatus,
  deletionErrors,
  finalizerErrors,
  generationAfter,
  isSettled,
  keepMetadata,
  statusOnly,
  takenOf,
} from './taken.ts';

export async function update(context: VerbContext): Promise<ApiAnswer> {
  const { kind, request, route } = context;
  const options = parseWriteOptions('UpdateOptions', request.query, request.headers['user-agent']);
  // What comes of a write to /status is copied below.
  const copied = kind.custom === undefined || route.subresource === 'status';
  const decoded = decodeBody(request, kind.kind, copied);
  const object = objectOf(decoded, kind, route.subresource);
  // In-process callers may send back parts of what they were given.
  const known = collectionOf(context.core, kind).latest(keyOf(kind, route.namespace, route.name))?.object ?? null;
  checkFields(kind, object, decoded, options.fieldValidation, context.warnings, known);
  context.heard?.(object, kind);
  refuseUnreadAside(kind, object, route.subresource);
  // What cannot be decoded is said before what the object is called.
  if (object.metadata.name !== route.name) refuseUndecodable(kind, object);
  checkPlace(object, route);
  if (kind.madeByUpdate === true && isMissing(context)) return makeInstead(context, object, options);
  const stored = await changeObject({
    core: context.core,
    kind,
    namespace: route.namespace,
    name: route.name,
    subresource: route.subresource,
    user: context.user,
    options,
    notes: context,
    // Custom resources cannot be replaced blindly.
    needsVersion: kind.custom !== undefined || kind.needsVersion === true,
    // Who names a revision has one attempt.
    next: () => (object.metadata.resourceVersion ? object : cloneJson(object)),
  }).catch((error: unknown) => {
    // What cannot be decoded is said before whether the object is there.
    if (isNotFound(error)) refuseUndecodable(kind, object);
    throw error;
  });
  return presentStored(kind, stored, context.accept, context.include);
}

function isMissing({ core, kind, route: { namespace, name, subresource } }: VerbContext): boolean {
  const whole = subresource === '' || (subresource === 'status' && kind.hasStatus);
  return whole && collectionOf(core, kind).latest(keyOf(kind, namespace, name)) === undefined;
}

/** Makes what was to be replaced. */
async function makeInstead(context: VerbContext, object: KubeObject, options: WriteOptions): Promise<ApiAnswer> {
  const { core, kind, route, user } = context;
  refuseUndecodable(kind, object);
  const { uid = '' } = object.metadata;
  if (uid !== '') throw unmetUid(kind, route, uid, '');
  delete object.metadata.resourceVersion;
  const made = { ...options, notes: context, authorize: mayCreate(context) };
  const created = await createObject(core, kind, route.namespace, object, made, user);
  return presentStored(kind, created, context.accept, context.include, 201);
}

/** What was to be replaced is another one than was meant. */
function unmetUid(
  kind: KindDefinition,
  { namespace, name }: { namespace: string; name: string },
  asked: string,
  is: string,
): Error {
  const key = `/registry${placeInStore(kind, namespace, name)}`;
  const text = `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${asked}, UID in object meta: ${is}`;
  return conflict(kind, name, text);
}

export interface Change {
  core: Core;
  kind: KindDefinition;
  namespace: string;
  name: string;
  /** Empty, `status`, or another one that writes the whole object (`approval`, `ephemeralcontainers` ...). */
  subresource: string;
  user: UserInfo;
  options: Pick<WriteOptions, 'dryRun' | 'fieldManager' | 'asked'>;
  /** The wanted object, owned by the caller's callee; called again when somebody else wrote in between. */
  next(old: KubeObject): KubeObject | Promise<KubeObject>;
  /** `next` gives objects in their stored form. */
  defaulted?: boolean;
  /** What `next` gives shares with the stored object what it leaves alone; built-in kinds alone. */
  sharing?: boolean;
  /** A patch has no uid to fulfil: one that is not the object's is an attempt to change it. */
  patching?: boolean;
  /** True refuses a write that names no revision. */
  needsVersion?: boolean;
  /** False leaves managedFields as `next` made them (server-side apply). */
  recordManager?: boolean;
  notes?: AdmissionNotes;
  /** Whether something is empty in what `next` was made of, where it gives objects in their stored form. */
  sentEmpty?(): boolean;
}

/** Changes a stored object. Resolves with what is stored afterwards (for a dry run: what would be). */
export async function changeObject(change: Change): Promise<Stored> {
  const { core, kind, namespace, name } = change;
  const collection = collectionOf(core, kind);
  const key = keyOf(kind, namespace, name);
  // Writers without a precondition start over when somebody was faster. Somebody always gets through, so this ends.
  for (;;) {
    const stored = collection.latest(key);
    if (stored === undefined) throw notFound(kind, name);
    const shown = storedIn(core.store, kind, stored);
    const before = shown instanceof Promise ? await shown : shown;
    const old = inVersion(kind, before.object);
    let wanted = change.next(old);
    if (wanted instanceof Promise) wanted = await wanted;
    let prepared: Prepared;
    try {
      checkUid(change, old, wanted);
      const preparing = prepare(change, old, wanted);
      prepared = preparing instanceof Promise ? await preparing : preparing;
    } catch (error) {
      // The write it lost against may not be readable yet; whoever reads again after this answer must see it.
      if (error instanceof Lost) await core.store.settled();
      throw error instanceof Lost ? error.refusal : error;
    }
    const { result, admission, conditional } = prepared;
    keepTimes(result, old);
    const unchanged = equalJson(result, old) && isCurrent(kind, stored);
    const converted = unchanged ? result : asKept(core.store, kind, result);
    const kept = converted instanceof Promise ? await converted : converted;
    if (collection.latest(key) !== stored) {
      if (conditional) throw conflict(kind, name);
      continue;
    }
    if (unchanged) {
      await core.store.settled();
      return before;
    }
    commit(core, admission);
    if (change.options.dryRun) return storedIn(core.store, kind, Stored.ofObject(kept, stored.revision));
    const written = isFinished(result)
      ? asAnswered(await core.store.remove(collection, key, kept), stored)
      : await core.store.put(collection, key, kept);
    return storedIn(core.store, kind, written);
  }
}

/** The answer to the write that ends an object shows the revision before the deletion, as the real server's does. */
function asAnswered(last: Stored, before: Stored): Stored {
  const metadata = { ...last.object.metadata, resourceVersion: String(before.revision) };
  return Stored.ofObject({ ...last.object, metadata }, before.revision);
}

/** Marked for deletion, no grace period running and nobody holds it any more. */
export function isFinished(object: KubeObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = object.metadata;
  if (deletionTimestamp === undefined || (finalizers ?? []).length > 0) return false;
  if (object.kind === 'Namespace' && (object.spec?.finalizers ?? []).length > 0) return false;
  return (deletionGracePeriodSeconds ?? 0) === 0;
}

/** The checks of names that every write passes; an object without a namespace is in that of the request. Throws 400. */
export function checkPlace({ metadata }: KubeObject, { namespace, name }: { namespace: string; name: string }): void {
  if (namespace !== '' && metadata.namespace && metadata.namespace !== namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  if (!metadata.name)
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  if (metadata.name !== name)
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
}

/** A refusal by what is stored already. */
class Lost extends Error {
  readonly refusal: Error;

  constructor(refusal: Error) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

/** Throws Lost, and 422 for a patch of the uid. */
function checkUid({ kind, name, patching = false }: Change, old: KubeObject, wanted: KubeObject): void {
  const { uid = '' } = wanted.metadata;
  if (uid === '' || uid === old.metadata.uid) return;
  if (patching) {
    const changed = immutable('metadata.uid', uid, old.metadata.uid);
    throw invalid(kind, name, [...changed, ...changed]);
  }
  throw new Lost(unmetUid(kind, { namespace: old.metadata.namespace ?? '', name }, uid, old.metadata.uid ?? ''));
}

/** Whether the write has one attempt, since its writer asked for a revision. Throws Lost, 422 and 500. */
function checkRevision(
  { kind, name, needsVersion = false, patching = false, recordManager }: Change,
  old: KubeObject,
  wanted: KubeObject,
): boolean {
  const { resourceVersion = '' } = wanted.metadata;
  if (resourceVersion === '' || resourceVersion === '0') {
    if (!needsVersion) return false;
    // What cannot be read at all is told first.
    kind.defaults?.(cloneJson(wanted));
    throw invalid({ group: kind.group, kind: kind.resource }, name, [
      {
        type: 'FieldValueInvalid',
        field: 'metadata.resourceVersion',
        message: 'Invalid value: 0: must be specified for an update',
      },
    ]);
  }
  if (!/^\d+$/.test(resourceVersion))
    throw refuse(500, '', `strconv.ParseUint: parsing ${JSON.stringify(resourceVersion)}: invalid syntax`);
  if (resourceVersion !== old.metadata.resourceVersion) throw new Lost(conflict(kind, name, MODIFIED_TEXT));
  // A patch or an apply is made again of what is there by then.
  return !patching && recordManager !== false;
}

/** Whether webhooks or policies may be shown the object before it is stored. */
function isShown({ core, kind, subresource }: Change): boolean {
  return core.admission.some(({ name, matches }) => name === MUTATORS && matches(kind, 'UPDATE', subresource));
}

interface Prepared {
  result: KubeObject;
  /** The write has one attempt. */
  conditional: boolean;
  admission: AdmissionRequest;
}

/** The object as it will be stored. A promise only when a webhook or an admission plugin made one: nothing else waits. */
function prepare(change: Change, old: KubeObject, wanted: KubeObject): Prepared | Promise<Prepared> {
  const { core, kind, subresource } = change;
  // Those who change it see what was sent: what a client cannot change is put back afterwards.
  const shown = isShown(change) ? cloneJson(wanted) : null;
  const conditional = shown === null && checkRevision(change, old, wanted);
  const settled = shown === null && subresource === 'status' && isSettled(core, kind, old);
  const goesAt = subresource === '' ? wanted.metadata.deletionTimestamp : old.metadata.deletionTimestamp;
  const { result, refused } = putBack(change, old, wanted, settled);
  const sentEmpty = change.sentEmpty?.() ?? sendsEmpty(kind, wanted);
  if (change.defaulted !== true) kind.defaults?.(result, subresource, settled ? old : null);
  return after(recordOwners(change, old, result, goesAt), () => {
    // Who wrote owns what was sent, though no more than a part is taken of it: so does the real server.
    const taken = takenOf(subresource, old, result);
    return admit(change, { old, wanted, given: taken, refused, shown, conditional, sentEmpty });
  });
}

/** What was sent with all that the endpoint leaves alone; `refused`: what is wrong with a deletion in it. */
function putBack(
  { kind, namespace, subresource }: Change,
  old: KubeObject,
  wanted: KubeObject,
  settled: boolean,
): { result: KubeObject; refused: FieldError[] } {
  let result = wanted;
  if (subresource === 'status') result = statusOnly(kind, old, result, settled);
  else if (subresource === 'finalize') result = allButStatus(old, result);
  else if (kind.hasStatus && subresource === '') {
    if (old.status === undefined) delete result.status;
    else result.status = old.status;
  }
  const refused = deletionErrors(old.metadata, result.metadata);
  keepMetadata(old.metadata, result.metadata, namespace, kind);
  return { result, refused };
}

/**
 * Who owns what after the write. A promise only when a webhook has to say what entries of other versions are about. Who
 * says when the object goes (`goesAt`) owns that, though it is put back.
 */
function recordOwners(
  change: Change,
  old: KubeObject,
  result: KubeObject,
  goesAt: string | undefined,
): Promise<void> | null {
  const { core, kind, subresource, options } = change;
  if (change.recordManager === false) return null;
  const record = (views?: Views): void => {
    const { deletionTimestamp: kept } = result.metadata;
    if (kept === undefined || kept === goesAt) {
      recordUpdate(kind, old, result, options.fieldManager, subresource, views);
      return;
    }
    if (goesAt === undefined) delete result.metadata.deletionTimestamp;
    else result.metadata.deletionTimestamp = goesAt;
    recordUpdate(kind, old, result, options.fieldManager, subresource, views);
    result.metadata.deletionTimestamp = kept;
  };
  if (!needsWebhook(kind)) {
    record();
    return null;
  }
  const given = result.metadata.managedFields;
  return withViews(core.store, (views) => {
    if (given !== undefined) result.metadata.managedFields = given;
    record(views);
  });
}

interface Draft {
  old: KubeObject;
  wanted: KubeObject;
  /** As it would be stored, and what is wrong with a deletion in it. */
  given: KubeObject;
  refused: FieldError[];
  /** What was sent, to be shown to webhooks and policies; null: there are none. */
  shown: KubeObject | null;
  /** The write has one attempt, as far as that is known before webhooks and policies have seen it. */
  conditional: boolean;
  /** Something that was sent is empty, and counts as a change. */
  sentEmpty: boolean;
}

/** The rest of a write, once it is known who owns what. */
function admit(change: Change, draft: Draft): Prepared | Promise<Prepared> {
  const { core, kind, namespace, name, subresource, user, options } = change;
  const { old, wanted, shown, sentEmpty } = draft;
  let { given: result, refused, conditional } = draft;
  if (subresource === 'status' && kind.custom !== undefined && !fitsBesideStatus(kind, old, wanted))
    delete result.metadata.managedFields;
  if (change.sharing === true) result = unshared(core, kind, result, old, subresource);
  const admission: AdmissionRequest = {
    operation: 'UPDATE',
    kind,
    subresource,
    namespace,
    name,
    object: shown === null ? result : asShown(change, shown, result),
    old,
    user,
    dryRun: options.dryRun,
    options: options.asked,
    notes: change.notes ?? newNotes(),
  };
  if (change.patching !== true) dropRepeatedOwners(admission.object!, admission.notes.warnings, false);
  return after(mutate(core, admission), () => {
    const changed = admission.object!;
    dropRepeatedOwners(changed, admission.notes.warnings, true);
    if (shown !== null) {
      conditional = checkRevision(change, old, changed);
      ({ result, refused } = afterMutation(change, old, changed));
    }
    admission.object = result;
    if (change.sharing === true ? mayMutate(core, kind, 'UPDATE', subresource) : isUnsettled(core, admission))
      kind.defaults?.(result, subresource);
    kind.dropGated?.(result);
    if (subresource === '') kind.prepare?.(result, old);
    settleEmpty(result);
    // Another notation of a quantity is stored, and is no change to whoever compares.
    const compared = withQuantitiesOf(kind, result, old);
    result.metadata.generation = generationAfter(kind, old, compared, subresource, sentEmpty);
    if (result.metadata.generation === undefined) delete result.metadata.generation;
    if (subresource === '') kind.dropLate?.(result, old);
    // What gives a pod its node is not judged: neither by what it brings nor by what the pod was.
    const judged = subresource === 'binding' ? [] : (kind.validate?.(compared, old, subresource) ?? []);
    const errors = [...refused, ...finalizerErrors(old, result), ...judged];
    if (errors.length > 0) throw invalid(kind, result.metadata.name ?? name, errors);
    change.notes?.warnings.push(...(kind.warnings?.(result, old) ?? []));
    return after(validate(core, admission), () => {
      for (const root of [wanted, result]) forgetLeftOut(root);
      return { result, admission, conditional };
    });
  });
}

/** What was sent, in the form it would be stored in, and with its owners as they would be. */
function asShown(
  { kind, namespace, recordManager: applied }: Change,
  sent: KubeObject,
  result: KubeObject,
): KubeObject {
  kind.defaults?.(sent);
  if (kind.namespaced) sent.metadata.namespace = namespace;
  // An apply is shown what it is made of.
  if (applied === false)
    for (const field of ['uid', 'resourceVersion'] as const) sent.metadata[field] ||= result.metadata[field]!;
  const { managedFields } = result.metadata;
  if (managedFields === undefined) delete sent.metadata.managedFields;
  else sent.metadata.managedFields = managedFields;
  return sent;
}

/** What has been made of it may be in another place, or be called differently, which is refused. */
function afterMutation(
  change: Change,
  old: KubeObject,
  changed: KubeObject,
): { result: KubeObject; refused: FieldError[] } {
  const { kind, namespace, subresource } = change;
  const { name, uid = '' } = changed.metadata;
  if (kind.namespaced && (changed.metadata.namespace || namespace) !== namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  const { result, refused } = putBack(change, old, changed, false);
  // Metadata are checked twice, and clients see both causes.
  const moved = uid === '' ? [] : immutable('metadata.uid', uid, old.metadata.uid);
  refused.push(...moved, ...moved);
  if (name !== undefined && name !== old.metadata.name) {
    result.metadata.name = name;
    refused.push(...immutable('metadata.name', name, old.metadata.name));
  }
  return { result: takenOf(subresource, old, result), refused };
}

/**
 * An object in its stored form that may be changed in place. What it shares with the stored object is copied where
 * anybody is going to; before that its defaults are put in order, which takes what is shared for granted.
 */
function unshared(
  core: Core,
  kind: KindDefinition,
  object: KubeObject,
  old: KubeObject,
  subresource: string,
): KubeObject {
  const mutated = mayMutate(core, kind, 'UPDATE', subresource);
  if (!mutated && kind.addsDefaults !== false) kind.defaults?.(object, subresource, old);
  return mutated || (subresource === '' && kind.prepare !== undefined) ? cloneAsSent(object) : object;
}
