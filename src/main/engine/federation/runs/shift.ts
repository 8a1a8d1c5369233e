/**
 * Moving workloads between members by weights, one step at a time: which weights each step has, what a policy looks like
 * with them, and what comes next as things stand. Pure: time and observations are given.
 */
import type { RunReason, Shift } from '#shared/contract/federation-runs.ts';
import type { Json } from '#shared/kubernetes/types.ts';
import type { Placement, PolicySpec, ReplicaScheduling } from '../api.ts';
import { equalJson } from '../json.ts';
import { readyPercent, type Standing } from './observe.ts';
import { iso, type ShiftRecord } from './types.ts';

const HUNDRED = 100;

export type Weights = Readonly<Record<string, number>>;

/** `steps` weights from the first one after `from` up to exactly `to`, in percent in between. */
export function weightsBetween(from: Weights, to: Weights, steps: number): Weights[] {
  const names = [...new Set([...Object.keys(from), ...Object.keys(to)])].sort();
  const [start, end] = [shares(from, names), shares(to, names)];
  const path: Weights[] = [];
  for (let step = 1; step < steps; step++) {
    const exact = names.map((_, index) => {
      const [a, b] = [start[index] ?? 0, end[index] ?? 0];
      return a + ((b - a) * step) / steps;
    });
    path.push(Object.fromEntries(rounded(exact).map((weight, index) => [names[index] as string, weight])));
  }
  path.push(Object.fromEntries(names.map((name) => [name, to[name] ?? 0])));
  return path;
}

function shares(weights: Weights, names: readonly string[]): number[] {
  const sum = names.reduce((all, name) => all + (weights[name] ?? 0), 0);
  return names.map((name) => (sum === 0 ? 0 : ((weights[name] ?? 0) / sum) * HUNDRED));
}

/** Whole numbers with the same sum: the largest rests are rounded up. */
function rounded(exact: readonly number[]): number[] {
  const floors = exact.map(Math.floor);
  const missing =
    Math.round(exact.reduce((sum, value) => sum + value, 0)) - floors.reduce((sum, value) => sum + value, 0);
  const order = exact.map((value, index) => ({ index, rest: value - Math.floor(value) }));
  order.sort((a, b) => b.rest - a.rest || a.index - b.index);
  for (const { index } of order.slice(0, missing)) floors[index] = (floors[index] ?? 0) + 1;
  return floors;
}

/** Karmada has no weight of zero: such a member is left out of the list. */
export function schedulingFor(weights: Weights): ReplicaScheduling {
  return {
    replicaSchedulingType: 'Divided',
    replicaDivisionPreference: 'Weighted',
    weightPreference: {
      staticWeightList: Object.entries(weights)
        .filter(([, weight]) => weight > 0)
        .map(([name, weight]) => ({ targetCluster: { clusterNames: [name] }, weight })),
    },
  };
}

/** The placement with these weights; a list of members grows by those that get some. */
export function placementFor(
  original: Placement | null | undefined,
  weights: Weights,
  members: readonly string[],
): Placement {
  const affinity = original?.clusterAffinity;
  const names = affinity?.clusterNames;
  const more = names === undefined ? undefined : [...new Set([...names, ...members])];
  return {
    ...original,
    ...(more === undefined ? {} : { clusterAffinity: { ...affinity, clusterNames: more } }),
    replicaScheduling: schedulingFor(weights),
  };
}

export function specFor(
  spec: PolicySpec,
  run: Pick<ShiftRecord, 'original' | 'members' | 'retire'>,
  weights: Weights,
): PolicySpec {
  return {
    ...spec,
    placement: placementFor(run.original.placement as Placement, weights, run.members),
    ...(run.retire && spec.preserveResourcesOnDeletion ? { preserveResourcesOnDeletion: false } : {}),
  };
}

export function originalSpec(spec: PolicySpec, { original }: Pick<ShiftRecord, 'original'>): PolicySpec {
  const { placement: _, preserveResourcesOnDeletion: __, ...rest } = spec;
  return {
    ...rest,
    ...(original.placement === null ? {} : { placement: original.placement as Placement }),
    ...(original.preserve ? { preserveResourcesOnDeletion: true } : {}),
  };
}

export interface ShiftSeen {
  /** Null: the policy is gone. */
  scheduling: Json | null;
  standing: Standing;
  /** Members that are to run something by the weights of the step at hand, and are not ready. */
  lost: readonly string[];
}

export type ShiftAct = { kind: 'apply'; weights: Weights } | { kind: 'restore' };
export interface ShiftNext {
  run: ShiftRecord;
  /** To be done first; `run` holds once it has been. */
  act: ShiftAct | null;
}

export function nextShift(run: ShiftRecord, seen: ShiftSeen, now: number): ShiftNext {
  const stay = { run, act: null };
  if (seen.scheduling === null)
    return { run: stopped(run, reasonOf('policyGone', { name: run.policy }), 'failed', now), act: null };
  if (run.state === 'reverting') return reverting(run, seen, now);
  if (run.state !== 'running') return stay;
  const step = run.steps[Math.max(run.at, 0)];
  if (step === undefined) return stay;
  // What a lost member last said of its copies still stands, and looks well: only that it is lost tells.
  if (seen.lost.length > 0) return aborted(run, reasonOf('memberLost', { names: seen.lost.join(', ') }), now);
  if (run.at < 0 || step.appliedAt === null) {
    const at = Math.max(run.at, 0);
    return {
      run: withStep({ ...run, at, lowSince: null }, at, { appliedAt: iso(now) }),
      act: { kind: 'apply', weights: step.weights },
    };
  }
  if (!equalJson(seen.scheduling, schedulingFor(step.weights)))
    return { run: stopped(run, reasonOf('policyChanged', { name: run.policy }), 'paused', now), act: null };
  return watching(run, seen.standing, now);
}

function watching(given: ShiftRecord, standing: Standing, now: number): ShiftNext {
  const percent = readyPercent(standing);
  const low = percent < given.abort.minReadyPercent;
  const { at } = given;
  const step = given.steps[at] as ShiftRecord['steps'][number];
  const lowest = Math.min(step.lowestReady ?? HUNDRED, percent);
  const lowSince = low ? (given.lowSince ?? iso(now)) : null;
  const run = withStep({ ...given, lowSince }, at, {
    lowestReady: lowest,
    settledAt: step.settledAt ?? (standing.settled ? iso(now) : null),
  });
  const patience = run.abort.patienceSeconds * 1000;
  if (lowSince !== null && now - Date.parse(lowSince) >= patience)
    return aborted(run, reasonOf('lostReplicas', { percent, wanted: run.abort.minReadyPercent }), now);
  const settledAt = run.steps[at]?.settledAt ?? null;
  if (settledAt === null) {
    const late = now - Date.parse(step.appliedAt ?? iso(now)) >= patience;
    return late
      ? aborted(run, reasonOf('notReadyInTime', { seconds: run.abort.patienceSeconds }), now)
      : { run, act: null };
  }
  if (low || !standing.settled || now - Date.parse(settledAt) < run.observeSeconds * 1000) return { run, act: null };
  if (at === run.steps.length - 1) return { run: { ...run, state: 'done', endedAt: iso(now) }, act: null };
  if (run.manual) return { run: { ...run, state: 'waiting' }, act: null };
  return { run: { ...run, at: at + 1 }, act: null };
}

function reverting(run: ShiftRecord, { standing }: ShiftSeen, now: number): ShiftNext {
  // `at` falls below the first step once the policy is as it was.
  if (run.at >= 0) return { run: { ...run, at: -1 }, act: { kind: 'restore' } };
  return standing.settled ? { run: { ...run, state: 'reverted', endedAt: iso(now) }, act: null } : { run, act: null };
}

function aborted(run: ShiftRecord, reason: RunReason, now: number): ShiftNext {
  return { run: stopped(run, reason, run.abort.otherwise === 'back' ? 'reverting' : 'paused', now), act: null };
}

function stopped(run: ShiftRecord, reason: RunReason, state: Shift['state'], now: number): ShiftRecord {
  return { ...run, state, reason, ...(state === 'failed' ? { endedAt: iso(now) } : {}) };
}

function withStep(run: ShiftRecord, at: number, change: Partial<Shift['steps'][number]>): ShiftRecord {
  return { ...run, steps: run.steps.map((step, index) => (index === at ? { ...step, ...change } : step)) };
}

export function reasonOf(code: RunReason['code'], params: RunReason['params'] = {}): RunReason {
  return { code, params, error: null };
}

/** Whether the policy still divides as the run left it: what was changed since is nobody's to take back. */
export function isAsLeft(run: ShiftRecord, { scheduling }: Pick<ShiftSeen, 'scheduling'>): boolean {
  const step = run.steps[run.at];
  return step !== undefined && scheduling !== null && equalJson(scheduling, schedulingFor(step.weights));
}

/** Null when the action makes no sense in this state. */
export function actOnShift(run: ShiftRecord, action: string, now: number): ShiftRecord | null {
  const { state, at } = run;
  const stands = state === 'running' || state === 'waiting' || state === 'paused';
  switch (action) {
    case 'pause':
      return state === 'running' ? { ...run, state: 'paused', reason: null } : null;
    case 'next':
      if (state === 'waiting') return { ...run, state: 'running', reason: null, at: at + 1 };
      // What was changed meanwhile by somebody else is written again, and its time starts anew.
      if (state !== 'paused') return null;
      return {
        ...withStep(run, Math.max(at, 0), { appliedAt: null, settledAt: null }),
        state: 'running',
        reason: null,
      };
    case 'back':
      if (!stands || at < 1) return null;
      return {
        ...withStep(withStep(run, at, untouched), at - 1, untouched),
        at: at - 1,
        state: 'running',
        // One step back is looked at by a person before it goes on.
        manual: true,
        reason: null,
        lowSince: null,
      };
    case 'revert':
      if (!stands && state !== 'done') return null;
      return { ...run, state: 'reverting', reason: null, at: Math.max(at, 0), endedAt: null };
    case 'finish':
      return state === 'waiting' || state === 'paused' ? { ...run, state: 'done', endedAt: iso(now) } : null;
    default:
      return null;
  }
}

const untouched = { appliedAt: null, settledAt: null, lowestReady: null };
