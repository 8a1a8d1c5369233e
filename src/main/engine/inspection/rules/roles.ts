/** What RBAC rules grant, for the rules about roles. Source: API reference, rbac.authorization.k8s.io/v1 PolicyRule. */
import { type Said, said } from '#shared/inspection-evidence.ts';
import type { KubeObject, ObjectMeta } from '#shared/kubernetes/types.ts';
import type { Hit, World } from '../types.ts';

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

/** Bindings that come with Kubernetes, or with its installer, kubeadm. */
export function isPresetBinding({ labels, name = '' }: ObjectMeta): boolean {
  return (
    labels?.['kubernetes.io/bootstrapping'] === 'rbac-defaults' ||
    name.startsWith('system:') ||
    name.startsWith('kubeadm:')
  );
}

/** `User alice`, `ServiceAccount ns/name`. */
export function subjectTexts(subjects: unknown): string[] {
  return ((subjects ?? []) as { kind?: string; namespace?: string; name?: string }[]).map(
    ({ kind, namespace, name }) => `${kind} ${namespace ? `${namespace}/` : ''}${name}`,
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

export function grantText({ resources, verbs, names }: Grant): Said {
  const all = { verbs: verbs.join(', '), resources: resources.join(', ') };
  return names.length === 0 ? said('grants', all) : said('grantsNamed', { ...all, names: names.join(', ') });
}

/** What a role grants, with who holds it; a role that nobody is bound to does no harm yet: a notice. */
export function boundGrants(
  role: KubeObject,
  world: World,
  wanted: ReadonlyMap<string, readonly string[]>,
  verbs: readonly string[],
): Hit[] {
  if (isPreset(role)) return [];
  const grants = grantsOf(role, wanted, verbs);
  if (grants.length === 0) return [];
  const subjects = world.subjectsOf(role);
  return grants.map((grant) => ({
    field: `rules[${grant.index}]`,
    evidence: boundText(grantText(grant), subjects),
    ...(subjects.length === 0 ? { severity: 'notice' as const } : {}),
  }));
}

/** What is granted, and to whom. */
export function boundText(grant: Said, subjects: readonly string[]): Said {
  return subjects.length === 0
    ? said('boundToNobody', { grant })
    : said('boundTo', { grant, subjects: subjects.join(', ') });
}

/** As `boundGrants`, without what a role grants by wildcard alone: that has a rule of its own. */
export function specificGrants(
  role: KubeObject,
  world: World,
  wanted: ReadonlyMap<string, readonly string[]>,
  verbs: readonly string[],
): Hit[] {
  const rules = ((role.rules ?? []) as PolicyRule[]).map((rule) =>
    rule.resources?.includes('*') && rule.verbs?.includes('*') ? {} : rule,
  );
  return boundGrants({ ...role, rules }, world, wanted, verbs);
}

export const WRITE_VERBS = ['create', 'update', 'patch', 'delete', 'deletecollection'];
