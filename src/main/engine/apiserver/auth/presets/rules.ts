/** Short notation for roles and bindings that every cluster has. What it makes has its fields in the order of the stored form. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import type { PolicyRule } from '../authorize.ts';

export const API = 'rbac.authorization.k8s.io';
const DEFAULTS = {
  labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' },
  annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
};

/**
 * `GROUPS RESOURCES VERBS [NAMES]`, lists joined by commas, the core group as `-`; verbs may be `read` (get, list, watch) or
 * `write` (create, delete, deletecollection, patch, update).
 */
export function parseRule(text: string): PolicyRule {
  const [groups = '', resources = '', verbs = '', names] = text.split(' ');
  return {
    verbs: verbs.split(',').flatMap(verbsOf),
    apiGroups: groups.split(',').map((group) => (group === '-' ? '' : group)),
    resources: resources.split(','),
    ...(names === undefined ? {} : { resourceNames: names.split(',') }),
  };
}

function verbsOf(word: string): string[] {
  if (word === 'read') return ['get', 'list', 'watch'];
  return word === 'write' ? ['create', 'delete', 'deletecollection', 'patch', 'update'] : [word];
}

export function openRule(verbs: string[], nonResourceURLs: string[]): PolicyRule {
  return { verbs, nonResourceURLs };
}

export function clusterRole(
  name: string,
  rules: readonly (string | PolicyRule)[],
  labels: Record<string, string> = {},
): KubeObject {
  return {
    apiVersion: `${API}/v1`,
    kind: 'ClusterRole',
    metadata: { name, labels: { ...DEFAULTS.labels, ...labels }, annotations: { ...DEFAULTS.annotations } },
    rules: rules.map((rule) => (typeof rule === 'string' ? parseRule(rule) : rule)),
  };
}

export function role(namespace: string, name: string, rules: readonly string[]): KubeObject {
  return {
    apiVersion: `${API}/v1`,
    kind: 'Role',
    metadata: { name, namespace, labels: { ...DEFAULTS.labels }, annotations: { ...DEFAULTS.annotations } },
    rules: rules.map(parseRule),
  };
}

/** `Group system:masters`, `User system:kube-scheduler`, `ServiceAccount kube-system/node-controller`. */
function subject(text: string): Record<string, string> {
  const [kind = '', name = ''] = text.split(' ');
  if (kind !== 'ServiceAccount') return { kind, apiGroup: API, name };
  const [namespace = '', account = ''] = name.split('/');
  return { kind, name: account, namespace };
}

export function clusterBinding(name: string, subjects: readonly string[], to = name): KubeObject {
  return {
    apiVersion: `${API}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name, labels: { ...DEFAULTS.labels }, annotations: { ...DEFAULTS.annotations } },
    ...(subjects.length === 0 ? {} : { subjects: subjects.map(subject) }),
    roleRef: { apiGroup: API, kind: 'ClusterRole', name: to },
  };
}

export function binding(namespace: string, name: string, subjects: readonly string[], to = name): KubeObject {
  return {
    apiVersion: `${API}/v1`,
    kind: 'RoleBinding',
    metadata: { name, namespace, labels: { ...DEFAULTS.labels }, annotations: { ...DEFAULTS.annotations } },
    subjects: subjects.map(subject),
    roleRef: { apiGroup: API, kind: 'Role', name: to },
  };
}
