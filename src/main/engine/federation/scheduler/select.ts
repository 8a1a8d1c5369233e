/** Chooses among the candidates by the placement's spread constraints. */
import type { BindingSpec, Placement, SpreadConstraint } from '../api.ts';
import { byRank, type Candidate } from './candidates.ts';
import { ScheduleError } from './errors.ts';
import { chooseRegions, type RegionGroup } from './regions.ts';

type Limits = { min: number; max: number };

/** The selected candidates, in the order in which division considers them. */
export function selectClusters(candidates: readonly Candidate[], spec: BindingSpec): Candidate[] {
  const placement = spec.placement ?? {};
  const constraints = placement.spreadConstraints ?? [];
  if (constraints.length === 0 || ignoresSpread(placement)) return [...candidates];
  const divided = countsCapacity(placement);
  const replicas = spec.replicas ?? 0;
  const cluster = limitsOf(constraints, 'cluster');
  const region = limitsOf(constraints, 'region');
  if (region !== null) return selectByRegion(candidates, region, cluster ?? { min: 0, max: 0 }, replicas, divided);
  if (cluster !== null) return selectByCluster(candidates, cluster, divided ? replicas : null);
  throw new ScheduleError('SchedulerError', 'just support cluster and region spread constraint');
}

/** Static weights say themselves where replicas go; constraints are not looked at then. */
export function ignoresSpread(placement: Placement): boolean {
  const scheduling = placement.replicaScheduling;
  if (scheduling?.replicaSchedulingType !== 'Divided') return false;
  if (scheduling.replicaDivisionPreference !== 'Weighted') return false;
  const preference = scheduling.weightPreference;
  if (!preference) return true;
  return (preference.staticWeightList?.length ?? 0) > 0 && !preference.dynamicWeight;
}

function countsCapacity(placement: Placement): boolean {
  const type = placement.replicaScheduling?.replicaSchedulingType;
  return placement.replicaScheduling != null && type !== 'Duplicated';
}

function limitsOf(constraints: readonly SpreadConstraint[], field: string): Limits | null {
  let found: Limits | null = null;
  for (const constraint of constraints)
    if (constraint.spreadByField === field) found = { min: constraint.minGroups ?? 0, max: constraint.maxGroups ?? 0 };
  return found;
}

function selectByCluster(candidates: readonly Candidate[], limits: Limits, replicas: number | null): Candidate[] {
  if (candidates.length < limits.min) {
    throw new ScheduleError(
      'SchedulerError',
      'the number of feasible clusters is less than spreadConstraint.MinGroups',
    );
  }
  const need = Math.min(candidates.length, limits.max);
  const selected = candidates.slice(0, need);
  if (replicas === null) return selected;
  const rest = candidates.slice(need);
  for (let index = need - 1; index >= 0 && sumAvailable(selected) < replicas; index--) {
    const weakest = selected[index] as Candidate;
    let strongest = -1;
    let most = weakest.available;
    for (const [position, candidate] of rest.entries()) {
      if (candidate.available > most) {
        strongest = position;
        most = candidate.available;
      }
    }
    if (strongest < 0) continue;
    selected[index] = rest[strongest] as Candidate;
    rest[strongest] = weakest;
  }
  if (need === 0 || sumAvailable(selected) < replicas) {
    throw new ScheduleError('SchedulerError', `no enough resource when selecting ${need} clusters`);
  }
  return selected;
}

function selectByRegion(
  candidates: readonly Candidate[],
  region: Limits,
  cluster: Limits,
  replicas: number,
  divided: boolean,
): Candidate[] {
  const members = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    const name = candidate.cluster.spec?.region;
    if (!name) continue;
    const list = members.get(name);
    if (list === undefined) members.set(name, [candidate]);
    else list.push(candidate);
  }
  if (members.size < region.min) {
    throw new ScheduleError('SchedulerError', 'the number of feasible region is less than spreadConstraint.MinGroups');
  }
  const groups = [...members].map(
    ([name, list]): RegionGroup => ({
      name,
      value: list.length,
      weight: divided ? dividedScore(list, replicas, region.min, cluster.min) : duplicatedScore(list, replicas),
    }),
  );
  return pickFromRegions(members, groups, region, cluster);
}

function pickFromRegions(
  members: Map<string, Candidate[]>,
  groups: RegionGroup[],
  region: Limits,
  cluster: Limits,
): Candidate[] {
  const chosen = chooseRegions(groups, region.min, region.max, cluster.min);
  if (chosen === null) {
    throw new ScheduleError(
      'SchedulerError',
      'the number of clusters is less than the cluster spreadConstraint.MinGroups',
    );
  }
  const lists = chosen.map((group) => members.get(group.name) as Candidate[]);
  const heads = lists.map((list) => list[0] as Candidate);
  const others = lists.flatMap((list) => list.slice(1)).sort(byRank);
  const total = Math.min(heads.length + others.length, cluster.max);
  return [...heads, ...others.slice(0, Math.max(0, total - heads.length))];
}

const UNIT = 1000;

/** How well a region serves its share of divided replicas; more room beyond the share counts no more. */
function dividedScore(list: readonly Candidate[], replicas: number, minRegions: number, minClusters: number): number {
  const share = Math.ceil(replicas / Math.max(1, minRegions));
  const wanted = Math.max(minClusters, minRegions);
  let sum = 0;
  let score = 0;
  let count = 0;
  for (const candidate of list) {
    sum += candidate.available;
    score += candidate.score;
    count += 1;
    if (count >= wanted && sum >= share) break;
  }
  return Math.min(sum, share) * UNIT + Math.trunc(score / (sum < share ? list.length : count));
}

/** How many clusters of a region can hold the whole workload. */
function duplicatedScore(list: readonly Candidate[], replicas: number): number {
  const valid = list.filter((candidate) => candidate.available >= replicas);
  if (valid.length === 0) return 0;
  const score = valid.reduce((sum, candidate) => sum + candidate.score, 0);
  return valid.length * UNIT + Math.trunc(score / valid.length);
}

function sumAvailable(list: readonly Candidate[]): number {
  return list.reduce((sum, candidate) => sum + candidate.available, 0);
}
