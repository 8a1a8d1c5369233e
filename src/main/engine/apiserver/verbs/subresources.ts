/** What is behind the slash of an object: status, scale, and the ones that act rather than store. */
import type { ApiAnswer } from '../request/types.ts';
import { badRequest, methodNotAllowed, noSuchResource } from '../status.ts';
import { requestToken } from './account-token.ts';
import type { VerbContext } from './context.ts';
import { patch } from './patch.ts';
import { bind, evict } from './pods.ts';
import { get, readObject } from './read.ts';
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

/** Need a node behind them, which an API server alone does not have. */
const STREAMED = new Set(['log', 'exec', 'attach', 'portforward', 'proxy']);

export function subresource(context: VerbContext): ApiAnswer | Promise<ApiAnswer> {
  const { kind, route } = context;
  if (route.subresource === 'scale' && kind.scale !== undefined) return scale(context);
  const name = route.subresource.split('/', 1)[0]!;
  if (!kind.subresources.includes(name)) throw noSuchResource();
  const created = kind.group === '' ? CREATED[`${kind.resource}/${name}`] : undefined;
  if (created !== undefined) {
    if (route.verb !== 'create') throw methodNotAllowed();
    return created(context);
  }
  if (STREAMED.has(name)) return withoutNode(context);
  switch (route.verb) {
    case 'get':
      return get(context);
    case 'update':
      return update(context);
    case 'patch':
      return patch(context);
    default:
      throw methodNotAllowed();
  }
}

/** Resources that are asked rather than stored; null for all others. */
export function createInstead(context: VerbContext): ApiAnswer | Promise<ApiAnswer> | null {
  const { kind } = context;
  if (kind.group === '' && kind.resource === 'bindings') return bind(context);
  return review(context);
}

function withoutNode(context: VerbContext): never {
  const { object } = readObject(context);
  const node = object.spec?.nodeName ?? '';
  throw badRequest(
    node === ''
      ? `pod ${context.route.name} does not have a host assigned`
      : `node ${node} cannot be reached: this API server has no connection to nodes`,
  );
}
