/**
 * Priority levels and flow schemas that every API server starts with. They describe how a real one queues requests; this
 * one does not queue. Source: Kubernetes documentation, "API Priority and Fairness", default objects.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';

const API = 'flowcontrol.apiserver.k8s.io/v1';
const annotations = { 'apf.kubernetes.io/autoupdate-spec': 'true' };

/** Name, shares, share that may be lent (percent), queues, hand size, length of a queue. */
const LEVELS: readonly [string, number, number, number, number, number][] = [
  ['global-default', 20, 50, 128, 6, 50],
  ['leader-election', 10, 0, 16, 4, 50],
  ['node-high', 40, 25, 64, 6, 50],
  ['system', 30, 33, 64, 6, 50],
  ['workload-high', 40, 50, 128, 6, 50],
  ['workload-low', 100, 90, 128, 6, 50],
];

function level(name: string, spec: Json): KubeObject {
  return { apiVersion: API, kind: 'PriorityLevelConfiguration', metadata: { name, annotations }, spec, status: {} };
}

function limited(nominalConcurrencyShares: number, lendablePercent: number, limitResponse: Json): Json {
  return { type: 'Limited', limited: { nominalConcurrencyShares, limitResponse, lendablePercent } };
}

/** Specs that nobody may change; of the first, what its requests share is an administrator's to say. */
export const EXEMPT_LEVEL: Json = { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } };
export const CATCH_ALL_LEVEL: Json = limited(5, 0, { type: 'Reject' });

export function priorityLevels(): KubeObject[] {
  return [
    level('exempt', EXEMPT_LEVEL),
    level('catch-all', CATCH_ALL_LEVEL),
    ...LEVELS.map(([name, shares, lendable, queues, handSize, queueLengthLimit]) =>
      level(name, limited(shares, lendable, { type: 'Queue', queuing: { queues, handSize, queueLengthLimit } })),
    ),
  ];
}

const group = (name: string): Json => ({ kind: 'Group', group: { name } });
const user = (name: string): Json => ({ kind: 'User', user: { name } });
const account = (name: string): Json => ({
  kind: 'ServiceAccount',
  serviceAccount: { namespace: 'kube-system', name },
});
const resources = (verbs: string[], apiGroups: string[], names: string[], namespaces: string[], cluster = false) => ({
  verbs,
  apiGroups,
  resources: names,
  ...(cluster ? { clusterScope: true } : {}),
  namespaces,
});
const paths = (verbs: string[], nonResourceURLs: string[]): Json => ({ verbs, nonResourceURLs });
const EVERYTHING = {
  resourceRules: [resources(['*'], ['*'], ['*'], ['*'], true)],
  nonResourceRules: [paths(['*'], ['*'])],
};
const HOLD = ['get', 'create', 'update'];
const AUTHENTICATED = [group('system:unauthenticated'), group('system:authenticated')];

/** Name, level, precedence, what tells flows apart, who, and what they ask for. */
const SCHEMAS: readonly [string, string, number, 'ByUser' | 'ByNamespace' | null, Json[], Json][] = [
  ['exempt', 'exempt', 1, null, [group('system:masters')], EVERYTHING],
  [
    'probes',
    'exempt',
    2,
    null,
    AUTHENTICATED,
    { nonResourceRules: [paths(['get'], ['/healthz', '/readyz', '/livez'])] },
  ],
  [
    'system-leader-election',
    'leader-election',
    100,
    'ByUser',
    [user('system:kube-controller-manager'), user('system:kube-scheduler'), account('*')],
    { resourceRules: [resources(HOLD, ['coordination.k8s.io'], ['leases'], ['*'])] },
  ],
  [
    'endpoint-controller',
    'workload-high',
    150,
    'ByUser',
    [
      user('system:kube-controller-manager'),
      account('endpoint-controller'),
      account('endpointslicemirroring-controller'),
    ],
    { resourceRules: [resources(HOLD, [''], ['endpoints'], ['*'])] },
  ],
  [
    'workload-leader-election',
    'leader-election',
    200,
    'ByUser',
    [account('*')],
    { resourceRules: [resources(HOLD, ['coordination.k8s.io'], ['leases'], ['*'])] },
  ],
  [
    'system-node-high',
    'node-high',
    400,
    'ByUser',
    [group('system:nodes')],
    {
      resourceRules: [
        resources(['*'], [''], ['nodes', 'nodes/status'], ['*'], true),
        resources(['*'], ['coordination.k8s.io'], ['leases'], ['*']),
      ],
    },
  ],
  ['system-nodes', 'system', 500, 'ByUser', [group('system:nodes')], EVERYTHING],
  [
    'kube-controller-manager',
    'workload-high',
    800,
    'ByNamespace',
    [user('system:kube-controller-manager')],
    EVERYTHING,
  ],
  ['kube-scheduler', 'workload-high', 800, 'ByNamespace', [user('system:kube-scheduler')], EVERYTHING],
  ['kube-system-service-accounts', 'workload-high', 900, 'ByNamespace', [account('*')], EVERYTHING],
  ['service-accounts', 'workload-low', 9000, 'ByUser', [group('system:serviceaccounts')], EVERYTHING],
  ['global-default', 'global-default', 9900, 'ByUser', AUTHENTICATED, EVERYTHING],
  ['catch-all', 'catch-all', 10_000, 'ByUser', AUTHENTICATED, EVERYTHING],
];

function specOf([_name, priority, matchingPrecedence, distinguished, subjects, rules]: (typeof SCHEMAS)[number]): Json {
  return {
    priorityLevelConfiguration: { name: priority },
    matchingPrecedence,
    ...(distinguished === null ? {} : { distinguisherMethod: { type: distinguished } }),
    rules: [{ subjects, ...rules }],
  };
}

/** The spec of a schema that nobody may change; undefined for all others. */
export function mandatorySchema(name: string): Json | undefined {
  const found = ['exempt', 'catch-all'].includes(name) ? SCHEMAS.find(([each]) => each === name) : undefined;
  return found === undefined ? undefined : specOf(found);
}

/** `now`: RFC 3339. */
export function flowSchemas(now: string): KubeObject[] {
  return SCHEMAS.map((schema) => ({
    apiVersion: API,
    kind: 'FlowSchema',
    metadata: { name: schema[0], annotations },
    spec: specOf(schema),
    status: {
      conditions: [
        {
          type: 'Dangling',
          status: 'False',
          lastTransitionTime: now,
          reason: 'Found',
          message: `This FlowSchema references the PriorityLevelConfiguration object named "${schema[1]}" and it exists`,
        },
      ],
    },
  }));
}
