/** Roles of the components of a cluster: scheduler, controller manager, nodes, add-ons. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { binding, clusterBinding, clusterRole, openRule, role } from './rules.ts';

const EVENTS = '-,events.k8s.io events create,patch,update';
const TOKEN_REVIEW = 'authentication.k8s.io tokenreviews create';
const ACCESS_REVIEW = 'authorization.k8s.io subjectaccessreviews create';
const CSR = 'certificates.k8s.io';

/** What system:node may; the node authoriser narrows it to what concerns the node. */
export const NODE_RULES = [
  TOKEN_REVIEW,
  'authorization.k8s.io localsubjectaccessreviews,subjectaccessreviews create',
  '- services read',
  '- nodes create,get,list,watch',
  '- nodes/status patch,update',
  '- nodes patch,update',
  EVENTS,
  '- pods read',
  '- pods create,delete',
  '- pods/status patch,update',
  '- pods/eviction create',
  '- configmaps,secrets read',
  '- persistentvolumeclaims,persistentvolumes get',
  '- endpoints get',
  'certificates.k8s.io certificatesigningrequests create,get,list,watch',
  'coordination.k8s.io leases create,delete,get,patch,update',
  'storage.k8s.io volumeattachments get',
  '- serviceaccounts/token create',
  '- persistentvolumeclaims/status get,patch,update',
  'storage.k8s.io csidrivers read',
  'storage.k8s.io csinodes create,delete,get,patch,update',
  'node.k8s.io runtimeclasses read',
  'resource.k8s.io resourceclaims get',
  'resource.k8s.io resourceslices deletecollection',
  '- serviceaccounts get',
];

const CLUSTER_ROLES: Record<string, string[]> = {
  'system:auth-delegator': [TOKEN_REVIEW, ACCESS_REVIEW],
  [`system:${CSR}:certificatesigningrequests:nodeclient`]: [`${CSR} certificatesigningrequests/nodeclient create`],
  [`system:${CSR}:certificatesigningrequests:selfnodeclient`]: [
    `${CSR} certificatesigningrequests/selfnodeclient create`,
  ],
  [`system:${CSR}:kube-apiserver-client-approver`]: [`${CSR} signers approve kubernetes.io/kube-apiserver-client`],
  [`system:${CSR}:kube-apiserver-client-kubelet-approver`]: [
    `${CSR} signers approve kubernetes.io/kube-apiserver-client-kubelet`,
  ],
  [`system:${CSR}:kubelet-serving-approver`]: [`${CSR} signers approve kubernetes.io/kubelet-serving`],
  [`system:${CSR}:legacy-unknown-approver`]: [`${CSR} signers approve kubernetes.io/legacy-unknown`],
  'system:heapster': ['- events,namespaces,nodes,pods read', 'extensions deployments read'],
  'system:kube-aggregator': ['- endpoints,services read'],
  'system:kube-controller-manager': [
    EVENTS,
    'coordination.k8s.io leases create',
    'coordination.k8s.io leases get,update kube-controller-manager',
    '- secrets,serviceaccounts create',
    '- secrets delete',
    '- configmaps,namespaces,secrets,serviceaccounts get',
    '- secrets,serviceaccounts update',
    TOKEN_REVIEW,
    ACCESS_REVIEW,
    '* * list,watch',
    '- serviceaccounts/token create',
  ],
  'system:kube-dns': ['- endpoints,services list,watch'],
  'system:kube-scheduler': [
    EVENTS,
    'coordination.k8s.io leases create',
    'coordination.k8s.io leases get,list,update,watch kube-scheduler',
    'coordination.k8s.io leasecandidates create,delete,deletecollection,get,list,patch,update,watch',
    '- nodes read',
    '- pods delete,get,list,watch',
    '- bindings,pods/binding create',
    '- pods/status patch,update',
    '- replicationcontrollers,services read',
    'apps,extensions replicasets read',
    'apps statefulsets read',
    'policy poddisruptionbudgets read',
    '- persistentvolumeclaims,persistentvolumes read',
    'authentication.k8s.io tokenreviews create',
    'authorization.k8s.io subjectaccessreviews create',
    'storage.k8s.io csinodes read',
    'storage.k8s.io volumeattachments read',
    '- namespaces read',
    'storage.k8s.io csidrivers read',
    'storage.k8s.io csistoragecapacities read',
    'resource.k8s.io deviceclasses read',
    'resource.k8s.io resourceclaims get,list,patch,update,watch',
    'resource.k8s.io resourceclaims/status get,list,patch,update,watch',
    '- pods/finalizers update',
    'resource.k8s.io resourceslices read',
    'resource.k8s.io resourceclaims create,delete',
    'resource.k8s.io resourceclaims/binding patch,update',
  ],
  'system:kubelet-api-admin': [
    '- nodes read',
    '- nodes proxy',
    '- nodes/log,nodes/metrics,nodes/proxy,nodes/stats *',
    '- nodes/configz,nodes/healthz,nodes/pods *',
  ],
  'system:node': NODE_RULES,
  'system:node-bootstrapper': [`${CSR} certificatesigningrequests create,get,list,watch`],
  'system:node-problem-detector': ['- nodes get', '- nodes/status patch', EVENTS],
  'system:node-proxier': [
    '- endpoints,services list,watch',
    '- nodes read',
    EVENTS,
    'networking.k8s.io servicecidrs list,watch',
    'discovery.k8s.io endpointslices list,watch',
  ],
  'system:persistent-volume-provisioner': [
    '- persistentvolumes create,delete,get,list,watch',
    '- persistentvolumeclaims get,list,update,watch',
    'storage.k8s.io storageclasses read',
    '- events watch',
    EVENTS,
  ],
  'system:volume-scheduler': [
    '- persistentvolumes get,list,patch,update,watch',
    'storage.k8s.io storageclasses read',
    '- persistentvolumeclaims get,list,patch,update,watch',
  ],
};

const HEALTH = [
  '/flagz',
  '/healthz',
  '/healthz/*',
  '/livez',
  '/livez/*',
  '/metrics',
  '/metrics/slis',
  '/readyz',
  '/readyz/*',
  '/statusz',
];
const LOCKING = ['leases', 'leasecandidates'].map((each) => `coordination.k8s.io ${each} create,get,list,update,watch`);

export function componentRoles(): KubeObject[] {
  return [
    ...Object.entries(CLUSTER_ROLES).map(([name, rules]) => clusterRole(name, rules)),
    clusterRole('system:monitoring', [openRule(['get'], HEALTH), '- nodes/metrics get']),
    clusterBinding('system:kube-controller-manager', ['User system:kube-controller-manager']),
    clusterBinding('system:kube-dns', ['ServiceAccount kube-system/kube-dns']),
    clusterBinding('system:kube-scheduler', ['User system:kube-scheduler']),
    clusterBinding('system:monitoring', ['Group system:monitoring']),
    // Nodes get their rights from the node authoriser.
    clusterBinding('system:node', []),
    clusterBinding('system:node-proxier', ['User system:kube-proxy']),
    clusterBinding('system:volume-scheduler', ['User system:kube-scheduler']),
    role('kube-public', 'system:controller:bootstrap-signer', [
      '- configmaps read',
      '- configmaps update cluster-info',
      EVENTS,
    ]),
    role('kube-system', 'extension-apiserver-authentication-reader', [
      '- configmaps read extension-apiserver-authentication',
    ]),
    role('kube-system', 'system::leader-locking-kube-controller-manager', LOCKING),
    role('kube-system', 'system::leader-locking-kube-scheduler', LOCKING),
    role('kube-system', 'system:controller:bootstrap-signer', ['- secrets read']),
    role('kube-system', 'system:controller:cloud-provider', ['- configmaps create,get,list,watch']),
    role('kube-system', 'system:controller:token-cleaner', ['- secrets delete,get,list,watch', EVENTS]),
    binding('kube-public', 'system:controller:bootstrap-signer', ['ServiceAccount kube-system/bootstrap-signer']),
    binding(
      'kube-system',
      'system::extension-apiserver-authentication-reader',
      ['User system:kube-controller-manager', 'User system:kube-scheduler'],
      'extension-apiserver-authentication-reader',
    ),
    binding('kube-system', 'system::leader-locking-kube-controller-manager', [
      'User system:kube-controller-manager',
      'ServiceAccount kube-system/kube-controller-manager',
    ]),
    binding('kube-system', 'system::leader-locking-kube-scheduler', [
      'User system:kube-scheduler',
      'ServiceAccount kube-system/kube-scheduler',
    ]),
    binding('kube-system', 'system:controller:bootstrap-signer', ['ServiceAccount kube-system/bootstrap-signer']),
    binding('kube-system', 'system:controller:cloud-provider', ['ServiceAccount kube-system/cloud-provider']),
    binding('kube-system', 'system:controller:token-cleaner', ['ServiceAccount kube-system/token-cleaner']),
  ];
}
