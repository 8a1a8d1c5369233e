/**
 * Series of what containers and their pods use, as kubelet's cAdvisor names them, and of the volumes that kubelet sees
 * mounted. They are computed from the meters for any time since a container's start: a counter and the gauge that
 * `metrics.k8s.io` shows always agree.
 */
import { parseQuantity } from '#shared/kubernetes/quantity.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { claimsOf } from '../sim/indexes.ts';
import { nameOf, namespaceOf, parseTime, uidOf } from '../sim/objects.ts';
import type { World } from '../sim/world.ts';
import type { ContainerMeter } from '../usage/meter.ts';
import { type VolumeFill, volumeFill } from '../usage/volume-fill.ts';
import { type Labels, NAME, type Series } from './types.ts';

export type Wanted = (metric: string) => boolean;

/** What a network carries for each second of CPU time that is used, in bytes. */
export const RECEIVED_PER_CPU_SECOND = 1_600_000;
export const SENT_PER_CPU_SECOND = 2_300_000;
const PACKET_BYTES = 900;
const READ_PER_CPU_SECOND = 60_000;
const WRITTEN_PER_CPU_SECOND = 280_000;
/** Of Linux' scheduler: 100 ms each. */
const PERIOD_US = 100_000;
const PERIODS_PER_SECOND = 10;
/** Of a container that uses all it may, in so many of its periods it is held back. */
const THROTTLED_AT_LIMIT = 0.25;

interface Running {
  meter: ContainerMeter;
  spec: Json;
}

export function since(metric: string, labels: Labels, from: number, value: (at: number) => number): Series {
  return { labels: { [NAME]: metric, ...labels }, at: (time) => (time < from ? undefined : value(time)) };
}

export function containerSeries(
  world: World,
  wanted: Wanted,
  pods: Iterable<KubeObject> = world.caches.pods.list(),
): Series[] {
  const ofContainers = CONTAINER_METRICS.filter(([metric]) => wanted(metric));
  const ofPods = POD_METRICS.filter(([metric]) => wanted(metric));
  const network = NETWORK_METRICS.filter(([metric]) => wanted(metric));
  if (ofContainers.length + ofPods.length + network.length === 0) return [];
  const out: Series[] = [];
  for (const pod of pods) {
    const meters = world.meter.containers(pod);
    const [first] = meters;
    if (first === undefined) continue;
    const labels = {
      ...targetOf(world, pod, '/metrics/cadvisor'),
      namespace: namespaceOf(pod),
      pod: nameOf(pod),
    };
    const cgroup = cgroupOf(pod);
    for (const meter of meters) {
      const running = { meter, spec: specOf(pod, meter.name) };
      const of = { ...labels, ...identityOf(pod, meter.name, cgroup) };
      for (const [metric, value, more] of ofContainers) {
        const at = value(running);
        if (at !== null) out.push(since(metric, { ...of, ...more }, meter.startedAt, at));
      }
    }
    const whole = { ...labels, id: cgroup };
    const start = Math.min(...meters.map(({ startedAt }) => startedAt));
    const sum = (value: (meter: ContainerMeter, at: number) => number) => (at: number) =>
      meters.reduce((total, meter) => total + (at < meter.startedAt ? 0 : value(meter, at)), 0);
    for (const [metric, value, more] of ofPods) out.push(since(metric, { ...whole, ...more }, start, sum(value)));
    for (const [metric, perCpuSecond] of network)
      out.push(
        since(metric, { ...whole, interface: 'eth0' }, start, (at) =>
          Math.floor(sum((meter, time) => meter.cpuSeconds(time))(at) * perCpuSecond),
        ),
      );
  }
  return out;
}

/** Of bound claims that a running pod has mounted. */
export function volumeSeries(world: World, wanted: Wanted): Series[] {
  if (!VOLUME_METRICS.some(([metric]) => wanted(metric))) return [];
  const mounted = new Map<string, KubeObject>();
  for (const pod of world.caches.pods.list())
    if (pod.status?.phase === 'Running') for (const claim of claimsOf(pod)) mounted.set(claim, pod);
  return [...mounted].flatMap(([key, pod]) => {
    const claim = world.caches.volumeClaims.get(key);
    if (claim?.status?.phase !== 'Bound') return [];
    const labels = {
      ...targetOf(world, pod, '/metrics'),
      namespace: namespaceOf(claim),
      persistentvolumeclaim: nameOf(claim),
    };
    const from = parseTime(pod.status?.startTime) || world.now();
    const fill = volumeFill(world.profile.seed, claim);
    return VOLUME_METRICS.filter(([metric]) => wanted(metric)).map(([metric, value]) =>
      since(metric, labels, from, () => Math.floor(value(fill))),
    );
  });
}

type Value = (at: number) => number;
type ContainerMetric = readonly [metric: string, value: (container: Running) => Value | null, more?: Labels];

const always =
  (value: (meter: ContainerMeter, at: number) => number) =>
  ({ meter }: Running): Value =>
  (at) =>
    value(meter, at);
/** Of a container with such a limit alone. */
const limited =
  (resource: 'cpu' | 'memory', value: (meter: ContainerMeter, limit: number, at: number) => number) =>
  ({ meter, spec }: Running): Value | null => {
    const limit = spec.resources?.limits?.[resource];
    return limit === undefined ? null : (at) => value(meter, parseQuantity(limit), at);
  };

const cpuSeconds = (meter: ContainerMeter, at: number): number => meter.cpuSeconds(at);
const workingSet = (meter: ContainerMeter, at: number): number => Math.round(meter.memory(at));
const periods = (meter: ContainerMeter, at: number): number =>
  Math.floor(((at - meter.startedAt) / 1000) * PERIODS_PER_SECOND);
const throttled = (meter: ContainerMeter, limit: number, at: number): number =>
  Math.floor((meter.cpuSeconds(at) / limit) * PERIODS_PER_SECOND * THROTTLED_AT_LIMIT);

/** What cAdvisor sums up for a pod as it does for a container. */
const POD_METRICS: (readonly [metric: string, value: (meter: ContainerMeter, at: number) => number, more?: Labels])[] =
  [
    ['container_cpu_usage_seconds_total', cpuSeconds, { cpu: 'total' }],
    ['container_cpu_user_seconds_total', (meter, at) => meter.cpuSeconds(at) * 0.76],
    ['container_cpu_system_seconds_total', (meter, at) => meter.cpuSeconds(at) * 0.24],
    ['container_memory_working_set_bytes', workingSet],
    ['container_memory_usage_bytes', (meter, at) => Math.round(meter.memory(at) * 1.12)],
    ['container_memory_rss', (meter, at) => Math.round(meter.memory(at) * 0.82)],
    ['container_memory_cache', (meter, at) => Math.round(meter.memory(at) * 0.3)],
    ['container_memory_swap', () => 0],
    ['container_memory_failcnt', () => 0],
  ];

const CONTAINER_METRICS: readonly ContainerMetric[] = [
  ...POD_METRICS.map(([metric, value, more]): ContainerMetric => [metric, always(value), more ?? {}]),
  ['container_cpu_cfs_periods_total', limited('cpu', (meter, _limit, at) => periods(meter, at))],
  [
    'container_cpu_cfs_throttled_periods_total',
    limited('cpu', (meter, limit, at) => Math.min(periods(meter, at), throttled(meter, limit, at))),
  ],
  [
    'container_cpu_cfs_throttled_seconds_total',
    limited('cpu', (meter, limit, at) => (throttled(meter, limit, at) * PERIOD_US) / 2e6),
  ],
  ['container_spec_cpu_period', always(() => PERIOD_US)],
  ['container_spec_cpu_quota', limited('cpu', (_meter, limit) => Math.round(limit * PERIOD_US))],
  [
    'container_spec_cpu_shares',
    ({ spec }) =>
      () =>
        Math.max(2, Math.floor(parseQuantity(spec.resources?.requests?.cpu ?? '0') * 1024)),
  ],
  [
    'container_spec_memory_limit_bytes',
    ({ spec }) =>
      () =>
        parseQuantity(spec.resources?.limits?.memory ?? '0'),
  ],
  ['container_memory_max_usage_bytes', always((meter, at) => Math.round(meter.memory(at) * 1.2))],
  ['container_oom_events_total', always(() => 0)],
  ['container_start_time_seconds', always((meter) => Math.floor(meter.startedAt / 1000))],
  ['container_last_seen', always((_meter, at) => Math.floor(at / 1000))],
  ['container_processes', always(() => 1)],
  ['container_threads', always(() => 8)],
  ['container_file_descriptors', always(() => 24)],
  ['container_fs_usage_bytes', always((meter) => 40_960 + (meter.name.length % 7) * 4096)],
  ['container_fs_reads_bytes_total', always((meter, at) => Math.floor(meter.cpuSeconds(at) * READ_PER_CPU_SECOND))],
  ['container_fs_writes_bytes_total', always((meter, at) => Math.floor(meter.cpuSeconds(at) * WRITTEN_PER_CPU_SECOND))],
  [
    'container_fs_reads_total',
    always((meter, at) => Math.floor((meter.cpuSeconds(at) * READ_PER_CPU_SECOND) / 16_384)),
  ],
  [
    'container_fs_writes_total',
    always((meter, at) => Math.floor((meter.cpuSeconds(at) * WRITTEN_PER_CPU_SECOND) / 16_384)),
  ],
];

/** Of a pod as a whole: its containers share the network. */
const NETWORK_METRICS: (readonly [metric: string, perCpuSecond: number])[] = [
  ['container_network_receive_bytes_total', RECEIVED_PER_CPU_SECOND],
  ['container_network_transmit_bytes_total', SENT_PER_CPU_SECOND],
  ['container_network_receive_packets_total', RECEIVED_PER_CPU_SECOND / PACKET_BYTES],
  ['container_network_transmit_packets_total', SENT_PER_CPU_SECOND / PACKET_BYTES],
  ['container_network_receive_packets_dropped_total', 0],
  ['container_network_transmit_packets_dropped_total', 0],
  ['container_network_receive_errors_total', 0],
  ['container_network_transmit_errors_total', 0],
];

const VOLUME_METRICS: (readonly [metric: string, value: (fill: VolumeFill) => number])[] = [
  ['kubelet_volume_stats_capacity_bytes', ({ size }) => size],
  ['kubelet_volume_stats_used_bytes', ({ used }) => used],
  ['kubelet_volume_stats_available_bytes', ({ size, used }) => size - used],
  ['kubelet_volume_stats_inodes', ({ inodes }) => inodes],
  ['kubelet_volume_stats_inodes_used', ({ inodesUsed }) => inodesUsed],
  ['kubelet_volume_stats_inodes_free', ({ inodes, inodesUsed }) => inodes - inodesUsed],
];

/** Which scrape of which kubelet tells it. */
function targetOf(world: World, pod: KubeObject, path: string): Labels {
  const node: string = pod.spec?.nodeName ?? '';
  return {
    job: 'kubelet',
    service: 'kubelet',
    endpoint: 'https-metrics',
    metrics_path: path,
    instance: `${addressOf(world.caches.nodes.get(node))}:10250`,
    node,
  };
}

function specOf(pod: KubeObject, name: string): Json {
  const specs: Json[] = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
  return specs.find((one) => one.name === name) ?? {};
}

function identityOf(pod: KubeObject, name: string, cgroup: string): Labels {
  const lists: Json[] = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])];
  const status = lists.find((one) => one.name === name);
  const id = String(status?.containerID ?? '').replace(/^.*:\/\//, '');
  return { container: name, image: status?.image ?? '', name: id, id: `${cgroup}/cri-containerd-${id}.scope` };
}

/** Of the pod, as systemd has it. */
function cgroupOf(pod: KubeObject): string {
  const qos = String(pod.status?.qosClass ?? 'BestEffort').toLowerCase();
  const uid = uidOf(pod).replaceAll('-', '_');
  const above = qos === 'guaranteed' ? '' : `kubepods-${qos}.slice/`;
  const prefix = qos === 'guaranteed' ? 'kubepods' : `kubepods-${qos}`;
  return `/kubepods.slice/${above}${prefix}-pod${uid}.slice`;
}

export function addressOf(node: KubeObject | undefined): string {
  return node?.status?.addresses?.find((one: { type: string }) => one.type === 'InternalIP')?.address ?? '';
}

export function diskOf(node: KubeObject): number {
  return parseQuantity(node.status?.capacity?.['ephemeral-storage']);
}
