/** Schedules: due by the clock of their time zone, missed runs once, never twice. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { InspectionScope } from '#shared/contract/inspection.ts';
import type { ScheduleRecord } from '../types.ts';
import { createSchedules, type Schedules } from './schedules.ts';

const scope: InspectionScope = { kind: 'cluster', id: 'c1' };
let now: number;
let records: Map<string, ScheduleRecord>;
let begun: string[];
let answers: boolean;

function open(): Schedules {
  return createSchedules({
    repository: {
      schedules: () => [...records.values()],
      saveSchedule: (record) => void records.set(record.id, record),
      removeSchedule: (id) => void records.delete(id),
    },
    run: ({ id }) => void begun.push(id),
    answers: () => answers,
    nameOf: ({ id }) => (id === 'gone' ? null : id),
    onChange: () => {},
    now: () => now,
  });
}
const at = (iso: string): void => {
  now = Date.parse(iso);
};
const daily = { scope, cron: '0 6 * * *', timeZone: 'Asia/Shanghai', enabled: true };

beforeEach(() => {
  records = new Map();
  begun = [];
  answers = true;
  at('2026-06-01T00:00:00Z');
});

test('six o’clock in Shanghai is 22:00 UTC of the day before', () => {
  expect(open().save(daily)).toMatchObject({ nextRun: '2026-06-01T22:00:00.000Z', name: 'c1', lastRun: null });
});

test('a time that the clock skips or repeats comes once', () => {
  at('2026-03-28T12:00:00Z');
  const schedules = open();
  schedules.save({ ...daily, cron: '30 2 * * *', timeZone: 'Europe/Berlin' });
  for (const hour of Array.from({ length: 36 }, (_, index) => index)) {
    now = Date.parse('2026-03-28T12:00:00Z') + hour * 3_600_000;
    schedules.look();
  }
  expect(begun).toHaveLength(1);
});

describe('looking at the clock', () => {
  test('runs what is due, and not again', () => {
    const schedules = open();
    schedules.save(daily);
    at('2026-06-01T21:59:59Z');
    schedules.look();
    expect(begun).toEqual([]);
    at('2026-06-01T22:00:10Z');
    schedules.look();
    schedules.look();
    expect(begun).toEqual(['c1']);
    expect(schedules.list()[0]).toMatchObject({
      lastRun: '2026-06-01T22:00:10.000Z',
      nextRun: '2026-06-02T22:00:00.000Z',
    });
  });
  test('many missed runs are one, after sleep and after a restart', () => {
    open().save(daily);
    at('2026-06-20T09:00:00Z');
    const later = open();
    later.look();
    later.look();
    expect(begun).toEqual(['c1']);
  });
  test('a missed run waits for clusters that do not answer yet, and begins once they do', () => {
    open().save(daily);
    at('2026-06-20T09:00:00Z');
    answers = false;
    const later = open();
    later.look();
    expect(begun).toEqual([]);
    at('2026-06-20T09:00:15Z');
    answers = true;
    later.look();
    later.look();
    expect(begun).toEqual(['c1']);
  });
  test('what never answers is tried once after two minutes', () => {
    open().save(daily);
    answers = false;
    const later = open();
    for (const second of Array.from({ length: 30 }, (_, index) => index * 15)) {
      now = Date.parse('2026-06-20T09:00:00Z') + second * 1000;
      later.look();
      if (second < 120) expect(begun).toEqual([]);
    }
    expect(begun).toEqual(['c1']);
  });
  test('a cluster that has been silent for long does not hold up its fleet', () => {
    const schedules = open();
    schedules.save(daily);
    answers = false;
    for (let second = -600; second <= 0; second += 15) {
      now = Date.parse('2026-06-01T22:00:00Z') + second * 1000;
      schedules.look();
    }
    expect(begun).toEqual(['c1']);
  });
  test('what is off, or was off when it came due, does not run', () => {
    const schedules = open();
    const { id } = schedules.save({ ...daily, enabled: false });
    at('2026-06-03T00:00:00Z');
    schedules.look();
    schedules.save({ ...daily, id });
    schedules.look();
    expect(begun).toEqual([]);
    expect(schedules.list()).toHaveLength(1);
  });
});

test.each([
  ['a rule that is none', { ...daily, cron: 'often' }, 'INVALID'],
  ['seconds', { ...daily, cron: '* * * * * *' }, 'INVALID'],
  ['a day that never comes', { ...daily, cron: '0 0 31 2 *' }, 'INVALID'],
  ['a time zone that is none', { ...daily, timeZone: 'Mars/Olympus' }, 'INVALID'],
  ['a scope that is gone', { ...daily, scope: { kind: 'fleet' as const, id: 'gone' } }, 'NOT_FOUND'],
  ['a schedule that is gone', { ...daily, id: 'none' }, 'NOT_FOUND'],
])('%s is refused', (_, input, code) => {
  expect(() => open().save(input)).toThrow(expect.objectContaining({ code }));
  expect(records.size).toBe(0);
});
