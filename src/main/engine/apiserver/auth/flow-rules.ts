/** Whether a FlowSchema is about a request. Source: Kubernetes documentation, "API Priority and Fairness"; its matching rules. */
import type { Json } from '#shared/kubernetes/types.ts';
import type { UserInfo } from '../types.ts';
import type { AccessAttributes } from './authorize.ts';

const ACCOUNT = 'system:serviceaccount:';

/** `spec` is that of a FlowSchema. */
export function isAbout(spec: Json, user: UserInfo, access: AccessAttributes): boolean {
  return ((spec?.rules ?? []) as Json[]).some(
    (rule) =>
      ((rule.subjects ?? []) as Json[]).some((subject) => isSubject(subject, user)) &&
      (access.resource === undefined
        ? ((rule.nonResourceRules ?? []) as Json[]).some((each) => isPath(each, access))
        : ((rule.resourceRules ?? []) as Json[]).some((each) => isResource(each, access))),
  );
}

function isSubject({ kind, user, group, serviceAccount }: Json, { username, groups }: UserInfo): boolean {
  if (kind === 'User') return user?.name === '*' || user?.name === username;
  if (kind === 'Group') return group?.name === '*' || groups.includes(group?.name);
  if (kind !== 'ServiceAccount' || serviceAccount === undefined) return false;
  const { namespace, name } = serviceAccount;
  if (name === '*') return username.startsWith(`${ACCOUNT}${namespace}:`);
  return username === `${ACCOUNT}${namespace}:${name}`;
}

/** The wildcard stands alone in its list. */
const includes = (list: Json, value: string): boolean => list?.[0] === '*' || (list ?? []).includes(value);

function isResource(rule: Json, { verb, resource }: AccessAttributes): boolean {
  const { group, resource: plural, subresource, namespace } = resource!;
  const wanted = subresource === '' ? plural : `${plural}/${subresource}`;
  if (!includes(rule.verbs, verb) || !includes(rule.resources, wanted) || !includes(rule.apiGroups, group))
    return false;
  return namespace === '' ? rule.clusterScope === true : includes(rule.namespaces, namespace);
}

function isPath(rule: Json, { verb, path = '' }: AccessAttributes): boolean {
  if (!includes(rule.verbs, verb)) return false;
  return ((rule.nonResourceURLs ?? []) as string[]).some((url) => {
    if (url === '*' || url === path) return true;
    const prefix = url.replace(/\*$/, '');
    return path.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`);
  });
}
