/** Roles for people: cluster-admin, admin, edit, view, and what everybody may. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { API, clusterBinding, clusterRole, openRule } from './rules.ts';

const AGGREGATE = `${API}/aggregate-to-`;

/** A role whose rules are gathered from the roles with a label. */
function aggregated(name: string, labels: Record<string, string> = {}): KubeObject {
  return {
    ...clusterRole(name, [], labels),
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [AGGREGATE + name]: 'true' } }] },
  };
}

const EDIT = [
  '- pods/attach,pods/exec,pods/portforward,pods/proxy,secrets,services/proxy read',
  '- serviceaccounts impersonate',
  '- pods,pods/attach,pods/exec,pods/portforward,pods/proxy write',
  '- pods/eviction create',
  '- configmaps,persistentvolumeclaims,replicationcontrollers,replicationcontrollers/scale,secrets,serviceaccounts,services,services/proxy write',
  '- serviceaccounts/token create',
  '-,events.k8s.io events write',
  'apps daemonsets,deployments,deployments/rollback,deployments/scale,replicasets,replicasets/scale,statefulsets,statefulsets/scale write',
  'autoscaling horizontalpodautoscalers write',
  'batch cronjobs,jobs write',
  'extensions daemonsets,deployments,deployments/rollback,deployments/scale,ingresses,networkpolicies,replicasets,replicasets/scale,replicationcontrollers/scale write',
  'policy poddisruptionbudgets write',
  'networking.k8s.io ingresses,networkpolicies write',
  'coordination.k8s.io leases create,delete,deletecollection,get,list,patch,update,watch',
  'resource.k8s.io resourceclaims,resourceclaimtemplates write',
];

const VIEW = [
  '- configmaps,endpoints,persistentvolumeclaims,persistentvolumeclaims/status,pods,replicationcontrollers,replicationcontrollers/scale,serviceaccounts,services,services/status read',
  '- bindings,limitranges,namespaces/status,pods/log,pods/status,replicationcontrollers/status,resourcequotas,resourcequotas/status read',
  '- namespaces read',
  '-,events.k8s.io events read',
  'discovery.k8s.io endpointslices read',
  'apps controllerrevisions,daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,replicasets,replicasets/scale,replicasets/status,statefulsets,statefulsets/scale,statefulsets/status read',
  'autoscaling horizontalpodautoscalers,horizontalpodautoscalers/status read',
  'batch cronjobs,cronjobs/status,jobs,jobs/status read',
  'extensions daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,ingresses,ingresses/status,networkpolicies,replicasets,replicasets/scale,replicasets/status,replicationcontrollers/scale read',
  'policy poddisruptionbudgets,poddisruptionbudgets/status read',
  'networking.k8s.io ingresses,ingresses/status,networkpolicies read',
  'resource.k8s.io resourceclaims,resourceclaims/status,resourceclaimtemplates read',
];

const ADMIN = [
  'authorization.k8s.io localsubjectaccessreviews create',
  `${API} rolebindings,roles create,delete,deletecollection,get,list,patch,update,watch`,
];

const INFO = ['/healthz', '/livez', '/readyz', '/version', '/version/'];
const DISCOVERY = ['/api', '/api/*', '/apis', '/apis/*', '/openapi', '/openapi/*', ...INFO].sort();
const ISSUER = [
  '/.well-known/openid-configuration',
  '/.well-known/openid-configuration/',
  '/openid/v1/jwks',
  '/openid/v1/jwks/',
];

export function userRoles(): KubeObject[] {
  return [
    clusterRole('cluster-admin', ['* * *', openRule(['*'], ['*'])]),
    clusterRole('system:discovery', [openRule(['get'], DISCOVERY)]),
    clusterRole('system:public-info-viewer', [openRule(['get'], INFO)]),
    clusterRole('system:service-account-issuer-discovery', [openRule(['get'], ISSUER)]),
    clusterRole('system:basic-user', [
      'authorization.k8s.io selfsubjectaccessreviews,selfsubjectrulesreviews create',
      'authentication.k8s.io selfsubjectreviews create',
    ]),
    clusterRole('system:aggregate-to-admin', ADMIN, { [`${AGGREGATE}admin`]: 'true' }),
    clusterRole('system:aggregate-to-edit', EDIT, { [`${AGGREGATE}edit`]: 'true' }),
    clusterRole('system:aggregate-to-view', VIEW, { [`${AGGREGATE}view`]: 'true' }),
    aggregated('admin'),
    aggregated('edit', { [`${AGGREGATE}admin`]: 'true' }),
    aggregated('view', { [`${AGGREGATE}edit`]: 'true' }),
    clusterBinding('cluster-admin', ['Group system:masters']),
    clusterBinding('system:basic-user', ['Group system:authenticated']),
    clusterBinding('system:discovery', ['Group system:authenticated']),
    clusterBinding('system:public-info-viewer', ['Group system:authenticated', 'Group system:unauthenticated']),
    clusterBinding('system:service-account-issuer-discovery', ['Group system:serviceaccounts']),
  ];
}
