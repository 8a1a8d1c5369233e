import { expect, test } from 'vitest';
import { dueTime, parseSchedule, zonedTimeText } from './cron-schedule.ts';

const at = (text: string) => Date.parse(`2026-03-${text}Z`);
const due = (schedule: string, since: string, now: string, deadline?: number, zone?: string) => {
  const parsed = parseSchedule(schedule, zone);
  if (parsed === null) throw new Error('not a schedule');
  const found = dueTime(parsed, at(since), deadline, at(now));
  return found === null
    ? null
    : { ...found, at: found.at === null ? null : new Date(found.at).toISOString().slice(8, 16) };
};

test.each([
  ['nothing before the first time', '0 * * * *', '01T10:10:00', '01T10:59:59', undefined, null, false],
  ['the time itself', '0 * * * *', '01T10:10:00', '01T11:00:00', undefined, '01T11:00', false],
  ['of several the latest', '0 * * * *', '01T10:10:00', '01T14:30:00', undefined, '01T14:00', false],
  ['an uneven schedule', '30 6-16/4 * * 1-5', '06T16:00:00', '09T11:00:00', undefined, '09T10:30', false],
  ['a hundred are not too many', '* * * * *', '01T00:00:00', '01T01:40:00', undefined, '01T01:40', false],
  ['a hundred and one are', '* * * * *', '01T00:00:00', '01T01:41:00', undefined, '01T01:41', true],
  ['nothing that is older than the deadline', '0 * * * *', '01T10:10:00', '01T14:30:00', 60, null, false],
  ['the deadline makes few of many', '* * * * *', '01T00:00:00', '02T00:00:00', 90, '02T00:00', false],
] as const)('due is %s', (_what, schedule, since, now, deadline, wanted, tooMany) => {
  expect(due(schedule, since, now, deadline)).toEqual({ at: wanted, tooMany });
});

test('a schedule holds in its zone, through the change of the clocks as well', () => {
  // In Berlin 03:00 is an hour earlier in UTC from the 29th on.
  expect(due('0 3 * * *', '28T00:00:00', '28T12:00:00', undefined, 'Europe/Berlin')?.at).toBe('28T02:00');
  expect(due('0 3 * * *', '28T12:00:00', '29T12:00:00', undefined, 'Europe/Berlin')?.at).toBe('29T01:00');
});

test('a day that never comes is no time, what is no schedule is none', () => {
  expect(due('59 23 31 2 *', '01T00:00:00', '02T00:00:00')).toBeNull();
  expect(parseSchedule('every day')).toBeNull();
});

test('the time of a Job is told in the zone of its schedule', () => {
  const time = Date.parse('2026-07-01T10:00:00Z');
  expect(zonedTimeText(time, undefined)).toBe('2026-07-01T10:00:00Z');
  expect(zonedTimeText(time, 'Etc/UTC')).toBe('2026-07-01T10:00:00Z');
  expect(zonedTimeText(time, 'Europe/Berlin')).toBe('2026-07-01T12:00:00+02:00');
  expect(zonedTimeText(time, 'America/St_Johns')).toBe('2026-07-01T07:30:00-02:30');
});
