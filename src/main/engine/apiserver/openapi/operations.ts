/**
 * OpenAPI paths and operations of a kind. kubectl reads which operations take `fieldValidation` and `dryRun`, by
 * `x-kubernetes-group-version-kind`; other clients read the paths.
 */
import { resourcePath } from '#shared/kubernetes/types.ts';
import { subresourcesOf } from '../discovery/subresources.ts';
import type { KindDefinition } from '../types.ts';
import { type Dialect, REF_PREFIX, type Schema } from './definitions.ts';

interface Names {
  object: string;
  list: string;
}

const STRATEGIC = 'application/strategic-merge-patch+json';
const PATCH_TYPES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  STRATEGIC,
  'application/apply-patch+yaml',
];
/** Custom resources know no strategic merge; kubectl apply decides by what is said here. */
const CUSTOM_PATCH_TYPES = PATCH_TYPES.filter((type) => type !== STRATEGIC);
const BODY_TYPES = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];

type Param = { name: string; type: 'string' | 'integer' | 'boolean' };
const write: Param[] = [
  { name: 'dryRun', type: 'string' },
  { name: 'fieldManager', type: 'string' },
  { name: 'fieldValidation', type: 'string' },
];
const list: Param[] = [
  { name: 'allowWatchBookmarks', type: 'boolean' },
  { name: 'continue', type: 'string' },
  { name: 'fieldSelector', type: 'string' },
  { name: 'labelSelector', type: 'string' },
  { name: 'limit', type: 'integer' },
  { name: 'resourceVersion', type: 'string' },
  { name: 'resourceVersionMatch', type: 'string' },
  { name: 'sendInitialEvents', type: 'boolean' },
  { name: 'timeoutSeconds', type: 'integer' },
  { name: 'watch', type: 'boolean' },
];
const remove: Param[] = [
  { name: 'dryRun', type: 'string' },
  { name: 'gracePeriodSeconds', type: 'integer' },
  { name: 'orphanDependents', type: 'boolean' },
  { name: 'propagationPolicy', type: 'string' },
];

/** Adds every path of a kind to `paths`. */
export function addPaths(paths: Record<string, Schema>, kind: KindDefinition, names: Names, dialect: Dialect): void {
  const gvk = { group: kind.group, version: kind.version, kind: kind.kind };
  const make = (
    action: string,
    query: Param[],
    body: string | null,
    answer: string,
    of: Schema = gvk,
    patch = false,
  ): Schema => operation(dialect, { action, query, body, answer, gvk: of, patch, kind });
  const where = kind.namespaced ? { namespace: '{namespace}' } : {};
  const collection = decodeURI(resourcePath(kind, where));
  const has = (verb: string): boolean => kind.verbs.includes(verb);

  const onCollection: Schema = {};
  if (has('list')) onCollection.get = make('list', list, null, names.list);
  if (has('create')) onCollection.post = make('post', write, names.object, names.object);
  if (has('deletecollection')) onCollection.delete = make('deletecollection', [...list, ...remove], null, '');
  paths[collection] = { ...onCollection, parameters: pathParameters(collection, dialect) };
  if (kind.namespaced && has('list')) paths[resourcePath(kind)] = { get: make('list', list, null, names.list) };

  const onObject: Schema = {};
  if (has('get')) onObject.get = make('get', [], null, names.object);
  if (has('update')) onObject.put = make('put', write, names.object, names.object);
  if (has('patch'))
    onObject.patch = make('patch', [...write, { name: 'force', type: 'boolean' }], null, names.object, gvk, true);
  if (has('delete')) onObject.delete = make('delete', remove, null, '');
  const object = `${collection}/{name}`;
  if (Object.keys(onObject).length > 0) paths[object] = { ...onObject, parameters: pathParameters(object, dialect) };

  for (const sub of subresourcesOf(kind)) {
    const path = `${object}/${sub.name}`;
    const of =
      sub.version === '' ? { ...gvk, kind: sub.kind } : { group: sub.group, version: sub.version, kind: sub.kind };
    const item: Schema = {};
    if (sub.verbs.includes('get')) item.get = make('get', [], null, '', of);
    if (sub.verbs.includes('update')) item.put = make('put', write, null, '', of);
    if (sub.verbs.includes('create')) item.post = make('post', write, null, '', of);
    if (sub.verbs.includes('patch'))
      item.patch = make('patch', [...write, { name: 'force', type: 'boolean' }], null, '', of, true);
    paths[path] = { ...item, parameters: pathParameters(path, dialect) };
  }
}

interface OperationParts {
  action: string;
  query: Param[];
  body: string | null;
  answer: string;
  gvk: Schema;
  patch: boolean;
  kind: KindDefinition;
}

function operation(dialect: Dialect, parts: OperationParts): Schema {
  const query = parts.query.map((param) => parameter(param.name, param.type, 'query', dialect));
  const ok: Schema = { description: 'OK' };
  const ref = (name: string): Schema => ({ $ref: REF_PREFIX[dialect] + name });
  const patchTypes = parts.kind.custom === undefined ? PATCH_TYPES : CUSTOM_PATCH_TYPES;
  const common = {
    tags: [`${parts.kind.group === '' ? 'core' : parts.kind.group.split('.')[0]}_${parts.kind.version}`],
    'x-kubernetes-action': parts.action,
    'x-kubernetes-group-version-kind': parts.gvk,
  };
  if (dialect === 'v2') {
    const body = parts.body === null ? [] : [{ name: 'body', in: 'body', required: true, schema: ref(parts.body) }];
    const answer = parts.answer === '' ? ok : { ...ok, schema: ref(parts.answer) };
    const parameters = [...body, ...query];
    return {
      ...common,
      ...(parameters.length > 0 ? { parameters } : {}),
      ...(parts.patch ? { consumes: patchTypes } : {}),
      responses: { '200': answer },
    };
  }
  const content = (name: string, types: string[]): Schema =>
    Object.fromEntries(types.map((type) => [type, { schema: ref(name) }]));
  const requestBody = parts.patch
    ? { content: Object.fromEntries(patchTypes.map((type) => [type, { schema: {} }])), required: true }
    : parts.body === null
      ? undefined
      : { content: content(parts.body, ['*/*']), required: true };
  return {
    ...common,
    ...(query.length > 0 ? { parameters: query } : {}),
    ...(requestBody === undefined ? {} : { requestBody }),
    responses: { '200': parts.answer === '' ? ok : { ...ok, content: content(parts.answer, BODY_TYPES) } },
  };
}

function parameter(name: string, type: Param['type'], place: 'query' | 'path', dialect: Dialect): Schema {
  const needed = place === 'path' ? { required: true } : {};
  if (dialect === 'v2') return { name, in: place, ...needed, type, uniqueItems: true };
  return { name, in: place, ...needed, schema: { type, uniqueItems: true } };
}

function pathParameters(path: string, dialect: Dialect): Schema[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map((match) => parameter(match[1] ?? '', 'string', 'path', dialect));
}
