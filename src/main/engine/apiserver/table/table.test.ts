import { describe, expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { createKindRegistry } from '../kinds/index.ts';
import { selectorText } from './cells.ts';
import {
  humanDuration,
  parseIncludeObject,
  parsePartialMetadataAccept,
  parseTableAccept,
  scaleColumns,
  toTable,
} from './index.ts';

const registry = createKindRegistry();
const NOW = Date.parse('2024-01-01T12:00:00Z');

function row(apiVersion: string, kind: string, rest: Json): Record<string, unknown> {
  const definition = registry.findKind(apiVersion, kind);
  if (definition === undefined) throw new Error(`no kind ${kind}`);
  const object = { apiVersion, kind, ...rest, metadata: { name: 'x', ...rest.metadata } } as KubeObject;
  const table = toTable(definition, [object], {}, { includeObject: 'None', now: NOW });
  const names = table.columnDefinitions?.map((column) => column.name) ?? [];
  return Object.fromEntries(names.map((name, index) => [name, table.rows?.[0]?.cells[index]]));
}

describe('what is asked for', () => {
  const TABLE =
    'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json';
  test('the first form that can be given wins', () => {
    expect(parseTableAccept(TABLE)).toEqual({ version: 'v1' });
    expect(parseTableAccept('application/json;as=Table;v=v1beta1;g=meta.k8s.io')).toEqual({ version: 'v1beta1' });
    expect(parseTableAccept('application/json, application/json;as=Table;v=v1;g=meta.k8s.io')).toBeNull();
    expect(parseTableAccept('application/vnd.kubernetes.protobuf,application/json')).toBeNull();
    expect(parsePartialMetadataAccept('application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io')).toEqual({
      version: 'v1',
      list: true,
    });
  });

  test('an unknown includeObject is a bad request', () => {
    expect(parseIncludeObject('')).toBe('Metadata');
    expect(() => parseIncludeObject('Some')).toThrow(
      `includeObject: Invalid value: "Some": must be 'Metadata', 'Object', 'None', or empty`,
    );
  });
});

test.each([
  [0, '0s'],
  [119_000, '119s'],
  [125_000, '2m5s'],
  [11 * 60_000, '11m'],
  [181 * 60_000, '3h1m'],
  [26 * 3_600_000, '26h'],
  [50 * 3_600_000, '2d2h'],
  [9 * 86_400_000, '9d'],
  [800 * 86_400_000, '2y70d'],
  [-500, '0s'],
  [-5000, '<invalid>'],
])('%d ms is %s', (milliseconds, text) => {
  expect(humanDuration(milliseconds)).toBe(text);
});

test('selectors are written in selector syntax', () => {
  const matchExpressions = [
    { key: 'tier', operator: 'In', values: ['b', 'a'] },
    { key: 'old', operator: 'DoesNotExist' },
  ];
  expect(selectorText({ matchLabels: { app: 'web' }, matchExpressions })).toBe('app=web,!old,tier in (a,b)');
  expect(selectorText({})).toBe('<none>');
});

test('nodes show their kernel with the architecture, templates no age, exempt levels no shares', () => {
  const nodeInfo = { kernelVersion: '6.1', architecture: 'arm64' };
  expect(row('v1', 'Node', { metadata: { name: 'n' }, status: { nodeInfo } })['Kernel-Version']).toBe('6.1 (arm64)');
  expect(row('v1', 'PodTemplate', { metadata: { name: 't' }, template: {} })).not.toHaveProperty('Age');
  const exempt = { metadata: { name: 'l' }, spec: { type: 'Exempt', exempt: { nominalConcurrencyShares: 0 } } };
  expect(row('flowcontrol.apiserver.k8s.io/v1', 'PriorityLevelConfiguration', exempt)).toMatchObject({
    NominalConcurrencyShares: '<none>',
  });
});

describe('pods', () => {
  const pod = (status: Json, metadata: Json = {}, spec: Json = {}): Record<string, unknown> =>
    row('v1', 'Pod', { metadata, spec: { containers: [{ name: 'a' }, { name: 'b' }], ...spec }, status });
  const running = { ready: true, state: { running: {} }, restartCount: 0 };

  test('running with one container not ready', () => {
    expect(pod({ phase: 'Running', containerStatuses: [running, { ...running, ready: false }] })).toMatchObject({
      Ready: '1/2',
      Status: 'Running',
      Restarts: '0',
    });
  });

  test('a crash loop shows its reason and when it last restarted', () => {
    const crashed = {
      ready: false,
      restartCount: 3,
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { finishedAt: '2024-01-01T11:58:00Z' } },
    };
    expect(pod({ phase: 'Running', containerStatuses: [running, crashed] })).toMatchObject({
      Status: 'CrashLoopBackOff',
      Restarts: '3 (2m ago)',
    });
  });

  test('init containers count up', () => {
    const spec = { initContainers: [{ name: 'i' }, { name: 'j' }] };
    const done = { name: 'i', state: { terminated: { exitCode: 0 } } };
    const waiting = { name: 'j', state: { waiting: { reason: 'PodInitializing' } } };
    expect(pod({ phase: 'Pending', initContainerStatuses: [done, waiting] }, {}, spec).Status).toBe('Init:1/2');
    const failed = { name: 'j', state: { terminated: { exitCode: 2 } } };
    expect(pod({ phase: 'Pending', initContainerStatuses: [done, failed] }, {}, spec).Status).toBe('Init:ExitCode:2');
  });

  test('deletion and loss of the node come before everything', () => {
    const metadata = { deletionTimestamp: '2024-01-01T12:00:00Z' };
    expect(pod({ phase: 'Running' }, metadata).Status).toBe('Terminating');
    expect(pod({ phase: 'Running', reason: 'NodeLost' }, metadata).Status).toBe('Unknown');
  });

  test('a status of the wrong shape does not take the table with it', () => {
    expect(pod({ phase: 'Running', containerStatuses: 'hostile' }).Name).toBe('x');
  });
});

describe('other kinds', () => {
  test('nodes', () => {
    const node = {
      metadata: { labels: { 'node-role.kubernetes.io/control-plane': '', 'node-role.kubernetes.io/a': '' } },
      spec: { unschedulable: true },
      status: { conditions: [{ type: 'Ready', status: 'False' }], nodeInfo: { kubeletVersion: 'v1.30.0' } },
    };
    expect(row('v1', 'Node', node)).toMatchObject({
      Status: 'NotReady,SchedulingDisabled',
      Roles: 'a,control-plane',
      Version: 'v1.30.0',
    });
  });

  test('services', () => {
    const spec = {
      type: 'LoadBalancer',
      clusterIP: '10.0.0.1',
      ports: [{ port: 80, nodePort: 30080, protocol: 'TCP' }],
    };
    expect(row('v1', 'Service', { spec })).toMatchObject({ 'External-IP': '<pending>', 'Port(s)': '80:30080/TCP' });
  });

  test('jobs', () => {
    const status = {
      succeeded: 3,
      startTime: '2024-01-01T11:00:00Z',
      completionTime: '2024-01-01T11:01:30Z',
      conditions: [{ type: 'Complete', status: 'True' }],
    };
    expect(row('batch/v1', 'Job', { spec: { completions: 3 }, status })).toMatchObject({
      Status: 'Complete',
      Completions: '3/3',
      Duration: '90s',
    });
  });

  test('autoscalers', () => {
    const resource = { name: 'cpu', target: { averageUtilization: 80 } };
    const spec = {
      scaleTargetRef: { kind: 'Deployment', name: 'd' },
      maxReplicas: 5,
      metrics: [{ type: 'Resource', resource }],
    };
    expect(row('autoscaling/v2', 'HorizontalPodAutoscaler', { spec })).toMatchObject({
      Reference: 'Deployment/d',
      Targets: 'cpu: <unknown>/80%',
    });
  });

  test('the default storage class says so', () => {
    const metadata = { annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } };
    expect(row('storage.k8s.io/v1', 'StorageClass', { metadata }).Name).toBe('x (default)');
  });
});

test('the name of an event comes last', () => {
  const columns = toTable(registry.find('', 'v1', 'events') ?? {}, [], {}, { includeObject: 'None', now: NOW });
  const names = columns.columnDefinitions?.map(({ name }) => name);
  expect(names?.[0]).toBe('Last Seen');
  expect(columns.columnDefinitions?.at(-1)).toMatchObject({ name: 'Name', format: 'name', priority: 1 });
  expect(names?.filter((name) => name === 'Name')).toHaveLength(1);
});

test('columns explain themselves, the name first', () => {
  const kind = registry.find('', 'v1', 'secrets');
  const columns = toTable(kind ?? {}, [], {}, { includeObject: 'None', now: NOW }).columnDefinitions;
  expect(columns?.[0]).toMatchObject({ name: 'Name', format: 'name' });
  expect(columns?.[1]?.description).toContain('programmatic handling of secret data');
  const scale = toTable(
    { columns: scaleColumns },
    [],
    {},
    { includeObject: 'None', now: NOW, columnDefinitions: false },
  );
  expect(scale.columnDefinitions).toBeNull();
});
