/** What is behind the slash of an object: status, scale, and the ones that act rather than store. */
import type { Authorizer } from '../auth/authorize.ts';
import type { ApiAnswer } from '../request/types.ts';
import { methodNotAllowed, noSuchResource } from '../status.ts';
import type { VerbContext } from './context.ts';
import { patch } from './patch.ts';
import { get } from './read.ts';
import { scale } from './scale.ts';
import { update } from './update.ts';

export interface SubresourceHandlers {
  handle(context: VerbContext, authorizer: Authorizer): ApiAnswer | Promise<ApiAnswer>;
  /** Resources that are asked, not stored (access reviews and the like); null for all others. */
  creation(context: VerbContext, authorizer: Authorizer): ApiAnswer | Promise<ApiAnswer> | null;
}

export function subresourceHandlers(): SubresourceHandlers {
  return { handle, creation: () => null };
}

function handle(context: VerbContext): ApiAnswer | Promise<ApiAnswer> {
  const { kind, route } = context;
  if (route.subresource === 'scale' && kind.scale !== undefined) return scale(context);
  if (!kind.subresources.includes(route.subresource)) throw noSuchResource();
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
