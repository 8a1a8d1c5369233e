/**
 * Roles and bindings every cluster has. Source: Kubernetes documentation, "Using RBAC Authorization", default roles and
 * role bindings. Those of the control plane's own components are left out: they are part of this server.
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import type { PolicyRule } from './authorize.ts';

const API = 'rbac.authorization.k8s.io';
const READ = ['get', 'list', 'watch'];
const WRITE = ['create', 'delete', 'deletecollection', 'patch', 'update'];
const AGGREGATE = `${API}/aggregate-to-`;

function rule(apiGroup: string, resources: string[], verbs: string[]): PolicyRule {
  return { verbs, apiGroups: [apiGroup], resources };
}

function clusterRole(name: string, rules: PolicyRule[], labels: Record<string, string> = {}): KubeObject {
  return {
    apiVersion: `${API}/v1`,
    kind: 'ClusterRole',
    metadata: {
      name,
      labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...labels },
      annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
    },
    rules,
  };
}

/** A role whose rules are gathered from the roles with a label. */
function aggregated(name: string, labels: Record<string, string> = {}): KubeObject {
  return {
    ...clusterRole(name, [], labels),
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [AGGREGATE + name]: 'true' } }] },
  };
}

function binding(name: string, groups: string[], role = name): KubeObject {
  return {
    apiVersion: `${API}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: {
      name,
      labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' },
      annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
    },
    subjects: groups.map((group) => ({ kind: 'Group', apiGroup: API, name: group })),
    roleRef: { apiGroup: API, kind: 'ClusterRole', name: role },
  };
}

const WORKLOADS = {
  apps: ['daemonsets', 'deployments', 'replicasets', 'statefulsets'],
  scales: ['deployments/scale', 'replicasets/scale', 'statefulsets/scale'],
};

const editRules: PolicyRule[] = [
  rule('', ['pods/attach', 'pods/exec', 'pods/portforward', 'pods/proxy', 'secrets', 'services/proxy'], READ),
  rule('', ['serviceaccounts'], ['impersonate']),
  rule('', ['pods', 'pods/attach', 'pods/exec', 'pods/portforward', 'pods/proxy'], WRITE),
  rule('', ['pods/eviction'], ['create']),
  rule(
    '',
    [
      'configmaps',
      'events',
      'persistentvolumeclaims',
      'replicationcontrollers',
      'replicationcontrollers/scale',
      'secrets',
      'serviceaccounts',
      'services',
      'services/proxy',
    ],
    WRITE,
  ),
  rule('', ['serviceaccounts/token'], ['create']),
  rule('apps', [...WORKLOADS.apps, 'deployments/rollback', ...WORKLOADS.scales].sort(), WRITE),
  rule('autoscaling', ['horizontalpodautoscalers'], WRITE),
  rule('batch', ['cronjobs', 'jobs'], WRITE),
  rule('policy', ['poddisruptionbudgets'], WRITE),
  rule('networking.k8s.io', ['ingresses', 'networkpolicies'], WRITE),
  rule('coordination.k8s.io', ['leases'], [...WRITE, ...READ].sort()),
];

const viewRules: PolicyRule[] = [
  rule(
    '',
    [
      'configmaps',
      'endpoints',
      'persistentvolumeclaims',
      'persistentvolumeclaims/status',
      'pods',
      'replicationcontrollers',
      'replicationcontrollers/scale',
      'serviceaccounts',
      'services',
      'services/status',
    ],
    READ,
  ),
  rule(
    '',
    [
      'bindings',
      'events',
      'limitranges',
      'namespaces/status',
      'pods/log',
      'pods/status',
      'replicationcontrollers/status',
      'resourcequotas',
      'resourcequotas/status',
    ],
    READ,
  ),
  rule('', ['namespaces'], READ),
  rule('discovery.k8s.io', ['endpointslices'], READ),
  rule(
    'apps',
    [
      'controllerrevisions',
      ...WORKLOADS.apps,
      ...WORKLOADS.scales,
      ...WORKLOADS.apps.map((name) => `${name}/status`),
    ].sort(),
    READ,
  ),
  rule('autoscaling', ['horizontalpodautoscalers', 'horizontalpodautoscalers/status'], READ),
  rule('batch', ['cronjobs', 'cronjobs/status', 'jobs', 'jobs/status'], READ),
  rule('policy', ['poddisruptionbudgets', 'poddisruptionbudgets/status'], READ),
  rule('networking.k8s.io', ['ingresses', 'ingresses/status', 'networkpolicies'], READ),
];

const adminRules: PolicyRule[] = [
  rule('authorization.k8s.io', ['localsubjectaccessreviews'], ['create']),
  rule(API, ['rolebindings', 'roles'], ['create', 'delete', 'deletecollection', ...READ, 'patch', 'update']),
];

const open = (verbs: string[], nonResourceURLs: string[]): PolicyRule => ({ verbs, nonResourceURLs });

export function presetRoles(): KubeObject[] {
  return [
    clusterRole('cluster-admin', [rule('*', ['*'], ['*']), open(['*'], ['*'])]),
    clusterRole('system:discovery', [
      open(
        ['get'],
        [
          '/api',
          '/api/*',
          '/apis',
          '/apis/*',
          '/healthz',
          '/livez',
          '/openapi',
          '/openapi/*',
          '/readyz',
          '/version',
          '/version/',
        ],
      ),
    ]),
    clusterRole('system:public-info-viewer', [
      open(['get'], ['/healthz', '/livez', '/readyz', '/version', '/version/']),
    ]),
    clusterRole('system:service-account-issuer-discovery', [
      open(
        ['get'],
        [
          '/.well-known/openid-configuration',
          '/.well-known/openid-configuration/',
          '/openid/v1/jwks',
          '/openid/v1/jwks/',
        ],
      ),
    ]),
    clusterRole('system:basic-user', [
      rule('authorization.k8s.io', ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'], ['create']),
      rule('authentication.k8s.io', ['selfsubjectreviews'], ['create']),
    ]),
    clusterRole('system:aggregate-to-admin', adminRules, { [`${AGGREGATE}admin`]: 'true' }),
    clusterRole('system:aggregate-to-edit', editRules, { [`${AGGREGATE}edit`]: 'true' }),
    clusterRole('system:aggregate-to-view', viewRules, { [`${AGGREGATE}view`]: 'true' }),
    aggregated('admin'),
    aggregated('edit', { [`${AGGREGATE}admin`]: 'true' }),
    aggregated('view', { [`${AGGREGATE}edit`]: 'true' }),
    binding('cluster-admin', ['system:masters']),
    binding('system:basic-user', ['system:authenticated']),
    binding('system:discovery', ['system:authenticated']),
    binding('system:public-info-viewer', ['system:authenticated', 'system:unauthenticated']),
    binding('system:service-account-issuer-discovery', ['system:serviceaccounts']),
  ];
}
