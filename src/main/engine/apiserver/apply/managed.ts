/**
 * managedFields: who owns which field. Plain writes take over what they change; entries of others lose it.
 * Source: Kubernetes documentation, "Server-Side Apply", field management; meta/v1 ManagedFieldsEntry.
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { apiVersionOf } from '#shared/kubernetes/types.ts';
import { timestamp } from '../core.ts';
import { cloneJson, equalJson, isRecord } from '../json.ts';
import type { KindDefinition } from '../types.ts';
import { type Comparison, KeylessItem } from './compare.ts';
import { createdFields } from './created.ts';
import { decodeFields, encodeFields, type FieldSet } from './field-set.ts';
import { ownable } from './ownable.ts';
import { schemaOf, zeroObject } from './schema.ts';
import { typeProblem } from './typed.ts';
import { Changes, UnknownInVersion, type Views } from './versions.ts';

export interface Manager {
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  subresource: string;
  time: string | undefined;
  fields: FieldSet;
  /** `read` as it was written before: written again as long as `fields` is still that set. */
  kept?: { read: FieldSet; fieldsV1: unknown };
}

/** More managers of plain updates than this are folded into one. Source: apimachinery, DefaultMaxUpdateManagers. */
const MAX_UPDATE_MANAGERS = 10;
const FOLDED = 'ancient-changes';

/** Nobody owns what identifies an object or what the server alone sets. */
const UNOWNED_NAMES = {
  root: new Set(['apiVersion', 'kind']),
  metadata: new Set([
    'name',
    'namespace',
    'creationTimestamp',
    'selfLink',
    'uid',
    'generation',
    'managedFields',
    'resourceVersion',
  ]),
};
const UNOWNED: readonly (readonly string[])[] = [
  ...[...UNOWNED_NAMES.root].map((name) => [`f:${name}`]),
  ...[...UNOWNED_NAMES.metadata].map((name) => ['f:metadata', `f:${name}`]),
];

/**
 * Brings `next.metadata.managedFields` up to date for a plain write by `name`. `old` is null for a creation. With `views`,
 * which a kind needs whose versions a webhook converts, it throws ViewWanted and has to be given the same again.
 */
export function recordUpdate(
  kind: KindDefinition,
  old: KubeObject | null,
  next: KubeObject,
  name: string,
  subresource: string,
  views?: Views,
): void {
  const given = next.metadata.managedFields;
  delete next.metadata.managedFields;
  const managers = startingPoint(given, old, subresource).filter((manager) => isConvertible(kind, manager.apiVersion));
  const apiVersion = apiVersionOf(kind);
  if (old === null && managers.length === 0) {
    const fieldsV1 = createdBy(kind, next, subresource);
    if (fieldsV1 !== null)
      next.metadata.managedFields = [
        entryOf({ manager: name, operation: 'Update', apiVersion, subresource, time: timestamp() }, fieldsV1),
      ];
    return;
  }
  // Who owns what of an object that nobody owned is not asked before somebody applies.
  if (old !== null && managers.length === 0) return;
  try {
    const changes = new Changes(kind, old, next, subresource, views);
    const taken = stripUnowned(changedOf(changes.own));
    const own = taken.empty
      ? undefined
      : findManager(managers, { manager: name, operation: 'Update', apiVersion, subresource });
    for (const manager of managers) {
      const comparison = changes.in(manager.apiVersion);
      // What a manager changes again it had before and has afterwards.
      const again = manager === own && own.fields.includes(taken);
      const goes = again ? comparison.removed : lostOf(comparison);
      if (manager.fields.intersects(goes)) manager.fields = manager.fields.difference(goes);
    }
    if (own !== undefined) {
      if (!own.fields.includes(taken)) own.fields = own.fields.union(taken);
      own.time = timestamp();
    } else if (!taken.empty)
      managers.push({ manager: name, operation: 'Update', apiVersion, subresource, time: timestamp(), fields: taken });
    writeManagers(next, fold(managers));
  } catch (error) {
    // As the real server does: owners that cannot be kept right are forgotten.
    if (!(error instanceof UnknownInVersion || error instanceof KeylessItem)) throw error;
  }
}

/** Null: nobody owns any of it, or it cannot be said. */
function createdBy(kind: KindDefinition, next: KubeObject, subresource: string): Record<string, unknown> | null {
  try {
    return createdFields(zeroObject(kind), ownable(kind, next, subresource), schemaOf(kind), UNOWNED_NAMES);
  } catch (error) {
    if (error instanceof KeylessItem) return null;
    throw error;
  }
}

/**
 * Whether what is sent beside the status of a custom resource fits its schema. It is not stored, but of an object that
 * does not fit the real server forgets all owners.
 */
export function fitsBesideStatus(kind: KindDefinition, old: KubeObject, sent: KubeObject): boolean {
  const { status: _sent, metadata: _meta, ...rest } = sent;
  const same = Object.entries(rest).every(([key, value]) => equalJson(value ?? null, old[key] ?? null));
  if (same) return true;
  const read = cloneJson({ ...rest, metadata: {} }) as KubeObject;
  kind.defaults?.(read);
  return typeProblem(read, schemaOf(kind)) === null;
}

/** A write that changes nothing but when somebody wrote is none: `next` gets the times that there were. */
export function keepTimes(next: KubeObject, old: KubeObject): void {
  const [now, before] = [next.metadata.managedFields, old.metadata.managedFields];
  if (now === before || !Array.isArray(now) || !Array.isArray(before) || now.length !== before.length) return;
  const timeless = (entry: unknown): unknown => ({ ...(entry as Record<string, unknown>), time: undefined });
  if (!now.every((entry, index) => equalJson(timeless(entry), timeless(before[index])))) return;
  const { metadata, ...rest } = next;
  const { metadata: known, ...others } = old;
  if (equalJson({ ...metadata, managedFields: before }, known) && equalJson(rest, others))
    metadata.managedFields = before;
}

/** The managers before this write. A writer may replace the list (kubectl does to migrate), or reset it with `[{}]`. */
function startingPoint(given: unknown, old: KubeObject | null, subresource: string): Manager[] {
  const stored = readManagers(old?.metadata.managedFields, true) ?? [];
  if (subresource !== '' || !Array.isArray(given) || given === old?.metadata.managedFields) return stored;
  if (given.length === 1 && isRecord(given[0]) && Object.keys(given[0]).length === 0) return [];
  const wanted = readManagers(given);
  return wanted === null || wanted.length === 0 ? stored : wanted;
}

/** Groups between which kinds have moved, so that the real server can still show them in the other. */
const RELATED = [
  ['apps', 'extensions', 'networking.k8s.io', 'policy'],
  ['', 'events.k8s.io'],
];

/** What somebody wrote in a version that the kind never had is forgotten. */
function isConvertible({ group }: KindDefinition, apiVersion: string): boolean {
  const other = apiVersion.includes('/') ? apiVersion.split('/', 1)[0]! : '';
  return other === group || RELATED.some((groups) => groups.includes(other) && groups.includes(group));
}

export function changedOf(comparison: Comparison): FieldSet {
  return comparison.added.union(comparison.modified);
}

const lost = new WeakMap<Comparison, FieldSet>();

/** What a write takes from whoever else owns it. */
export function lostOf(comparison: Comparison): FieldSet {
  let set = lost.get(comparison);
  if (set === undefined) {
    set = changedOf(comparison).union(comparison.removed);
    lost.set(comparison, set);
  }
  return set;
}

export function stripUnowned(set: FieldSet): FieldSet {
  const result = set.without(UNOWNED);
  result.withoutMember(['f:metadata']);
  return result;
}

export function findManager(
  managers: readonly Manager[],
  wanted: Pick<Manager, 'manager' | 'operation' | 'apiVersion' | 'subresource'>,
): Manager | undefined {
  return managers.find(
    (each) =>
      each.manager === wanted.manager &&
      each.operation === wanted.operation &&
      each.subresource === wanted.subresource &&
      // An applier is the same one whatever version it speaks.
      (wanted.operation === 'Apply' || each.apiVersion === wanted.apiVersion),
  );
}

/** Sets of stored entries: the same few are read with every write to an object, and neither entry nor set changes. */
const decoded = new WeakMap<object, FieldSet>();

function decodedBefore(fieldsV1: unknown): FieldSet | null {
  if (!isRecord(fieldsV1)) return decodeFields(fieldsV1 ?? {});
  const known = decoded.get(fieldsV1);
  if (known !== undefined) return known;
  const set = decodeFields(fieldsV1);
  if (set !== null) decoded.set(fieldsV1, set);
  return set;
}

/** Null when an entry is malformed. `own`: written here, so that what is not changed need not be written anew. */
export function readManagers(value: unknown, own = false): Manager[] | null {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return null;
  let result: Manager[] = [];
  for (const entry of value) {
    if (!isRecord(entry)) return null;
    const fields = own ? decodedBefore(entry.fieldsV1) : decodeFields(entry.fieldsV1 ?? {});
    if (fields === null || (entry.operation !== 'Apply' && entry.operation !== 'Update')) return null;
    const manager: Manager = {
      manager: String(entry.manager ?? ''),
      operation: entry.operation,
      apiVersion: String(entry.apiVersion ?? ''),
      subresource: String(entry.subresource ?? ''),
      time: typeof entry.time === 'string' ? entry.time : undefined,
      fields,
      ...(own ? { kept: { read: fields, fieldsV1: entry.fieldsV1 ?? {} } } : {}),
    };
    // Of two entries of the same manager the last one counts.
    const same = findManager(result, manager);
    if (same !== undefined) result = result.filter((each) => each !== same);
    result.push(manager);
  }
  return result;
}

/** Entries without fields go; the order is the real server's: appliers first, then by time and name. */
export function writeManagers(object: KubeObject, managers: readonly Manager[]): void {
  const kept = managers.filter((manager) => !manager.fields.empty).sort(compareManagers);
  if (kept.length === 0) {
    delete object.metadata.managedFields;
    return;
  }
  object.metadata.managedFields = kept.map((manager) => {
    const { fields, kept: known } = manager;
    return entryOf(manager, known?.read === fields ? known.fieldsV1 : encodeFields(fields));
  });
}

/** A ManagedFieldsEntry, its fields in the order of their declaration. */
function entryOf(
  { manager, operation, apiVersion, time, subresource }: Omit<Manager, 'fields' | 'kept'>,
  fieldsV1: unknown,
): Record<string, unknown> {
  const entry: Record<string, unknown> = { manager, operation, apiVersion };
  if (time !== undefined) entry.time = time;
  entry.fieldsType = 'FieldsV1';
  entry.fieldsV1 = fieldsV1;
  if (subresource !== '') entry.subresource = subresource;
  return entry;
}

function compareManagers(a: Manager, b: Manager): number {
  const left = [a.operation, a.time ?? '', a.manager, a.apiVersion, a.subresource];
  const right = [b.operation, b.time ?? '', b.manager, b.apiVersion, b.subresource];
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return left[i]! < right[i]! ? -1 : 1;
  return 0;
}

/** The oldest managers of plain updates become one, so that the list stays bounded. */
function fold(managers: Manager[]): Manager[] {
  const updaters = managers.filter((each) => each.operation === 'Update' && !each.fields.empty);
  if (updaters.length <= MAX_UPDATE_MANAGERS) return managers;
  const oldest = updaters.sort(compareManagers).slice(0, updaters.length - MAX_UPDATE_MANAGERS + 1);
  const result = managers.filter((each) => !oldest.includes(each));
  for (const each of oldest) {
    const target = findManager(result, { ...each, manager: FOLDED });
    if (target === undefined) result.push({ ...each, manager: FOLDED });
    else {
      target.fields = target.fields.union(each.fields);
      target.time = each.time;
    }
  }
  return result;
}
