/**
 * Paths of a document from routes: one item per path with its operations, parameters that all of them have in common
 * beside them, names of operations that are unique among all groups. Source: kube-openapi, builders of both versions.
 */
import { type Dialect, REF_PREFIX, type Schema } from './definitions.ts';
import type { Parameter } from './parameters.ts';
import type { Route } from './routes.ts';

/** The first that fits begins the name of every operation: `deletecollection` is a `delete`, too. */
const VERBS = ['get', 'log', 'read', 'replace', 'patch', 'delete', 'watch', 'connect', 'proxy', 'list', 'create'];
const REASONS: Readonly<Record<string, string>> = { 200: 'OK', 201: 'Created', 202: 'Accepted' };

/** Path items by path, made one after the other. */
export function* pathItems(routes: readonly Route[], dialect: Dialect): Generator<[string, Schema]> {
  const byPath = new Map<string, Route[]>();
  for (const route of routes) byPath.set(route.path, [...(byPath.get(route.path) ?? []), route]);
  for (const [path, together] of byPath) yield [path, pathItem(together, dialect)];
}

function pathItem(routes: readonly Route[], dialect: Dialect): Schema {
  const shared = commonParameters(routes);
  const item: Schema = {};
  for (const route of routes) item[route.method] = operation(route, shared, dialect);
  if (shared.size > 0) item.parameters = listed([...shared.values()], dialect);
  return item;
}

const keyOf = (parameter: Parameter): string => `${parameter.name} ${parameter.in}`;

/** Parameters by key that every one of `routes` has. */
function commonParameters(routes: readonly Route[]): Map<string, Parameter> {
  const counts = new Map<string, number>();
  const last = new Map<string, Parameter>();
  for (const route of routes)
    for (const parameter of route.parameters) {
      const key = keyOf(parameter);
      counts.set(key, (counts.get(key) ?? 0) + 1);
      last.set(key, parameter);
    }
  return new Map([...last].filter(([key]) => counts.get(key) === routes.length));
}

function operation(route: Route, shared: ReadonlyMap<string, Parameter>, dialect: Dialect): Schema {
  const own = route.parameters.filter((parameter) => !shared.has(keyOf(parameter)));
  const out: Schema = { description: route.description, ...named(route) };
  if (dialect === 'v2') {
    // What is required and false is not said.
    const body = route.body && {
      name: 'body',
      in: 'body',
      ...(route.body.required ? { required: true } : {}),
      schema: typed(route.body.type, dialect),
    };
    const parameters = [...(body === undefined ? [] : [body]), ...listed(own, dialect)].sort(byName);
    if (route.consumes.length > 0) out.consumes = route.consumes;
    out.produces = route.produces;
    out.schemes = ['https'];
    if (parameters.length > 0) out.parameters = parameters;
  } else {
    if (own.length > 0) out.parameters = listed(own, dialect);
    if (route.body !== undefined)
      out.requestBody = {
        content: contentOf(route.consumes, route.body.type),
        ...(route.body.required ? { required: true } : {}),
      };
  }
  out.responses = {
    ...Object.fromEntries(
      Object.entries(route.answers).map(([code, type]) => [
        code,
        {
          description: REASONS[code],
          ...(dialect === 'v2' ? { schema: typed(type, dialect) } : { content: contentOf(route.produces, type) }),
        },
      ]),
    ),
    401: { description: 'Unauthorized' },
  };
  if (route.action !== undefined) out['x-kubernetes-action'] = route.action;
  if (route.of !== undefined) out['x-kubernetes-group-version-kind'] = route.of;
  return out;
}

function contentOf(mediaTypes: readonly string[], type: string): Schema {
  return Object.fromEntries(mediaTypes.map((mediaType) => [mediaType, { schema: typed(type, 'v3') }]));
}

function typed(type: string, dialect: Dialect): Schema {
  return type === 'string' ? { type } : { $ref: REF_PREFIX[dialect] + type };
}

const byName = (a: Schema, b: Schema): number => {
  const [one, other] = [`${a.name} ${a.in}`, `${b.name} ${b.in}`];
  return one < other ? -1 : one > other ? 1 : 0;
};

function listed(parameters: readonly Parameter[], dialect: Dialect): Schema[] {
  return parameters.map((parameter) => written(parameter, dialect)).sort(byName);
}

function written({ name, in: place, type, description }: Parameter, dialect: Dialect): Schema {
  const required = place === 'path' ? { required: true } : {};
  // In this order the names of shared parameters are made of it.
  if (dialect === 'v2') return { uniqueItems: true, type, description, name, in: place, ...required };
  return { name, in: place, description, ...required, schema: { type, uniqueItems: true } };
}

/** `listAppsV1NamespacedDeployment` under the tag `apps_v1`. */
function named(route: Route): { operationId: string; tags: string[] } {
  const verb = VERBS.find((each) => route.operation.startsWith(each)) ?? '';
  const parts = route.path.split('/').filter((part) => part !== '');
  const [root = '', group = '', version = ''] = parts[0] === 'api' ? ['apis', 'core', ...parts.slice(1)] : parts;
  const rest = capitalised(route.operation.slice(verb.length));
  if (root !== 'apis' || group === '') return { operationId: verb + rest, tags: [identifier(root)] };
  const short = group.replace(/\.k8s\.io$/, '');
  const versioned = version === '' ? '' : `_${identifier(version)}`;
  const operationId = `${verb}${capitalised(identifier(short))}${capitalised(identifier(version))}${rest}`;
  return { operationId, tags: [identifier(short) + versioned] };
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Letters and digits alone; what follows anything else begins large. */
function identifier(text: string): string {
  return text
    .split(/[^\p{L}\p{N}_]+/u)
    .map((part, index) => (index === 0 ? part : capitalised(part)))
    .join('');
}
