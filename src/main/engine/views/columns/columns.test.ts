import { describe, expect, test } from 'vitest';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { projectRow, TextPool } from '../row.ts';
import { definitionOf } from './index.ts';
import { summarizePod } from './pods.ts';

const source = {
  target: { kind: 'cluster' as const, id: 'a' },
  prefix: 'cluster/a/',
  name: 'a',
  shared: new TextPool(),
};

function look(resource: string, group: string, object: Record<string, unknown>) {
  const definition = definitionOf({ group, resource });
  const row = projectRow(source, definition, {
    apiVersion: 'v1',
    kind: 'X',
    ...object,
    metadata: { name: 'x', ...(object.metadata as object) },
  });
  const cells = Object.fromEntries(definition.columns.map((column, index) => [column.id, row.cells[index]]));
  return { cells, level: row.level, row };
}

interface PodParts {
  metadata?: Record<string, unknown>;
  spec?: Record<string, unknown>;
  status?: Record<string, unknown>;
}
function pod(parts: PodParts): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', ...parts.metadata },
    spec: { containers: [{ name: 'c' }, { name: 'd' }], ...parts.spec },
    status: { phase: 'Running', ...parts.status },
  };
}
const running = (name: string, extra = {}) => ({
  name,
  ready: true,
  restartCount: 0,
  state: { running: {} },
  ...extra,
});
const waiting = (name: string, reason: string, extra = {}) => ({
  name,
  ready: false,
  restartCount: 0,
  state: { waiting: { reason } },
  ...extra,
});
const ended = (name: string, terminated: Record<string, unknown>, extra = {}) => ({
  name,
  ready: false,
  restartCount: 0,
  state: { terminated },
  ...extra,
});
const ready = { conditions: [{ type: 'Ready', status: 'True' }] };
const sidecar = { name: 's', restartPolicy: 'Always' };

describe('the status of a pod is the one kubectl shows', () => {
  test.each<[string, string, PodParts]>([
    ['Running', 'ok', { status: { containerStatuses: [running('c'), running('d')] } }],
    ['Running', 'warning', { status: { containerStatuses: [running('c'), { ...running('d'), ready: false }] } }],
    ['Pending', 'progressing', { status: { phase: 'Pending' } }],
    [
      'Pending',
      'warning',
      {
        status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }] },
      },
    ],
    [
      'SchedulingGated',
      'progressing',
      { status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', reason: 'SchedulingGated' }] } },
    ],
    [
      'ContainerCreating',
      'progressing',
      { status: { phase: 'Pending', containerStatuses: [waiting('c', 'ContainerCreating')] } },
    ],
    ['CrashLoopBackOff', 'error', { status: { containerStatuses: [waiting('c', 'CrashLoopBackOff'), running('d')] } }],
    [
      'ImagePullBackOff',
      'error',
      { status: { phase: 'Pending', containerStatuses: [waiting('c', 'ImagePullBackOff')] } },
    ],
    ['OOMKilled', 'error', { status: { containerStatuses: [ended('c', { reason: 'OOMKilled', exitCode: 137 })] } }],
    ['ExitCode:3', 'error', { status: { containerStatuses: [ended('c', { exitCode: 3 })] } }],
    ['Signal:9', 'error', { status: { containerStatuses: [ended('c', { exitCode: 137, signal: 9 })] } }],
    [
      'Completed',
      'none',
      { status: { phase: 'Succeeded', containerStatuses: [ended('c', { reason: 'Completed', exitCode: 0 })] } },
    ],
    [
      'Running',
      'warning',
      { status: { ...ready, containerStatuses: [ended('c', { reason: 'Completed', exitCode: 0 }), running('d')] } },
    ],
    [
      'NotReady',
      'warning',
      { status: { containerStatuses: [ended('c', { reason: 'Completed', exitCode: 0 }), running('d')] } },
    ],
    ['Evicted', 'error', { status: { phase: 'Failed', reason: 'Evicted' } }],
    ['Terminating', 'progressing', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }],
    [
      'Completed',
      'none',
      {
        metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' },
        status: { phase: 'Succeeded', containerStatuses: [ended('c', { reason: 'Completed', exitCode: 0 })] },
      },
    ],
    ['Unknown', 'error', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' }, status: { reason: 'NodeLost' } }],
    [
      'Init:0/2',
      'progressing',
      {
        spec: { initContainers: [{ name: 'i' }, { name: 'j' }] },
        status: { phase: 'Pending', initContainerStatuses: [{ name: 'i', restartCount: 0, state: { running: {} } }] },
      },
    ],
    [
      'Init:Error',
      'error',
      {
        spec: { initContainers: [{ name: 'i' }] },
        status: { phase: 'Pending', initContainerStatuses: [ended('i', { reason: 'Error', exitCode: 1 })] },
      },
    ],
    [
      'Init:CrashLoopBackOff',
      'error',
      {
        spec: { initContainers: [{ name: 'i' }] },
        status: { phase: 'Pending', initContainerStatuses: [waiting('i', 'CrashLoopBackOff')] },
      },
    ],
    [
      'PodInitializing',
      'progressing',
      {
        spec: { initContainers: [{ name: 'i' }] },
        status: {
          phase: 'Pending',
          initContainerStatuses: [ended('i', { reason: 'Completed', exitCode: 0 })],
          containerStatuses: [waiting('c', 'PodInitializing')],
        },
      },
    ],
    [
      'Running',
      'ok',
      {
        spec: { initContainers: [sidecar] },
        status: {
          initContainerStatuses: [running('s', { started: true })],
          containerStatuses: [running('c'), running('d')],
        },
      },
    ],
  ])('%s (%s)', (word, level, parts) => {
    const { cells, level: found } = look('pods', '', pod(parts) as unknown as Record<string, unknown>);
    expect([cells.status, found]).toEqual([word, level]);
  });

  test('ready and restarts count sidecars, and restarts of finished init containers do not', () => {
    const summary = summarizePod(
      pod({
        spec: { initContainers: [{ name: 'i' }, sidecar] },
        status: {
          initContainerStatuses: [
            ended('i', { reason: 'Completed', exitCode: 0 }, { restartCount: 4 }),
            running('s', { started: true, restartCount: 1 }),
          ],
          containerStatuses: [
            running('c', { restartCount: 2, lastState: { terminated: { finishedAt: '2026-01-02T00:00:00Z' } } }),
            running('d'),
          ],
        },
      }),
    );
    expect(summary).toEqual({
      status: 'Running',
      ready: 3,
      total: 3,
      restarts: 3,
      lastRestart: '2026-01-02T00:00:00Z',
    });
  });
});

describe('other kinds', () => {
  test('a deployment that rolls out, is done, is stuck', () => {
    const deployment = (status: object, spec = {}) =>
      look('deployments', 'apps', { metadata: { generation: 2 }, spec: { replicas: 3, ...spec }, status });
    const done = { observedGeneration: 2, replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 };
    expect(deployment(done)).toMatchObject({ level: 'ok', cells: { ready: '3/3', upToDate: 3, available: 3 } });
    expect(deployment({ ...done, updatedReplicas: 1 }).level).toBe('progressing');
    expect(deployment({ ...done, observedGeneration: 1 }).level).toBe('progressing');
    expect(
      deployment({
        ...done,
        availableReplicas: 1,
        conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }],
      }).level,
    ).toBe('error');
    expect(deployment({}).level).toBe('progressing');
    expect(deployment({ observedGeneration: 2 }, { replicas: 0 }).level).toBe('ok');
  });

  test('a node that is ready, cordoned, under pressure, gone', () => {
    const node = (ready: string, extra: object = {}, conditions: object[] = []) =>
      look('nodes', '', {
        metadata: { labels: { 'node-role.kubernetes.io/control-plane': '', 'node-role.kubernetes.io/worker': '' } },
        spec: extra,
        status: {
          conditions: [{ type: 'Ready', status: ready }, ...conditions],
          allocatable: { cpu: '4', memory: '8Gi' },
        },
      });
    expect(node('True')).toMatchObject({
      level: 'ok',
      cells: { status: 'Ready', roles: 'control-plane,worker', cpu: '4', memory: '8Gi' },
    });
    expect(node('True', { unschedulable: true })).toMatchObject({
      level: 'warning',
      cells: { status: 'Ready,SchedulingDisabled' },
    });
    expect(node('True', {}, [{ type: 'DiskPressure', status: 'True' }]).level).toBe('warning');
    expect(node('Unknown')).toMatchObject({ level: 'error', cells: { status: 'NotReady' } });
  });

  test('of a Secret neither values nor names of entries are kept', () => {
    const { cells, row } = look('secrets', '', { type: 'Opaque', data: { password: 'aHVudGVyMg==' } });
    expect(cells).toMatchObject({ type: 'Opaque', data: 1 });
    expect(JSON.stringify(row)).not.toMatch(/aHVudGVyMg|password/);
  });

  test('a service shows its ports and where it is reached', () => {
    const { cells } = look('services', '', {
      spec: { type: 'LoadBalancer', clusterIP: '10.0.0.1', ports: [{ port: 80, nodePort: 30080, protocol: 'TCP' }] },
      status: { loadBalancer: {} },
    });
    expect(cells).toMatchObject({ type: 'LoadBalancer', externalIp: '<pending>', ports: '80:30080/TCP' });
  });

  test('a resource binding shows its clusters with their replicas', () => {
    const binding = look('resourcebindings', 'work.karmada.io', {
      spec: {
        resource: { kind: 'Deployment', name: 'nginx' },
        clusters: [
          { name: 'member1', replicas: 1 },
          { name: 'member2', replicas: 2 },
        ],
      },
      status: {
        conditions: [
          { type: 'Scheduled', status: 'True' },
          { type: 'FullyApplied', status: 'True' },
        ],
      },
    });
    expect(binding).toMatchObject({
      level: 'ok',
      cells: { resource: 'Deployment/nginx', scheduled: 'True', fullyApplied: 'True', clusters: 'member1:1,member2:2' },
    });
  });

  test.each([
    [{ status: { phase: 'Running' } }, 'Running', 'ok'],
    [{ status: { conditions: [{ type: 'Ready', status: 'False', reason: 'Broken' }] } }, 'Broken', 'error'],
    [{ status: { conditions: [{ type: 'Ready', status: 'True' }] } }, 'Ready', 'ok'],
    [
      { status: { conditions: [{ type: 'Ready', status: 'False', reason: 'Progressing' }] } },
      'Progressing',
      'progressing',
    ],
    [{ metadata: { deletionTimestamp: 'x' } }, 'Terminating', 'progressing'],
    [{}, null, 'none'],
  ])('a kind nobody knows: %j', (object, status, level) => {
    const found = look('widgets', 'example.com', object);
    expect([found.cells.status, found.level]).toEqual([status, level]);
  });
});

test('no definition fails on objects of odd shape', () => {
  const odd: unknown[] = [undefined, null, 7, 'text', [], [null, 'x', 7], { a: null }];
  const resources: [string, string][] = [
    ['pods', ''],
    ['nodes', ''],
    ['services', ''],
    ['events', ''],
    ['secrets', ''],
    ['configmaps', ''],
    ['namespaces', ''],
    ['resourcequotas', ''],
    ['endpoints', ''],
    ['persistentvolumes', ''],
    ['persistentvolumeclaims', ''],
    ['deployments', 'apps'],
    ['statefulsets', 'apps'],
    ['daemonsets', 'apps'],
    ['replicasets', 'apps'],
    ['jobs', 'batch'],
    ['cronjobs', 'batch'],
    ['horizontalpodautoscalers', 'autoscaling'],
    ['ingresses', 'networking.k8s.io'],
    ['endpointslices', 'discovery.k8s.io'],
    ['works', 'work.karmada.io'],
    ['clusters', 'cluster.karmada.io'],
    ['propagationpolicies', 'policy.karmada.io'],
    ['anything', 'example.com'],
  ];
  for (const [resource, group] of resources)
    for (const spec of odd)
      for (const status of odd) {
        const { row } = look(resource, group, { spec, status, data: spec, involvedObject: status, subsets: spec });
        for (const cell of row.cells) expect(['string', 'number', 'object']).toContain(typeof cell);
        expect(row.name).toBe('x');
      }
});
