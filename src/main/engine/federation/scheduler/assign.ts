/** Gives replicas to the selected clusters by the placement's strategy. */
import type { BindingSpec, BindingStatus, TargetCluster } from '../api.ts';
import { clusterMatches } from '../matching/clusters.ts';
import type { Candidate } from './candidates.ts';
import { divide, type Seats, type Votes } from './division.ts';
import { inStep, ScheduleError } from './errors.ts';

export type Strategy = 'Duplicated' | 'StaticWeight' | 'DynamicWeight' | 'Aggregated';

/**
 * How replicas were given. `whole`: all of them anew; `fresh`: anew because a rebalance was asked for; `more` and `less`:
 * only the difference; `kept`: the present division stands.
 */
export interface Division {
  strategy: Strategy;
  step: 'whole' | 'fresh' | 'more' | 'less' | 'kept';
  /** The share each cluster had a right to: its weight, or the room it had. Clusters not in it got nothing in this step. */
  votes: readonly Votes[];
}

/**
 * Targets in the order division gives; those without a replica are left out for workloads that are counted.
 * @param divisions is given one entry for each group of clusters among which was divided
 */
export function assignReplicas(
  selected: readonly Candidate[],
  spec: BindingSpec,
  status: BindingStatus,
  divisions: Division[] = [],
): TargetCluster[] {
  if (selected.length === 0) throw new ScheduleError('SchedulerError', 'no clusters available to schedule');
  const counted = (spec.replicas ?? 0) > 0 || Boolean(spec.replicaRequirements);
  if (!counted || (spec.components?.length ?? 0) > 1) return selected.map(({ name }) => ({ name }));
  const strategy = strategyOf(spec);
  const tiers = tiersOf(selected);
  const targets =
    tiers.length > 1
      ? assignByTiers(tiers, spec, status, strategy, divisions)
      : assign(selected, spec, status, strategy, spec.replicas ?? 0, divisions);
  return targets.filter((target) => (target.replicas ?? 0) > 0);
}

function strategyOf(spec: BindingSpec): Strategy {
  const scheduling = spec.placement?.replicaScheduling;
  if (!scheduling || scheduling.replicaSchedulingType === 'Duplicated') return 'Duplicated';
  if (scheduling.replicaDivisionPreference === 'Aggregated') return 'Aggregated';
  return scheduling.weightPreference?.dynamicWeight ? 'DynamicWeight' : 'StaticWeight';
}

function tiersOf(selected: readonly Candidate[]): Candidate[][] {
  const tiers = new Map<number, Candidate[]>();
  for (const candidate of selected) {
    const tier = tiers.get(candidate.overflowOrder);
    if (tier === undefined) tiers.set(candidate.overflowOrder, [candidate]);
    else tier.push(candidate);
  }
  return [...tiers].sort(([a], [b]) => a - b).map(([, tier]) => tier);
}

/** Fills the main affinity first and lets only the rest flow over into the next groups. */
function assignByTiers(
  tiers: readonly Candidate[][],
  spec: BindingSpec,
  status: BindingStatus,
  strategy: Strategy,
  divisions: Division[],
): TargetCluster[] {
  let remaining = spec.replicas ?? 0;
  const targets: TargetCluster[] = [];
  for (const tier of tiers) {
    const room = tier.reduce((sum, candidate) => sum + candidate.available, 0);
    const share = Math.min(remaining, room);
    if (share <= 0) continue;
    targets.push(...assign(tier, spec, status, strategy, share, divisions));
    remaining -= share;
  }
  if (remaining > 0)
    throw new ScheduleError('Unschedulable', 'Clusters available replicas are not enough to schedule.');
  return targets;
}

function assign(
  selected: readonly Candidate[],
  spec: BindingSpec,
  status: BindingStatus,
  strategy: Strategy,
  replicas: number,
  divisions: Division[],
): TargetCluster[] {
  if (strategy === 'Duplicated') {
    divisions.push({ strategy, step: 'whole', votes: [] });
    return selected.map(({ name }) => ({ name, replicas }));
  }
  if (strategy === 'StaticWeight') {
    const votes = staticVotes(selected, spec);
    divisions.push({ strategy, step: 'whole', votes });
    return divide(replicas, votes, uidOf(spec));
  }
  return assignByRoom(selected, spec, status, strategy, replicas, divisions);
}

function staticVotes(selected: readonly Candidate[], spec: BindingSpec): Votes[] {
  const rules = spec.placement?.replicaScheduling?.weightPreference?.staticWeightList ?? [];
  const weighted = selected.map(({ name, cluster }) => ({
    name,
    votes: rules.reduce(
      (most, rule) => (clusterMatches(cluster, rule.targetCluster) ? Math.max(most, Number(rule.weight)) : most),
      0,
    ),
  }));
  const matched = weighted.filter((entry) => entry.votes > 0);
  return matched.length > 0 ? matched : weighted.map(({ name }) => ({ name, votes: 1 }));
}

/** Dynamic weights and aggregation: both divide by room, aggregation over as few clusters as can hold it. */
function assignByRoom(
  selected: readonly Candidate[],
  spec: BindingSpec,
  status: BindingStatus,
  strategy: Strategy,
  replicas: number,
  divisions: Division[],
): TargetCluster[] {
  const present = new Map<string, number>();
  const names = new Set(selected.map(({ name }) => name));
  for (const { name, replicas: held = 0 } of spec.clusters ?? []) if (names.has(name)) present.set(name, held);
  const scheduled: Seats[] = [...present].map(([name, held]) => ({ name, replicas: held }));
  const assigned = scheduled.reduce((sum, entry) => sum + entry.replicas, 0);

  if (isFreshRequested(spec, status)) {
    const room = selected.map(({ name, allocatable }) => ({
      name,
      votes: int32(allocatable + (present.get(name) ?? 0)),
    }));
    divisions.push({ strategy, step: 'fresh', votes: room });
    return inStep('failed to do fresh scale', () => fill(replicas, room, new Set(), [], strategy, spec));
  }
  if (assigned > replicas) {
    const room = scheduled.map((entry) => ({ name: entry.name, votes: entry.replicas }));
    divisions.push({ strategy, step: 'less', votes: room });
    return inStep('failed to scale down', () => fill(replicas, room, new Set(), [], strategy, spec));
  }
  if (assigned < replicas) {
    const prior = new Set(scheduled.filter((entry) => entry.replicas > 0).map(({ name }) => name));
    const room = selected.map(({ name, allocatable }) => ({ name, votes: allocatable }));
    divisions.push({ strategy, step: assigned === 0 ? 'whole' : 'more', votes: room });
    return inStep('failed to scale up', () => fill(replicas - assigned, room, prior, scheduled, strategy, spec));
  }
  divisions.push({ strategy, step: 'kept', votes: [] });
  return scheduled;
}

function fill(
  target: number,
  room: Votes[],
  prior: ReadonlySet<string>,
  base: readonly Seats[],
  strategy: Strategy,
  spec: BindingSpec,
): Seats[] {
  const sum = room.reduce((total, entry) => int32(total + entry.votes), 0);
  if (sum < target) {
    throw new ScheduleError('Unschedulable', `Clusters available replicas ${sum} are not enough to schedule.`);
  }
  let votes = [...room].sort((a, b) => b.votes - a.votes);
  if (strategy === 'Aggregated') {
    votes = [...votes.filter(({ name }) => prior.has(name)), ...votes.filter(({ name }) => !prior.has(name))];
    votes = shortestPrefix(votes, target);
  }
  return merge(divide(target, votes, uidOf(spec)), base);
}

/** Upstream counts in 32 bits; an unestimated cluster (2^31-1) plus what it runs wraps, and its answer shows that. */
function int32(value: number): number {
  return value | 0;
}

function shortestPrefix(votes: readonly Votes[], target: number): Votes[] {
  let sum = 0;
  const end = votes.findIndex((entry) => {
    sum += entry.votes;
    return sum >= target;
  });
  return votes.slice(0, end + 1);
}

function merge(result: readonly Seats[], base: readonly Seats[]): Seats[] {
  const held = new Map(base.map((entry) => [entry.name, entry.replicas]));
  const merged = result.map(({ name, replicas }) => {
    const before = held.get(name) ?? 0;
    held.delete(name);
    return { name, replicas: replicas + before };
  });
  const rest = [...held].map(([name, replicas]) => ({ name, replicas }));
  return [...merged, ...rest.sort((a, b) => (a.name < b.name ? -1 : 1))];
}

/** A rebalance was asked for after the last decision: divide from scratch instead of changing as little as possible. */
export function isFreshRequested(spec: BindingSpec, status: BindingStatus): boolean {
  if (!spec.rescheduleTriggeredAt || !status.lastScheduledTime) return false;
  return Date.parse(spec.rescheduleTriggeredAt) > Date.parse(status.lastScheduledTime);
}

function uidOf(spec: BindingSpec): string {
  return spec.resource.uid ?? '';
}
