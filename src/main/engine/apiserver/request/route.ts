/** What a method and a path ask for. Source: Kubernetes API reference, "API concepts", resource URIs and verbs. */

import { fieldTerms } from '../selectors/fields.ts';

/** Empty: a method that the API does not have. `proxy`: of paths that were given up long ago. */
export type Verb =
  | 'get'
  | 'list'
  | 'watch'
  | 'create'
  | 'update'
  | 'patch'
  | 'delete'
  | 'deletecollection'
  | 'proxy'
  | '';

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
  /** The one object that a list or watch selects by its name: rights to this object are enough for it. */
  selected: string;
  /** What lists, watches and deletions of collections select by; empty where the path alone says it. */
  fieldSelector: string;
  /** An empty part of the path that nothing is found behind. */
  gap: 'name' | 'namespace' | 'path' | null;
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
  // The verb in front of the resource; what follows a proxy is no subresource.
  const verbal = rest[0] === 'watch' || rest[0] === 'proxy' ? rest[0] : null;
  if (verbal !== null && rest.length === 1) return plain;
  if (verbal !== null) rest = rest.slice(1);
  let namespace = '';
  let isInNamespace = false;
  if (rest[0] === 'namespaces' && rest.length > 1) {
    isInNamespace = rest.length > 2 && rest[2] !== 'status' && rest[2] !== 'finalize';
    if (isInNamespace) {
      namespace = rest[1]!;
      rest = rest.slice(2);
    }
  }
  const [resource = '', name = '', ...more] = rest;
  const subresource = verbal === 'proxy' ? '' : more.join('/');
  const verb = verbal ?? verbOf(method, name !== '', isTrue(query.get('watch')));
  const selector = query.get('fieldSelector') ?? '';
  const selects = verbal === null && selector !== '' && (verb === 'list' || verb === 'watch');
  return {
    type: 'resource',
    verb,
    group,
    version,
    resource,
    namespace,
    name,
    subresource,
    selected: selects ? selectedName(selector, query) : '',
    fieldSelector: selects || (verbal === null && verb === 'deletecollection') ? selector : '',
    gap: gapOf(segments, rest, isInNamespace && namespace === ''),
  };
}

/** What is passed on may have any path, and all namespaces have no name. */
function gapOf(segments: readonly string[], rest: readonly string[], everywhere: boolean): ResourceRoute['gap'] {
  const [, name = '', ...more] = rest;
  const own = more[0] === 'proxy' ? segments.slice(0, segments.length - more.length) : segments;
  const gaps = own.filter((each) => each === '').length;
  if (gaps === 0) return null;
  if (gaps > 1) return 'path';
  if (everywhere) return name === '' ? null : 'namespace';
  return name === '' && more.length > 0 && rest[0] !== '' ? 'name' : 'path';
}

/** Empty where the selector names nothing, or the query cannot be read. */
function selectedName(selector: string, query: URLSearchParams): string {
  for (const number of ['limit', 'timeoutSeconds']) if (!/^([-+]?\d+)?$/.test(query.get(number) ?? '')) return '';
  try {
    const name = fieldTerms(selector).find(({ field, differs }) => field === 'metadata.name' && !differs)?.value ?? '';
    return name === '.' || name === '..' || /[/%]/.test(name) ? '' : name;
  } catch {
    return '';
  }
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
