import { describe, expect, test } from 'vitest';
import type { DrillPhase } from '#shared/contract/federation-runs.ts';
import { actOnDrill, type DrillAct, type DrillSeen, nextDrill, phasesOf } from './drill.ts';
import type { DrillRecord } from './types.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const sample = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'web' };

function drill(change: Partial<DrillRecord> = {}): DrillRecord {
  return {
    kind: 'drill',
    id: 'run',
    federationId: 'federation',
    state: 'running',
    reason: null,
    createdAt: new Date(START).toISOString(),
    endedAt: null,
    cluster: 'a',
    how: 'fault',
    sample,
    workloads: [sample],
    guided: false,
    quick: true,
    phases: phasesOf(true),
    before: [],
    during: [],
    after: [],
    lowest: null,
    settings: null,
    partners: ['b'],
    resumedAt: null,
    rebalancedAt: null,
    ...change,
  };
}

const both: DrillSeen = {
  standing: {
    settled: true,
    wanted: 4,
    ready: 4,
    placement: [
      { name: 'a', replicas: 2 },
      { name: 'b', replicas: 2 },
    ],
    readyIn: { a: 2, b: 2 },
  },
  back: true,
  noticed: false,
  evicted: false,
  cleaned: false,
  waitSeconds: 0,
};
const lost: DrillSeen = { ...both, back: false, noticed: true };
const moved: DrillSeen = {
  ...lost,
  evicted: true,
  standing: { ...both.standing, placement: [{ name: 'b', replicas: 4 }], readyIn: { b: 3 }, ready: 3 },
};
const takenOver: DrillSeen = { ...moved, standing: { ...moved.standing, readyIn: { b: 4 }, ready: 4 } };
const clean: DrillSeen = { ...both, cleaned: true };

/** One look a second, each with what is seen then; returns the run and what was done in order. */
function follow(run: DrillRecord, views: readonly DrillSeen[]): { run: DrillRecord; acts: DrillAct[] } {
  const acts: DrillAct[] = [];
  let current = run;
  views.forEach((view, second) => {
    const next = nextDrill(current, view, START + second * 1000);
    if (next.act !== null) acts.push(next.act);
    current = next.run;
  });
  return { run: current, acts };
}

describe('a drill', () => {
  test('deploys, cuts off, measures the take-over, brings back, balances and cleans up', () => {
    const views = [
      both,
      both,
      both,
      lost,
      lost,
      moved,
      moved,
      takenOver,
      takenOver,
      both,
      both,
      both,
      both,
      clean,
      clean,
    ];
    const { run, acts } = follow(drill(), views);
    expect(acts).toEqual(['deploy', 'cut', 'restore', 'rebalance', 'clean']);
    expect(run.state).toBe('done');
    expect(run.lowest).toEqual({ ready: 2, wanted: 4 });
    expect(run.before).toEqual(both.standing.placement);
    expect(run.during).toEqual([{ name: 'b', replicas: 4 }]);
    expect(run.after).toEqual(run.before);
    const at = Object.fromEntries(run.phases.map(({ phase, at: time }) => [phase, Date.parse(time ?? '')]));
    expect(at['takenOver']).toBeGreaterThan(at['cut'] as number);
  });

  test('is never measured better than at the cut, however late it is looked at again', () => {
    const overlapping = { ...moved, standing: { ...moved.standing, readyIn: { a: 2, b: 4 }, ready: 6 } };
    const evicted = follow(drill({ how: 'eviction' }), [both, both, both, overlapping, overlapping, overlapping]).run;
    expect(evicted.lowest).toEqual({ ready: 4, wanted: 4 });
    // Unlike in a graceful eviction, what runs in a member that is cut off counts for nothing at once.
    const faulted = follow(drill({ how: 'fault' }), [both, both, both, overlapping, overlapping, overlapping]).run;
    expect(faulted.lowest).toEqual({ ready: 2, wanted: 4 });
  });

  test('with a guide waits for a person after each thing to see', () => {
    const { run, acts } = follow(drill({ guided: true }), [both, both, both, both]);
    expect(acts).toEqual(['deploy']);
    expect(run.state).toBe('waiting');
    const resumed = actOnDrill(run, 'next', START + 90_000) as DrillRecord;
    expect(nextDrill(resumed, both, START + 90_000).act).toBe('cut');
  });

  test('that is stopped brings the member back and takes its workload away', () => {
    const cut = follow(drill(), [both, both, both]).run;
    const stopped = actOnDrill(cut, 'stop', START) as DrillRecord;
    const { run, acts } = follow(stopped, [lost, both, both, clean]);
    expect(acts).toEqual(['restore', 'clean', 'clean']);
    expect(run.state).toBe('reverted');
  });

  test('whose member is not given up in time puts everything right and says why', () => {
    const cut = follow(drill(), [both, both, both, lost]).run;
    const late = nextDrill(cut, lost, START + 400_000).run;
    expect(late).toMatchObject({ state: 'restoring', reason: { code: 'notTakenOver' } });
    const { run, acts } = follow(late, [lost, both, clean]);
    expect(acts).toEqual(['restore', 'clean']);
    expect(run.state).toBe('failed');
  });

  test('over workloads of others leaves them alone at the end', () => {
    const own = drill({ sample: null, phases: phasesOf(false) });
    const { run, acts } = follow(own, [both, both, lost, moved, takenOver, takenOver, both, both, both, both]);
    expect(acts).toEqual(['cut', 'restore', 'rebalance']);
    expect(run.state).toBe('done');
  });

  test('killed after each thing that it does, before that was kept, does it again and ends the same', () => {
    const acts: DrillAct[] = [];
    let run = drill();
    let kept = true;
    for (let second = 0; second < 60 && run.state !== 'done'; second++) {
      const phase = run.phases.find(({ at }) => at === null)?.phase;
      const views: Partial<Record<DrillPhase, DrillSeen>> = {
        noticed: lost,
        evicted: moved,
        takenOver,
        restored: takenOver,
      };
      const seen = phase === 'cleaned' && acts.includes('clean') ? clean : ((phase && views[phase]) ?? both);
      const next = nextDrill(run, seen, START + second * 1000);
      if (next.act !== null) {
        acts.push(next.act);
        kept = !kept;
      }
      if (next.act === null || kept) run = next.run;
    }
    expect(run.state).toBe('done');
    expect(run.phases.every(({ at }) => at !== null)).toBe(true);
    expect([...new Set(acts)]).toEqual(['deploy', 'cut', 'restore', 'rebalance', 'clean']);
    expect(acts.filter((act) => act === 'cut')).toHaveLength(2);
    expect(run).toMatchObject({ before: both.standing.placement, during: takenOver.standing.placement });
  });
});
