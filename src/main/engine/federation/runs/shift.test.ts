import { describe, expect, test } from 'vitest';
import type { Standing } from './observe.ts';
import {
  actOnShift,
  isAsLeft,
  nextShift,
  originalSpec,
  placementFor,
  schedulingFor,
  specFor,
  weightsBetween,
} from './shift.ts';
import type { ShiftRecord } from './types.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const well: Standing = { settled: true, wanted: 10, ready: 10, placement: [], readyIn: {} };
const starting: Standing = { ...well, settled: false, ready: 9 };
const poor: Standing = { ...well, settled: false, ready: 5 };

function shift(change: Partial<ShiftRecord> = {}): ShiftRecord {
  return {
    kind: 'shift',
    id: 'run',
    federationId: 'federation',
    state: 'running',
    reason: null,
    createdAt: new Date(START).toISOString(),
    endedAt: null,
    policy: 'default/web',
    steps: weightsBetween({ a: 1 }, { b: 1 }, 2).map((weights) => ({
      weights: { ...weights },
      replicas: [],
      appliedAt: null,
      settledAt: null,
      lowestReady: null,
    })),
    at: -1,
    observeSeconds: 10,
    manual: false,
    abort: { minReadyPercent: 80, patienceSeconds: 60, otherwise: 'pause' },
    retire: true,
    lowSince: null,
    original: { placement: { clusterAffinity: { clusterNames: ['a'] } }, preserve: true },
    members: ['a', 'b'],
    ...change,
  };
}

const seen = (run: ShiftRecord, standing: Standing) => ({
  scheduling: schedulingFor(run.steps[Math.max(run.at, 0)]?.weights ?? {}),
  standing,
  lost: [],
});

/** Looks every second until something is to be done or `seconds` are over. */
function watch(run: ShiftRecord, standing: Standing, from: number, seconds: number): { run: ShiftRecord; at: number } {
  let current = run;
  for (let second = 0; second <= seconds; second++) {
    const now = START + (from + second) * 1000;
    const next = nextShift(current, seen(current, standing), now);
    if (next.act !== null || next.run.state !== current.state || next.run.at !== current.at)
      return { run: next.run, at: from + second };
    current = next.run;
  }
  return { run: current, at: from + seconds };
}

describe('weights between two distributions', () => {
  test('go straight, keep their sum, and end exactly where they shall', () => {
    expect(weightsBetween({ a: 1 }, { b: 3, a: 1 }, 4)).toEqual([
      { a: 81, b: 19 },
      { a: 63, b: 37 },
      { a: 44, b: 56 },
      { a: 1, b: 3 },
    ]);
    for (const weights of weightsBetween({ a: 1, b: 1, c: 1 }, { c: 7 }, 7).slice(0, -1))
      expect(Object.values(weights).reduce((sum, weight) => sum + weight, 0)).toBe(100);
  });

  test('from nothing begin with nothing', () => {
    expect(weightsBetween({}, { a: 1 }, 1)).toEqual([{ a: 1 }]);
  });
});

test('a policy changes in its division and members only, keeps its copies no longer, and comes back as it was', () => {
  const spec = {
    resourceSelectors: [],
    priority: 7,
    preserveResourcesOnDeletion: true,
    placement: { clusterAffinity: { clusterNames: ['a'] }, clusterTolerations: [{ key: 'x' }] },
  };
  const run = shift({ original: { placement: spec.placement, preserve: true } });
  const changed = specFor(spec, run, { a: 50, b: 50 });
  expect(changed.priority).toBe(7);
  expect(changed.preserveResourcesOnDeletion).toBe(false);
  expect(changed.placement?.clusterAffinity?.clusterNames).toEqual(['a', 'b']);
  expect(changed.placement?.clusterTolerations).toEqual([{ key: 'x' }]);
  expect(originalSpec(changed, run)).toEqual(spec);
});

test('a member without weight is left out of the list', () => {
  expect(placementFor(null, { a: 0, b: 2 }, ['a', 'b']).replicaScheduling?.weightPreference?.staticWeightList).toEqual([
    { targetCluster: { clusterNames: ['b'] }, weight: 2 },
  ]);
});

describe('a shift', () => {
  test('writes a step, waits until everything runs, watches it, and goes on to the end', () => {
    const first = nextShift(shift(), seen(shift(), well), START);
    expect(first.act).toEqual({ kind: 'apply', weights: { a: 50, b: 50 } });
    expect(nextShift(first.run, seen(first.run, starting), START + 1000).run.steps[0]?.settledAt).toBeNull();
    const second = watch(first.run, well, 1, 30);
    expect(second).toMatchObject({ at: 11, run: { at: 1, state: 'running' } });
    const applied = nextShift(second.run, seen(second.run, well), START + 12_000);
    expect(applied.act).toEqual({ kind: 'apply', weights: { a: 0, b: 1 } });
    expect(watch(applied.run, well, 13, 30)).toMatchObject({ at: 23, run: { state: 'done' } });
  });

  test('waits for a person between steps where it shall', () => {
    const { run } = nextShift(shift({ manual: true }), seen(shift(), well), START);
    const waiting = watch(run, well, 1, 30).run;
    expect(waiting).toMatchObject({ state: 'waiting', at: 0 });
    expect(actOnShift(waiting, 'next', START)).toMatchObject({ state: 'running', at: 1 });
  });

  test('stands still when too few replicas are ready for too long, not when they are for a moment', () => {
    const { run } = nextShift(shift(), seen(shift(), well), START);
    const dipped = watch(run, poor, 1, 50).run;
    expect(dipped).toMatchObject({ state: 'running', steps: [{ lowestReady: 50 }, {}] });
    expect(nextShift(dipped, seen(dipped, starting), START + 52_000).run.lowSince).toBeNull();
    const settled = nextShift(run, seen(run, well), START + 1000).run;
    expect(watch(settled, poor, 2, 90)).toMatchObject({
      at: 62,
      run: { state: 'paused', reason: { code: 'lostReplicas' } },
    });
  });

  test('stands still when a step is not done in time, or goes all the way back where it shall', () => {
    const back = shift({ abort: { minReadyPercent: 80, patienceSeconds: 60, otherwise: 'back' } });
    const { run } = nextShift(back, seen(back, well), START);
    const aborted = watch(run, starting, 1, 90).run;
    expect(aborted).toMatchObject({ state: 'reverting', reason: { code: 'notReadyInTime' } });
    const restoring = nextShift(aborted, seen(aborted, starting), START + 70_000);
    expect(restoring.act).toEqual({ kind: 'restore' });
    expect(nextShift(restoring.run, seen(restoring.run, starting), START + 71_000).run.state).toBe('reverting');
    expect(nextShift(restoring.run, seen(restoring.run, well), START + 72_000).run.state).toBe('reverted');
  });

  test('stands still when somebody else changes the division, and fails when the policy is gone', () => {
    const { run } = nextShift(shift(), seen(shift(), well), START);
    const other = { scheduling: schedulingFor({ a: 9 }), standing: well, lost: [] };
    expect(nextShift(run, other, START).run).toMatchObject({ state: 'paused', reason: { code: 'policyChanged' } });
    expect(nextShift(run, { scheduling: null, standing: well, lost: [] }, START).run).toMatchObject({
      state: 'failed',
    });
  });

  test('one step back writes the earlier weights again and then waits for a person', () => {
    const at1 = shift({ at: 1, state: 'paused' });
    const back = actOnShift(at1, 'back', START) as ShiftRecord;
    expect(back).toMatchObject({ at: 0, state: 'running', manual: true });
    expect(nextShift(back, seen(back, well), START).act).toEqual({ kind: 'apply', weights: { a: 50, b: 50 } });
    expect(actOnShift(shift({ at: 0 }), 'back', START)).toBeNull();
  });

  test('that is done can be taken back, and knows whether the policy still divides as it left it', () => {
    const done = shift({ at: 1, state: 'done', endedAt: new Date(START).toISOString() });
    expect(isAsLeft(done, seen(done, well))).toBe(true);
    expect(isAsLeft(done, { scheduling: schedulingFor({ a: 1 }) })).toBe(false);
    expect(isAsLeft(done, { scheduling: null })).toBe(false);
    const back = actOnShift(done, 'revert', START) as ShiftRecord;
    expect(back).toMatchObject({ state: 'reverting', endedAt: null });
    const restoring = nextShift(back, seen(back, well), START);
    expect(restoring.act).toEqual({ kind: 'restore' });
    expect(nextShift(restoring.run, seen(restoring.run, well), START).run.state).toBe('reverted');
    for (const state of ['reverted', 'failed', 'reverting'] as const)
      expect(actOnShift(shift({ at: 1, state }), 'revert', START)).toBeNull();
  });

  test('moves nothing to a member that is lost, however well its last report looks, and goes on when it is back', () => {
    const ready = shift({ at: 1 });
    const lost = { ...seen(ready, well), lost: ['b'] };
    const held = nextShift(ready, lost, START);
    expect(held.act).toBeNull();
    expect(held.run).toMatchObject({ state: 'paused', reason: { code: 'memberLost', params: { names: 'b' } } });
    const told = actOnShift(held.run, 'next', START) as ShiftRecord;
    expect(nextShift(told, lost, START).run.state).toBe('paused');
    expect(nextShift(told, seen(told, well), START).act).toEqual({ kind: 'apply', weights: { a: 0, b: 1 } });
    const back = shift({ at: 1, abort: { minReadyPercent: 80, patienceSeconds: 60, otherwise: 'back' } });
    expect(nextShift(back, lost, START).run.state).toBe('reverting');
  });

  test('killed after each write to the policy, before that was kept, writes the same again and ends the same', () => {
    let run = shift({ observeSeconds: 0 });
    let weights: Record<string, number> = { a: 1 };
    const written: string[] = [];
    let kept = true;
    for (let second = 0; second < 30 && run.state === 'running'; second++) {
      const next = nextShift(
        run,
        { scheduling: schedulingFor(weights), standing: well, lost: [] },
        START + second * 1000,
      );
      if (next.act?.kind === 'apply') {
        weights = { ...next.act.weights };
        written.push(JSON.stringify(weights));
        kept = !kept;
      }
      if (next.act === null || kept) run = next.run;
    }
    expect(run).toMatchObject({ state: 'done', at: 1 });
    const [half, all] = [JSON.stringify({ a: 50, b: 50 }), JSON.stringify({ a: 0, b: 1 })];
    expect(written).toEqual([half, half, all, all]);
    // On the way back, too: the policy is as it was already, and the run does not know yet.
    const back = actOnShift(run, 'revert', START) as ShiftRecord;
    for (const _ of ['before the kill', 'after it'])
      expect(nextShift(back, { ...seen(back, well), scheduling: schedulingFor({ a: 1 }) }, START).act).toEqual({
        kind: 'restore',
      });
  });
});
