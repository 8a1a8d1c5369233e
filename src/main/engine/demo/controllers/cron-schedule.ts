/** When a CronJob is due: its schedule, the time zone, what was missed. Pure. Source: kube-controller-manager, cronjob utils. */
import { Cron } from 'croner';
import { timeText } from '../sim/objects.ts';

/** More missed starts than these are told of. */
const MANY_MISSED = 100;

/** Null when the text is no schedule. Five fields, UTC unless the CronJob names a zone. */
export function parseSchedule(text: unknown, timeZone?: string): Cron | null {
  try {
    return new Cron(String(text), { mode: '5-part', paused: true, timezone: timeZone ?? 'UTC' });
  } catch {
    return null;
  }
}

export interface Due {
  /** The latest time that fell due and has not been seen to, ms; null for none. */
  at: number | null;
  /** So many were missed that something must be wrong. */
  tooMany: boolean;
}

/**
 * What is due of a schedule since the last start (or since it was made). With a deadline nothing older than that is
 * looked at. Null when the schedule names a day that never comes.
 */
export function dueTime(schedule: Cron, since: number, deadlineSeconds: number | undefined, now: number): Due | null {
  const earliest = deadlineSeconds === undefined ? since : Math.max(since, now - deadlineSeconds * 1000);
  // What looks for the next run looks at whole seconds.
  const first = schedule.nextRun(new Date(earliest))?.getTime();
  if (first === undefined) return null;
  if (now < first) return { at: null, tooMany: false };
  const second = schedule.nextRun(new Date(first))?.getTime();
  if (second === undefined || now < second) return { at: first, tooMany: false };
  const missed = Math.floor((now - first) / (second - first)) + 1;
  const [latest] = schedule.previousRuns(1, new Date(now + 1000));
  return { at: latest === undefined ? first : latest.getTime(), tooMany: missed > MANY_MISSED };
}

/** RFC 3339 in the zone, which is UTC unless the CronJob names another. */
export function zonedTimeText(ms: number, timeZone: string | undefined): string {
  if (timeZone === undefined) return timeText(ms);
  const parts = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' }).formatToParts(ms);
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT';
  const offset = name.slice('GMT'.length);
  const [hours = 0, minutes = 0] = offset.slice(1).split(':').map(Number);
  const ahead = (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
  return ahead === 0 ? timeText(ms) : `${timeText(ms + ahead).slice(0, -1)}${offset}`;
}
