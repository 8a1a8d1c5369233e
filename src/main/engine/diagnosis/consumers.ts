/**
 * Who takes most of one cluster, and who complains: workloads by CPU and memory in use, nodes by their share, and the
 * newest warnings. Pure.
 */
import type { FleetConsumers, ObjectName, WarningEvent } from '#shared/contract/diagnosis.ts';
import { parseQuantity } from '#shared/kubernetes/quantity.ts';
import { nameOf } from './hits.ts';
import { workloadOf } from './pods.ts';
import type { World } from './world.ts';

/** So many of each are shown; a fleet's are among those of its clusters. */
const MOST = 10;
const MOST_EVENTS = 100;

type Of<T> = Omit<T, 'clusterId' | 'cluster'>;
type Workload = Of<FleetConsumers['cpu'][number]>;
type Node = Of<FleetConsumers['nodes'][number]>;

export interface ClusterConsumers {
  cpu: Workload[];
  memory: Workload[];
  nodes: Node[];
  events: Of<WarningEvent>[];
}

export function consumersOf(world: World): ClusterConsumers {
  const workloads = new Map<string, Workload>();
  const nodes = new Map<string, Node>();
  for (const pod of world.all('Pod')) {
    const used = world.usage(pod);
    if (used === undefined) continue;
    const object = nameOf(workloadOf(world, pod));
    const sum = workloads.get(keyOf(object)) ?? { object, pods: 0, cpu: 0, memory: 0 };
    workloads.set(keyOf(object), {
      object,
      pods: sum.pods + 1,
      cpu: sum.cpu + used.cpu,
      memory: sum.memory + used.memory,
    });
    const place = world.get('Node', '', String(pod.spec?.nodeName ?? ''));
    if (place === undefined) continue;
    const name = nameOf(place);
    const there = nodes.get(name.name) ?? {
      ...{ object: name, pods: 0, cpu: 0, memory: 0 },
      cpuAllocatable: parseQuantity(place.status?.allocatable?.cpu),
      memoryAllocatable: parseQuantity(place.status?.allocatable?.memory),
    };
    nodes.set(name.name, {
      ...there,
      pods: there.pods + 1,
      cpu: there.cpu + used.cpu,
      memory: there.memory + used.memory,
    });
  }
  return {
    cpu: topBy([...workloads.values()], ({ cpu }) => cpu),
    memory: topBy([...workloads.values()], ({ memory }) => memory),
    nodes: topBy([...nodes.values()], busy),
    events: warningsOf(world),
  };
}

/** Of all clusters together. */
export function topConsumers(
  clusters: readonly { id: string; name: string; consumers: ClusterConsumers | undefined }[],
): FleetConsumers {
  const all = <T>(of: (consumers: ClusterConsumers) => readonly T[]) =>
    clusters.flatMap(({ id, name, consumers }) =>
      consumers === undefined ? [] : of(consumers).map((one) => ({ ...one, clusterId: id, cluster: name })),
    );
  return {
    cpu: topBy(
      all(({ cpu }) => cpu),
      ({ cpu }) => cpu,
    ),
    memory: topBy(
      all(({ memory }) => memory),
      ({ memory }) => memory,
    ),
    nodes: topBy(
      all(({ nodes }) => nodes),
      busy,
    ),
    events: newest(all(({ events }) => events)),
  };
}

/** The fuller of its two shares. */
function busy({ cpu, memory, cpuAllocatable, memoryAllocatable }: Node): number {
  const share = (used: number, of: number): number => (of > 0 ? used / of : 0);
  return Math.max(share(cpu, cpuAllocatable), share(memory, memoryAllocatable));
}

/** One for each object and reason: what is told again and again counts. */
function warningsOf(world: World): Of<WarningEvent>[] {
  const found = new Map<string, Of<WarningEvent>>();
  for (const { type, reason, message, count, last, about } of world.allEvents()) {
    if (type !== 'Warning') continue;
    const key = `${keyOf(about)}/${reason}`;
    const known = found.get(key);
    const newer = known === undefined || (last ?? '') > (known.last ?? '');
    found.set(key, {
      object: about,
      reason,
      message: newer ? message : known.message,
      count: (known?.count ?? 0) + count,
      last: newer ? last : known.last,
    });
  }
  return newest([...found.values()]);
}

function topBy<T>(list: readonly T[], size: (one: T) => number): T[] {
  return [...list].sort((a, b) => size(b) - size(a)).slice(0, MOST);
}

function newest<T extends { last: string | null }>(list: readonly T[]): T[] {
  return [...list].sort((a, b) => (b.last ?? '').localeCompare(a.last ?? '')).slice(0, MOST_EVENTS);
}

function keyOf({ kind, namespace, name }: ObjectName): string {
  return `${kind}/${namespace}/${name}`;
}
