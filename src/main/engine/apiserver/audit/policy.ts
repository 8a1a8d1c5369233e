/**
 * Audit policies: how much of which request is written down. Source: Kubernetes documentation, "Auditing"; API reference,
 * audit.k8s.io/v1 Policy.
 */
import { AppError } from '#shared/errors.ts';
import { isRecord } from '../json.ts';
import { loadYaml, parseYaml } from '../yaml.ts';

export type AuditLevel = 'None' | 'Metadata' | 'Request' | 'RequestResponse';
export type AuditStage = 'RequestReceived' | 'ResponseStarted' | 'ResponseComplete' | 'Panic';

const LEVELS: readonly string[] = ['None', 'Metadata', 'Request', 'RequestResponse'];
const STAGES: readonly string[] = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'];

interface GroupResources {
  group: string;
  resources: string[];
  resourceNames: string[];
}

interface AuditRule {
  level: AuditLevel;
  users: string[];
  userGroups: string[];
  verbs: string[];
  resources: GroupResources[];
  namespaces: string[];
  nonResourceURLs: string[];
  omitStages: string[];
  omitManagedFields: boolean | null;
}

export interface AuditPolicy {
  rules: AuditRule[];
  omitStages: string[];
  omitManagedFields: boolean;
}

/** What a policy looks at. */
export interface AuditedRequest {
  username: string;
  groups: readonly string[];
  verb: string;
  resource?: { group: string; resource: string; subresource: string; namespace: string; name: string } | undefined;
  path: string;
}

export interface AuditDecision {
  level: AuditLevel;
  omitStages: readonly string[];
  omitManagedFields: boolean;
}

/** Without a policy of one's own: who did what, and no bodies. Reads that every client does all the time are left out. */
export const DEFAULT_POLICY: AuditPolicy = {
  omitStages: ['RequestReceived'],
  omitManagedFields: true,
  rules: [
    rule({ level: 'None', nonResourceURLs: ['/healthz*', '/livez*', '/readyz*', '/version', '/openapi/*'] }),
    rule({ level: 'Metadata' }),
  ],
};

/** Reads YAML or JSON. Throws AppError INVALID that says what is wrong. */
export async function readPolicy(text: string): Promise<AuditPolicy> {
  await loadYaml();
  let value: unknown;
  try {
    value = parseYaml(text);
  } catch (error) {
    throw invalid(error instanceof Error ? error.message.split('\n', 1)[0]! : 'it cannot be read');
  }
  if (!isRecord(value) || value.kind !== 'Policy' || value.apiVersion !== 'audit.k8s.io/v1')
    throw invalid('it is no Policy of audit.k8s.io/v1');
  const rules = Array.isArray(value.rules) ? value.rules.filter(isRecord).map(rule) : [];
  if (rules.length === 0) throw invalid('it has no rules');
  for (const each of rules) if (!LEVELS.includes(each.level)) throw invalid(`there is no level ${each.level}`);
  const omitStages = stringsOf(value.omitStages);
  for (const stage of [...omitStages, ...rules.flatMap((each) => each.omitStages)])
    if (!STAGES.includes(stage)) throw invalid(`there is no stage ${stage}`);
  return { rules, omitStages, omitManagedFields: value.omitManagedFields === true };
}

function invalid(why: string): AppError {
  return new AppError('INVALID', `the audit policy cannot be used: ${why}`);
}

function rule(value: Record<string, unknown>): AuditRule {
  return {
    level: value.level as AuditLevel,
    users: stringsOf(value.users),
    userGroups: stringsOf(value.userGroups),
    verbs: stringsOf(value.verbs),
    namespaces: stringsOf(value.namespaces),
    nonResourceURLs: stringsOf(value.nonResourceURLs),
    omitStages: stringsOf(value.omitStages),
    omitManagedFields: typeof value.omitManagedFields === 'boolean' ? value.omitManagedFields : null,
    resources: (Array.isArray(value.resources) ? value.resources : []).filter(isRecord).map((each) => ({
      group: String(each.group ?? ''),
      resources: stringsOf(each.resources),
      resourceNames: stringsOf(each.resourceNames),
    })),
  };
}

function stringsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** The first rule that matches decides; without one nothing is written. */
export function decide(policy: AuditPolicy, request: AuditedRequest): AuditDecision {
  const found = policy.rules.find((each) => matches(each, request));
  if (found === undefined) return { level: 'None', omitStages: [], omitManagedFields: false };
  return {
    level: found.level,
    omitStages: [...policy.omitStages, ...found.omitStages],
    omitManagedFields: found.omitManagedFields ?? policy.omitManagedFields,
  };
}

function nameOf({ resource, subresource }: { resource: string; subresource: string }): string {
  return subresource === '' ? resource : `${resource}/${subresource}`;
}

function matches(each: AuditRule, { username, groups, verb, resource, path }: AuditedRequest): boolean {
  if (each.users.length > 0 && !each.users.includes(username)) return false;
  if (each.userGroups.length > 0 && !each.userGroups.some((group) => groups.includes(group))) return false;
  if (each.verbs.length > 0 && !each.verbs.includes(verb)) return false;
  if (each.namespaces.length === 0 && each.resources.length === 0 && each.nonResourceURLs.length === 0) return true;
  if (resource === undefined) return each.nonResourceURLs.some((url) => urlMatches(url, path));
  if (each.namespaces.length === 0 && each.resources.length === 0) return false;
  if (each.namespaces.length > 0 && !each.namespaces.includes(resource.namespace)) return false;
  return each.resources.length === 0 || each.resources.some((of) => resourceMatches(of, resource));
}

function urlMatches(url: string, path: string): boolean {
  return url === path || url === '*' || (url.endsWith('*') && path.startsWith(url.slice(0, -1)));
}

function resourceMatches(of: GroupResources, target: NonNullable<AuditedRequest['resource']>): boolean {
  if (of.group !== target.group) return false;
  if (of.resourceNames.length > 0 && !of.resourceNames.includes(target.name)) return false;
  if (of.resources.length === 0) return true;
  const { resource, subresource } = target;
  const full = nameOf(target);
  return of.resources.some(
    (each) =>
      each === full ||
      each === '*' ||
      (subresource !== '' && (each === `*/${subresource}` || each === `${resource}/*`)),
  );
}
