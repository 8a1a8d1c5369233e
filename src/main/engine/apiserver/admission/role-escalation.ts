/**
 * Roles and bindings may only give what their author has, unless he may `escalate` or `bind`. Not a plugin of its own in
 * kube-apiserver but part of how it stores these kinds, so it runs before validation and has no name to switch it off by.
 * Source: Kubernetes documentation, "Using RBAC Authorization", privilege escalation prevention and bootstrapping.
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import type { Authorizer, PolicyRule } from '../auth/authorize.ts';
import { escalationText, uncovered } from '../auth/escalation.ts';
import { MASTERS } from '../auth/rbac.ts';
import { equalJson } from '../json.ts';
import { forbidden, notFound } from '../status.ts';
import type { ObjectStore } from '../storage/store.ts';
import type { AdmissionPlugin, AdmissionRequest, KindDefinition, UserInfo } from '../types.ts';

const GROUP = 'rbac.authorization.k8s.io';
const EVERYTHING: PolicyRule[] = [
  { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
  { nonResourceURLs: ['*'], verbs: ['*'] },
];

export function roleEscalation(store: ObjectStore, authorizer: Authorizer): AdmissionPlugin {
  return {
    name: '',
    matches: (kind, operation) => kind.group === GROUP && operation !== 'DELETE',
    mutate: (request) => {
      const { kind, object, old, user } = request;
      if (user.groups.includes(MASTERS)) return;
      if (old !== null && onlyLifeCycle(object!, old)) return;
      if (kind.resource === 'roles' || kind.resource === 'clusterroles') checkRole(request);
      else checkBinding(request);
    },
  };

  function checkRole({ kind, object, old, user, namespace, name }: AdmissionRequest): void {
    const target = old === null ? '' : name;
    if (may(user, 'escalate', kind.resource, namespace, target)) return;
    checkRules(kind, name, user, namespace, object!);
    // Whoever sets an aggregation rule decides over rules nobody has written yet.
    const aggregates = object!.aggregationRule !== undefined || old?.aggregationRule !== undefined;
    if (aggregates && uncovered(authorizer.rulesFor(user, namespace).rules, EVERYTHING).length > 0)
      throw forbidden(kind, name, 'must have cluster-admin privileges to use the aggregationRule');
  }

  function checkBinding({ kind, object, user, namespace, name }: AdmissionRequest): void {
    const ref = (object!.roleRef ?? {}) as { kind?: string; name?: string };
    const resource = ref.kind === 'Role' ? 'roles' : 'clusterroles';
    const role = ref.name ?? '';
    if (may(user, 'bind', resource, namespace, role)) return;
    const key = resource === 'roles' ? `${namespace}/${role}` : role;
    const found = store.collection(`${GROUP}/${resource}`).latest(key)?.object;
    // It is told of as what was asked for.
    if (found === undefined) throw notFound(kind, role);
    checkRules(kind, name, user, namespace, found);
  }

  /** The user has to have all that the role gives. */
  function checkRules(kind: KindDefinition, name: string, user: UserInfo, namespace: string, role: KubeObject): void {
    const { rules, problem } = authorizer.rulesFor(user, namespace);
    const missing = uncovered(rules, (role.rules as PolicyRule[] | null | undefined) ?? []);
    if (missing.length > 0) throw forbidden(kind, name, escalationText(user, missing, problem));
  }

  function may(user: UserInfo, verb: string, resource: string, namespace: string, name: string): boolean {
    const target = { group: GROUP, version: '*', resource, subresource: '', namespace, name };
    return authorizer.decide(user, { verb, resource: target }).allowed;
  }
}

/** Nothing but what garbage collection needs: finalizers and owners. */
function onlyLifeCycle(object: KubeObject, old: KubeObject): boolean {
  const rest = ({ metadata, ...others }: KubeObject) => {
    const { finalizers: _f, ownerReferences: _o, managedFields: _m, generation: _g, ...kept } = metadata;
    return { ...others, metadata: kept };
  };
  return equalJson(rest(object), rest(old));
}
