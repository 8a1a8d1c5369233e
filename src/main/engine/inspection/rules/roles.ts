/** What RBAC rules grant, for the rules about roles. Source: API reference, rbac.authorization.k8s.io/v1 PolicyRule. */
import type { KubeObject } from '#shared/kubernetes/types.ts';

interface PolicyRule {
  apiGroups?: string[];
  resources?: string[];
  verbs?: string[];
  resourceNames?: string[];
}

/** Roles that come with Kubernetes are reviewed by its authors. */
export function isPreset({ metadata }: KubeObject): boolean {
  return (
    metadata.labels?.['kubernetes.io/bootstrapping'] === 'rbac-defaults' || (metadata.name ?? '').startsWith('system:')
  );
}

export interface Grant {
  /** Index of the rule in the role. */
  index: number;
  resources: string[];
  verbs: string[];
  /** Only these objects; empty: all. */
  names: readonly string[];
}

/**
 * Rules that grant one of the verbs on one of the resources, within one rule.
 * @param wanted API group by resource
 */
export function grantsOf(
  role: KubeObject,
  wanted: ReadonlyMap<string, readonly string[]>,
  verbs: readonly string[],
): Grant[] {
  const grants: Grant[] = [];
  for (const [index, rule] of ((role.rules ?? []) as PolicyRule[]).entries()) {
    const { apiGroups = [], resources = [], verbs: given = [], resourceNames = [] } = rule;
    const inGroup = (groups: readonly string[]): boolean =>
      apiGroups.includes('*') || groups.some((group) => apiGroups.includes(group));
    const hit = resources.filter((resource) =>
      resource === '*' ? [...wanted.values()].some(inGroup) : inGroup(wanted.get(resource) ?? []),
    );
    const allowed = given.filter((verb) => verb === '*' || verbs.includes(verb));
    if (hit.length > 0 && allowed.length > 0)
      grants.push({ index, resources: hit, verbs: allowed, names: resourceNames });
  }
  return grants;
}

export function grantText({ resources, verbs, names }: Grant): string {
  const only = names.length === 0 ? '' : ` (resourceNames ${names.join(', ')})`;
  return `${verbs.join(', ')} on ${resources.join(', ')}${only}`;
}

export const WRITE_VERBS = ['create', 'update', 'patch', 'delete', 'deletecollection'];
