/** What a policy or a binding is about, and with which parameters. Source: API reference, MatchResources and ParamRef. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { matchesLabelSelector } from '../../selectors/structured.ts';
import type { ObjectStore } from '../../storage/store.ts';
import type { AdmissionRequest, KindDefinition, KindRegistry } from '../../types.ts';
import { equivalentsOf, ruleMatches, selectorsMatch } from '../webhooks/match.ts';

/** The version of the kind under which the rules want to see the request; null when they do not want it. */
export function versionMatched(
  match: Json | undefined,
  request: AdmissionRequest,
  registry: KindRegistry,
  namespaceOf: (name: string) => KubeObject | undefined,
): KindDefinition | null {
  const { namespaceSelector = {}, objectSelector = {}, matchPolicy = 'Equivalent' } = match ?? {};
  if (!selectorsMatch({ namespaceSelector, objectSelector }, request, namespaceOf)) return null;
  const found = (rules: Json[]): KindDefinition | null => {
    const wants = (kind: KindDefinition) => rules.some((rule) => namedRuleMatches(rule, kind, request));
    if (wants(request.kind)) return request.kind;
    if (matchPolicy === 'Exact') return null;
    return equivalentsOf(registry, request.kind).find(wants) ?? null;
  };
  if (found(match?.excludeResourceRules ?? []) !== null) return null;
  const rules: Json[] = match?.resourceRules ?? [];
  return rules.length === 0 ? request.kind : found(rules);
}

function namedRuleMatches(rule: Json, kind: KindDefinition, request: AdmissionRequest): boolean {
  const { operations = [], apiGroups = [], apiVersions = [], resources = [], scope = '*', resourceNames = [] } = rule;
  if (!ruleMatches({ operations, apiGroups, apiVersions, resources, scope }, kind, request)) return false;
  return resourceNames.length === 0 || resourceNames.includes(request.name);
}

/**
 * The objects a binding evaluates its policy with; null stands for none at all.
 * @throws Error with what is wrong with the configuration
 */
export function paramsOf(
  paramKind: Json | undefined,
  ref: Json | undefined,
  namespace: string,
  registry: KindRegistry,
  store: ObjectStore,
): (KubeObject | null)[] {
  if (!paramKind || !ref) return [null];
  const kind = paramKindOf(paramKind, registry);
  if (kind === undefined)
    throw new Error(`paramKind kind \`${paramKind.apiVersion}, Kind=${paramKind.kind}\` not known`);
  let home = '';
  if (kind.namespaced) {
    home = ref.namespace || namespace;
    if (home === '')
      throw new Error('cannot use namespaced paramRef in policy binding that matches cluster-scoped resources');
  } else if (ref.namespace) throw new Error('paramRef.namespace must not be provided for a cluster-scoped `paramKind`');
  const collection = store.collection(`${kind.group}/${kind.resource}`);
  const prefix = kind.namespaced ? `${home}/` : '';
  const found = ref.name
    ? [collection.latest(`${prefix}${ref.name}`)?.object]
    : collection
        .keys(prefix)
        .map((key) => collection.items.get(key)?.object)
        .filter((object) => object !== undefined && matchesLabelSelector(ref.selector, object.metadata.labels));
  const params = found.filter((object) => object !== undefined);
  if (params.length === 0 && ref.parameterNotFoundAction === 'Deny')
    throw new Error('no params found for policy binding with `Deny` parameterNotFoundAction');
  return params;
}

export function paramKindOf(paramKind: Json, registry: KindRegistry): KindDefinition | undefined {
  return registry.findKind(String(paramKind.apiVersion), String(paramKind.kind));
}
