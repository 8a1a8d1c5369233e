import { expect, test } from 'vitest';
import { isTimeZone } from './time-zones.ts';

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
