/**
 * Server-side apply: merges what a manager declares, takes away what it no longer declares, refuses to touch what others
 * own unless forced. Source: Kubernetes documentation, "Server-Side Apply"; KEP-555.
 *
 * Not done: the migration of client-side applied objects inside the server (kubectl does it itself since 1.26).
 */
import { ApiError } from '#engine/kube/index.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { apiVersionOf } from '#shared/kubernetes/types.ts';
import { collectionOf, keyOf, timestamp } from '../core.ts';
import { cloneJson, equalJson, goTypeOf, isRecord, sortedJson } from '../json.ts';
import { problemOfJson } from '../json-text.ts';
import { conversionProblem, runOver } from '../openapi/conversion.ts';
import { sendsEmpty } from '../openapi/emptiness.ts';
import { messageOfSchema } from '../openapi/fields.ts';
import { duplicateFields } from '../openapi/schema.ts';
import { readingProblem } from '../openapi/typed.ts';
import { parseWriteOptions, type WriteOptions } from '../request/options.ts';
import { presentStored } from '../request/present.ts';
import type { ApiAnswer, ApiRequest } from '../request/types.ts';
import { badRequest, conflict, internal, notFound, refuse } from '../status.ts';
import type { KindDefinition } from '../types.ts';
import type { VerbContext } from '../verbs/context.ts';
import { createObject, mayCreate } from '../verbs/create.ts';
import { unturnedProblem, yamlProblem } from '../verbs/fields.ts';
import { changeObject, checkPlace } from '../verbs/update.ts';
import { needsWebhook, withViews } from '../versions.ts';
import { parseYaml, repeatedKeys } from '../yaml.ts';
import { yamlBytesProblem } from '../yaml-bytes.ts';
import { type Comparison, compare, fieldsOf, KeylessItem } from './compare.ts';
import { describePath, FieldSet } from './field-set.ts';
import { changedOf, findManager, lostOf, type Manager, readManagers, stripUnowned, writeManagers } from './managed.ts';
import { mergeConfig, removeFields, withNamedFields } from './merge.ts';
import { ownable } from './ownable.ts';
import { schemaOf } from './schema.ts';
import { typeProblem } from './typed.ts';
import { messageProblems } from './typed-message.ts';
import { Changes, kindOfEntry, typedFor, typedIn, UnknownInVersion, type Views } from './versions.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

export async function apply(context: VerbContext): Promise<ApiAnswer> {
  const { core, kind, request, route } = context;
  const options = parseWriteOptions('PatchOptions', request.query, request.headers['user-agent'], true);
  context.patched?.();
  const live = collectionOf(core, kind).latest(keyOf(kind, route.namespace, route.name))?.object;
  const exists = live !== undefined;
  if (!exists && route.subresource !== '') throw notFound(kind, route.name);
  const config = configurationOf(kind, request);
  if (exists) refuseKeyless(kind, live, route.subresource);
  checkTyped(kind, config);
  const repeated = options.fieldValidation === 'Ignore' ? [] : repeatedIn(request);
  if (!exists) return create(context, config, options, repeated);
  let warned = false;
  const stored = await changeObject({
    core,
    kind,
    namespace: route.namespace,
    name: route.name,
    subresource: route.subresource,
    user: context.user,
    options,
    notes: context,
    recordManager: false,
    patching: true,
    defaulted: true,
    sentEmpty: () => sendsEmpty(kind, config),
    next: (old) => {
      const compute = (views?: Views): KubeObject => {
        try {
          const object = applied(kind, old, config, options, route.subresource, views);
          if (!warned) checkRepeated(repeated, options, context);
          warned = true;
          checkPlace(object, route);
          return object;
        } catch (error) {
          throw error instanceof KeylessItem ? keylessLive(kind, old) : error;
        }
      };
      return needsWebhook(kind) ? withViews(core.store, compute) : compute();
    },
  });
  return presentStored(kind, stored, context.accept, context.include);
}

async function create(
  context: VerbContext,
  config: KubeObject,
  options: WriteOptions,
  repeated: readonly string[],
): Promise<ApiAnswer> {
  const { core, kind, route } = context;
  if ((config.metadata.uid ?? '') !== '')
    throw conflict(
      kind,
      route.name,
      `uid mismatch: the provided object specified uid ${config.metadata.uid}, and no existing object was found`,
    );
  checkPlace(config, route);
  const object = readable(kind, cloneJson(config), config);
  checkRepeated(repeated, options, context);
  const fields = ownedBy(kind, config, '');
  writeManagers(object, [managerEntry(kind, options.fieldManager, '', fields, timestamp())]);
  const stored = await createObject(
    core,
    kind,
    route.namespace,
    object,
    { ...options, managedBy: 'none', notes: context, authorize: mayCreate(context) },
    context.user,
  ).catch((error: unknown) => {
    throw unversioned(kind, config, error);
  });
  return presentStored(kind, stored, context.accept, context.include, 201);
}

/** What a configuration gives twice; JSON, which is nearly all, is looked at as text first. */
function repeatedIn({ body }: ApiRequest): string[] {
  if (body === null || 'value' in body) return [];
  const text = Buffer.from(body.bytes).toString('utf8');
  if (text.trimStart().startsWith('{') && problemOfJson(text) === null && duplicateFields(text).length === 0) return [];
  return repeatedKeys(text);
}

/** Told after all that the merge says. Throws 400 where it was asked to be strict. */
function checkRepeated(
  repeated: readonly string[],
  { fieldValidation }: Pick<WriteOptions, 'fieldValidation'>,
  { warnings }: Pick<VerbContext, 'warnings'>,
): void {
  const [problem] = yamlProblem(repeated);
  if (problem === undefined) return;
  if (fieldValidation === 'Strict')
    throw badRequest(`error strict decoding YAML: error converting YAML to JSON: ${problem}`);
  warnings.push(...repeated);
}

/** What was sent to be applied. Throws 400. */
export function configurationOf(kind: KindDefinition, request: ApiRequest): KubeObject {
  const body = request.body;
  let value: unknown;
  if (body !== null && 'value' in body) value = cloneJson(body.value);
  else {
    const bytes = body?.bytes ?? new Uint8Array();
    const problem = yamlBytesProblem(bytes);
    if (problem !== null) throw badRequest(`error decoding YAML: error converting YAML to JSON: ${problem}`);
    const text = Buffer.from(bytes).toString('utf8');
    try {
      value = parseYaml(text);
    } catch (error) {
      const text = error instanceof Error ? error.message : 'malformed';
      throw badRequest(`error decoding YAML: error converting YAML to JSON: ${text}`);
    }
  }
  if (value === null || value === undefined) value = {};
  if (!isRecord(value)) {
    const text = `json: cannot unmarshal ${goTypeOf(value)} into Go value of type map[string]interface {}`;
    throw badRequest(`error decoding YAML: error unmarshaling JSON: while decoding JSON: ${text}`);
  }
  const apiVersion = typeof value.apiVersion === 'string' ? value.apiVersion : '';
  const named = typeof value.kind === 'string' ? value.kind : '';
  if (apiVersion !== apiVersionOf(kind) || named !== kind.kind) {
    const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
    throw badRequest(`invalid object type: ${group}/${version}, Kind=${named}`);
  }
  const { kind: _kind, apiVersion: _apiVersion, metadata, ...rest } = value;
  // In the order of every stored object, so that its text can be answered as it is.
  // What metadata cannot be is told with all else that is wrong.
  const isScalar = metadata !== null && ['string', 'number', 'boolean'].includes(typeof metadata);
  const meta = isScalar || isRecord(metadata) ? metadata : {};
  return { kind: kind.kind, apiVersion, metadata: meta, ...rest } as KubeObject;
}

/** Throws 400 for a configuration with managers, 500 for what the schema does not know. */
export function checkTyped(kind: KindDefinition, config: KubeObject): void {
  if ((config.metadata.managedFields ?? null) !== null) throw badRequest('metadata.managedFields must be nil');
  const type = messageOfSchema(kind.schema);
  const problem = type === undefined ? typeProblem(config, schemaOf(kind)) : listed(messageProblems(config, type));
  if (problem !== null) throw internal(`failed to create typed patch object (${identify(kind, config)}): ${problem}`);
}

/** What nobody is known to own is looked at before what is applied to it. Throws 500. */
function refuseKeyless(kind: KindDefinition, live: KubeObject, subresource: string): void {
  if (kind.custom !== undefined || live.metadata.managedFields !== undefined) return;
  try {
    beforeFirstApply(kind, live, subresource);
  } catch (error) {
    throw error instanceof KeylessItem ? keylessLive(kind, live) : error;
  }
}

/** Nothing can be applied to what has items that cannot be told apart; such items get there by plain writes. */
function keylessLive(kind: KindDefinition, live: KubeObject): Error {
  const type = messageOfSchema(kind.schema);
  const found = type === undefined ? [] : messageProblems(live, type);
  const keyless = listed(found.filter((problem) => /: element \d+: /.test(problem)));
  const what = `failed to convert new object (${identify(kind, live)}) to smd typed`;
  return internal(`failed to create manager for existing fields: ${what}: ${keyless ?? ''}`);
}

const listed = (problems: readonly string[]): string | null =>
  problems.length > 1 ? `errors:\n${problems.map((each) => `  ${each}`).join('\n')}` : (problems[0] ?? null);

const gvkOf = (kind: KindDefinition): string => `${kind.group}/${kind.version}, Kind=${kind.kind}`;

/** How refusals of an apply name what was sent. */
export function identify(kind: KindDefinition, { metadata }: KubeObject): string {
  // What is no text is no name.
  const [namespace, name] = [metadata.namespace, metadata.name].map((part) => (typeof part === 'string' ? part : ''));
  return `${namespace}/${name}; ${gvkOf(kind)}`;
}

/**
 * What was merged as it is read as the kind: numbers that are too large for their fields run over. Throws 500 for what
 * cannot be read: the types of the schema are wider than those of the server.
 */
function readable(kind: KindDefinition, merged: KubeObject, config: KubeObject): KubeObject {
  const type = messageOfSchema(kind.schema);
  if (type === undefined) return merged;
  const unread = readingProblem(type, merged)?.replace(/^illegal base64/, 'error decoding from json: illegal base64');
  const problem = conversionProblem(type, merged) ?? unread;
  if (problem === undefined) return merged;
  const fitting = runOver(type, merged);
  if (fitting !== merged) return readable(kind, fitting, config);
  const gvk = gvkOf(kind);
  throw internal(
    `failed to convert new object (${identify(kind, config)}) to proper version: unable to convert unstructured object to ${gvk}: ${problem}`,
  );
}

/**
 * The object after `config` has been applied to `old`, with its defaults and managers. Throws 409 for conflicts, and ViewWanted with
 * `views`, which a kind needs whose versions a webhook converts.
 */
export function applied(
  kind: KindDefinition,
  old: KubeObject,
  config: KubeObject,
  options: Pick<WriteOptions, 'fieldManager' | 'force'>,
  subresource: string,
  views?: Views,
): KubeObject {
  const schema = schemaOf(kind);
  const apiVersion = apiVersionOf(kind);
  const given = readManagers(old.metadata.managedFields) ?? [];
  const managers = given.length > 0 ? given : beforeFirstApply(kind, old, subresource);
  const identity = { manager: options.fieldManager, operation: 'Apply' as const, apiVersion, subresource };
  const before = findManager(managers, identity);
  const others = managers.filter((each) => each !== before);
  const owned = ownedBy(kind, config, subresource);

  const { managedFields: _managed, ...metadata } = old.metadata;
  const live: KubeObject = { ...old, metadata };
  for (const manager of managers) inWords('', () => typedFor(kind, manager.apiVersion, live, views));
  let next = mergeConfig(live, config, schema) as KubeObject;
  const entry = managerEntry(kind, options.fieldManager, subresource, owned, undefined);
  // What identifies the object is declared as well, though nobody comes to own it.
  const declared = { ...entry, fields: fieldsOf(ownable(kind, config, subresource), schema) };
  if (before !== undefined) next = pruned(kind, next, before, [...others, declared], views);
  next = cloneJson(next);
  next.metadata.resourceVersion = config.metadata.resourceVersion ?? '';
  next.metadata.uid = config.metadata.uid ?? '';

  const changes = comparisons(new Changes(kind, live, next, subresource, views), others);
  const conflicts = changes
    .map(({ manager, comparison }) => ({ manager, fields: manager.fields.intersection(changedOf(comparison)) }))
    .filter(({ fields }) => !fields.empty);
  if (conflicts.length > 0 && !options.force) {
    const allowed = clientSideApplied(kind, live, options.fieldManager);
    const refused = conflicts
      .map(({ manager, fields }) => ({ manager, fields: fields.difference(allowed) }))
      .filter(({ fields }) => !fields.empty);
    if (refused.length > 0) throw applyConflict(refused);
  }
  next = readable(kind, next, config);
  const left = changes.map(({ manager, comparison }) => ({
    ...manager,
    fields: manager.fields.difference(lostOf(comparison)),
  }));
  // Who only declares what is there already changes nothing, so its entry keeps its time, and no default is filled in
  // that an object which was written in another version lacks.
  const same = equalJson(withoutVersion(next), withoutVersion(live));
  try {
    if (!same) kind.defaults?.(next, subresource);
  } catch (error) {
    throw unversioned(kind, config, error);
  }
  updateLastApplied(next, config, options.fieldManager);
  writeManagers(next, [...left, { ...entry, time: same ? before?.time : timestamp() }]);
  return next;
}

/** What the write changes for each of the others. Throws ApiError 500. */
function comparisons(changes: Changes, others: readonly Manager[]): { manager: Manager; comparison: Comparison }[] {
  return others.map((manager) => ({ manager, comparison: inWords('', () => changes.in(manager.apiVersion)) }));
}

/** The error as an apply tells it: what cannot be turned into the form that is worked with is not said to be unreadable. */
function unversioned(kind: KindDefinition, { metadata }: KubeObject, error: unknown): unknown {
  const problem = error instanceof ApiError ? unturnedProblem(error.message) : null;
  if (problem === null) return error;
  const gvk = `${apiVersionOf(kind)}, Kind=${kind.kind}`;
  return internal(
    `failed to convert to unversioned (${metadata.namespace ?? ''}/${metadata.name}; ${gvk}): ${problem}`,
  );
}

function inWords<T>(start: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (error instanceof UnknownInVersion) throw internal(start + error.message);
    throw error;
  }
}

/**
 * The object without what its applier declared last time and nobody owns now; `managers` are all who own something after
 * this write. Source: structured-merge-diff, Updater.prune.
 */
function pruned(
  kind: KindDefinition,
  merged: KubeObject,
  last: Manager,
  managers: readonly Manager[],
  views: Views | undefined,
): KubeObject {
  const lastKind = kindOfEntry(kind, last.apiVersion, views);
  const shown = (each: KindDefinition, object: KubeObject, what: string) =>
    each === kind && object.apiVersion === apiVersionOf(kind)
      ? { value: object, schema: schemaOf(kind) }
      : inWords(`failed to prune fields: failed to convert ${what}: `, () => typedIn(each, object, views));
  const { value: before, schema } = shown(lastKind, merged, 'merged object to last applied version');
  const lastFields = withNamedFields(last.fields, schema);
  let result = removeFields(before, lastFields, schema) as KubeObject;
  // What others own comes back, first in the version of what was taken away.
  const kinds = new Map<KindDefinition, FieldSet>([[lastKind, new FieldSet()]]);
  for (const { apiVersion, fields } of managers) {
    const owner = kindOfEntry(kind, apiVersion, views);
    kinds.set(owner, (kinds.get(owner) ?? new FieldSet()).union(fields));
  }
  for (const [owner, owned] of kinds) {
    const whole = shown(owner, merged, `merged object at version ${apiVersionOf(owner)}`);
    const left = shown(owner, result, `pruned object at version ${apiVersionOf(owner)}`);
    const named = (set: FieldSet) => withNamedFields(set, whole.schema);
    const kept = named(fieldsOf(left.value, whole.schema)).union(named(owned));
    const gone = named(fieldsOf(whole.value, whole.schema)).difference(kept);
    result = removeFields(whole.value, gone, whole.schema) as KubeObject;
  }
  // What nobody owns, and its applier did not, is not its applier's to take away.
  const left = shown(lastKind, result, 'pruned object to last applied version').value;
  const all = withNamedFields(fieldsOf(before, schema), schema);
  const gone = all.difference(withNamedFields(fieldsOf(left, schema), schema)).intersection(lastFields);
  const { apiVersion } = merged;
  return { ...(removeFields(before, gone, schema) as KubeObject), apiVersion };
}

/** What nobody is known to own was there before the first apply. */
function beforeFirstApply(kind: KindDefinition, old: KubeObject, subresource: string): Manager[] {
  const fields = stripUnowned(changedOf(new Changes(kind, null, old, subresource).own));
  const identity = { operation: 'Update' as const, apiVersion: apiVersionOf(kind), subresource };
  return fields.empty ? [] : [{ manager: 'before-first-apply', ...identity, time: timestamp(), fields }];
}

/** What kubectl itself applied before it went over to server-side apply is its own, as long as nobody changed it since. */
function clientSideApplied(kind: KindDefinition, live: KubeObject, manager: string): FieldSet {
  const note = live.metadata.annotations?.[LAST_APPLIED];
  if (manager !== 'kubectl' || note === undefined) return new FieldSet();
  let applied: unknown;
  try {
    applied = JSON.parse(note);
  } catch {
    return new FieldSet();
  }
  if (!isRecord(applied)) return new FieldSet();
  const { removed, modified } = compare(applied, live, schemaOf(kind));
  return fieldsOf(applied, schemaOf(kind)).difference(removed.union(modified));
}

function withoutVersion(object: KubeObject): KubeObject {
  const { resourceVersion: _version, uid: _uid, managedFields: _managed, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function ownedBy(kind: KindDefinition, config: KubeObject, subresource: string): FieldSet {
  return stripUnowned(fieldsOf(ownable(kind, config, subresource), schemaOf(kind)));
}

function managerEntry(
  kind: KindDefinition,
  manager: string,
  subresource: string,
  fields: FieldSet,
  time: string | undefined,
): Manager {
  return { manager, operation: 'Apply', apiVersion: apiVersionOf(kind), subresource, time, fields };
}

/** kubectl's own note of what it applied stays true when it goes over to server-side apply. */
function updateLastApplied(next: KubeObject, config: KubeObject, manager: string): void {
  const annotations = next.metadata.annotations;
  if (manager !== 'kubectl' || annotations?.[LAST_APPLIED] === undefined) return;
  const { [LAST_APPLIED]: _note, ...rest } = config.metadata.annotations ?? {};
  const note = {
    ...config,
    metadata: { ...config.metadata, ...(config.metadata.annotations ? { annotations: rest } : {}) },
  };
  annotations[LAST_APPLIED] = `${sortedJson(note)}\n`;
}

function applyConflict(conflicts: readonly { manager: Manager; fields: FieldSet }[]): Error {
  const named = conflicts
    .map(({ manager, fields }) => ({ who: describeManager(manager), paths: [...fields.paths()].map(describePath) }))
    .sort((a, b) => (a.who < b.who ? -1 : 1));
  const causes = named.flatMap(({ who, paths }) =>
    paths.map((field) => ({ reason: 'FieldManagerConflict', message: `conflict with ${who}`, field })),
  );
  const only = causes.length === 1 ? named[0] : undefined;
  const text =
    only !== undefined
      ? `1 conflict: conflict with ${only.who}: ${only.paths[0]}`
      : `${causes.length} conflicts: ${named
          .map(({ who, paths }) => [`conflicts with ${who}:`, ...paths.map((path) => `- ${path}`)].join('\n'))
          .join('\n')}`;
  return refuse(409, 'Conflict', `Apply failed with ${text}`, { causes });
}

function describeManager({ manager, subresource, operation, apiVersion }: Manager): string {
  const name = JSON.stringify(manager) + (subresource === '' ? '' : ` with subresource "${subresource}"`);
  return operation === 'Update' ? `${name} using ${apiVersion}` : name;
}
