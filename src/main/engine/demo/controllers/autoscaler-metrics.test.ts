import { expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { timeText } from '../sim/objects.ts';
import type { World } from '../sim/world.ts';
import { readMetrics } from './autoscaler-metrics.ts';

const NOW = Date.UTC(2026, 0, 1);

/** A world in which every container uses 80 thousandths of a core. */
const world = {
  now: () => NOW,
  pace: 1,
  profile: { version: 'v1.36.0' },
  caches: { nodes: { get: () => undefined } },
  meter: {
    pod: (pod: KubeObject) => pod.spec.containers.map(({ name }: Json) => ({ name, cpu: 0.08, memory: 20e6 })),
  },
} as unknown as World;

/** `readyFor`: seconds since its container started and it became ready. */
function pod(name: string, readyFor: number, requests: Json = { cpu: '100m' }): KubeObject {
  const at = timeText(NOW - readyFor * 1000);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'shop' },
    spec: { containers: [{ name: 'c', resources: { requests } }] },
    status: {
      phase: 'Running',
      startTime: at,
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: at }],
      containerStatuses: [{ name: 'c', state: { running: { startedAt: at } } }],
    },
  } as KubeObject;
}

function reading(metrics: Json[], pods: KubeObject[], replicas = pods.length) {
  const autoscaler = {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'h', namespace: 'shop' },
    spec: { metrics },
  } as KubeObject;
  return readMetrics(world, autoscaler, pods, replicas);
}

const cpu = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 40 } } };

test('usage of ready pods asks for replicas, and the status says what was seen', () => {
  expect(reading([cpu], [pod('a', 60), pod('b', 60)])).toEqual({
    best: { replicas: 4, name: 'cpu resource utilization (percentage of request)' },
    statuses: [
      { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 80, averageValue: '80m' } } },
    ],
    failures: [],
    asked: 1,
  });
});

test('memory is written in powers of two since 1.36, and a container by its resource alone', () => {
  const target = { type: 'AverageValue', averageValue: '10Mi' };
  const memory = { type: 'Resource', resource: { name: 'memory', target } };
  expect(reading([memory], [pod('a', 60)])).toMatchObject({
    best: { replicas: 2, name: 'memory resource' },
    statuses: [{ resource: { current: { averageValue: '19531Ki' } } }],
  });
  const source = { name: 'cpu', container: 'c', target: { type: 'AverageValue', averageValue: '40m' } };
  expect(reading([{ type: 'ContainerResource', containerResource: source }], [pod('a', 60)]).best).toEqual({
    replicas: 2,
    name: 'cpu resource',
  });
});
test('a metric that cannot be read leaves its place in the status, and the others count', () => {
  const queue = { metric: { name: 'queue', selector: { matchLabels: { a: 'b' } } }, target: { averageValue: '3' } };
  const read = reading([{ type: 'External', external: queue }, cpu], [pod('a', 60)]);
  expect(read.best?.replicas).toBe(2);
  expect(read.statuses.map(({ type }) => type)).toEqual(['', 'Resource']);
  const message =
    'unable to get external metric shop/queue/&LabelSelector{MatchLabels:map[string]string{a: b,},MatchExpressions:[]LabelSelectorRequirement{},}: unable to fetch metrics from external metrics API: the server could not find the requested resource (get queue.external.metrics.k8s.io)';
  expect(read.failures).toEqual([
    {
      reason: 'FailedGetExternalMetric',
      message,
      summary: `failed to get queue external metric value: failed to get queue external metric: ${message}`,
    },
  ]);
});

test('a pod that is ready for less than a window of readings does not count yet', () => {
  const young = pod('a', 60);
  young.status.conditions[0].lastTransitionTime = timeText(NOW - 5_000);
  expect(reading([cpu], [young]).failures[0]?.message).toBe(
    'failed to get cpu utilization: did not receive metrics for targeted pods (pods might be unready)',
  );
});

test('a container that is not there has no metrics, and one without a request cannot be judged', () => {
  const source = { ...cpu.resource, container: 'other' };
  expect(reading([{ type: 'ContainerResource', containerResource: source }], [pod('a', 60)]).failures[0]).toEqual({
    reason: 'FailedGetContainerResourceMetric',
    message: 'failed to get cpu utilization: did not receive metrics for targeted pods (pods might be unready)',
    summary:
      'failed to get other container metric value: failed to get cpu utilization: did not receive metrics for targeted pods (pods might be unready)',
  });
  expect(reading([cpu], [pod('a', 60, {})]).failures[0]?.message).toBe(
    'failed to get cpu utilization: missing request for cpu in container c of Pod a',
  );
});

test('metrics of objects are asked for in the words of the controller', () => {
  const object = {
    metric: { name: 'rps' },
    describedObject: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'i' },
    target: { type: 'Value', value: '10' },
  };
  expect(reading([{ type: 'Object', object }], [pod('a', 60)]).failures[0]?.message).toBe(
    'unable to get metric rps: Ingress on shop i/unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered',
  );
});
