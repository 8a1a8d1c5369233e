/** Rules about roles, nodes, events and certificates. */
import { describe, expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { ago, findings, NOW, says } from '../../testing.ts';

function role(rules: Json[], change: Partial<KubeObject['metadata']> = {}): KubeObject {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'editor', ...change },
    rules,
  };
}
const rule = (apiGroups: string[], resources: string[], verbs: string[]): Json => ({ apiGroups, resources, verbs });
const evidence = (id: string, objects: KubeObject[]) => findings(objects, { rule: id }).map((one) => one.evidence);

describe('CanImpersonateUser', () => {
  test.each([
    ['users', role([rule([''], ['users'], ['impersonate'])]), ['warning']],
    ['extras in their group', role([rule(['authentication.k8s.io'], ['userextras'], ['impersonate'])]), ['warning']],
    ['everything', role([rule(['*'], ['*'], ['*'])]), ['warning']],
    [
      'resource and verb in different rules',
      role([rule([''], ['users'], ['get']), rule([''], ['pods'], ['impersonate'])]),
      [],
    ],
    ['users of another group', role([rule(['example.com'], ['users'], ['impersonate'])]), []],
    ['a preset role', role([rule(['*'], ['*'], ['*'])], { name: 'system:masters-like' }), []],
    [
      'a bootstrapped role',
      role([rule(['*'], ['*'], ['*'])], { labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' } }),
      [],
    ],
  ])('%s', (_, object, expected) => {
    expect(says('CanImpersonateUser', [object])).toEqual(expected);
  });
});

describe('CanDeleteResources', () => {
  test('tells deleting from writing, with what grants it', () => {
    const object = role([
      rule([''], ['secrets', 'pods'], ['delete', 'get']),
      rule(['networking.k8s.io'], ['ingresses'], ['patch']),
    ]);
    expect(evidence('CanDeleteResources', [object])).toEqual([
      'delete: delete on secrets',
      'write: patch on ingresses',
    ]);
  });
  test.each([
    ['reading', role([rule([''], ['secrets'], ['get', 'list', 'watch'])])],
    ['another group', role([rule(['example.com'], ['secrets'], ['delete'])])],
    ['everything of a group without any of them', role([rule(['apps'], ['*'], ['*'])])],
  ])('%s is left alone', (_, object) => {
    expect(says('CanDeleteResources', [object])).toEqual([]);
  });
  test('named objects are said', () => {
    const named = { ...rule([''], ['configmaps'], ['update']), resourceNames: ['settings'] };
    expect(evidence('CanDeleteResources', [role([named])])).toEqual([
      'write: update on configmaps (resourceNames settings)',
    ]);
  });
});

describe('CanModifyWorkloads', () => {
  const editor = role([rule(['apps'], ['deployments'], ['create'])]);
  const binding = (kind: string, subjects: Json[]): KubeObject => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind,
    metadata: { name: 'b', ...(kind === 'RoleBinding' ? { namespace: 'shop' } : {}) },
    roleRef: { kind: 'ClusterRole', name: 'editor' },
    subjects,
  });
  test('a role that nobody is bound to is a notice', () => {
    expect(says('CanModifyWorkloads', [editor])).toEqual(['notice']);
  });
  test('a bound one is a warning that names who holds it', () => {
    const objects = [
      editor,
      binding('RoleBinding', [{ kind: 'ServiceAccount', namespace: 'shop', name: 'deployer' }]),
      binding('ClusterRoleBinding', [{ kind: 'User', name: 'alice' }]),
    ];
    expect(says('CanModifyWorkloads', objects)).toEqual(['warning']);
    expect(evidence('CanModifyWorkloads', objects)[0]).toContain('bound to ServiceAccount shop/deployer, User alice');
  });
  test('reading workloads is left alone', () => {
    expect(says('CanModifyWorkloads', [role([rule(['apps'], ['deployments'], ['get'])])])).toEqual([]);
  });
});

describe('CertificateExpiredPeriod', () => {
  const certificate = (days: number) => ({
    of: 'API server certificate',
    subject: 'CN=kube-apiserver',
    issuer: 'CN=kubernetes',
    notAfter: NOW + days * 86_400_000,
    names: ['10.96.0.1'],
  });
  const found = (days: number) =>
    findings([], { rule: 'CertificateExpiredPeriod', certificates: [certificate(days)] }).map((one) => one.evidence);
  test('30 days are enough, less is a danger', () => {
    expect(found(30)).toEqual([]);
    expect(found(29.9)).toEqual([expect.stringContaining('in 29 days; for 10.96.0.1')]);
  });
  test('an expired one says so', () => {
    expect(found(-1)[0]).toContain('expired 2026-05-31');
  });
});

describe('EventAudit', () => {
  const event = (change: Json): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `e-${Math.random()}`, namespace: 'shop' },
    type: 'Warning',
    reason: 'BackOff',
    message: 'Back-off restarting failed container',
    involvedObject: { kind: 'Pod', namespace: 'shop', name: 'web-1' },
    count: 3,
    lastTimestamp: ago(60),
    ...change,
  });
  test('is about the object, once for each reason, with the sum and the newest text', () => {
    const events = [
      event({}),
      event({ count: 2, message: 'newer', lastTimestamp: ago(30) }),
      event({ reason: 'Unhealthy', count: undefined }),
    ];
    expect(findings(events, { rule: 'EventAudit' })).toMatchObject([
      {
        kind: 'Pod',
        namespace: 'shop',
        name: 'web-1',
        severity: 'warning',
        evidence: expect.stringContaining('(5 times'),
      },
      { evidence: expect.stringContaining('Unhealthy (1 times') },
    ]);
    expect(evidence('EventAudit', events)[0]).toContain(': newer');
  });
  test('normal and old ones are left out', () => {
    expect(says('EventAudit', [event({ type: 'Normal' }), event({ lastTimestamp: ago(90_000) })])).toEqual([]);
  });
  test('events.k8s.io has other names for the same', () => {
    const modern = event({
      involvedObject: undefined,
      regarding: { kind: 'Node', name: 'n1' },
      message: undefined,
      note: 'text',
    });
    expect(findings([modern], { rule: 'EventAudit' })).toMatchObject([{ kind: 'Node', name: 'n1', namespace: '' }]);
  });
});

describe('nodes', () => {
  const node = (conditions: Json[], change: Json = {}): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n1' },
    status: {
      conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: ago(30) }, ...conditions],
      nodeInfo: { kubeletVersion: 'v1.33.1', containerRuntimeVersion: 'containerd://2.0' },
      ...change.status,
    },
    ...(change.spec === undefined ? {} : { spec: change.spec }),
  });
  const ready = (status: string, more: Json = {}): KubeObject => {
    const object = node([]);
    object.status.conditions = [{ type: 'Ready', status, ...more }];
    return object;
  };
  const lease = (seconds: number): KubeObject => ({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'n1', namespace: 'kube-node-lease' },
    spec: { renewTime: ago(seconds) },
  });

  test.each([
    ['a healthy node', [node([{ type: 'MemoryPressure', status: 'False' }])], []],
    ['pressure', [node([{ type: 'DiskPressure', status: 'True' }])], ['warning']],
    ['a condition nobody knows', [node([{ type: 'KernelDeadlock', status: 'True' }])], ['warning']],
    ['not ready', [ready('False')], ['danger']],
    ['unknown', [ready('Unknown')], ['danger']],
    ['never reported', [{ ...node([]), status: {} }], ['danger']],
    ['cordoned', [node([], { spec: { unschedulable: true } })], ['notice']],
    ['silent for more than five minutes', [ready('True', { lastHeartbeatTime: ago(400) })], ['danger']],
    ['a fresh lease is a heartbeat', [ready('True', { lastHeartbeatTime: ago(400) }), lease(10)], []],
    ['what the runtime rule tells', [node([{ type: 'DockerHung', status: 'True' }])], []],
  ])('NodeStatus: %s', (_, objects, expected) => {
    expect(says('NodeStatus', objects)).toEqual(expected);
  });
  test('NodeStatus: without the leases an old heartbeat tells nothing, but not ready does', () => {
    const lacking = new Set(['leases.coordination.k8s.io']);
    const old = ready('True', { lastHeartbeatTime: ago(400) });
    expect(findings([old], { rule: 'NodeStatus', lacking })).toEqual([]);
    expect(findings([ready('Unknown')], { rule: 'NodeStatus', lacking })).toMatchObject([{ severity: 'danger' }]);
  });

  const dockerInfo = { status: { nodeInfo: { kubeletVersion: 'v1.33.1', containerRuntimeVersion: 'docker://24.0' } } };
  test.each([
    ['a healthy runtime', [node([])], 'v1.33.0', []],
    ['the runtime is down', [ready('False', { message: 'container runtime is down' })], 'v1.33.0', ['warning']],
    [
      'the node problem detector complains',
      [node([{ type: 'FrequentContainerdRestart', status: 'True' }])],
      'v1.33.0',
      ['warning'],
    ],
    ['Docker where it is not served any more', [node([], dockerInfo)], 'v1.33.0', ['warning']],
    ['Docker where it still is', [node([], dockerInfo)], 'v1.23.5', []],
  ])('DockerStatus: %s', (_, objects, version, expected) => {
    expect(says('DockerStatus', objects, { version })).toEqual(expected);
  });

  test.each([
    ['a healthy kubelet', [node([]), lease(5)], 'v1.33.0', []],
    ['it stopped posting', [ready('Unknown', { reason: 'NodeStatusUnknown' })], 'v1.33.0', ['warning']],
    ['its lease is late', [node([]), lease(60)], 'v1.33.0', ['warning']],
    ['its lease is long over', [node([]), lease(301)], 'v1.33.0', ['danger']],
    ['three versions behind are allowed', [node([])], 'v1.36.0', []],
    ['four are not', [node([])], 'v1.37.0', ['warning']],
    ['newer than its API server', [node([])], 'v1.32.0', ['warning']],
  ])('KubeletStatus: %s', (_, objects, version, expected) => {
    expect(says('KubeletStatus', objects, { version })).toEqual(expected);
  });
});
