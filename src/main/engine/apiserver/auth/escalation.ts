/**
 * Nobody hands out rights he does not have: which of the wanted rules others do not cover, and how they are named.
 * Source: Kubernetes documentation, "Using RBAC Authorization", privilege escalation prevention.
 */
import type { PolicyRule } from './authorize.ts';

/** What of `wanted` no rule of `owned` covers, in the smallest parts: one group, resource, verb and name each. */
export function uncovered(owned: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  return wanted.flatMap(partsOf).filter((part) => !owned.some((rule) => coversPart(rule, part)));
}

function partsOf({ verbs = [], apiGroups, resources, resourceNames, nonResourceURLs }: PolicyRule): PolicyRule[] {
  const parts: PolicyRule[] = [];
  for (const group of apiGroups ?? [])
    for (const resource of resources ?? [])
      for (const verb of verbs) {
        const part: PolicyRule = { apiGroups: [group], resources: [resource], verbs: [verb] };
        if ((resourceNames ?? []).length === 0) parts.push(part);
        else for (const name of resourceNames ?? []) parts.push({ ...part, resourceNames: [name] });
      }
  for (const url of nonResourceURLs ?? [])
    for (const verb of verbs) parts.push({ nonResourceURLs: [url], verbs: [verb] });
  return parts;
}

/** Not the question of whether a request is allowed: `*` in a part is covered by `*` alone. */
function coversPart(rule: PolicyRule, part: PolicyRule): boolean {
  const has = (list: string[] | undefined, value: string) => (list ?? []).includes('*') || (list ?? []).includes(value);
  if (!has(rule.verbs, part.verbs![0]!)) return false;
  if (part.nonResourceURLs !== undefined) {
    const url = part.nonResourceURLs[0]!;
    return (rule.nonResourceURLs ?? []).some(
      (own) => own === url || (own.endsWith('*') && url.startsWith(own.replace(/\*+$/, ''))),
    );
  }
  if (!has(rule.apiGroups, part.apiGroups![0]!)) return false;
  const resource = part.resources![0]!;
  const slash = resource.indexOf('/');
  const any = slash < 0 ? null : `*${resource.slice(slash)}`;
  const resources = rule.resources ?? [];
  if (!has(resources, resource) && (any === null || !resources.includes(any))) return false;
  const names = rule.resourceNames ?? [];
  return names.length === 0 || (part.resourceNames !== undefined && names.includes(part.resourceNames[0]!));
}

/**
 * `user "jane" (groups=["devs"]) is attempting to grant RBAC permissions not currently held:` and a line per rule.
 * `problem`: why the user may have more rules than are known.
 */
export function escalationText(
  user: { username: string; groups: readonly string[] },
  missing: readonly PolicyRule[],
  problem = '',
): string {
  const lines = [...new Set(compacted(missing).map(ruleText))].sort();
  return `user ${JSON.stringify(user.username)} (groups=${goList(user.groups)}) is attempting to grant RBAC permissions not currently held:\n${lines.join('\n')}${problem === '' ? '' : `; resolution errors: [${problem}]`}`;
}

/** Joins the verbs of rules that differ in nothing else. */
function compacted(rules: readonly PolicyRule[]): PolicyRule[] {
  const simple = new Map<string, PolicyRule>();
  const rest: PolicyRule[] = [];
  for (const rule of rules) {
    if (rule.resourceNames !== undefined || rule.nonResourceURLs !== undefined) {
      rest.push(rule);
      continue;
    }
    const key = JSON.stringify([rule.apiGroups, rule.resources]);
    const known = simple.get(key);
    simple.set(key, known === undefined ? rule : { ...known, verbs: [...known.verbs!, ...rule.verbs!] });
  }
  return [...rest, ...simple.values()];
}

function ruleText(rule: PolicyRule): string {
  const fields: [string, string[] | undefined][] = [
    ['APIGroups', rule.apiGroups],
    ['Resources', rule.resources],
    ['NonResourceURLs', rule.nonResourceURLs],
    ['ResourceNames', rule.resourceNames],
    ['Verbs', rule.verbs],
  ];
  const parts = fields
    .filter(([, list]) => (list ?? []).length > 0)
    .map(([name, list]) => `${name}:${goList(list ?? [])}`);
  return `{${parts.join(', ')}}`;
}

/** `["a" "b"]`, as Go prints a list of quoted texts. */
function goList(items: readonly string[]): string {
  return `[${items.map((item) => JSON.stringify(item)).join(' ')}]`;
}
