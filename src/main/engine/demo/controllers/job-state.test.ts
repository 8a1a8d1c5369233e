import { expect, test } from 'vitest';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { startTimeOf } from './job-state.ts';

const START = '2026-01-01T00:00:00Z';
const NOW = Date.parse('2026-01-01T01:00:00Z');
const job = (suspend: boolean, was?: boolean): KubeObject => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'j' },
  spec: { suspend },
  status: was === undefined ? {} : { conditions: [{ type: 'Suspended', status: was ? 'True' : 'False' }] },
});

test.each([
  ['is suspended', 36, job(true), false, undefined],
  ['is suspended again', 36, job(true, false), false, undefined],
  ['is suspended before 1.36', 35, job(true), false, START],
  ['is suspended when it is over', 36, job(true), true, START],
  ['resumes', 35, job(false, true), false, '2026-01-01T01:00:00Z'],
  ['goes on', 36, job(false, false), false, START],
])('the start of a Job that %s', (_what, minor, of, ends, wanted) => {
  expect(startTimeOf(of, START, { now: NOW, minor, ends })).toBe(wanted);
});
