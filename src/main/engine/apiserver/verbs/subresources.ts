/** What is behind the slash of an object: status, scale, and the ones that act rather than store. */
import type { ApiError } from '../../kube/index.ts';
import { subresourcesOf } from '../discovery/subresources.ts';
import type { ResourceRoute } from '../request/route.ts';
import type { ApiAnswer } from '../request/types.ts';
import { badRequest, methodNotAllowed, noSuchResource, notFound, verbNotSupported } from '../status.ts';
import type { KindDefinition } from '../types.ts';
import { requestToken } from './account-token.ts';
import { bind } from './binding.ts';
import { connect } from './connect.ts';
import type { VerbContext } from './context.ts';
import { evict } from './eviction.ts';
import { patch } from './patch.ts';
import { podLog } from './pod-log.ts';
import { podStream } from './pod-streams.ts';
import { proxy, proxyObject } from './proxy.ts';
import { get } from './read.ts';
import { review } from './reviews.ts';
import { scale } from './scale.ts';
import { update } from './update.ts';

type Handler = (context: VerbContext) => ApiAnswer | Promise<ApiAnswer>;

/** `resource/subresource` of the core group that are created. */
const CREATED: Record<string, Handler> = {
  'pods/binding': bind,
  'pods/eviction': evict,
  'serviceaccounts/token': requestToken,
};

/** Need something that runs pods behind them. */
const CONNECTED: Record<string, Handler> = {
  'pods/log': podLog,
  'pods/exec': (context) => podStream(context, 'exec'),
  'pods/attach': (context) => podStream(context, 'attach'),
  'pods/portforward': (context) => podStream(context, 'portforward'),
  'pods/proxy': proxy,
  'services/proxy': proxy,
  'nodes/proxy': proxy,
};

export function subresource(context: VerbContext): ApiAnswer | Promise<ApiAnswer> {
  const { kind, route } = context;
  if (route.subresource === 'scale' && kind.scale !== undefined) return scale(context);
  const [name = ''] = route.subresource.split('/', 1);
  const passing = name === 'proxy' ? context.core.proxies.get(`${kind.group}/${kind.resource}`) : undefined;
  if (passing !== undefined) return proxyObject(context, passing);
  const created = kind.group === '' ? CREATED[`${kind.resource}/${name}`] : undefined;
  if (created !== undefined) return created(context);
  const connected = kind.group === '' ? CONNECTED[`${kind.resource}/${name}`] : undefined;
  if (connected !== undefined) return connect(context, connected);
  switch (route.verb) {
    case 'get':
      return get(context);
    case 'update':
      return update(context);
    case 'patch':
      return patch(context);
    default:
      throw kind.custom ? verbNotSupported(kind, route.verb) : methodNotAllowed();
  }
}

/** Why nothing is behind this path, or not under this method; null where something is. */
export function routeProblem(kind: KindDefinition, route: ResourceRoute, method: string): ApiError | null {
  if (kind.custom !== undefined) return customProblem(kind, route);
  const { subresource, verb, name } = route;
  if (subresource !== '') {
    const [first = '', ...beyond] = subresource.split('/');
    const found = subresourcesOf(kind).find((each) => each.name === first);
    // Only proxies have something below them.
    if (found === undefined || (beyond.length > 0 && first !== 'proxy')) return noSuchResource();
    if (first === 'proxy') return method === 'TRACE' ? methodNotAllowed() : null;
    return found.verbs.includes(verb) && method !== 'HEAD' ? null : methodNotAllowed();
  }
  const offered = kind.verbs.filter((each) => IN_COLLECTION.has(each) !== (name !== ''));
  if (offered.length === 0) return noSuchResource();
  // A single object is watched by its old path.
  const wanted = verb === 'watch' && name !== '' ? 'get' : verb;
  return (offered as readonly string[]).includes(wanted) && method !== 'HEAD' ? null : methodNotAllowed();
}

const IN_COLLECTION: ReadonlySet<string> = new Set(['list', 'watch', 'create', 'deletecollection']);
/** What can be done to the status or the scale of a custom resource. */
const STORED: readonly string[] = ['get', 'update', 'patch'];

function customProblem(kind: KindDefinition, { subresource, verb, name }: ResourceRoute): ApiError | null {
  if (subresource !== '' && !kind.subresources.includes(subresource.split('/', 1)[0]!)) return notFound(kind, name);
  if (subresource.startsWith('proxy')) return null;
  if (subresource === '' ? verb === '' : !STORED.includes(verb)) return verbNotSupported(kind, verb);
  return null;
}

/** What serves custom resources asks for the name after the kind of a patch. */
export function nameProblem(kind: KindDefinition, { name, verb }: ResourceRoute): ApiError | null {
  const isNeeded = kind.custom !== undefined && (verb === 'update' || verb === 'patch');
  return isNeeded && name === '' ? badRequest('name must be provided') : null;
}

/** Resources that are asked rather than stored; null for all others. */
export function createInstead(context: VerbContext): ApiAnswer | Promise<ApiAnswer> | null {
  const { kind } = context;
  if (kind.group === '' && kind.resource === 'bindings') return bind(context);
  return review(context);
}
