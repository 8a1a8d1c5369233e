/** Each rule about workloads: what it finds, how bad it is, and what it leaves alone. */
import { describe, expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { container, deployment, findings, GOOD, says, withContainer, withContext } from '../../testing.ts';
import { MANUAL_RULES } from './index.ts';

test('a workload that does everything right has no findings', () => {
  const manual = new Set(MANUAL_RULES.map(({ id }) => id));
  expect(findings([deployment({})]).filter(({ rule }) => manual.has(rule))).toEqual([]);
});

type Row = [string, KubeObject, string[]];
const job = (change: Json): KubeObject => ({ ...withContainer(change), apiVersion: 'batch/v1', kind: 'Job' });
const capabilities = (...add: string[]): KubeObject => withContext({ capabilities: { add } });
const image = (reference: string, change: Json = {}): KubeObject => withContainer({ image: reference, ...change });
const without = (field: string): KubeObject => withContainer({ [field]: undefined });
const resources = (value: Json): KubeObject => withContainer({ resources: value });

const CASES: Record<string, Row[]> = {
  PrivilegeEscalationAllowed: [
    ['said', withContext({ allowPrivilegeEscalation: true }), ['danger app']],
    ['left to the default', withContext({ allowPrivilegeEscalation: undefined }), ['warning app']],
    ['implied by privileged', withContext({ allowPrivilegeEscalation: undefined, privileged: true }), ['danger app']],
    [
      'implied by CAP_SYS_ADMIN',
      withContext({ allowPrivilegeEscalation: undefined, capabilities: { add: ['CAP_SYS_ADMIN'] } }),
      ['danger app'],
    ],
    ['denied', withContext({ allowPrivilegeEscalation: false }), []],
    [
      'in an init container',
      deployment({
        initContainers: [container({ name: 'init', securityContext: { allowPrivilegeEscalation: true } })],
      }),
      ['danger init'],
    ],
  ],
  HighRiskCapabilities: [
    ['NET_ADMIN', capabilities('NET_ADMIN'), ['danger app']],
    ['written small and with CAP_', capabilities('cap_sys_ptrace'), ['danger app']],
    ['everything', capabilities('ALL'), ['danger app']],
    ['harmless ones', capabilities('CHOWN'), []],
  ],
  InsecureCapabilities: [
    ['NET_RAW', capabilities('NET_RAW'), ['warning app']],
    ['SETPCAP', capabilities('SETPCAP'), ['warning app']],
    ['NET_BIND_SERVICE alone', capabilities('NET_BIND_SERVICE'), ['notice app']],
    ['NET_BIND_SERVICE with others', capabilities('NET_BIND_SERVICE', 'KILL'), ['warning app']],
    ['none added', withContext({ capabilities: { drop: ['ALL'] } }), []],
  ],
  HostIPCAllowed: [
    ['shared', deployment({ hostIPC: true }), ['danger']],
    ['not shared', deployment({ hostIPC: false }), []],
  ],
  HostNetworkAllowed: [
    ['shared', deployment({ hostNetwork: true }), ['danger']],
    ['not shared', deployment({}), []],
  ],
  HostPIDAllowed: [
    ['shared', deployment({ hostPID: true }), ['danger']],
    ['not shared', deployment({}), []],
  ],
  HostPortAllowed: [
    ['used', withContainer({ ports: [{ containerPort: 80, hostPort: 8080 }, { containerPort: 81 }] }), ['danger app']],
    ['zero is none', withContainer({ ports: [{ containerPort: 80, hostPort: 0 }] }), []],
    [
      "on the host's network it is told there",
      deployment({ hostNetwork: true, containers: [container({ ports: [{ containerPort: 80, hostPort: 80 }] })] }),
      [],
    ],
  ],
  ImagePullPolicyNotAlways: [
    ['IfNotPresent', image('app:1', { imagePullPolicy: 'IfNotPresent' }), ['warning app']],
    ['by default with a tag', image('app:1'), ['warning app']],
    ['by default without a tag', image('app'), []],
    ['by default with latest', image('app:latest'), []],
    ['Always', image('app:1', { imagePullPolicy: 'Always' }), []],
    ['pinned by digest', image('app@sha256:00', { imagePullPolicy: 'IfNotPresent' }), []],
  ],
  ImageTagIsLatest: [
    ['latest', image('registry/app:latest'), ['warning app']],
    ['latest with a digest', image('app:latest@sha256:00'), []],
    ['a name that ends so', image('app:not-latest'), []],
    ['no tag', image('app'), []],
  ],
  ImageTagMiss: [
    ['no tag', image('registry/app'), ['danger app']],
    ['a port of the registry is no tag', image('registry:5000/app'), ['danger app']],
    ['a digest is enough', image('registry:5000/app@sha256:00'), []],
    ['a tag behind a port', image('registry:5000/app:1'), []],
    [
      'one of two containers',
      deployment({ containers: [container(), container({ name: 'side', image: 'side' })] }),
      ['danger side'],
    ],
  ],
  NoLivenessProbe: [
    ['missing', without('livenessProbe'), ['warning app']],
    ['what ends by itself needs none', job({ livenessProbe: undefined }), []],
    [
      'init containers need none',
      deployment({ initContainers: [container({ name: 'init', livenessProbe: undefined })] }),
      [],
    ],
    [
      'a sidecar does',
      deployment({ initContainers: [container({ name: 'side', restartPolicy: 'Always', livenessProbe: undefined })] }),
      ['warning side'],
    ],
  ],
  NoCPULimits: [
    ['missing', resources({ limits: { memory: '1Gi' } }), ['danger app']],
    ['no resources at all', without('resources'), ['danger app']],
    ['given', resources({ limits: { cpu: '1' } }), []],
    [
      'init containers are left alone',
      deployment({ initContainers: [container({ name: 'init', resources: {} })] }),
      [],
    ],
  ],
  NoCPURequests: [
    ['missing', resources({ requests: { memory: '1Gi' } }), ['danger app']],
    ['a limit is a request', resources({ limits: { cpu: '1' } }), []],
    ['given', resources({ requests: { cpu: '1' } }), []],
  ],
  NoMemoryLimits: [
    ['missing', resources({ limits: { cpu: '1' } }), ['danger app']],
    ['given', resources({ limits: { memory: '1Gi' } }), []],
  ],
  NoMemoryRequests: [
    ['missing', resources({ requests: { cpu: '1' } }), ['danger app']],
    ['a limit is a request', resources({ limits: { memory: '1Gi' } }), []],
  ],
  NoPriorityClassName: [
    ['missing', deployment({ priorityClassName: undefined }), ['notice']],
    ['given', deployment({ priorityClassName: 'high' }), []],
  ],
  PrivilegedAllowed: [
    ['privileged', withContext({ privileged: true }), ['danger app']],
    ['not', withContext({ privileged: false }), []],
  ],
  NotReadOnlyRootFilesystem: [
    ['writable', withContext({ readOnlyRootFilesystem: false }), ['warning app']],
    ['left to the default', withContext({ readOnlyRootFilesystem: undefined }), ['warning app']],
    ['read-only', withContext({ readOnlyRootFilesystem: true }), []],
  ],
  NotRunAsNonRoot: [
    ['not said', withContext({ runAsNonRoot: undefined }), ['warning app']],
    ['root', withContext({ runAsNonRoot: undefined, runAsUser: 0 }), ['danger app']],
    ['another user', withContext({ runAsNonRoot: undefined, runAsUser: 1000 }), []],
    [
      'said for the pod',
      deployment({ securityContext: { runAsNonRoot: true }, containers: [container({ securityContext: {} })] }),
      [],
    ],
    [
      'the container goes before the pod',
      deployment({
        securityContext: { runAsUser: 1000 },
        containers: [container({ securityContext: { runAsUser: 0 } })],
      }),
      ['danger app'],
    ],
    [
      'users of its own',
      deployment({ hostUsers: false, containers: [container({ securityContext: { runAsUser: 0 } })] }),
      [],
    ],
  ],
};

describe.each(Object.entries(CASES))('%s', (rule, rows) => {
  test.each(rows)('%s', (_, object, expected) => {
    expect(says(rule, [object])).toEqual(expected);
  });
});

describe('NoReadinessProbe', () => {
  const service = (selector: Json): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { selector },
  });
  test('matters where a Service sends traffic', () => {
    const bare = without('readinessProbe');
    expect(says('NoReadinessProbe', [bare, service({ app: 'web' })])).toEqual(['warning app']);
    expect(says('NoReadinessProbe', [bare, service({ app: 'other' })])).toEqual(['notice app']);
    expect(says('NoReadinessProbe', [bare, service({})])).toEqual(['notice app']);
  });
});

test('a LimitRange of the namespace counts as given', () => {
  const limitRange = (namespace: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: 'defaults', namespace },
    spec: { limits: [{ type: 'Container', default: { cpu: '1' }, defaultRequest: { memory: '1Gi' } }] },
  });
  const bare = without('resources');
  const rules = ['NoCPULimits', 'NoCPURequests', 'NoMemoryLimits', 'NoMemoryRequests'];
  const said = (namespace: string) => rules.filter((rule) => says(rule, [bare, limitRange(namespace)]).length > 0);
  expect(said('shop')).toEqual(['NoMemoryLimits']);
  expect(said('other')).toEqual(rules);
});

test('with a global default nobody needs a priority class of its own', () => {
  const priority = {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name: 'all' },
    globalDefault: true,
  };
  expect(says('NoPriorityClassName', [deployment({ priorityClassName: undefined }), priority])).toEqual([]);
});

describe('who is told', () => {
  const owned = (kind: string, ownerKind: string, name: string): KubeObject => ({
    apiVersion: kind === 'Pod' ? 'v1' : 'apps/v1',
    kind,
    metadata: {
      name,
      namespace: 'shop',
      uid: `uid-${name}`,
      ownerReferences: [{ apiVersion: 'apps/v1', kind: ownerKind, name: 'web', uid: 'uid-web', controller: true }],
    },
    spec: kind === 'Pod' ? { containers: [{ ...GOOD, image: 'app' }] } : deployment({}).spec,
  });
  const names = (objects: KubeObject[]) =>
    findings(objects, { rule: 'ImageTagMiss' }).map(({ kind, name, field }) => `${kind}/${name} ${field}`);

  test('the object that a person edits, once', () => {
    const all = [image('app'), owned('ReplicaSet', 'Deployment', 'web-1'), owned('Pod', 'Deployment', 'web-1-a')];
    expect(names(all)).toEqual(['Deployment/web spec.template.spec.containers[0].image']);
  });
  test('a bare pod, and a static one', () => {
    expect(names([owned('Pod', 'Node', 'proxy')])).toEqual(['Pod/proxy spec.containers[0].image']);
  });
  test('one of several whose owner is of an unknown kind', () => {
    expect(names([owned('Pod', 'Rollout', 'a'), owned('Pod', 'Rollout', 'b')])).toHaveLength(1);
  });
  test('nobody who asked to be left alone', () => {
    const annotated = image('app');
    annotated.metadata.annotations = { 'polaris.fairwinds.com/ImageTagMiss-exempt': 'true' };
    expect(names([annotated])).toEqual([]);
    annotated.metadata.annotations = { 'polaris.fairwinds.com/exempt': 'true' };
    expect(names([annotated])).toEqual([]);
  });
});

test('a CronJob is looked at in its job template', () => {
  const cron = {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'nightly', namespace: 'shop' },
    spec: { jobTemplate: { spec: { template: { spec: { containers: [{ name: 'run', image: 'run' }] } } } } },
  };
  expect(findings([cron], { rule: 'ImageTagMiss' })).toMatchObject([
    { kind: 'CronJob', field: 'spec.jobTemplate.spec.template.spec.containers[0].image', evidence: 'run' },
  ]);
});

test.each([
  ['no spec', {}],
  ['null containers', { spec: { template: { spec: { containers: null } } } }],
  ['a null container', { spec: { template: { spec: { containers: [null] } } } }],
  [
    'strange types',
    { spec: { template: { spec: { containers: [{ name: 5, image: 7, ports: null, resources: null }] } } } },
  ],
])('an object with %s breaks nothing', (_, change) => {
  expect(() => findings([deployment({}, change as Partial<KubeObject>)])).not.toThrow();
});
