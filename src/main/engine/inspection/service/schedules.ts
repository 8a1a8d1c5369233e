/**
 * Schedules: cron with a time zone. A workstation sleeps and is switched off: whatever became due meanwhile is run once,
 * however often it was missed. The clock is asked again and again instead of set, so that a long sleep is noticed. After
 * a start or a sleep the network comes back later than the clock, so a run that is due waits a little for its clusters.
 */
import { randomUUID } from 'node:crypto';
import { Cron } from 'croner';
import type { z } from 'zod';
import type { InspectionSchedule, InspectionScope, ScheduleInput } from '#shared/contract/inspection.ts';
import { AppError } from '#shared/errors.ts';
import type { InspectionRepository, ScheduleRecord } from '../types.ts';

const LOOK_MS = 15_000;
/** So long after a start or a sleep a due run waits for clusters that do not answer; its report says which did not. */
const PATIENCE_MS = 120_000;
/** The clock was not looked at for so long: the machine slept. */
const SLEPT_MS = 4 * LOOK_MS;

export interface ScheduleDeps {
  repository: Pick<InspectionRepository, 'schedules' | 'saveSchedule' | 'removeSchedule'>;
  /** Begins the run; must not throw. */
  run(scope: InspectionScope): void;
  nameOf(scope: InspectionScope): string | null;
  /** Whether all clusters of it answer. */
  answers(scope: InspectionScope): boolean;
  onChange(): void;
  /** Milliseconds since the epoch. */
  now(): number;
}

export interface Schedules {
  list(): InspectionSchedule[];
  save(input: z.output<typeof ScheduleInput>): InspectionSchedule;
  remove(id: string): void;
  /** Runs what is due, once each. */
  look(): void;
  start(): void;
  close(): void;
}

export function createSchedules(deps: ScheduleDeps): Schedules {
  const { repository } = deps;
  let timer: NodeJS.Timeout | undefined;
  /** When the clock was looked at last, and since when it has been without a pause. */
  let looked = Number.NEGATIVE_INFINITY;
  let awakeSince = Number.NEGATIVE_INFINITY;

  function shown({ handledUntil: _, ...schedule }: ScheduleRecord): InspectionSchedule {
    const next = schedule.enabled ? nextAfter(schedule, deps.now()) : null;
    return { ...schedule, name: deps.nameOf(schedule.scope), nextRun: next?.toISOString() ?? null };
  }

  function look(): void {
    const now = deps.now();
    if (now - looked > SLEPT_MS) awakeSince = now;
    looked = now;
    let changed = false;
    for (const schedule of repository.schedules()) {
      if (!schedule.enabled) continue;
      const due = nextAfter(schedule, Date.parse(schedule.handledUntil));
      if (due === null || due.getTime() > now) continue;
      // Later on a cluster that does not answer is gone, and the others of its fleet need not wait for it.
      if (now - awakeSince < PATIENCE_MS && !deps.answers(schedule.scope)) continue;
      const at = new Date(now).toISOString();
      // Written down first: a run that ends the process must not be begun again by every start.
      repository.saveSchedule({ ...schedule, handledUntil: at, lastRun: at });
      changed = true;
      deps.run(schedule.scope);
    }
    if (changed) deps.onChange();
  }

  return {
    list: () => repository.schedules().map(shown),
    save(input) {
      checkCron(input.cron, input.timeZone);
      if (deps.nameOf(input.scope) === null)
        throw new AppError('NOT_FOUND', `no ${input.scope.kind} ${input.scope.id}`, { params: { id: input.scope.id } });
      const known = repository.schedules().find(({ id }) => id === input.id);
      if (input.id !== undefined && known === undefined)
        throw new AppError('NOT_FOUND', `no schedule ${input.id}`, { params: { id: input.id } });
      const now = new Date(deps.now()).toISOString();
      const record: ScheduleRecord = {
        ...input,
        id: known?.id ?? randomUUID(),
        createdAt: known?.createdAt ?? now,
        lastRun: known?.lastRun ?? null,
        // What was due under another rule, or while it was off, is not owed.
        handledUntil: now,
      };
      repository.saveSchedule(record);
      deps.onChange();
      return shown(record);
    },
    remove(id) {
      repository.removeSchedule(id);
      deps.onChange();
    },
    look,
    start() {
      look();
      timer = setInterval(look, LOOK_MS);
      timer.unref();
    },
    close() {
      clearInterval(timer);
    },
  };
}

function nextAfter({ cron, timeZone }: Pick<ScheduleRecord, 'cron' | 'timeZone'>, from: number): Date | null {
  return new Cron(cron, { timezone: timeZone, paused: true, mode: '5-part' }).nextRun(new Date(from));
}

function checkCron(cron: string, timeZone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
  } catch {
    throw new AppError('INVALID', `timeZone: there is no time zone ${timeZone}`, { params: { field: 'timeZone' } });
  }
  try {
    if (nextAfter({ cron, timeZone }, Date.now()) === null) throw new Error('it never comes due');
  } catch (error) {
    throw new AppError('INVALID', `cron: ${(error as Error).message}`, { params: { field: 'cron' } });
  }
}
