/**
 * Routes of the built-in kinds: every path and method the server has for a resource, with what OpenAPI says of it.
 * Everything follows from the verbs, the scope and the subresources of a kind. Source: the real server's API installer.
 */
import { apiVersionOf } from '#shared/kubernetes/types.ts';
import { type SubresourceInfo, subresourcesOf } from '../discovery/subresources.ts';
import { returnsDeleted } from '../kinds/deleted.ts';
import type { KindDefinition } from '../types.ts';
import { NAMESPACE, nameParameter, optionParameters, PATH, type Parameter, PRETTY } from './parameters.ts';

export type Method = 'get' | 'put' | 'post' | 'delete' | 'options' | 'head' | 'patch';

export interface Route {
  path: string;
  method: Method;
  /** The verb first, `listNamespacedPod`; group and version are put between. */
  operation: string;
  description: string;
  parameters: Parameter[];
  /** Definition of the body. */
  body?: { type: string; required: boolean };
  /** What is written when all is well, by status code; `string` is text. */
  answers: Readonly<Record<number, string>>;
  consumes: readonly string[];
  produces: readonly string[];
  action?: string;
  of?: GroupVersionKind;
}

export interface GroupVersionKind {
  group: string;
  version: string;
  kind: string;
}

export const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
export const SCALE = 'io.k8s.api.autoscaling.v1.Scale';
export const MEDIA_TYPES = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];
const WATCHED = [...MEDIA_TYPES, 'application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch'];
const ANYTHING = ['*/*'];
const PATCH_TYPES = ['json-patch+json', 'merge-patch+json', 'strategic-merge-patch+json', 'apply-patch+yaml'].map(
  (type) => `application/${type}`,
);
const STATUS = `${META}.Status`;
const DELETE_OPTIONS = { type: `${META}.DeleteOptions`, required: false };

/** Definitions of what travels as something else than the kind of its resource. */
const SUBRESOURCE_TYPES: Readonly<Record<string, string>> = {
  Scale: SCALE,
  Binding: 'io.k8s.api.core.v1.Binding',
  Eviction: 'io.k8s.api.policy.v1.Eviction',
  TokenRequest: 'io.k8s.api.authentication.v1.TokenRequest',
};

const PROXY_METHODS: readonly Method[] = ['delete', 'get', 'head', 'options', 'patch', 'post', 'put'];
const STREAM_METHODS: readonly Method[] = ['get', 'post'];

/** What the actions of one resource or subresource have in common. */
interface Scope {
  kind: KindDefinition;
  of: GroupVersionKind;
  /** Definition of what is read and written. */
  type: string;
  /** The name after the slash, or empty. */
  sub: string;
}

/** All routes of a kind whose definition is `type`. */
export function routesOf(kind: KindDefinition, type: string): Route[] {
  const of = { group: kind.group, version: kind.version, kind: kind.kind };
  const scope: Scope = { kind, of, type, sub: '' };
  return [...resourceRoutes(scope), ...subresourcesOf(kind).flatMap((info) => subresourceRoutes(scope, info))];
}

function resourceRoutes(scope: Scope): Route[] {
  const { kind } = scope;
  const has = (verb: string): boolean => kind.verbs.includes(verb);
  const routes: Route[] = [];
  const places = kind.namespaced ? ['namespaced', 'everywhere'] : ['cluster'];
  for (const place of places) {
    const everywhere = place === 'everywhere';
    if (has('list')) routes.push(list(scope, everywhere));
    if (has('create') && !everywhere) routes.push(create(scope));
    if (has('deletecollection') && !everywhere) routes.push(removeAll(scope));
    if (has('list') && has('watch')) routes.push(watch(scope, 'watchlist', everywhere));
  }
  if (has('get')) routes.push(read(scope));
  if (has('update')) routes.push(replace(scope));
  if (has('patch')) routes.push(patch(scope));
  if (has('delete')) routes.push(remove(scope));
  if (has('watch')) routes.push(watch(scope, 'watch', false));
  return routes;
}

function subresourceRoutes(parent: Scope, info: SubresourceInfo): Route[] {
  const { kind } = parent;
  const of = info.version === '' ? { ...parent.of, kind: info.kind } : { ...info, name: undefined, verbs: undefined };
  const scope: Scope = {
    kind,
    of: { group: of.group, version: of.version, kind: of.kind },
    type: SUBRESOURCE_TYPES[info.kind] ?? parent.type,
    sub: info.name,
  };
  if (info.name === 'proxy') return [...connect(scope, PROXY_METHODS, false), ...connect(scope, PROXY_METHODS, true)];
  if (info.kind.endsWith('Options')) return connect(scope, STREAM_METHODS, false);
  if (info.name === 'log') return [readLog(scope)];
  const routes: Route[] = [];
  if (info.verbs.includes('create')) routes.push(create(scope));
  if (info.verbs.includes('get')) routes.push(read(scope));
  if (info.verbs.includes('update')) routes.push(replace(scope));
  if (info.verbs.includes('patch')) routes.push(patch(scope));
  return routes;
}

function list(scope: Scope, everywhere: boolean): Route {
  const doing = scope.kind.verbs.includes('watch') ? 'list or watch' : 'list';
  return {
    ...common(scope, 'list', `${doing} objects of kind ${scope.kind.kind}`, everywhere),
    path: collectionPath(scope, everywhere),
    method: 'get',
    parameters: [PRETTY, ...optionParameters('meta.ListOptions'), ...inCollection(scope, everywhere)],
    answers: { 200: `${scope.type}List` },
    produces: WATCHED,
    action: 'list',
  };
}

/** Old ways to watch: a path of their own. */
function watch(scope: Scope, action: 'watch' | 'watchlist', everywhere: boolean): Route {
  const { kind } = scope.kind;
  const whole = action === 'watchlist';
  const what = whole ? `watch individual changes to a list of ${kind}` : `watch changes to an object of kind ${kind}`;
  const instead = `deprecated: use the 'watch' parameter with a list operation instead`;
  const one = whole ? '' : ", filtered to a single item with the 'fieldSelector' parameter";
  const base = common(scope, 'watch', `${what}. ${instead}${one}.`, everywhere);
  const path = whole ? collectionPath(scope, everywhere, 'watch/') : itemPath(scope, 'watch/');
  const place = whole ? inCollection(scope, everywhere) : inItem(scope);
  return {
    ...base,
    operation: whole ? `watch${namespacedWord(scope, everywhere)}${kind}List${suffix(everywhere)}` : base.operation,
    path,
    method: 'get',
    parameters: [PRETTY, ...optionParameters('meta.ListOptions'), ...place],
    answers: { 200: `${META}.WatchEvent` },
    produces: WATCHED,
    action,
  };
}

function create(scope: Scope): Route {
  const { kind, sub, type } = scope;
  const what = sub === '' ? `create${articled(kind.kind)}` : `create ${sub} of${articled(kind.kind)}`;
  return {
    ...common(scope, 'create', what),
    path: sub === '' ? collectionPath(scope, false) : itemPath(scope),
    method: 'post',
    parameters: [
      PRETTY,
      ...optionParameters('meta.CreateOptions'),
      ...(sub === '' ? inCollection(scope, false) : inItem(scope)),
    ],
    body: { type, required: true },
    answers: { 200: type, 201: type, 202: type },
    action: 'post',
  };
}

function read(scope: Scope): Route {
  return {
    ...common(scope, 'read', `read ${ofTheSpecified(scope)}`),
    path: itemPath(scope),
    method: 'get',
    parameters: [PRETTY, ...inItem(scope)],
    answers: { 200: scope.type },
    action: 'get',
  };
}

function readLog(scope: Scope): Route {
  const route = read(scope);
  return {
    ...route,
    parameters: [...route.parameters, ...optionParameters('core.PodLogOptions')],
    answers: { 200: 'string' },
    produces: ['text/plain', ...MEDIA_TYPES],
  };
}

function replace(scope: Scope): Route {
  return {
    ...common(scope, 'replace', `replace ${ofTheSpecified(scope)}`),
    path: itemPath(scope),
    method: 'put',
    parameters: [PRETTY, ...optionParameters('meta.UpdateOptions'), ...inItem(scope)],
    body: { type: scope.type, required: true },
    answers: { 200: scope.type, 201: scope.type },
    action: 'put',
  };
}

function patch(scope: Scope): Route {
  return {
    ...common(scope, 'patch', `partially update ${ofTheSpecified(scope)}`),
    path: itemPath(scope),
    method: 'patch',
    parameters: [PRETTY, ...optionParameters('meta.PatchOptions'), ...inItem(scope)],
    body: { type: `${META}.Patch`, required: true },
    answers: { 200: scope.type, 201: scope.type },
    consumes: PATCH_TYPES,
    action: 'patch',
  };
}

function remove(scope: Scope): Route {
  const answer = returnsDeleted(scope.kind) ? scope.type : STATUS;
  return {
    ...common(scope, 'delete', `delete${articled(scope.kind.kind)}`),
    path: itemPath(scope),
    method: 'delete',
    parameters: [PRETTY, ...optionParameters('meta.DeleteOptions'), ...inItem(scope)],
    body: DELETE_OPTIONS,
    answers: { 200: answer, 202: answer },
    action: 'delete',
  };
}

function removeAll(scope: Scope): Route {
  return {
    ...common(scope, 'deletecollection', `delete collection of ${scope.kind.kind}`),
    path: collectionPath(scope, false),
    method: 'delete',
    parameters: [
      PRETTY,
      ...optionParameters('meta.DeleteOptions'),
      ...optionParameters('meta.ListOptions', ['watch', 'allowWatchBookmarks']),
      ...inCollection(scope, false),
    ],
    body: DELETE_OPTIONS,
    answers: { 200: STATUS },
    action: 'deletecollection',
  };
}

function connect(scope: Scope, methods: readonly Method[], withPath: boolean): Route[] {
  const { kind, of, sub } = scope;
  return methods.map((method) => ({
    path: `${itemPath(scope)}${withPath ? '/{path}' : ''}`,
    method,
    operation: `connect${titled(method)}${namespacedWord(scope)}${kind.kind}${titled(sub)}${withPath ? 'WithPath' : ''}`,
    description: `connect ${method.toUpperCase()} requests to ${sub} of ${kind.kind}`,
    parameters: [...optionParameters(`core.${of.kind}`), ...inItem(scope), ...(withPath ? [PATH] : [])],
    answers: { 200: 'string' },
    consumes: ANYTHING,
    produces: ANYTHING,
    action: 'connect',
    of,
  }));
}

function common(scope: Scope, verb: string, description: string, everywhere = false) {
  const { kind, of, sub } = scope;
  return {
    operation: `${verb}${namespacedWord(scope, everywhere)}${kind.kind}${titled(sub)}${suffix(everywhere)}`,
    description,
    consumes: ANYTHING,
    produces: MEDIA_TYPES,
    of,
  };
}

const suffix = (everywhere: boolean): string => (everywhere ? 'ForAllNamespaces' : '');
const namespacedWord = ({ kind }: Scope, everywhere = false): string =>
  kind.namespaced && !everywhere ? 'Namespaced' : '';
const ofTheSpecified = ({ kind, sub }: Scope): string => `${sub === '' ? '' : `${sub} of `}the specified ${kind.kind}`;

function collectionPath({ kind }: Scope, everywhere: boolean, before = ''): string {
  const root = `${kind.group === '' ? '/api' : '/apis'}/${apiVersionOf(kind)}/${before}`;
  return `${root}${kind.namespaced && !everywhere ? 'namespaces/{namespace}/' : ''}${kind.resource}`;
}

function itemPath(scope: Scope, before = ''): string {
  return `${collectionPath(scope, false, before)}/{name}${scope.sub === '' ? '' : `/${scope.sub}`}`;
}

const inCollection = ({ kind }: Scope, everywhere: boolean): Parameter[] =>
  kind.namespaced && !everywhere ? [NAMESPACE] : [];
const inItem = (scope: Scope): Parameter[] => [...inCollection(scope, false), nameParameter(scope.of.kind)];

/** `Portforward`: the first letter large, all others small. */
export function titled(word: string): string {
  return word === '' ? '' : word.charAt(0).toUpperCase() + word.slice(1).toLowerCase();
}

/** ` a Pod`, ` an Eviction`; nothing before what looks like more than one. */
export function articled(noun: string): string {
  if (noun.endsWith('s') && !noun.endsWith('ss')) return ` ${noun}`;
  return `${/^[aeiou]/i.test(noun) ? ' an ' : ' a '}${noun}`;
}
