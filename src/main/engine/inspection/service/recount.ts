/**
 * Figures of runs that are over, counted anew when what is accepted changes: a list and a trend show what the reports
 * say. One run after the other, the newest first; a change in between begins again.
 */
import type { Exemption, InspectionRun } from '#shared/contract/inspection.ts';
import type { Log } from '../../types.ts';
import type { Counts } from '../work/work.ts';

export interface RecountDeps {
  runs(): readonly InspectionRun[];
  exemptions(): readonly Exemption[];
  /** With the exemptions of now. */
  counts(run: InspectionRun): Promise<Counts>;
  save(run: InspectionRun): void;
  onChange(): void;
  /** Milliseconds since the epoch. */
  now(): number;
  log: Log;
}

export interface Recount {
  /** Something else is accepted from now on. */
  begin(): void;
  /** Resolves when nothing is left to count. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** An exemption that ends is looked for again after so long at most: timers know no more than 24 days. */
const LONGEST_MS = 24 * 3600 * 1000;

export function createRecount(deps: RecountDeps): Recount {
  let wanted = 0;
  let closed = false;
  let working: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;

  async function work(): Promise<void> {
    for (let turn = 0; turn !== wanted && !closed; ) {
      turn = wanted;
      for (const run of deps.runs().filter(({ state }) => state === 'done' || state === 'partial')) {
        if (closed || turn !== wanted) break;
        await one(run);
      }
    }
  }

  async function one(run: InspectionRun): Promise<void> {
    try {
      const counts = await deps.counts(run);
      if (closed || !deps.runs().includes(run) || !take(run, counts)) return;
      deps.save(run);
      deps.onChange();
    } catch (error) {
      if (!closed)
        deps.log.warn('figures of an inspection could not be counted anew', { run: run.id, error: String(error) });
    }
  }

  /** Begins again when the next exemption ends. */
  function wait(): void {
    clearTimeout(timer);
    const ends = deps
      .exemptions()
      .map(({ until }) => (until === null ? Number.POSITIVE_INFINITY : Date.parse(until) - deps.now()))
      .filter((ms) => ms > 0);
    const next = Math.min(...ends);
    if (!Number.isFinite(next) || closed) return;
    timer = setTimeout(() => (next > LONGEST_MS ? wait() : begin()), Math.min(next + 1, LONGEST_MS));
    timer.unref();
  }

  function begin(): void {
    wanted += 1;
    wait();
    working ??= work().finally(() => {
      working = null;
    });
  }

  wait();
  return {
    begin,
    async idle() {
      await working;
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      await working;
    },
  };
}

/** Whether anything is different now. */
function take(run: InspectionRun, { targets, ...sum }: Counts): boolean {
  const before = JSON.stringify([run.score, run.exempt, run.tally, run.targets.map(({ tally }) => tally)]);
  Object.assign(run, sum);
  for (const target of run.targets) {
    const counted = targets[target.name];
    if (counted !== undefined && target.score !== null) Object.assign(target, counted);
  }
  return before !== JSON.stringify([run.score, run.exempt, run.tally, run.targets.map(({ tally }) => tally)]);
}
