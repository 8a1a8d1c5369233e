/** Rights, credentials and exposure. */
import { expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { container, deployment, describeRules, findings, GOOD, object, withContainer } from '../../testing.ts';
import { SECURITY_RULES } from './index.ts';

const RBAC = 'rbac.authorization.k8s.io/v1';
const cluster = { metadata: { namespace: undefined } };
const role = (apiGroups: string[], resources: string[], verbs: string[], change: Json = {}): KubeObject =>
  object(`${RBAC}/ClusterRole`, 'power', { ...cluster, rules: [{ apiGroups, resources, verbs, ...change }] });
const binding = (roleName: string, subjects: Json[], name = 'b'): KubeObject =>
  object(`${RBAC}/ClusterRoleBinding`, name, {
    ...cluster,
    roleRef: { kind: 'ClusterRole', name: roleName },
    subjects,
  });
const account = { kind: 'ServiceAccount', namespace: 'shop', name: 'app' };
const alice = { kind: 'User', name: 'alice' };
const env = (name: string, value: string): KubeObject[] => [withContainer({ env: [{ name, value }] })];
const service = (spec: Json): KubeObject[] => [object('v1/Service', 'web', { spec })];
const ingress = (spec: Json, annotations: Json = {}): KubeObject[] => [
  object('networking.k8s.io/v1/Ingress', 'web', { metadata: { annotations }, spec }),
];
const bound = (one: KubeObject): KubeObject[] => [one, binding('power', [alice])];
const withAccount = (change: Json = {}): KubeObject => deployment({ serviceAccountName: 'app', ...change });
const policy = (podSelector: Json): KubeObject =>
  object('networking.k8s.io/v1/NetworkPolicy', 'p', { spec: { podSelector } });

const space = (labels: Json = {}, name = 'shop'): KubeObject =>
  object('v1/Namespace', name, { metadata: { namespace: undefined, labels } });
const component = (name: string, ...command: string[]): KubeObject =>
  object('v1/Pod', `${name}-cp`, {
    metadata: { namespace: 'kube-system', labels: { component: name } },
    spec: { containers: [{ name, command: [name, ...command] }] },
  });
const SAFE = [
  '--authorization-mode=Node,RBAC',
  '--audit-log-path=-',
  '--encryption-provider-config=e',
  '--profiling=false',
];

// The one that is not about objects has a test of its own below.
describeRules(
  SECURITY_RULES.filter(({ id }) => id !== 'CertificateChainBroken'),
  {
    PodSecurityNotEnforced: [
      ['no label', [space(), deployment({})], ['notice']],
      ['enforced', [space({ 'pod-security.kubernetes.io/enforce': 'baseline' }), deployment({})], []],
      ['no workloads', [space()], []],
    ],
    ControlPlaneArguments: [
      [
        'everything is allowed',
        [component('kube-apiserver', ...SAFE.slice(1), '--authorization-mode=AlwaysAllow')],
        ['danger kube-apiserver'],
      ],
      [
        'no audit log',
        [component('kube-apiserver', ...SAFE.filter((one) => !one.includes('audit')))],
        ['warning kube-apiserver'],
      ],
      ['an open etcd', [component('etcd', '--data-dir=/var/lib/etcd')], ['danger etcd']],
      ['safe', [component('kube-apiserver', ...SAFE), component('kube-scheduler', '--profiling=false')], []],
      [
        'arguments that cannot be seen',
        [{ ...component('kube-apiserver'), spec: { containers: [{ name: 'x' }] } }],
        [],
      ],
    ],
    RuntimeSocketMounted: [
      ['docker', [deployment({ volumes: [{ name: 's', hostPath: { path: '/var/run/docker.sock' } }] })], ['danger']],
      ['another file', [deployment({ volumes: [{ name: 's', hostPath: { path: '/var/run/app.sock' } }] })], []],
    ],
    ServiceAccountTokenMounted: [
      ['of an account with a role', [withAccount(), binding('view', [account])], ['warning']],
      ['of an administrator', [withAccount(), binding('cluster-admin', [account])], ['danger']],
      ['of an account without roles', [withAccount()], []],
      ['not mounted', [withAccount({ automountServiceAccountToken: false }), binding('view', [account])], []],
      [
        'not mounted by the account',
        [
          withAccount(),
          binding('view', [account]),
          object('v1/ServiceAccount', 'app', { automountServiceAccountToken: false }),
        ],
        [],
      ],
    ],
    CredentialInEnvironment: [
      ['a password', env('DB_PASSWORD', 'hunter2'), ['danger app']],
      ['a key by its looks', env('CONFIG', '-----BEGIN RSA PRIVATE KEY-----\nMII'), ['danger app']],
      ['where a password lies', env('DB_PASSWORD_FILE', 'somewhere'), []],
      ['a place', env('TOKEN', '/var/run/token'), []],
      ['a switch', env('USE_TOKEN', 'true'), []],
      ['another variable', env('DB_PASSWORD', '$(FROM_SECRET)'), []],
      ['nothing of the kind', env('LOG_LEVEL', 'debug'), []],
    ],
    DefaultNamespaceUsed: [
      ['default', [{ ...deployment({}), metadata: { name: 'web', namespace: 'default' } }], ['notice']],
      ['its own', [deployment({})], []],
    ],
    CanExecInPods: [
      ['exec', bound(role([''], ['pods/exec'], ['create'])), ['warning']],
      ['bound to nobody', [role([''], ['pods/exec'], ['create'])], ['notice']],
      ['pods alone', bound(role([''], ['pods'], ['get'])), []],
      ['by wildcard has its own rule', bound(role(['*'], ['*'], ['*'])), []],
    ],
    CanReadSecrets: [
      ['list', bound(role([''], ['secrets'], ['list'])), ['warning']],
      ['writing only', bound(role([''], ['secrets'], ['create'])), []],
    ],
    CanEscalateRights: [
      ['escalate', bound(role(['rbac.authorization.k8s.io'], ['clusterroles'], ['escalate'])), ['danger']],
      ['reading roles', bound(role(['rbac.authorization.k8s.io'], ['clusterroles'], ['get'])), []],
    ],
    CanProxyNodes: [
      ['the proxy', bound(role([''], ['nodes/proxy'], ['get'])), ['danger']],
      ['nodes', bound(role([''], ['nodes'], ['get'])), []],
    ],
    CanChangeAdmission: [
      [
        'webhooks',
        bound(role(['admissionregistration.k8s.io'], ['mutatingwebhookconfigurations'], ['patch'])),
        ['danger'],
      ],
      ['reading them', bound(role(['admissionregistration.k8s.io'], ['mutatingwebhookconfigurations'], ['get'])), []],
    ],
    WildcardRole: [
      ['everything, bound', bound(role(['*'], ['*'], ['*'])), ['danger']],
      ['everything, bound to nobody', [role(['*'], ['*'], ['*'])], ['warning']],
      ['everything of one group', bound(role(['apps'], ['*'], ['*'])), ['warning']],
      ['every verb on one resource', bound(role(['apps'], ['deployments'], ['*'])), []],
    ],
    AdminBound: [
      ['a user', [binding('cluster-admin', [alice])], ['warning']],
      ['another role', [binding('view', [alice])], []],
      ['what kubeadm made', [binding('cluster-admin', [alice], 'kubeadm:cluster-admins')], []],
    ],
    BoundToEveryone: [
      ['without a login', [binding('view', [{ kind: 'User', name: 'system:anonymous' }])], ['danger']],
      ['with any login', [binding('view', [{ kind: 'Group', name: 'system:authenticated' }])], ['danger']],
      ['a group', [binding('view', [{ kind: 'Group', name: 'team' }])], []],
      [
        'what Kubernetes made',
        [binding('x', [{ kind: 'Group', name: 'system:authenticated' }], 'system:basic-user')],
        [],
      ],
    ],
    NoNetworkPolicy: [
      ['none', [deployment({})], ['warning']],
      ['one that selects others', [deployment({}), policy({ matchLabels: { app: 'other' } })], ['warning']],
      ['one for all', [deployment({}), policy({})], []],
      [
        'one by expression',
        [deployment({}), policy({ matchExpressions: [{ key: 'app', operator: 'In', values: ['web'] }] })],
        [],
      ],
      ['pods on the network of the host', [deployment({ hostNetwork: true })], []],
    ],
    IngressWithoutTls: [
      ['none', ingress({ rules: [{ host: 'a.example' }] }), ['warning']],
      ['for another host', ingress({ rules: [{ host: 'a.example' }], tls: [{ hosts: ['b.example'] }] }), ['warning']],
      ['for a star', ingress({ rules: [{ host: 'a.x.example' }], tls: [{ hosts: ['*.x.example'] }] }), []],
      ['for all', ingress({ rules: [{ host: 'a.example' }], tls: [{ secretName: 's' }] }), []],
    ],
    IngressSnippet: [
      ['a snippet', ingress({}, { 'nginx.ingress.kubernetes.io/configuration-snippet': 'x' }), ['danger']],
      ['another annotation', ingress({}, { 'nginx.ingress.kubernetes.io/rewrite-target': '/' }), []],
    ],
    ServiceExternalIPs: [
      ['some', service({ externalIPs: ['1.2.3.4'] }), ['warning']],
      ['none', service({ externalIPs: [] }), []],
    ],
    ServiceNodePort: [
      ['of that type', service({ type: 'NodePort', ports: [{ nodePort: 30080 }] }), ['notice']],
      ['of another', service({ type: 'ClusterIP' }), []],
    ],
  },
);

test('the evidence of a credential names the variable and never its value', () => {
  const [found] = findings(env('DB_PASSWORD', 'hunter2'), { rule: 'CredentialInEnvironment' });
  expect(found?.evidence).toBe('DB_PASSWORD');
  expect(JSON.stringify(found)).not.toContain('hunter2');
});

const hardened = {
  securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  containers: [container({ securityContext: { ...GOOD.securityContext, capabilities: { drop: ['ALL'] } } })],
};
test.each([
  ['restricted', deployment(hardened)],
  ['baseline', deployment({})],
  ['privileged', deployment({ hostPID: true })],
])('the strictest level that a namespace passes is %s', (level, workload) => {
  const [found] = findings([space(), workload], { rule: 'PodSecurityNotEnforced' });
  expect(found?.evidence).toBe(`its workloads pass ${level}`);
});

test.each([
  ['otherKey', 'trusts an authority of that name with another key'],
  ['notSent', 'is sent without its issuer'],
  ['unknown', 'neither sent nor trusted'],
] as const)('a chain that is broken (%s) says where', (what, text) => {
  const rule = { rule: 'CertificateChainBroken' };
  expect(findings([], rule)).toEqual([]);
  const found = findings([], { ...rule, chain: { what, subject: 'CN=api', issuer: 'CN=ca' } });
  expect(found).toMatchObject([{ severity: 'warning', kind: 'Cluster', evidence: expect.stringContaining(text) }]);
});
