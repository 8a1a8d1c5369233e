/** What is behind the slash of an object: status, scale, and the ones that act rather than store. */
import type { ApiError } from '../../kube/index.ts';
import type { ResourceRoute, Verb } from '../request/route.ts';
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
  const problem = routeProblem(kind, route);
  if (problem !== null) throw problem;
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
export function routeProblem(kind: KindDefinition, { subresource, verb, name }: ResourceRoute): ApiError | null {
  if (subresource === '') return objectProblem(kind, verb, name);
  const [first = '', ...beyond] = subresource.split('/');
  // Only proxies have something below them.
  if (!kind.subresources.includes(first) || (beyond.length > 0 && first !== 'proxy'))
    return kind.custom ? notFound(kind, name) : noSuchResource();
  if (kind.custom !== undefined && !STORED.includes(verb)) return verbNotSupported(kind, verb);
  if (kind.group !== '') return null;
  if (CREATED[`${kind.resource}/${first}`] !== undefined && verb !== 'create') return methodNotAllowed();
  // How a namespace is finalized is written, not read.
  return first === 'finalize' && verb === 'get' ? methodNotAllowed() : null;
}

/** What can be done to a status or a scale. */
const STORED: readonly Verb[] = ['get', 'update', 'patch'];

function objectProblem(kind: KindDefinition, verb: Verb, name: string): ApiError | null {
  const isNamed = name !== '';
  if (kind.custom !== undefined) {
    if (verb === '') return verbNotSupported(kind, verb);
    return !isNamed && (verb === 'update' || verb === 'patch') ? badRequest('name must be provided') : null;
  }
  const isMisplaced = isNamed ? verb === 'create' : verb === 'update' || verb === 'patch';
  return isMisplaced || !(kind.verbs as readonly string[]).includes(verb) ? methodNotAllowed() : null;
}

/** Resources that are asked rather than stored; null for all others. */
export function createInstead(context: VerbContext): ApiAnswer | Promise<ApiAnswer> | null {
  const { kind } = context;
  if (kind.group === '' && kind.resource === 'bindings') return bind(context);
  return review(context);
}
