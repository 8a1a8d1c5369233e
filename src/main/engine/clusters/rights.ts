/**
 * Which features these credentials are good for. SelfSubjectRulesReview (authorization.k8s.io/v1) says in one answer
 * what may be done at all; what it names is then asked of the whole cluster (SelfSubjectAccessReview), because a rule may
 * be bound in one namespace only.
 */
import type { FeatureRight } from '#shared/contract/clusters.ts';
import type { KubeClient } from '../kube/index.ts';

interface Right {
  verb: string;
  group: string;
  resource: string;
  subresource?: string;
}

const right = (verb: string, path: string, group = ''): Right => {
  const [resource = '', subresource] = path.split('/');
  return { verb, group, resource, ...(subresource === undefined ? {} : { subresource }) };
};

/** In the order in which a person would miss them. */
export const FEATURES: readonly { feature: FeatureRight['feature']; rights: readonly Right[] }[] = [
  {
    feature: 'view',
    rights: [
      right('list', 'nodes'),
      right('list', 'namespaces'),
      right('list', 'pods'),
      right('watch', 'pods'),
      right('list', 'deployments', 'apps'),
    ],
  },
  { feature: 'logs', rights: [right('get', 'pods/log'), right('create', 'pods/exec')] },
  {
    feature: 'operate',
    rights: [
      right('create', 'deployments', 'apps'),
      right('patch', 'deployments', 'apps'),
      right('delete', 'pods'),
      right('patch', 'deployments/scale', 'apps'),
    ],
  },
  { feature: 'nodes', rights: [right('patch', 'nodes'), right('create', 'pods/eviction')] },
  {
    feature: 'access',
    rights: [
      right('create', 'serviceaccounts'),
      right('create', 'serviceaccounts/token'),
      right('create', 'secrets'),
      right('create', 'clusterrolebindings', 'rbac.authorization.k8s.io'),
    ],
  },
  {
    feature: 'inspection',
    rights: [
      right('list', 'secrets'),
      right('list', 'clusterrolebindings', 'rbac.authorization.k8s.io'),
      right('list', 'events'),
    ],
  },
  {
    feature: 'federation',
    rights: [
      right('create', 'namespaces'),
      right('create', 'deployments', 'apps'),
      right('create', 'services'),
      right('delete', 'deployments', 'apps'),
    ],
  },
];

const AT_ONCE = 6;

/** Null: the server answers no access reviews. */
export async function featureRights(client: KubeClient): Promise<FeatureRight[] | null> {
  const everything = await allowed(client, { verb: '*', group: '*', resource: '*' });
  if (everything === null) return null;
  if (everything) return FEATURES.map(({ feature }) => ({ feature, missing: [] }));
  const rules = await rulesOf(client);
  const wanted = new Map(FEATURES.flatMap(({ rights }) => rights).map((each) => [textOf(each), each]));
  const missing = new Set<string>();
  const queue = [...wanted].values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const [text, each] of queue) {
        const may =
          (rules === null || rules.some((rule) => grants(rule, each))) && (await allowed(client, each)) !== false;
        if (!may) missing.add(text);
      }
    }),
  );
  return FEATURES.map(({ feature, rights }) => ({
    feature,
    missing: rights.map(textOf).filter((text) => missing.has(text)),
  }));
}

export function textOf({ verb, resource, subresource }: Right): string {
  return `${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`}`;
}

export interface Rule {
  verbs: readonly string[];
  apiGroups: readonly string[];
  resources: readonly string[];
  resourceNames: readonly string[];
}

/** API reference, RBAC: `*` is everything, `*` + `/scale` that subresource of everything. Names narrow, so they are not enough. */
export function grants(rule: Rule, { verb, group, resource, subresource }: Right): boolean {
  if (rule.resourceNames.length > 0) return false;
  const path = subresource === undefined ? resource : `${resource}/${subresource}`;
  const has = (list: readonly string[], ...values: string[]) =>
    list.includes('*') || values.some((v) => list.includes(v));
  const resources = subresource === undefined ? [path] : [path, `*/${subresource}`];
  return has(rule.verbs, verb) && has(rule.apiGroups, group) && has(rule.resources, ...resources);
}

/** Null: not known, or the server says itself that the answer is not complete. */
async function rulesOf(client: KubeClient): Promise<Rule[] | null> {
  const response = await client.transport.request({
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews',
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectRulesReview',
      spec: { namespace: 'default' },
    },
  });
  if (response.status >= 400) return null;
  const status = (response.body as { status?: { incomplete?: unknown; resourceRules?: unknown } } | null)?.status;
  if (status?.incomplete === true || !Array.isArray(status?.resourceRules)) return null;
  const strings = (value: unknown) => (Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []);
  return status.resourceRules.map((rule: Record<string, unknown> | null) => ({
    verbs: strings(rule?.verbs),
    apiGroups: strings(rule?.apiGroups),
    resources: strings(rule?.resources),
    resourceNames: strings(rule?.resourceNames),
  }));
}

/** SelfSubjectAccessReview for the whole cluster; null when the server does not know it. */
async function allowed(client: KubeClient, resourceAttributes: Right): Promise<boolean | null> {
  const response = await client.transport.request({
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes },
    },
  });
  if (response.status >= 400) return null;
  return (response.body as { status?: { allowed?: unknown } } | null)?.status?.allowed === true;
}
