/** Role based access control over the stored roles and bindings. Source: Kubernetes documentation, "Using RBAC Authorization". */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import type { ObjectStore } from '../storage/store.ts';
import type { UserInfo } from '../types.ts';
import type { AccessAttributes, AccessDecision, Authorizer, PolicyRule } from './authorize.ts';

export const MASTERS = 'system:masters';
const GROUP = 'rbac.authorization.k8s.io';

export class RbacAuthorizer implements Authorizer {
  readonly #store: ObjectStore;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  decide(user: UserInfo, access: AccessAttributes): AccessDecision {
    if (user.groups.includes(MASTERS)) return { allowed: true, reason: '' };
    for (const { rule, reason } of this.rulesFor(user, access.resource?.namespace ?? ''))
      if (covers(rule, access)) return { allowed: true, reason };
    return { allowed: false, reason: '' };
  }

  /** All rules that apply to the user: cluster-wide ones, and those of the namespace when there is one. */
  *rulesFor(user: UserInfo, namespace: string): Generator<{ rule: PolicyRule; reason: string }> {
    for (const { object: binding } of this.#objects('clusterrolebindings')) {
      const subject = matchingSubject(binding, user, '');
      if (subject === null) continue;
      for (const rule of this.#rulesOf(binding, ''))
        yield { rule, reason: reasonOf('ClusterRoleBinding', binding, subject) };
    }
    if (namespace === '') return;
    const collection = this.#store.collection(`${GROUP}/rolebindings`);
    for (const key of collection.keys(`${namespace}/`)) {
      const binding = collection.items.get(key)!.object;
      const subject = matchingSubject(binding, user, namespace);
      if (subject === null) continue;
      for (const rule of this.#rulesOf(binding, namespace))
        yield { rule, reason: reasonOf('RoleBinding', binding, subject) };
    }
  }

  #objects(resource: string) {
    return this.#store.collection(`${GROUP}/${resource}`).items.values();
  }

  #rulesOf(binding: KubeObject, namespace: string): PolicyRule[] {
    const ref = binding.roleRef as { kind?: string; name?: string } | undefined;
    const name = ref?.name ?? '';
    const role =
      ref?.kind === 'ClusterRole'
        ? this.#store.collection(`${GROUP}/clusterroles`).items.get(name)
        : this.#store.collection(`${GROUP}/roles`).items.get(`${namespace}/${name}`);
    return (role?.object.rules as PolicyRule[] | null | undefined) ?? [];
  }
}

interface Subject {
  kind?: string;
  name?: string;
  namespace?: string;
}

function matchingSubject(binding: KubeObject, user: UserInfo, namespace: string): Subject | null {
  for (const subject of (binding.subjects as Subject[] | null | undefined) ?? []) {
    if (subject.kind === 'User' && subject.name === user.username) return subject;
    if (subject.kind === 'Group' && subject.name !== undefined && user.groups.includes(subject.name)) return subject;
    if (subject.kind === 'ServiceAccount') {
      const home = subject.namespace ?? namespace;
      if (user.username === `system:serviceaccount:${home}:${subject.name ?? ''}`) return subject;
    }
  }
  return null;
}

function reasonOf(kind: string, binding: KubeObject, subject: Subject): string {
  const ref = binding.roleRef as { kind?: string; name?: string } | undefined;
  const { name, namespace } = binding.metadata;
  const place = namespace === undefined ? name : `${name}/${namespace}`;
  const who =
    subject.kind === 'ServiceAccount' ? `"${subject.name}/${subject.namespace ?? ''}"` : `"${subject.name ?? ''}"`;
  return `RBAC: allowed by ${kind} "${place}" of ${ref?.kind ?? ''} "${ref?.name ?? ''}" to ${subject.kind ?? ''} ${who}`;
}

/** Whether one rule allows the access. */
export function covers(rule: PolicyRule, access: AccessAttributes): boolean {
  const verbs = rule.verbs ?? [];
  if (!verbs.includes('*') && !verbs.includes(access.verb)) return false;
  if (access.resource === undefined)
    return (rule.nonResourceURLs ?? []).some((url) => urlMatches(url, access.path ?? ''));
  const { group, resource, subresource, name } = access.resource;
  const groups = rule.apiGroups ?? [];
  if (!groups.includes('*') && !groups.includes(group)) return false;
  const full = subresource === '' ? resource : `${resource}/${subresource}`;
  const resources = rule.resources ?? [];
  const named =
    resources.includes('*') ||
    resources.includes(full) ||
    (subresource !== '' && resources.includes(`*/${subresource}`));
  if (!named) return false;
  const names = rule.resourceNames ?? [];
  return names.length === 0 || names.includes(name);
}

function urlMatches(rule: string, path: string): boolean {
  if (rule === '*' || rule === path) return true;
  return rule.endsWith('*') && path.startsWith(rule.slice(0, -1));
}
