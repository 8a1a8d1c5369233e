/**
 * What a kubelet tells of resources in the text format of Prometheus: `/metrics/resource`, which metrics-server reads, and
 * `/metrics/cadvisor`. From the same meters as `metrics.k8s.io` and the cluster's Prometheus, so that they agree.
 * Source: kubelet's resource metrics (Kubernetes metrics reference), Prometheus exposition format 0.0.4.
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { escapedLabelValue } from '#shared/prometheus-text.ts';
import { containerSeries } from '../prometheus/container-series.ts';
import { METRICS } from '../prometheus/metrics.ts';
import { NAME } from '../prometheus/types.ts';
import { podsOnNode } from '../sim/indexes.ts';
import { nameOf, namespaceOf, parseTime } from '../sim/objects.ts';
import type { World } from '../sim/world.ts';

interface Sample {
  labels: Readonly<Record<string, string>>;
  value: number;
}

/** Labels that Prometheus gives its targets, not the kubelet. */
const OF_TARGET = new Set([NAME, 'job', 'service', 'endpoint', 'metrics_path', 'instance', 'node']);

export function resourceMetrics(world: World, node: KubeObject, at: number): string {
  const pods = podsOnNode(world.caches, nameOf(node)).map((pod) => ({
    labels: { namespace: namespaceOf(pod), pod: nameOf(pod) },
    meters: world.meter.containers(pod).filter(({ startedAt }) => startedAt <= at),
  }));
  const running = pods.filter(({ meters }) => meters.length > 0);
  const containers = running.flatMap(({ labels, meters }) =>
    meters.map((meter) => ({ labels: { container: meter.name, ...labels }, meter })),
  );
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const ofPods = running.map(({ labels, meters }) => ({
    labels,
    cpu: sum(meters.map((meter) => meter.cpuSeconds(at))),
    memory: sum(meters.map((meter) => Math.round(meter.memory(at)))),
  }));
  const { cpu, memory } = world.meter.node(node, [], at);
  const up = Math.max(0, at - (parseTime(node.metadata.creationTimestamp) || at)) / 1000;
  return [
    family(
      'container_cpu_usage_seconds_total counter [STABLE] Cumulative cpu time consumed by the container in core-seconds',
      containers.map(({ labels, meter }) => ({ labels, value: meter.cpuSeconds(at) })),
      at,
    ),
    family(
      'container_memory_working_set_bytes gauge [STABLE] Current working set of the container in bytes',
      containers.map(({ labels, meter }) => ({ labels, value: Math.round(meter.memory(at)) })),
      at,
    ),
    family(
      'container_start_time_seconds gauge [STABLE] Start time of the container since unix epoch in seconds',
      containers.map(({ labels, meter }) => ({ labels, value: meter.startedAt / 1000 })),
    ),
    family(
      'node_cpu_usage_seconds_total counter [STABLE] Cumulative cpu time consumed by the node in core-seconds',
      [{ labels: {}, value: cpu * up + sum(ofPods.map((pod) => pod.cpu)) }],
      at,
    ),
    family(
      'node_memory_working_set_bytes gauge [STABLE] Current working set of the node in bytes',
      [{ labels: {}, value: Math.floor(memory) + sum(ofPods.map((pod) => pod.memory)) }],
      at,
    ),
    family(
      'pod_cpu_usage_seconds_total counter [STABLE] Cumulative cpu time consumed by the pod in core-seconds',
      ofPods.map((pod) => ({ labels: pod.labels, value: pod.cpu })),
      at,
    ),
    family(
      'pod_memory_working_set_bytes gauge [STABLE] Current working set of the pod in bytes',
      ofPods.map((pod) => ({ labels: pod.labels, value: pod.memory })),
      at,
    ),
    family(
      'resource_scrape_error gauge [STABLE] 1 if there was an error while getting container metrics, 0 otherwise',
      [{ labels: {}, value: 0 }],
    ),
  ].join('');
}

export function cadvisorMetrics(world: World, node: KubeObject, at: number): string {
  const families = new Map<string, Sample[]>();
  for (const { labels, at: value } of containerSeries(world, () => true, podsOnNode(world.caches, nameOf(node)))) {
    const found = value(at);
    if (found === undefined) continue;
    const name = labels[NAME] ?? '';
    const own = Object.fromEntries(Object.entries(labels).filter(([label]) => !OF_TARGET.has(label)));
    const samples = families.get(name) ?? [];
    families.set(name, samples);
    samples.push({ labels: own, value: found });
  }
  const known = new Map(METRICS.map((metric) => [metric.name, metric]));
  return [...families]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, samples]) => {
      const { type, help } = known.get(name) ?? { type: 'gauge', help: name };
      return family(`${name} ${type} ${help}`, samples, at);
    })
    .join('');
}

/** `about`: name, type and help. With the time of the samples where one is given. */
function family(about: string, samples: readonly Sample[], at?: number): string {
  const [name = '', type = '', ...help] = about.split(' ');
  if (samples.length === 0) return '';
  const lines = samples.map(({ labels, value }) => {
    const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
    const text = sorted.map(([label, one]) => `${label}="${escapedLabelValue(one)}"`).join(',');
    return `${name}${text === '' ? '' : `{${text}}`} ${numberText(value)}${at === undefined ? '' : ` ${Math.floor(at)}`}\n`;
  });
  return `# HELP ${name} ${help.join(' ')}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

/** As Go prints a float: with an exponent from 1e+06 on. */
function numberText(value: number): string {
  if (Math.abs(value) < 1e6) return String(value);
  const [digits = '', exponent = ''] = value.toExponential().split('e+');
  return `${digits}e+${exponent.padStart(2, '0')}`;
}
