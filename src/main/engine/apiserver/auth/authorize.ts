/** Who may do what. Source: Kubernetes documentation, "Authorization Overview". */
import { forbidden, refuse } from '../status.ts';
import type { UserInfo } from '../types.ts';

/** One question, as every authoriser and the access reviews put it. */
export interface AccessAttributes {
  verb: string;
  /** Resource requests; for others `path` is set instead. */
  resource?: { group: string; version: string; resource: string; subresource: string; namespace: string; name: string };
  path?: string;
  /** What a list, a watch or a deletion of a collection is limited to. */
  fieldSelector?: string;
}

export interface AccessDecision {
  allowed: boolean;
  reason: string;
}

/** rbac/v1 PolicyRule. */
export interface PolicyRule {
  verbs?: string[];
  apiGroups?: string[];
  resources?: string[];
  resourceNames?: string[];
  nonResourceURLs?: string[];
}

export interface ApplicableRules {
  rules: PolicyRule[];
  /** Why there may be more; empty when there are none. */
  problem: string;
}

export interface Authorizer {
  decide(user: UserInfo, access: AccessAttributes): AccessDecision;
  /** All rules that apply to the user, cluster-wide and in the namespace when there is one. */
  rulesFor(user: UserInfo, namespace: string): ApplicableRules;
}

/** Several problems as one text: `a`, or `[a, b]`. */
export function aggregate(problems: ReadonlySet<string>): string {
  const all = [...problems];
  return all.length > 1 ? `[${all.join(', ')}]` : (all[0] ?? '');
}

/** Text of a 403: `User "x" cannot list resource "pods" in API group "" in the namespace "default"`. */
export function denialText(user: UserInfo, access: AccessAttributes): string {
  const who = `User "${user.username}" cannot`;
  if (access.resource === undefined) return `${who} ${access.verb} path "${access.path ?? ''}"`;
  const { group, resource, subresource, namespace } = access.resource;
  const what = subresource === '' ? resource : `${resource}/${subresource}`;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  return `${who} ${access.verb} resource "${what}" in API group "${group}" ${where}`;
}

/** The 403 itself; `reason` is what the authoriser adds to it. */
export function accessDenied(user: UserInfo, access: AccessAttributes, reason: string): Error {
  const text = reason === '' ? denialText(user, access) : `${denialText(user, access)}: ${reason}`;
  if (access.resource === undefined) return refuse(403, 'Forbidden', `forbidden: ${text}`, {});
  return forbidden({ ...access.resource, kind: '' }, access.resource.name, text);
}
