/** create: name and metadata, defaults, admission, validation, storage. */
import type { Json, KubeObject, ObjectMeta } from '#shared/kubernetes/types.ts';
import { recordUpdate } from '../apply/managed.ts';
import { accessDenied } from '../auth/authorize.ts';
import { drawSuffix, drawUid, SUFFIX_LENGTH } from '../chance.ts';
import { namespaceRefusal } from '../controllers/namespace-rules.ts';
import { type Core, collectionOf, keyOf, timestamp } from '../core.ts';
import { cloneJson } from '../json.ts';
import { message } from '../openapi/fields.ts';
import { forgetLeftOut, settleEmpty } from '../openapi/sent-empty.ts';
import { canonicalise } from '../openapi/typed.ts';
import { decodeBody, objectOf, refuseMediaType } from '../request/body.ts';
import { parseWriteOptions, type WriteOptions } from '../request/options.ts';
import { presentStored } from '../request/present.ts';
import type { ApiAnswer } from '../request/types.ts';
import { alreadyExists, badRequest, forbidden, invalid, refuse } from '../status.ts';
import { Stored } from '../storage/stored.ts';
import type { AdmissionNotes, AdmissionRequest, KindDefinition, UserInfo } from '../types.ts';
import { asKept, storedIn } from '../versions.ts';
import { commit, isUnsettled, mutate, newNotes, validate } from './admit.ts';
import type { VerbContext } from './context.ts';
import { checkFields, refuseUndecodable } from './fields.ts';
import { dropRepeatedOwners } from './owners.ts';

/** Alphabet of generated names: no vowels, nothing that looks alike. Source: apimachinery util/rand. */
const MAX_GENERATED_BASE = 63 - SUFFIX_LENGTH;
const NAME_ATTEMPTS = 8;

export async function create(context: VerbContext): Promise<ApiAnswer> {
  const { core, kind, request, route } = context;
  refuseMediaType(request);
  const options = parseWriteOptions('CreateOptions', request.query, request.headers['user-agent']);
  const decoded = decodeBody(request, kind.kind, kind.custom === undefined);
  const object = objectOf(decoded, kind);
  checkFields(kind, object, decoded, options.fieldValidation, context.warnings);
  context.heard?.(object, kind);
  // What cannot be decoded is said before where it was to go.
  const elsewhere = kind.namespaced && (object.metadata.namespace || route.namespace) !== route.namespace;
  if (elsewhere || namespaceRefusal(core, kind, route.namespace, {}) !== null) refuseUndecodable(kind, object);
  const created = await createObject(core, kind, route.namespace, object, { ...options, notes: context }, context.user);
  return presentStored(kind, created, context.accept, context.include, 201);
}

/** Sees whether the caller may make an object of this name. Throws 403. */
export function mayCreate({ core, kind, route, user }: VerbContext): () => void {
  return () => {
    const { group, version, resource } = kind;
    const { namespace, name, subresource } = route;
    const access = { verb: 'create', resource: { group, version, resource, subresource, namespace, name } };
    const decision = core.authorizer.decide(user, access);
    if (!decision.allowed) throw accessDenied(user, access, decision.reason);
  };
}

function isDefinitionGoing(core: Core, kind: KindDefinition): boolean {
  const definitions = core.registry.find('apiextensions.k8s.io', 'v1', 'customresourcedefinitions');
  if (definitions === undefined) return false;
  const definition = collectionOf(core, definitions).latest(`${kind.resource}.${kind.group}`);
  return definition?.object.metadata.deletionTimestamp !== undefined;
}

/** What a client cannot set. */
const SYSTEM_FIELDS = [
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'selfLink',
] as const;

const DELETION_FIELDS: ReadonlySet<string> = new Set(['deletionTimestamp', 'deletionGracePeriodSeconds']);

/** What a create writes over, whatever was sent. */
const OVERWRITTEN = [...SYSTEM_FIELDS, 'generation'] as const;

/** Creates `object`, which the server owns from now on. On a dry run nothing is stored and the revision stays unset. */
export async function createObject(
  core: Core,
  kind: KindDefinition,
  namespace: string,
  object: KubeObject,
  /** `managedBy` none leaves managedFields as they are. */
  options: Pick<WriteOptions, 'dryRun' | 'fieldManager' | 'asked'> & {
    managedBy?: 'Update' | 'none';
    notes?: AdmissionNotes;
    /** Something else than a create makes it, so that it has to be seen whether it may be made. Throws 403. */
    authorize?: () => void;
  },
  user: UserInfo,
): Promise<Stored> {
  const metadata = object.metadata;
  placeInNamespace(kind, object, namespace);
  // What is no revision is none.
  const versioned = /^0*[1-9]\d*$/.test(metadata.resourceVersion ?? '');
  if (!options.dryRun) delete metadata.resourceVersion;
  const refusal = namespaceRefusal(core, kind, namespace, metadata);
  if (refusal !== null) throw refusal;
  if (kind.custom !== undefined && isDefinitionGoing(core, kind))
    throw forbidden(kind, metadata.name ?? '', 'create not allowed while custom resource definition is terminating');

  // What is overwritten or added to here has to be what can be read.
  const judged = OVERWRITTEN.some((field) => (metadata[field] ?? null) !== null);
  if (kind.custom === undefined && (judged || typeof (metadata.generateName ?? '') !== 'string'))
    canonicalise(kind.schema, cloneJson(object));
  // An object that is applied, or put where there was none, goes when it says so.
  const placed = options.authorize !== undefined;
  for (const field of SYSTEM_FIELDS) if (!placed || !DELETION_FIELDS.has(field)) delete metadata[field];
  if (!metadata.generation) delete metadata.generation;

  kind.defaults?.(object);
  // Before admission: what plugins add belongs to nobody.
  if (options.managedBy !== 'none') recordUpdate(kind, null, object, options.fieldManager, '');
  const admission: AdmissionRequest = {
    operation: 'CREATE',
    kind,
    subresource: '',
    namespace,
    name: metadata.name ?? '',
    object,
    old: null,
    user,
    dryRun: options.dryRun,
    options: options.asked,
    notes: options.notes ?? newNotes(),
  };
  dropRepeatedOwners(object, admission.notes.warnings, false);
  const mutated = mutate(core, admission);
  if (mutated !== null) await mutated;
  dropRepeatedOwners(object, admission.notes.warnings, true);
  // What changes an object sees it as it was sent; what judges it sees what is to be stored.
  placeInNamespace(kind, object, namespace);
  identify(core, kind, namespace, object);
  const { name = '' } = object.metadata;
  admission.name = name;
  if (isUnsettled(core, admission)) kind.defaults?.(object);
  if (kind.takeOver !== undefined) options.notes?.warnings.push(...kind.takeOver(object));
  kind.dropGated?.(object);
  kind.prepare?.(object, null);
  kind.dropLate?.(object, null);
  settleEmpty(object);
  const errors = kind.validate?.(object, null) ?? [];
  if (errors.length > 0) throw invalid(kind, name, errors);
  if (kind.warnings !== undefined) options.notes?.warnings.push(...kind.warnings(object, null));
  options.authorize?.();
  const validated = validate(core, admission);
  if (validated !== null) await validated;
  // Storing refuses it: a dry run gets no further than to that place.
  if (versioned && !options.dryRun)
    throw internalCreateRefusal('resourceVersion should not be set on objects to be created');
  forgetLeftOut(object);
  // Where the revision stands is kept free for it.
  if (!options.dryRun) object.metadata.resourceVersion = '';
  object.metadata = inOrder(object.metadata);

  const kept = asKept(core.store, kind, object);
  const stored = kept instanceof Promise ? await kept : kept;
  const collection = collectionOf(core, kind);
  const key = keyOf(kind, namespace, name);
  if (collection.latest(key) !== undefined) throw alreadyExists(kind, name);
  // The namespace may have begun to terminate while plugins were awaited.
  if (core.admission.length > 0) {
    const late = namespaceRefusal(core, kind, namespace, { name });
    if (late !== null) throw late;
  }
  commit(core, admission);
  if (options.dryRun) return storedIn(core.store, kind, Stored.ofObject(stored, 0));
  const created = await core.store.put(collection, key, stored);
  return storedIn(core.store, kind, created);
}

let metadataNames: readonly string[] | undefined;

/** Metadata in the order of their declaration, in which people read them who print an answer as it is. */
function inOrder(metadata: ObjectMeta): ObjectMeta {
  metadataNames ??= message('meta.ObjectMeta')!.fields.map(({ name }) => name);
  const given = metadata as Record<string, Json>;
  const ordered: Record<string, Json> = {};
  for (const name of metadataNames) if (given[name] !== undefined) ordered[name] = given[name];
  return ordered as ObjectMeta;
}

/** Gives a new object what the server alone sets. */
function identify(core: Core, kind: KindDefinition, namespace: string, { metadata }: KubeObject): void {
  metadata.creationTimestamp = timestamp(core.now());
  if (kind.generation === 'spec') metadata.generation = 1;
  const collection = collectionOf(core, kind);
  const generated = (metadata.name ?? '') === '' && (metadata.generateName ?? '') !== '';
  for (let attempt = 1; generated; attempt++) {
    const base = metadata.generateName!.slice(0, MAX_GENERATED_BASE);
    metadata.name = base + drawSuffix(core.chance, `${collection.id} ${keyOf(kind, namespace, base)}`);
    const taken = collection.latest(keyOf(kind, namespace, metadata.name)) !== undefined;
    if (!taken || attempt >= NAME_ATTEMPTS) break;
  }
  metadata.uid = drawUid(core.chance, `${collection.id} ${keyOf(kind, namespace, metadata.name ?? '')}`);
}

function placeInNamespace(kind: KindDefinition, object: KubeObject, namespace: string): void {
  const given = object.metadata.namespace ?? '';
  if (!kind.namespaced) {
    delete object.metadata.namespace;
    return;
  }
  if (given !== '' && given !== namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  object.metadata.namespace = namespace;
}

function internalCreateRefusal(text: string): Error {
  return refuse(500, '', text);
}
