/** Acting as somebody else, for those who may. Source: Kubernetes documentation, "User impersonation". */
import { badRequest, forbidden } from '../status.ts';
import type { UserInfo } from '../types.ts';
import { withAuthenticated } from './authenticate.ts';
import { type AccessAttributes, type Authorizer, denialText } from './authorize.ts';

/** The user a request acts as. Groups of several Impersonate-Group headers come joined by commas. Throws 403 or 400. */
export function impersonate(
  user: UserInfo,
  headers: Readonly<Record<string, string | undefined>>,
  authorizer: Authorizer,
): UserInfo {
  const name = headers['impersonate-user'] ?? '';
  const groups = (headers['impersonate-group'] ?? '')
    .split(',')
    .map((group) => group.trim())
    .filter((group) => group !== '');
  const uid = headers['impersonate-uid'] ?? '';
  if (name === '') {
    if (groups.length > 0 || uid !== '') throw badRequest('requested impersonation without impersonating a user');
    return user;
  }
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name);
  if (account === null) check('users', '', name);
  else check('serviceaccounts', account[1]!, account[2]!);
  for (const group of groups) check('groups', '', group);
  if (uid !== '') check('uids', '', uid, 'authentication.k8s.io');
  const own =
    account !== null && groups.length === 0
      ? ['system:serviceaccounts', `system:serviceaccounts:${account[1]}`]
      : groups;
  const anonymous = name === 'system:anonymous';
  return {
    username: name,
    groups: anonymous ? [...own, 'system:unauthenticated'] : withAuthenticated(own),
    ...(uid === '' ? {} : { uid }),
  };

  function check(resource: string, namespace: string, target: string, group = ''): void {
    const access: AccessAttributes = {
      verb: 'impersonate',
      resource: { group, version: 'v1', resource, subresource: '', namespace, name: target },
    };
    if (!authorizer.decide(user, access).allowed)
      throw forbidden({ group, resource, kind: '' }, target, denialText(user, access));
  }
}
