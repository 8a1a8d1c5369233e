/** What each policy of an operator permits (features P1). Pure. */
import type { Authorise } from '#shared/contract/base.ts';
import { AppError } from '#shared/errors.ts';

/** What decides over the fleet itself stays with administrators: users work inside the clusters they are given. */
const ADMIN_ONLY = new Set(['clusters.register', 'clusters.unregister']);

/** Administrators may do everything, users everything but registering, viewers change nothing. */
export const authorise: Authorise = (operator, { path, effect }) => {
  if (operator.policy === 'admin') return;
  if (effect === 'read') return;
  if (operator.policy === 'user' && !ADMIN_ONLY.has(path)) return;
  throw new AppError('UNAUTHORISED', `${path} is not permitted to a ${operator.policy}`, {
    params: { action: path, policy: operator.policy },
  });
};
