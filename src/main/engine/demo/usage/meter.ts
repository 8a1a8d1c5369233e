/**
 * What the containers, pods and nodes of one cluster use, now and earlier. The curves come from load.ts; the meter
 * remembers when they changed (another annotation, another number of pods that share a load), so that a counter never
 * jumps. Nothing is kept of a container whose load never changed.
 */

import { parseQuantity } from '#shared/kubernetes/quantity.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { ClusterProfile } from '../profiles/profile.ts';
import type { Cache } from '../sim/cache.ts';
import { controllerOf, isDeleting, nameOf, namespaceOf, parseTime, uidOf } from '../sim/objects.ts';
import { isFinished, isReady } from '../sim/pods.ts';
import type { Caches } from '../sim/world.ts';
import { type ContainerLoad, containerLoad, integral, LOAD_ANNOTATION, memoryAt, parseLoad, valueAt } from './load.ts';
import { Work } from './work.ts';

export interface ContainerUsage {
  name: string;
  startedAt: number;
  /** Cores. */
  cpu: number;
  /** Bytes. */
  memory: number;
}

/** Times are milliseconds since the epoch, not before the start. */
export interface ContainerMeter {
  name: string;
  startedAt: number;
  /** Cores. */
  cpu(at: number): number;
  /** Bytes. */
  memory(at: number): number;
  /** Since the start. */
  cpuSeconds(at: number): number;
}

export interface NodeUsage {
  cpu: number;
  memory: number;
}

interface Segment {
  from: number;
  /** CPU seconds used before `from`. */
  used: number;
  load: ContainerLoad;
  /** What the load was made from, to see a change. */
  signature: string;
}

type OwnerCaches = Pick<Caches, 'pods' | 'deployments' | 'replicaSets' | 'statefulSets' | 'daemonSets' | 'jobs'>;

const SEGMENTS_KEPT = 120;
/** What kubelet, runtime and system daemons of a node take beside its pods. */
const SYSTEM_CPU_SHARE = 0.025;
const SYSTEM_MEMORY_BYTES = 780 * 2 ** 20;

export class Meter {
  readonly #profile: ClusterProfile;
  readonly #caches: OwnerCaches;
  /** By pod uid, then by container and start. */
  readonly #segments = new Map<string, Map<string, Segment[]>>();

  /** Of containers that requests have reached, by pod uid, then by container and start. */
  readonly #work = new Map<string, Map<string, Work>>();
  readonly #now: () => number;

  constructor(profile: ClusterProfile, caches: OwnerCaches, now: () => number) {
    this.#profile = profile;
    this.#caches = caches;
    this.#now = now;
    caches.pods.subscribe((pod, _previous, deleted) => {
      if (!deleted) return;
      this.#segments.delete(uidOf(pod));
      this.#work.delete(uidOf(pod));
    });
  }

  /** Running containers, sidecars included, as they are loaded now and were before. */
  containers(pod: KubeObject): ContainerMeter[] {
    return runningContainers(pod).map(({ spec, startedAt }) => {
      const segments = this.#segmentsOf(pod, spec, startedAt);
      const work = this.#work.get(uidOf(pod))?.get(`${spec.name}/${startedAt}`);
      return {
        name: spec.name,
        startedAt,
        cpu: (at) => {
          const own = valueAt(segmentAt(segments, at).load.cpu, at);
          return work === undefined ? own : Math.min(own + work.rate(at), cpuLimit(spec));
        },
        memory: (at) => memoryAt(segmentAt(segments, at).load.memory, startedAt, at),
        cpuSeconds: (at) => {
          const segment = segmentAt(segments, at);
          return segment.used + integral(segment.load.cpu, segment.from, at) + (work?.total(at) ?? 0);
        },
      };
    });
  }

  /** A running container has answered a request that took so much CPU. */
  answered(pod: KubeObject, container: Json, cpuSeconds: number): void {
    const running = runningContainers(pod).find(({ spec }) => spec.name === container.name);
    if (running === undefined) return;
    const ofPod = this.#work.get(uidOf(pod)) ?? new Map<string, Work>();
    this.#work.set(uidOf(pod), ofPod);
    const key = `${container.name}/${running.startedAt}`;
    const work = ofPod.get(key) ?? new Work();
    ofPod.set(key, work);
    work.spend(this.#now(), cpuSeconds, cpuLimit(container));
  }

  /** What the running containers use at a time; those that start later are left out. */
  pod(pod: KubeObject, at: number): ContainerUsage[] {
    return this.containers(pod)
      .filter(({ startedAt }) => startedAt <= at)
      .map(({ name, startedAt, cpu, memory }) => ({ name, startedAt, cpu: cpu(at), memory: memory(at) }));
  }

  /** Pods of the node and what the node itself takes. */
  node(node: KubeObject, pods: readonly KubeObject[], at: number): NodeUsage {
    const cores = parseQuantity(node.status?.capacity?.cpu);
    let cpu = cores * SYSTEM_CPU_SHARE;
    let memory = Math.min(SYSTEM_MEMORY_BYTES, parseQuantity(node.status?.capacity?.memory) / 4);
    for (const pod of pods) {
      for (const usage of this.pod(pod, at)) {
        cpu += usage.cpu;
        memory += usage.memory;
      }
    }
    return { cpu: Math.min(cpu, cores), memory: Math.min(memory, parseQuantity(node.status?.capacity?.memory)) };
  }

  #segmentsOf(pod: KubeObject, spec: Json, startedAt: number): Segment[] {
    const wish = this.#wish(pod);
    const wishes = parseLoad(wish);
    // What is not ready yet, or no longer, gets no share: the shares always add up to the whole.
    const serving = isReady(pod) && !isDeleting(pod);
    const sharers = wishes.totalCpu === undefined ? 1 : serving ? this.#sharers(pod) : Number.POSITIVE_INFINITY;
    const signature = `${wish ?? ''}|${sharers}|${resourcesText(spec)}`;
    const ofPod = this.#segments.get(uidOf(pod)) ?? new Map<string, Segment[]>();
    this.#segments.set(uidOf(pod), ofPod);
    const key = `${spec.name}/${startedAt}`;
    const segments = ofPod.get(key) ?? [];
    ofPod.set(key, segments);
    const last = segments.at(-1);
    if (last?.signature === signature) return segments;
    const { seed, index } = this.#profile;
    const load = containerLoad(spec, wishes, [seed, index, namespaceOf(pod), nameOf(pod), spec.name], sharers);
    if (last === undefined) segments.push({ from: startedAt, used: 0, load, signature });
    else {
      const from = Math.max(this.#now(), last.from);
      segments.push({ from, used: last.used + integral(last.load.cpu, last.from, from), load, signature });
      if (segments.length > SEGMENTS_KEPT) segments.shift();
    }
    return segments;
  }

  /** The pod's own annotation, else that of the workload it belongs to. */
  #wish(pod: KubeObject): string | undefined {
    const own = pod.metadata.annotations?.[LOAD_ANNOTATION];
    if (own !== undefined) return own;
    let owner = this.#owner(pod);
    for (let depth = 0; owner !== undefined && depth < 3; depth++) {
      const text = owner.metadata.annotations?.[LOAD_ANNOTATION];
      if (text !== undefined) return text;
      owner = this.#owner(owner);
    }
    return undefined;
  }

  #owner(object: KubeObject): KubeObject | undefined {
    const reference = controllerOf(object);
    const caches: Record<string, Cache> = {
      ReplicaSet: this.#caches.replicaSets,
      Deployment: this.#caches.deployments,
      StatefulSet: this.#caches.statefulSets,
      DaemonSet: this.#caches.daemonSets,
      Job: this.#caches.jobs,
    };
    return reference === undefined
      ? undefined
      : caches[reference.kind]?.get(`${namespaceOf(object)}/${reference.name}`);
  }

  #sharers(pod: KubeObject): number {
    const owner = controllerOf(pod)?.uid;
    if (owner === undefined) return 1;
    return this.#caches.pods.byIndex('owner', owner).filter((other) => isReady(other) && !isDeleting(other)).length;
  }
}

function cpuLimit({ resources }: Json): number {
  return parseQuantity(resources?.limits?.cpu ?? 0) || Number.POSITIVE_INFINITY;
}

/** Texts of the resources of the containers of stored pods, which are never changed in place. */
const resourcesTexts = new WeakMap<Json, string>();

function resourcesText(spec: Json): string {
  let text = resourcesTexts.get(spec);
  if (text === undefined) {
    text = JSON.stringify(spec.resources ?? {});
    resourcesTexts.set(spec, text);
  }
  return text;
}

function segmentAt(segments: readonly Segment[], at: number): Segment {
  for (let index = segments.length - 1; index > 0; index--) {
    const segment = segments[index];
    if (segment !== undefined && segment.from <= at) return segment;
  }
  const first = segments[0];
  if (first === undefined) throw new RangeError('a container has at least one segment');
  return first;
}

/** Containers that run now, with their start. */
export function runningContainers(pod: KubeObject): { spec: Json; startedAt: number }[] {
  if (isFinished(pod)) return [];
  const specs: Json[] = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
  const statuses: Json[] = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  return statuses.flatMap((status) => {
    const startedAt = parseTime(status.state?.running?.startedAt);
    const spec = specs.find((candidate) => candidate.name === status.name);
    return Number.isNaN(startedAt) || spec === undefined ? [] : [{ spec, startedAt }];
  });
}
