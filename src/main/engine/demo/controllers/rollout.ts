/**
 * Arithmetic of a Deployment's rolling update, as pure functions over replica counts.
 * Source: Kubernetes documentation "Deployments" and the behaviour of the deployment controller (ResolveFenceposts,
 * NewRSNewReplicas, proportional scaling).
 */
import { intOrPercent } from '../sim/quantities.ts';

export interface SetCounts {
  name: string;
  /** spec.replicas */
  desired: number;
  available: number;
  ready?: number;
  /** Creation time, ms; older sets are scaled down first. */
  created?: number;
}

export interface RollingLimits {
  maxSurge: number;
  maxUnavailable: number;
}

/** Percentages become numbers: surge rounds up, unavailable down; both zero would stand still, so one may be missing. */
export function rollingLimits(
  strategy: { maxSurge?: unknown; maxUnavailable?: unknown } | undefined,
  replicas: number,
): RollingLimits {
  const maxSurge = intOrPercent(strategy?.maxSurge ?? '25%', replicas, true);
  const maxUnavailable = intOrPercent(strategy?.maxUnavailable ?? '25%', replicas, false);
  if (maxSurge === 0 && maxUnavailable === 0) return { maxSurge: 0, maxUnavailable: 1 };
  return { maxSurge, maxUnavailable: Math.min(maxUnavailable, replicas) };
}

/** How many replicas the newest set may have now. */
export function newSetReplicas(
  replicas: number,
  limits: RollingLimits,
  newest: SetCounts,
  old: readonly SetCounts[],
): number {
  if (newest.desired === replicas) return newest.desired;
  if (newest.desired > replicas) return replicas;
  const total = newest.desired + sum(old, (set) => set.desired);
  const room = replicas + limits.maxSurge - total;
  if (room <= 0) return newest.desired;
  return newest.desired + Math.min(room, replicas - newest.desired);
}

/**
 * New counts of the old sets: first those of their replicas that do not work, then as many of the working ones as may
 * be missing. Only sets whose count changes are returned.
 */
export function oldSetReplicas(
  replicas: number,
  limits: RollingLimits,
  newest: SetCounts,
  old: readonly SetCounts[],
): Map<string, number> {
  const changed = new Map<string, number>();
  const sets = [...old].sort((a, b) => (a.created ?? 0) - (b.created ?? 0));
  const total = newest.desired + sum(sets, (set) => set.desired);
  const minAvailable = replicas - limits.maxUnavailable;
  const newUnavailable = newest.desired - newest.available;
  let room = total - minAvailable - newUnavailable;
  if (room <= 0) return changed;

  const counts = new Map(sets.map((set) => [set.name, set.desired]));
  for (const set of sets) {
    if (room <= 0) break;
    const broken = Math.min(room, Math.max(0, set.desired - set.available));
    if (broken === 0) continue;
    counts.set(set.name, set.desired - broken);
    room -= broken;
  }
  let spare = newest.available + sum(sets, (set) => set.available) - minAvailable;
  for (const set of sets) {
    if (spare <= 0) break;
    const have = counts.get(set.name) ?? 0;
    const down = Math.min(have, spare);
    if (down === 0) continue;
    counts.set(set.name, have - down);
    spare -= down;
  }
  for (const set of sets) {
    const count = counts.get(set.name) ?? set.desired;
    if (count !== set.desired) changed.set(set.name, count);
  }
  return changed;
}

/**
 * A Deployment scaled in the middle of a rollout (or while paused): the change is shared out over the active sets in
 * proportion to their size, the remainder goes to the largest.
 */
export function proportional(replicas: number, limits: RollingLimits, sets: readonly SetCounts[]): Map<string, number> {
  const active = sets.filter((set) => set.desired > 0);
  const total = sum(active, (set) => set.desired);
  const allowed = replicas > 0 ? replicas + limits.maxSurge : 0;
  let toAdd = allowed - total;
  const result = new Map<string, number>();
  if (toAdd === 0 || total === 0) return result;
  const up = toAdd > 0;
  // Larger first; among equals the newer when growing, the older when shrinking.
  const order = [...active].sort(
    (a, b) => b.desired - a.desired || (up ? (b.created ?? 0) - (a.created ?? 0) : (a.created ?? 0) - (b.created ?? 0)),
  );
  const whole = toAdd;
  for (const set of order) {
    if (toAdd === 0) break;
    const exact = Math.round((set.desired * whole) / total);
    const share = up ? Math.min(Math.max(exact, 0), toAdd) : Math.max(Math.min(exact, 0), toAdd);
    result.set(set.name, set.desired + share);
    toAdd -= share;
  }
  const first = order[0];
  if (first !== undefined && toAdd !== 0) {
    result.set(first.name, Math.max(0, (result.get(first.name) ?? first.desired) + toAdd));
  }
  for (const set of active) if (result.get(set.name) === set.desired) result.delete(set.name);
  return result;
}

function sum(sets: readonly SetCounts[], of: (set: SetCounts) => number): number {
  return sets.reduce((total, set) => total + of(set), 0);
}
