/**
 * A drill of the take-over, phase by phase: what comes next as things stand. Pure: time and observations are given. What
 * was changed is always put right at the end, however the drill goes.
 */
import type { Drill, DrillPhase, RunReason } from '#shared/contract/federation-runs.ts';
import type { Standing } from './observe.ts';
import { reasonOf } from './shift.ts';
import { type DrillRecord, iso } from './types.ts';

const MINUTES_3 = 180;
const MINUTES_5 = 300;
/** A rebalance in the very second of the last decision asks for nothing. */
const AGAIN_SECONDS = 3;
const SETTLED_ELSEWHERE_SECONDS = 20;

/** A person looks at these before it goes on, where the drill is guided. */
const STOPS: ReadonlySet<DrillPhase> = new Set(['ready', 'takenOver', 'back', 'balanced']);

export interface DrillSeen {
  standing: Standing;
  /** The member answers, and nothing drives workloads out of it. */
  back: boolean;
  /** The federation knows that the member is lost. */
  noticed: boolean;
  /** Nothing of the workloads is meant to run in the member any more. */
  evicted: boolean;
  /** Nothing of the drill's own workload is left anywhere. */
  cleaned: boolean;
  /** Waiting times of the control plane for a lost member, and of the workloads' tolerations, seconds. */
  waitSeconds: number;
}

export type DrillAct = 'deploy' | 'cut' | 'restore' | 'rebalance' | 'clean';
export interface DrillNext {
  run: DrillRecord;
  /** To be done first; `run` holds once it has been. */
  act: DrillAct | null;
}

export function phasesOf(sample: boolean): Drill['phases'] {
  const all: DrillPhase[] = ['ready', 'cut', 'noticed', 'evicted', 'takenOver', 'restored', 'back', 'balanced'];
  return (sample ? (['deployed', ...all, 'cleaned'] as DrillPhase[]) : all).map((phase) => ({ phase, at: null }));
}

export function nextDrill(given: DrillRecord, seen: DrillSeen, now: number): DrillNext {
  const run = measured(given, seen);
  if (run.state === 'restoring') return restoring(run, seen, now);
  const phase = run.phases.find(({ at }) => at === null)?.phase;
  if (run.state !== 'running') return { run, act: null };
  if (phase === undefined) return { run: { ...run, state: 'done', endedAt: iso(now) }, act: null };
  return stepOf(phase, run, seen, now);
}

function stepOf(phase: DrillPhase, run: DrillRecord, seen: DrillSeen, now: number): DrillNext {
  const { standing } = seen;
  const since = now - Date.parse(lastTime(run));
  const wait = (seconds: number, code: RunReason['code']): DrillNext =>
    since >= seconds * 1000
      ? { run: { ...run, state: 'restoring', reason: reasonOf(code, { seconds }) }, act: null }
      : { run, act: null };
  const reach = (change: Partial<DrillRecord> = {}): DrillNext => ({
    run: reached({ ...run, ...change }, phase, now),
    act: null,
  });
  switch (phase) {
    case 'deployed':
      return { run: reached(run, phase, now), act: 'deploy' };
    case 'ready':
      return standing.settled ? reach({ before: standing.placement }) : wait(MINUTES_3, 'notReadyInTime');
    case 'cut':
      // What is ready at this moment is the first figure: the next look may come when others have taken over already.
      return { run: measured(reached(run, phase, now), seen), act: 'cut' };
    case 'noticed':
      return seen.noticed ? reach() : wait(MINUTES_3, 'notNoticed');
    case 'evicted':
      return seen.evicted ? reach({ during: standing.placement }) : wait(seen.waitSeconds + MINUTES_5, 'notTakenOver');
    case 'takenOver':
      return elsewhere(run, standing) >= standing.wanted && standing.wanted > 0
        ? reach({ during: standing.placement })
        : wait(MINUTES_5, 'notTakenOver');
    case 'restored':
      return { run: reached(run, phase, now), act: 'restore' };
    case 'back':
      return seen.back ? reach() : wait(MINUTES_3, 'notBack');
    case 'balanced':
      return balancing(run, seen, now, wait, reach);
    case 'cleaned':
      return seen.cleaned ? reach() : { run, act: 'clean' };
  }
}

function balancing(
  run: DrillRecord,
  { standing }: DrillSeen,
  now: number,
  wait: (seconds: number, code: RunReason['code']) => DrillNext,
  reach: (change: Partial<DrillRecord>) => DrillNext,
): DrillNext {
  const asked = run.rebalancedAt === null ? null : now - Date.parse(run.rebalancedAt);
  if (asked === null) return { run: { ...run, rebalancedAt: iso(now) }, act: 'rebalance' };
  const same = JSON.stringify(standing.placement) === JSON.stringify(run.before);
  const total = now - Date.parse(lastTime(run));
  // Placed by room, workloads may well stay where they are; then it is what the scheduler wants.
  if (standing.settled && (same || total >= SETTLED_ELSEWHERE_SECONDS * 1000))
    return reach({ after: standing.placement });
  if (!same && standing.settled && asked >= AGAIN_SECONDS * 1000)
    return { run: { ...run, rebalancedAt: iso(now) }, act: 'rebalance' };
  return wait(MINUTES_3, 'notBalanced');
}

/** Whatever was done is undone, in the order in which it is safe; the end says whether it went wrong or was stopped. */
function restoring(run: DrillRecord, seen: DrillSeen, now: number): DrillNext {
  const at = (phase: DrillPhase): string | null => run.phases.find((entry) => entry.phase === phase)?.at ?? null;
  if (at('cut') !== null && at('restored') === null) return { run: reached(run, 'restored', now), act: 'restore' };
  if (at('deployed') !== null && !seen.cleaned) return { run, act: 'clean' };
  const cleaned = at('deployed') === null ? run : reached(run, 'cleaned', now);
  return {
    run: { ...cleaned, state: run.reason?.code === 'stopped' ? 'reverted' : 'failed', endedAt: iso(now) },
    act: null,
  };
}

function measured(run: DrillRecord, { standing }: DrillSeen): DrillRecord {
  const time = (phase: DrillPhase): string | null => run.phases.find((entry) => entry.phase === phase)?.at ?? null;
  if (time('cut') === null || time('back') !== null) return run;
  // What runs in a member that was cut off serves nobody, whatever was last heard of it.
  const ready = run.how === 'fault' ? elsewhere(run, standing) : standing.ready;
  if (run.lowest !== null && run.lowest.ready <= ready) return run;
  return { ...run, lowest: { ready, wanted: standing.wanted } };
}

function elsewhere({ cluster }: DrillRecord, { readyIn }: Standing): number {
  return Object.entries(readyIn).reduce((sum, [name, ready]) => (name === cluster ? sum : sum + ready), 0);
}

function reached(run: DrillRecord, phase: DrillPhase, now: number): DrillRecord {
  const phases = run.phases.map((entry) => (entry.phase === phase ? { phase, at: iso(now) } : entry));
  const stop = run.state === 'running' && run.guided && STOPS.has(phase);
  return { ...run, phases, ...(stop ? { state: 'waiting' as const } : {}) };
}

/** When the phase that is under way began: at the last one's end, or at a person's word. */
function lastTime(run: DrillRecord): string {
  const times = run.phases.flatMap(({ at }) => (at === null ? [] : [at]));
  return [...times, run.resumedAt, run.createdAt]
    .filter((time) => time !== null)
    .sort()
    .at(-1) as string;
}

/** Null when the action makes no sense in this state. */
export function actOnDrill(run: DrillRecord, action: string, now: number): DrillRecord | null {
  switch (action) {
    case 'next':
      return run.state === 'waiting' || run.state === 'paused'
        ? { ...run, state: 'running', resumedAt: iso(now) }
        : null;
    case 'stop':
      return run.state === 'restoring' ? null : { ...run, state: 'restoring', reason: reasonOf('stopped') };
    default:
      return null;
  }
}
