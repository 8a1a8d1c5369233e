import { expect, test } from 'vitest';
import { isTimeZone, timeZoneProblem } from './time-zones.ts';

test.each([
  'UTC',
  'Europe/Berlin',
  'America/Port-au-Prince',
  'Asia/Calcutta',
  'US/Pacific',
  'GB-Eire',
  'Etc/GMT+5',
])('%s is a time zone', (name) => expect(isTimeZone(name)).toBe(true));

test.each([
  'utc',
  'europe/berlin',
  'Asia/CALCUTTA',
  'Us/Pacific',
  'US/Pacific-New',
  'SystemV/AST4',
  '+01:00',
  '',
  'X',
])('%s is none', (name) => expect(isTimeZone(name)).toBe(false));

test.each([
  ['Etc/UTC', null],
  ['Etc', 'is a directory'],
  ['America/Argentina', 'is a directory'],
  ['UTC/x/y', 'not a directory'],
  ['Europe/Berlin/Mitte', 'not a directory'],
  ['Europe/Berlin/', 'unknown time zone Europe/Berlin/'],
  ['Europe/Atlantis', 'unknown time zone Europe/Atlantis'],
  ['Europe/../UTC', 'unknown time zone Europe/../UTC'],
])('looking for %j tells: %s', (name, problem) => expect(timeZoneProblem(name)).toBe(problem));
