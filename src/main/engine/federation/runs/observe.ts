/** How distributed workloads stand at this moment, as shifts and drills look at them. Pure over what the caches hold. */
import type { Placed } from '#shared/contract/federation-decisions.ts';
import { type Binding, KEYS, type Placement, type Work } from '../api.ts';
import { targetsOf } from '../controllers/works.ts';
import { equalJson } from '../json.ts';
import { clusterOfExecutionNamespace } from '../naming.ts';

export interface Standing {
  /** Everything is placed, sent, and runs; nothing is left over where it shall not be. */
  settled: boolean;
  /** Replicas that shall run, and that are ready wherever they are. */
  wanted: number;
  ready: number;
  /** Sums over all workloads; null where none of them counts replicas. */
  placement: Placed[];
  /** Ready replicas by member. */
  readyIn: Record<string, number>;
}

export interface Watched {
  binding: Binding;
  works: readonly Work[];
  /** Copies that must have been placed by this very placement; null: by whatever is in force. */
  placement: Placement | null;
}

export function standingOf(watched: readonly Watched[]): Standing {
  const standing: Standing = { settled: watched.length > 0, wanted: 0, ready: 0, placement: [], readyIn: {} };
  const placed = new Map<string, number | null>();
  for (const { binding, works, placement } of watched) {
    const targets = targetsOf(binding);
    if (!isDecided(binding, placement) || !isOnlyIn(works, targets)) standing.settled = false;
    let sum = 0;
    for (const [name, { replicas }] of targets) {
      const item = binding.status?.aggregatedStatus?.find(({ clusterName }) => clusterName === name);
      placed.set(name, replicas === undefined ? (placed.get(name) ?? null) : (placed.get(name) ?? 0) + replicas);
      sum += replicas ?? 0;
      if (item?.applied !== true || readyOf(item.status) < (replicas ?? 0)) standing.settled = false;
    }
    standing.wanted += Math.max(sum, isDivided(binding) ? (binding.spec.replicas ?? 0) : sum);
    // Copies on their way out still serve: the binding does not speak of them, their Works do.
    for (const { metadata, status } of works) {
      const name = clusterOfExecutionNamespace(metadata.namespace ?? '') ?? '';
      const ready = readyOf(status?.manifestStatuses?.[0]?.status);
      standing.ready += ready;
      standing.readyIn[name] = (standing.readyIn[name] ?? 0) + ready;
    }
    if (isDivided(binding) && sum < (binding.spec.replicas ?? 0)) standing.settled = false;
  }
  standing.placement = [...placed]
    .map(([name, replicas]) => ({ name, replicas }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return standing;
}

/** Ready replicas in percent of those wanted, never more than 100. */
export function readyPercent({ ready, wanted }: Pick<Standing, 'ready' | 'wanted'>): number {
  return wanted === 0 ? 100 : Math.min(100, Math.floor((ready / wanted) * 100));
}

function readyOf(status: { readyReplicas?: number; ready?: number; numberReady?: number } | undefined): number {
  return status?.readyReplicas ?? status?.numberReady ?? status?.ready ?? 0;
}

function isDivided({ spec }: Binding): boolean {
  return spec.placement?.replicaScheduling?.replicaSchedulingType === 'Divided';
}

/** The scheduler has seen the binding as it is, with the placement that is meant, and found a place. */
function isDecided({ metadata, spec, status }: Binding, wanted: Placement | null): boolean {
  const scheduled = status?.conditions?.find(({ type }) => type === 'Scheduled');
  if (status?.schedulerObservedGeneration !== metadata.generation || scheduled?.status !== 'True') return false;
  if (wanted === null) return true;
  if (!equalJson(spec.placement?.replicaScheduling, wanted.replicaScheduling)) return false;
  const applied = metadata.annotations?.[KEYS.appliedPlacement];
  try {
    const placement = applied === undefined ? null : (JSON.parse(applied) as Placement);
    return placement !== null && equalJson(placement.replicaScheduling, wanted.replicaScheduling);
  } catch {
    return false;
  }
}

function isOnlyIn(works: readonly Work[], targets: ReadonlyMap<string, unknown>): boolean {
  return works.every(({ metadata }) => targets.has(clusterOfExecutionNamespace(metadata.namespace ?? '') ?? ''));
}
