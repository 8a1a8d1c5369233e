/**
 * Routes of custom resources. The real server describes them apart from its own kinds and by rules of their own: no old
 * paths of watches, JSON and YAML alone, reading takes a version. Source: apiextensions-apiserver, OpenAPI builder.
 */
import { resourcePath } from '#shared/kubernetes/types.ts';
import type { KindDefinition } from '../types.ts';
import { NAMESPACE, nameParameter, optionParameters, type Parameter, PRETTY } from './parameters.ts';
import { articled, META, type Method, type Route, SCALE, titled } from './routes.ts';

const TYPES = ['application/json', 'application/yaml'];
const PATCH_TYPES = ['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml'];

interface Action {
  method: Method;
  action: string;
  /** Begins the name of the operation. */
  verb: string;
  /** Options that the query can give. */
  options: string;
  description(of: string, kind: string): string;
}

const LIST: Action = {
  method: 'get',
  action: 'list',
  verb: 'list',
  options: 'ListOptions',
  description: (_of, kind) => `list objects of kind ${kind}`,
};
const CREATE: Action = {
  method: 'post',
  action: 'post',
  verb: 'create',
  options: 'CreateOptions',
  description: (_of, kind) => `create${articled(kind)}`,
};
const DELETE_ALL: Action = {
  method: 'delete',
  action: 'deletecollection',
  verb: 'deletecollection',
  options: 'ListOptions',
  description: (_of, kind) => `delete collection of ${kind}`,
};
const READ: Action = {
  method: 'get',
  action: 'get',
  verb: 'read',
  options: 'GetOptions',
  description: (of, kind) => `read${of} the specified ${kind}`,
};
const REPLACE: Action = {
  method: 'put',
  action: 'put',
  verb: 'replace',
  options: 'UpdateOptions',
  description: (of, kind) => `replace${of} the specified ${kind}`,
};
const DELETE: Action = {
  method: 'delete',
  action: 'delete',
  verb: 'delete',
  options: 'DeleteOptions',
  description: (_of, kind) => `delete${articled(kind)}`,
};
const PATCH: Action = {
  method: 'patch',
  action: 'patch',
  verb: 'patch',
  options: 'PatchOptions',
  description: (of, kind) => `partially update${of} the specified ${kind}`,
};

/** All routes of a custom kind whose definition is `type`. */
export function customRoutes(kind: KindDefinition, type: string): Route[] {
  const collection = decodeURI(resourcePath(kind, kind.namespaced ? { namespace: '{namespace}' } : {}));
  const item = `${collection}/{name}`;
  const list = `${type}List`;
  const status = `${META}.Status`;
  const make = (action: Action, path: string, answer: string, body?: string): Route =>
    route(kind, action, path, answer, body);
  const routes = [
    make(LIST, collection, list),
    make(CREATE, collection, type, type),
    make(DELETE_ALL, collection, status),
    make(READ, item, type),
    make(REPLACE, item, type, type),
    make(DELETE, item, status, `${META}.DeleteOptions`),
    make(PATCH, item, type, `${META}.Patch`),
  ];
  if (kind.namespaced)
    routes.push({ ...make(LIST, resourcePath(kind), list), operation: `list${kind.kind}ForAllNamespaces` });
  for (const sub of ['status', 'scale'].filter((name) => kind.subresources.includes(name))) {
    const path = `${item}/${sub}`;
    const shape = sub === 'scale' ? SCALE : type;
    routes.push(make(READ, path, shape), make(REPLACE, path, shape, shape), make(PATCH, path, shape, `${META}.Patch`));
  }
  return routes;
}

const CREATED: Readonly<Record<string, readonly number[]>> = {
  post: [200, 201, 202],
  put: [200, 201],
  delete: [200, 202],
};

function route(kind: KindDefinition, action: Action, path: string, answer: string, body?: string): Route {
  const sub = /\{name\}\/(\w+)$/.exec(path)?.[1] ?? '';
  const codes = CREATED[action.action] ?? [200];
  return {
    path,
    method: action.method,
    operation: `${action.verb}${kind.namespaced ? 'Namespaced' : ''}${kind.kind}${titled(sub)}`,
    description: action.description(sub === '' ? '' : ` ${sub} of`, kind.kind),
    parameters: [PRETTY, ...optionParameters(`meta.${action.options}`), ...placed(kind, path)],
    ...(body === undefined ? {} : { body: { type: body, required: action !== DELETE } }),
    answers: Object.fromEntries(codes.map((code) => [code, answer])),
    consumes: action === PATCH ? PATCH_TYPES : TYPES,
    produces: TYPES,
    action: action.action,
    of: { group: kind.group, version: kind.version, kind: kind.kind },
  };
}

function placed(kind: KindDefinition, path: string): Parameter[] {
  const namespace = path.includes('{namespace}') ? [NAMESPACE] : [];
  return path.includes('{name}') ? [...namespace, nameParameter(kind.kind)] : namespace;
}
