/**
 * Series of what containers and nodes use, as cAdvisor and node-exporter name them. Those of containers are computed
 * from their meters for any time since their start; the busy time of a node is summed up at every scrape.
 */

import { parseQuantity } from '#shared/kubernetes/quantity.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { podsOnNode } from '../sim/indexes.ts';
import { nameOf, namespaceOf, parseTime } from '../sim/objects.ts';
import { createRandom } from '../sim/random.ts';
import type { World } from '../sim/world.ts';
import type { ContainerMeter } from '../usage/meter.ts';
import { type Labels, NAME, type Series } from './types.ts';

type Wanted = (metric: string) => boolean;

const READINGS_KEPT = 240;
const NODES_AT_ONCE = 5;
/** Of a large cluster so many are read at each scrape, in turn; between two readings a node is as busy as on average. */
const NODES_PER_SCRAPE = 100;
const READ_WHEN_ASKED = 100;
/** What a network carries for each second of CPU time that is used, in bytes. */
const RECEIVED_PER_CPU_SECOND = 1_600_000;
const SENT_PER_CPU_SECOND = 2_300_000;

export function containerSeries(world: World, wanted: Wanted): Series[] {
  const metrics = CONTAINER_METRICS.filter(([metric]) => wanted(metric));
  const network = NETWORK_METRICS.filter(([metric]) => wanted(metric));
  if (metrics.length === 0 && network.length === 0) return [];
  const out: Series[] = [];
  for (const pod of world.caches.pods.list()) {
    const meters = world.meter.containers(pod);
    const node = world.caches.nodes.get(pod.spec?.nodeName ?? '');
    const labels = {
      job: 'kubelet',
      metrics_path: '/metrics/cadvisor',
      instance: `${addressOf(node)}:10250`,
      node: pod.spec?.nodeName ?? '',
      namespace: namespaceOf(pod),
      pod: nameOf(pod),
    };
    for (const meter of meters) {
      const status = (pod.status?.containerStatuses ?? []).find((one: { name: string }) => one.name === meter.name);
      const of = { ...labels, container: meter.name, image: status?.image ?? '', id: status?.containerID ?? '' };
      for (const [metric, value] of metrics) out.push(since(metric, of, meter.startedAt, (at) => value(meter, at)));
    }
    const [first] = meters;
    if (first === undefined) continue;
    for (const [metric, bytes] of network)
      out.push(
        since(metric, { ...labels, interface: 'eth0' }, first.startedAt, (at) =>
          Math.floor(first.cpuSeconds(at) * bytes),
        ),
      );
  }
  return out;
}

const CONTAINER_METRICS: [string, (meter: ContainerMeter, at: number) => number][] = [
  ['container_cpu_usage_seconds_total', (meter, at) => meter.cpuSeconds(at)],
  ['container_memory_working_set_bytes', (meter, at) => Math.round(meter.memory(at))],
  ['container_memory_usage_bytes', (meter, at) => Math.round(meter.memory(at) * 1.12)],
  ['container_memory_rss', (meter, at) => Math.round(meter.memory(at) * 0.82)],
  ['container_start_time_seconds', (meter) => Math.floor(meter.startedAt / 1000)],
];
const NETWORK_METRICS: [string, number][] = [
  ['container_network_receive_bytes_total', RECEIVED_PER_CPU_SECOND],
  ['container_network_transmit_bytes_total', SENT_PER_CPU_SECOND],
];

function since(metric: string, labels: Labels, from: number, value: (at: number) => number): Series {
  return { labels: { [NAME]: metric, ...labels }, at: (time) => (time < from ? undefined : value(time)) };
}

interface NodeReading {
  at: number;
  busy: number;
  memory: number;
}

/** Busy seconds and memory of every node over the last hour, from the start of the process on. */
export class NodeHistory {
  readonly #world: World;
  readonly #readings = new Map<string, NodeReading[]>();
  #next = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Takes a reading of the nodes whose turn it is; stops after each few, so that thousands of pods hold nobody up. */
  *scrape(now: number): Generator<void> {
    const nodes = this.#world.caches.nodes.list();
    const count = Math.min(nodes.length, NODES_PER_SCRAPE);
    for (let read = 0; read < count; read++) {
      if (read > 0 && read % NODES_AT_ONCE === 0) yield;
      const node = nodes[this.#next++ % nodes.length];
      if (node !== undefined) this.#read(node, now);
    }
    const living = new Set(nodes.map(nameOf));
    for (const name of this.#readings.keys()) if (!living.has(name)) this.#readings.delete(name);
  }

  #read(node: KubeObject, now: number): void {
    const name = nameOf(node);
    const readings = this.#readings.get(name) ?? [];
    this.#readings.set(name, readings);
    const last = readings.at(-1);
    if (last !== undefined && last.at >= now) return;
    const { cpu: wanted, memory } = this.#world.meter.node(node, podsOnNode(this.#world.caches, name), now);
    // Containers that start may want more than there is; a processor is never busier than all the time.
    const cpu = Math.min(wanted, coresOf(node));
    // A node that was there before this process has been as busy as it is now.
    const before = last ?? { at: bootTime(node, now), busy: 0, memory };
    readings.push({ at: now, busy: before.busy + (cpu * (now - before.at)) / 1000, memory });
    if (readings.length > READINGS_KEPT) readings.shift();
  }

  series(wanted: Wanted, now: number): Series[] {
    const nodes = this.#world.caches.nodes.list();
    // Who asks about a large cluster gets what the last scrape read.
    for (const node of nodes)
      if (nodes.length <= READ_WHEN_ASKED || !this.#readings.has(nameOf(node))) this.#read(node, now);
    return this.#world.caches.nodes.list().flatMap((node) => this.#ofNode(node, wanted, now));
  }

  #ofNode(node: KubeObject, wanted: Wanted, now: number): Series[] {
    const readings = this.#readings.get(nameOf(node)) ?? [];
    const booted = bootTime(node, now);
    const cores = coresOf(node);
    const memory = parseQuantity(node.status?.capacity?.memory);
    const disk = parseQuantity(node.status?.capacity?.['ephemeral-storage']);
    const labels = { job: 'node-exporter', instance: `${addressOf(node)}:9100`, node: nameOf(node) };
    const random = createRandom('node-disk', this.#world.profile.seed, nameOf(node));
    const used = random.between(0.18, 0.45);
    const out: Series[] = [];
    const put = (metric: string, more: Labels, value: (at: number) => number) => {
      if (wanted(metric)) out.push(since(metric, { ...labels, ...more }, booted, value));
    };
    const busy = (at: number) => between(readings, booted, at, 'busy');
    const memoryUsed = (at: number) => between(readings, booted, at, 'memory');
    if (wanted('node_cpu_seconds_total')) {
      for (let cpu = 0; cpu < cores; cpu++) {
        for (const [mode, share] of BUSY_MODES)
          put('node_cpu_seconds_total', { cpu: String(cpu), mode }, (at) => (busy(at) * share) / cores);
        put(
          'node_cpu_seconds_total',
          { cpu: String(cpu), mode: 'idle' },
          (at) => (at - booted) / 1000 - busy(at) / cores,
        );
      }
    }
    put('node_memory_MemTotal_bytes', {}, () => memory);
    put('node_memory_MemAvailable_bytes', {}, (at) => Math.max(0, memory - memoryUsed(at)));
    put('node_memory_MemFree_bytes', {}, (at) => Math.max(0, (memory - memoryUsed(at)) * 0.45));
    put('node_memory_Cached_bytes', {}, (at) => Math.max(0, (memory - memoryUsed(at)) * 0.5));
    put('node_memory_Buffers_bytes', {}, (at) => Math.max(0, (memory - memoryUsed(at)) * 0.05));
    for (const [metric, minutes] of LOADS)
      put(metric, {}, (at) => {
        const from = Math.max(booted, at - minutes * 60_000);
        return at > from ? ((busy(at) - busy(from)) / (at - from)) * 1000 : 0;
      });
    const root = { device: '/dev/vda1', fstype: 'ext4', mountpoint: '/' };
    put('node_filesystem_size_bytes', root, () => disk);
    put('node_filesystem_avail_bytes', root, () => Math.floor(disk * (1 - used)));
    put('node_filesystem_free_bytes', root, () => Math.floor(disk * (1 - used * 0.95)));
    put('node_network_receive_bytes_total', { device: 'eth0' }, (at) => Math.floor(busy(at) * RECEIVED_PER_CPU_SECOND));
    put('node_network_transmit_bytes_total', { device: 'eth0' }, (at) => Math.floor(busy(at) * SENT_PER_CPU_SECOND));
    put('node_boot_time_seconds', {}, () => Math.floor(booted / 1000));
    put('machine_cpu_cores', { job: 'kubelet', instance: `${addressOf(node)}:10250` }, () => cores);
    put('machine_memory_bytes', { job: 'kubelet', instance: `${addressOf(node)}:10250` }, () => memory);
    return out;
  }
}

function coresOf(node: KubeObject): number {
  return Math.max(1, Math.round(parseQuantity(node.status?.capacity?.cpu)));
}

const BUSY_MODES: [string, number][] = [
  ['user', 0.7],
  ['system', 0.22],
  ['iowait', 0.05],
  ['softirq', 0.03],
];
const LOADS: [string, number][] = [
  ['node_load1', 1],
  ['node_load5', 5],
  ['node_load15', 15],
];

/** Straight lines between readings; before the first one straight from the boot, after the last one as before it. */
function between(readings: readonly NodeReading[], booted: number, at: number, field: 'busy' | 'memory'): number {
  let index = readings.length - 1;
  while (index > 0 && (readings[index - 1]?.at ?? 0) >= at) index -= 1;
  const after = readings[index];
  if (after === undefined) return 0;
  const before = readings[index - 1] ?? { at: booted, busy: 0, memory: after.memory };
  if (after.at <= before.at) return after[field];
  const share = (at - before.at) / (after.at - before.at);
  return Math.max(
    0,
    before[field] + (after[field] - before[field]) * (field === 'memory' ? Math.min(1, share) : share),
  );
}

function bootTime(node: KubeObject, now: number): number {
  return parseTime(node.metadata.creationTimestamp) || now;
}

function addressOf(node: KubeObject | undefined): string {
  return node?.status?.addresses?.find((one: { type: string }) => one.type === 'InternalIP')?.address ?? '';
}
