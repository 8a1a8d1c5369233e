/** What a method and a path ask for. Source: Kubernetes API reference, "API concepts", resource URIs and verbs. */

/** Empty: a method that the API does not have. */
export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection' | '';

/** A request for a resource of the API. */
export interface ResourceRoute {
  type: 'resource';
  verb: Verb;
  group: string;
  version: string;
  resource: string;
  /** Empty for cluster-scoped resources and lists over all namespaces. */
  namespace: string;
  /** Empty for collections. */
  name: string;
  /** `status`, `scale`, `proxy/some/path`; empty for the object itself. */
  subresource: string;
}

/** Anything else: discovery, health, version. */
export interface PlainRoute {
  type: 'plain';
  /** Lower-case method, as RBAC names it for non-resource URLs. */
  verb: string;
  path: string;
}

export type Route = ResourceRoute | PlainRoute;

/** Null for a path that cannot be decoded. */
export function parseRoute(method: string, path: string, query: URLSearchParams): Route | null {
  const segments = decode(path);
  if (segments === null) return null;
  const plain: PlainRoute = { type: 'plain', verb: method.toLowerCase(), path };
  const groupParts = segments[0] === 'api' ? 2 : segments[0] === 'apis' ? 3 : 0;
  if (groupParts === 0 || segments.length <= groupParts) return plain;
  const [group, version] = groupParts === 2 ? ['', segments[1]!] : [segments[1]!, segments[2]!];
  let rest = segments.slice(groupParts);
  const legacyWatch = rest[0] === 'watch';
  if (legacyWatch && rest.length === 1) return plain;
  if (legacyWatch) rest = rest.slice(1);
  let namespace = '';
  if (rest[0] === 'namespaces' && rest.length > 1) {
    const own = rest.length === 2 || (rest.length === 3 && (rest[2] === 'status' || rest[2] === 'finalize'));
    if (!own) {
      namespace = rest[1]!;
      rest = rest.slice(2);
    }
  }
  const [resource, name = '', ...more] = rest;
  // Nothing is found behind a double slash, except by those that requests are passed on to.
  const own = more[0] === 'proxy' ? segments.slice(0, segments.length - more.length) : segments;
  if (resource === undefined || own.includes('')) return plain;
  const verb = legacyWatch ? 'watch' : verbOf(method, name !== '', isTrue(query.get('watch')));
  return { type: 'resource', verb, group, version, resource, namespace, name, subresource: more.join('/') };
}

function verbOf(method: string, named: boolean, watching: boolean): Verb {
  switch (method) {
    case 'GET':
    case 'HEAD':
      if (named) return 'get';
      return watching ? 'watch' : 'list';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return named ? 'delete' : 'deletecollection';
    default:
      return '';
  }
}

/** Boolean query parameters: present without value, `1`, `true` and the like. */
export function isTrue(value: string | null): boolean {
  return value !== null && value !== '0' && value.toLowerCase() !== 'false';
}

/** The path decoded as a whole, as the real server sees it; slashes at its ends do not count. Null: undecodable. */
function decode(path: string): string[] | null {
  try {
    const plain = path.includes('%') ? decodeURIComponent(path) : path;
    return plain.replace(/^\/+|\/+$/g, '').split('/');
  } catch {
    return null;
  }
}
