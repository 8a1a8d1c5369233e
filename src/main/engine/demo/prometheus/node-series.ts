/** Series of what nodes use, as node-exporter names them. The busy time of a node is summed up at every scrape. */

import { parseQuantity } from '#shared/kubernetes/quantity.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { podsOnNode } from '../sim/indexes.ts';
import { nameOf, parseTime } from '../sim/objects.ts';
import { createRandom } from '../sim/random.ts';
import type { World } from '../sim/world.ts';
import {
  addressOf,
  diskOf,
  RECEIVED_PER_CPU_SECOND,
  SENT_PER_CPU_SECOND,
  since,
  type Wanted,
} from './container-series.ts';
import type { Labels, Series } from './types.ts';

const READINGS_KEPT = 240;
const NODES_AT_ONCE = 5;
/** Of a large cluster so many are read at each scrape, in turn; between two readings a node is as busy as on average. */
const NODES_PER_SCRAPE = 100;
const READ_WHEN_ASKED = 100;
const PACKET_BYTES = 900;
/** Of what a device is written and read for each second of CPU time, and how long it is busy with a byte. */
const READ_PER_CPU_SECOND = 90_000;
const WRITTEN_PER_CPU_SECOND = 420_000;
const DISK_REQUEST_BYTES = 16_384;
const DISK_BYTES_PER_SECOND = 120e6;
const FILES = 6_553_600;

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
    const disk = diskOf(node);
    const about = node.status?.nodeInfo ?? {};
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
    put('node_memory_SReclaimable_bytes', {}, (at) => Math.max(0, (memory - memoryUsed(at)) * 0.04));
    put('node_memory_Slab_bytes', {}, (at) => Math.max(0, (memory - memoryUsed(at)) * 0.06));
    put('node_memory_SwapTotal_bytes', {}, () => 0);
    put('node_memory_SwapFree_bytes', {}, () => 0);
    put('node_vmstat_pgmajfault', {}, (at) => Math.floor(busy(at) * 0.4));
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
    put('node_filesystem_files', root, () => FILES);
    put('node_filesystem_files_free', root, () => Math.floor(FILES * (1 - used / 3)));
    put('node_filesystem_readonly', root, () => 0);
    const vda = { device: 'vda' };
    for (const [metric, perSecond] of DISK_RATES) put(metric, vda, (at) => Math.floor(busy(at) * perSecond));
    for (const metric of DISK_TIMES) put(metric, vda, (at) => busy(at) * DISK_BUSY_PER_CPU_SECOND);
    for (const [way, perSecond] of [
      ['receive', RECEIVED_PER_CPU_SECOND],
      ['transmit', SENT_PER_CPU_SECOND],
    ] as const) {
      const device = { device: 'eth0' };
      put(`node_network_${way}_bytes_total`, device, (at) => Math.floor(busy(at) * perSecond));
      put(`node_network_${way}_packets_total`, device, (at) => Math.floor((busy(at) * perSecond) / PACKET_BYTES));
      for (const what of ['drop', 'errs']) put(`node_network_${way}_${what}_total`, device, () => 0);
    }
    put('node_network_up', { device: 'eth0' }, () => 1);
    put('node_uname_info', unameOf(node, about), () => 1);
    put('node_time_seconds', {}, (at) => at / 1000);
    put('node_context_switches_total', {}, (at) => Math.floor(busy(at) * 9000));
    put('node_procs_running', {}, (at) => Math.max(1, Math.round(cores * 0.3 + (busy(at) % 1))));
    put('node_filefd_allocated', {}, (at) => Math.round(1800 + memoryUsed(at) / 2 ** 22));
    put('node_filefd_maximum', {}, () => Number.MAX_SAFE_INTEGER);
    put('node_nf_conntrack_entries', {}, (at) => Math.round(400 + memoryUsed(at) / 2 ** 23));
    put('node_nf_conntrack_entries_limit', {}, () => 262_144);
    put('node_boot_time_seconds', {}, () => Math.floor(booted / 1000));
    put('machine_cpu_cores', { job: 'kubelet', instance: `${addressOf(node)}:10250` }, () => cores);
    put('machine_memory_bytes', { job: 'kubelet', instance: `${addressOf(node)}:10250` }, () => memory);
    return out;
  }
}

function coresOf(node: KubeObject): number {
  return Math.max(1, Math.round(parseQuantity(node.status?.capacity?.cpu)));
}

function unameOf(node: KubeObject, about: { architecture?: string; kernelVersion?: string }): Labels {
  return {
    nodename: nameOf(node),
    sysname: 'Linux',
    machine: about.architecture === 'arm64' ? 'aarch64' : 'x86_64',
    release: about.kernelVersion ?? '',
    version: '#1 SMP',
    domainname: '(none)',
  };
}

const DISK_BUSY_PER_CPU_SECOND = (READ_PER_CPU_SECOND + WRITTEN_PER_CPU_SECOND) / DISK_BYTES_PER_SECOND;
const DISK_TIMES = ['node_disk_io_time_seconds_total', 'node_disk_io_time_weighted_seconds_total'];
const DISK_RATES: [metric: string, perCpuSecond: number][] = [
  ['node_disk_read_bytes_total', READ_PER_CPU_SECOND],
  ['node_disk_written_bytes_total', WRITTEN_PER_CPU_SECOND],
  ['node_disk_reads_completed_total', READ_PER_CPU_SECOND / DISK_REQUEST_BYTES],
  ['node_disk_writes_completed_total', WRITTEN_PER_CPU_SECOND / DISK_REQUEST_BYTES],
];

const BUSY_MODES: [string, number][] = [
  ['user', 0.7],
  ['system', 0.22],
  ['iowait', 0.05],
  ['softirq', 0.03],
  ['irq', 0],
  ['nice', 0],
  ['steal', 0],
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
