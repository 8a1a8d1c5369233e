/**
 * Which requests a webhook wants to see, and as which version. Source: Kubernetes documentation, "Dynamic Admission
 * Control", matching requests.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { matchesLabelSelector } from '../../selectors/structured.ts';
import type { AdmissionRequest, KindDefinition, KindRegistry } from '../../types.ts';
import type { Webhook, WebhookRule } from './config.ts';

/** Kinds that decide about admission themselves: a broken webhook must not keep anybody from repairing it. */
export function isExempt(kind: Pick<KindDefinition, 'group'>): boolean {
  return kind.group === 'admissionregistration.k8s.io';
}

type Target = Pick<KindDefinition, 'group' | 'version' | 'resource' | 'namespaced'>;

/** The other ways to ask for the same resource: its versions, and for events their two groups. */
export function equivalentsOf(registry: KindRegistry, { group, resource }: KindDefinition): KindDefinition[] {
  const isEvent = resource === 'events' && EVENT_GROUPS.includes(group);
  return registry
    .all()
    .filter((kind) => kind.resource === resource && (isEvent ? EVENT_GROUPS : [group]).includes(kind.group));
}
const EVENT_GROUPS = ['', 'events.k8s.io'];

/** The version of the kind under which the webhook sees the request; null when it does not want it. */
export function versionWanted(
  hook: Webhook,
  request: AdmissionRequest,
  /** Other served versions of the same kind. */
  equivalents: readonly KindDefinition[],
): KindDefinition | null {
  const wants = (kind: Target) => hook.rules.some((rule) => ruleMatches(rule, kind, request));
  if (wants(request.kind)) return request.kind;
  if (hook.matchPolicy === 'Exact') return null;
  return equivalents.find(wants) ?? null;
}

export function ruleMatches(
  rule: WebhookRule,
  kind: Target,
  { operation, subresource }: Pick<AdmissionRequest, 'operation' | 'subresource'>,
): boolean {
  const has = (list: readonly string[], value: string) => list.includes('*') || list.includes(value);
  return (
    has(rule.operations, operation) &&
    has(rule.apiGroups, kind.group) &&
    has(rule.apiVersions, kind.version) &&
    (rule.scope === '*' || rule.scope === (kind.namespaced ? 'Namespaced' : 'Cluster')) &&
    rule.resources.some((resource) => resourceMatches(resource, kind.resource, subresource))
  );
}

/** `pods`, `pods/status`; a star for all of either side, a single one for all resources without subresources. */
function resourceMatches(wanted: string, resource: string, subresource: string): boolean {
  const [main = '', sub = ''] = wanted.split('/', 2);
  return (main === '*' || main === resource) && (sub === '*' || sub === subresource);
}

function selectsAll(selector: unknown): boolean {
  const { matchLabels = {}, matchExpressions = [] } = (selector ?? {}) as Json;
  return Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;
}

type SelectedRequest = Pick<AdmissionRequest, 'kind' | 'operation' | 'namespace' | 'object' | 'old'>;

/** Labels of the namespace (for namespaces: their own) and of the object, new or old. */
export function selectorsMatch(
  hook: Pick<Webhook, 'namespaceSelector' | 'objectSelector'>,
  { kind, operation, namespace, object, old }: SelectedRequest,
  namespaceOf: (name: string) => KubeObject | undefined,
): boolean {
  const isNamespace = kind.group === '' && kind.resource === 'namespaces';
  if (isNamespace || kind.namespaced) {
    const home = isNamespace ? (object ?? old) : namespaceOf(namespace);
    if (!matchesLabelSelector(hook.namespaceSelector, home?.metadata.labels)) return false;
  }
  // What a connection is asked for with has no labels, not even none.
  if (operation === 'CONNECT') return selectsAll(hook.objectSelector);
  return [object, old].some((each) => each !== null && matchesLabelSelector(hook.objectSelector, each.metadata.labels));
}
