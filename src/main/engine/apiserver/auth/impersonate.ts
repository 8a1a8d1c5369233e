/** Acting as somebody else, for those who may. Source: Kubernetes documentation, "User impersonation". */
import { badRequest, forbidden } from '../status.ts';
import type { UserInfo } from '../types.ts';
import { withAuthenticated } from './authenticate.ts';
import { type AccessAttributes, type Authorizer, denialText } from './authorize.ts';

const EXTRA = 'impersonate-extra-';
const AUTHENTICATION = 'authentication.k8s.io';

/** The user a request acts as. Groups of several Impersonate-Group headers come joined by commas. Throws 403 or 400. */
export function impersonate(
  user: UserInfo,
  headers: Readonly<Record<string, string | undefined>>,
  authorizer: Authorizer,
): UserInfo {
  if (!isAsked(headers)) return user;
  const name = headers['impersonate-user'] ?? '';
  const groups = listOf(headers['impersonate-group']);
  const uid = headers['impersonate-uid'] ?? '';
  const extra = extraOf(headers);
  if (name === '') {
    if (groups.length > 0 || uid !== '' || Object.keys(extra).length > 0)
      throw badRequest('requested impersonation without impersonating a user');
    return user;
  }
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name);
  if (account === null) check({ resource: 'users', name });
  else check({ resource: 'serviceaccounts', namespace: account[1]!, name: account[2]! });
  for (const group of groups) check({ resource: 'groups', name: group });
  for (const [key, values] of Object.entries(extra))
    for (const value of values) check({ group: AUTHENTICATION, resource: 'userextras', subresource: key, name: value });
  if (uid !== '') check({ group: AUTHENTICATION, resource: 'uids', name: uid });
  return {
    username: name,
    groups: groupsOf(name, groups, account?.[1]),
    ...(uid === '' ? {} : { uid }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };

  function check(target: {
    group?: string;
    resource: string;
    subresource?: string;
    namespace?: string;
    name: string;
  }): void {
    const resource = { group: '', version: 'v1', subresource: '', namespace: '', ...target };
    const access: AccessAttributes = { verb: 'impersonate', resource };
    if (!authorizer.decide(user, access).allowed)
      throw forbidden(
        { group: resource.group, resource: resource.resource, kind: '' },
        target.name,
        denialText(user, access),
      );
  }
}

/** Hardly any request asks for it. */
function isAsked(headers: Readonly<Record<string, string | undefined>>): boolean {
  for (const header in headers) if (header.startsWith('impersonate-')) return true;
  return false;
}

/** Service accounts bring their groups when none are asked for; everybody but the anonymous user is authenticated. */
function groupsOf(name: string, asked: readonly string[], namespace: string | undefined): string[] {
  const own =
    namespace !== undefined && asked.length === 0
      ? ['system:serviceaccounts', `system:serviceaccounts:${namespace}`]
      : [...asked];
  if (own.includes('system:unauthenticated')) return own;
  return name === 'system:anonymous' ? [...own, 'system:unauthenticated'] : withAuthenticated(own);
}

/** Keys of extra are percent-encoded where a header name cannot hold them. */
function extraOf(headers: Readonly<Record<string, string | undefined>>): Record<string, string[]> {
  const extra: Record<string, string[]> = {};
  for (const [header, value] of Object.entries(headers)) {
    if (!header.startsWith(EXTRA)) continue;
    const encoded = header.slice(EXTRA.length);
    let key = encoded;
    try {
      key = decodeURIComponent(encoded);
    } catch {
      // Taken as it is, as the real server does.
    }
    extra[key] = listOf(value);
  }
  return extra;
}

function listOf(header: string | undefined): string[] {
  return (header ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}
