import { describe, expect, test } from 'vitest';
import { podRequests } from '#shared/kubernetes/pod-requests.ts';
import { parseQuantity } from '#shared/kubernetes/quantity.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { dueTime, parseSchedule, zonedTimeText } from '../controllers/cron-schedule.ts';
import { desiredHealthy } from '../controllers/disruption-budget.ts';
import { indexText } from '../controllers/job-state.ts';
import { evictionTime } from '../controllers/taint-eviction.ts';
import { canonical, setCondition, templateHash, withoutTemplateHash } from './objects.ts';
import { availableIn, deletionOrder } from './pods.ts';
import { intOrPercent } from './quantities.ts';
import { matchesSelector, tolerates } from './selectors.ts';

const NOW = Date.parse('2026-01-01T00:10:00Z');

test('the time a job was due is told in the zone of its schedule', () => {
  const at = (zone?: string) => zonedTimeText(Date.parse('2026-11-26T10:10:00Z'), zone);
  expect([at(), at('UTC'), at('Asia/Shanghai'), at('America/St_Johns')]).toEqual([
    '2026-11-26T10:10:00Z',
    '2026-11-26T10:10:00Z',
    '2026-11-26T18:10:00+08:00',
    '2026-11-26T06:40:00-03:30',
  ]);
});

describe('quantities', () => {
  test.each([
    ['100m', 0.1],
    ['2', 2],
    ['1.5', 1.5],
    ['1Ki', 1024],
    ['2Gi', 2 * 2 ** 30],
    ['1e3', 1000],
    ['5M', 5e6],
    ['nonsense', 0],
    [undefined, 0],
  ])('%s is %d', (text, number) => {
    expect(parseQuantity(text)).toBeCloseTo(number, 9);
  });
  test('a pod asks for the larger of its containers together and each init container', () => {
    const container = (cpu: string, more = {}) => ({ resources: { requests: { cpu } }, ...more });
    expect(podRequests({ containers: [container('1'), container('1')], initContainers: [container('3')] })).toEqual({
      cpu: 3,
    });
    expect(
      podRequests({
        containers: [container('1')],
        initContainers: [container('1', { restartPolicy: 'Always' }), container('1')],
      }),
    ).toEqual({ cpu: 2 });
    expect(podRequests({ containers: [{ resources: { limits: { cpu: '2' } } }] })).toEqual({ cpu: 2 });
  });
  test('percentages round as asked', () => {
    expect([intOrPercent('25%', 3, true), intOrPercent('25%', 3, false), intOrPercent(2, 3, true)]).toEqual([1, 0, 2]);
  });
});

describe('selectors', () => {
  test('an absent selector matches nothing, an empty one everything', () => {
    expect([matchesSelector(undefined, { a: 'b' }), matchesSelector({}, { a: 'b' })]).toEqual([false, true]);
  });
  test('expressions', () => {
    const matches = (operator: string, values?: string[]) =>
      matchesSelector({ matchExpressions: [{ key: 'a', operator, values }] }, { a: 'b' });
    expect(matches('In', ['b'])).toBe(true);
    expect(matches('NotIn', ['b'])).toBe(false);
    expect(matches('Exists')).toBe(true);
    expect(matches('DoesNotExist')).toBe(false);
  });
  test('a toleration without key tolerates everything only with Exists', () => {
    const taint = { key: 'k', value: 'v', effect: 'NoExecute' as const };
    expect(tolerates([{ operator: 'Exists' }], taint)).toBe(true);
    expect(tolerates([{}], taint)).toBe(false);
    expect(tolerates([{ key: 'k', value: 'v', effect: 'NoSchedule' }], taint)).toBe(false);
  });
});

describe('objects', () => {
  test('equal meaning gives equal text', () => {
    expect(canonical({ b: 1, a: { d: null, c: [2] } })).toBe(canonical({ a: { c: [2] }, b: 1, e: undefined }));
  });
  test('a template finds its hash again without the label that carries it', () => {
    const template = { metadata: { labels: { app: 'x' } }, spec: { containers: [] } };
    const labelled = { ...template, metadata: { labels: { app: 'x', 'pod-template-hash': templateHash(template) } } };
    expect(templateHash(withoutTemplateHash(labelled))).toBe(templateHash(template));
    expect(templateHash(template, 1)).not.toBe(templateHash(template));
  });
  test('the transition time moves with the status only', () => {
    const first = setCondition([], { type: 'Ready', status: 'True' }, NOW);
    const same = setCondition(first, { type: 'Ready', status: 'True', reason: 'x' }, NOW + 5000);
    expect(same[0]?.lastTransitionTime).toBe(first[0]?.lastTransitionTime);
    const other = setCondition(same, { type: 'Ready', status: 'False' }, NOW + 5000);
    expect(other[0]?.lastTransitionTime).not.toBe(first[0]?.lastTransitionTime);
  });
});

describe('pods', () => {
  const pod = (name: string, options: { node?: string; ready?: boolean; cost?: string } = {}): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      annotations: options.cost === undefined ? {} : { 'controller.kubernetes.io/pod-deletion-cost': options.cost },
    },
    spec: options.node === undefined ? {} : { nodeName: options.node },
    status: {
      phase: options.node === undefined ? 'Pending' : 'Running',
      conditions: [
        {
          type: 'Ready',
          status: options.ready === true ? 'True' : 'False',
          lastTransitionTime: '2026-01-01T00:00:00Z',
        },
      ],
    },
  });
  test('surplus goes: unassigned, not ready, cheap, doubled up', () => {
    const order = deletionOrder([
      pod('good', { node: 'b', ready: true }),
      pod('double', { node: 'a', ready: true }),
      pod('double2', { node: 'a', ready: true }),
      pod('cheap', { node: 'c', ready: true, cost: '-5' }),
      pod('unready', { node: 'd' }),
      pod('unassigned'),
    ]).map(({ metadata }) => metadata.name);
    expect(order).toEqual(['unassigned', 'unready', 'cheap', 'double', 'double2', 'good']);
  });
  test('available after minReadySeconds', () => {
    const ready = pod('p', { node: 'a', ready: true });
    expect(availableIn(ready, 0, NOW)).toBe(0);
    expect(availableIn(ready, 700, NOW)).toBe(100_000);
    expect(availableIn(pod('q'), 0, NOW)).toBeNull();
  });
});

describe('schedules', () => {
  const MINUTE = 60_000;
  const due = (text: string, since: number, now: number, deadlineSeconds?: number) =>
    dueTime(parseSchedule(text) ?? expect.fail('schedule'), since, deadlineSeconds, now);
  test('the latest time that fell due, once', () => {
    expect(due('*/5 * * * *', NOW - 12 * MINUTE, NOW + 1000)).toEqual({ at: NOW, tooMany: false });
    expect(due('*/5 * * * *', NOW, NOW + MINUTE)).toEqual({ at: null, tooMany: false });
  });
  test('nothing older than the deadline is made up for', () => {
    expect(due('*/5 * * * *', NOW - 12 * MINUTE, NOW + MINUTE, 30)).toEqual({ at: null, tooMany: false });
    expect(due('*/5 * * * *', NOW - 12 * MINUTE, NOW + 1000, 30)?.at).toBe(NOW);
  });
  test('more than a hundred missed are too many, and the latest is due all the same', () => {
    expect(due('* * * * *', NOW - 100 * MINUTE, NOW)).toEqual({ at: NOW, tooMany: false });
    expect(due('* * * * *', NOW - 102 * MINUTE, NOW)).toEqual({ at: NOW, tooMany: true });
    expect(due('* * * * *', NOW - 102 * MINUTE, NOW, 600)).toEqual({ at: NOW, tooMany: false });
  });
  test('a day that never comes is no schedule to follow', () => {
    expect(due('59 23 31 2 *', NOW - MINUTE, NOW)).toBeNull();
  });
  test.each(['', 'nonsense', '61 * * * *', '* * *', undefined])('%j is none', (text) => {
    expect(parseSchedule(text)).toBeNull();
  });
});

test('completed indexes are written as ranges', () => {
  expect(indexText([0, 2, 3, 4, 7, 8])).toBe('0,2-4,7,8');
  expect(indexText([])).toBe('');
});

test('a disruption budget by minimum and by maximum', () => {
  expect(desiredHealthy({ minAvailable: 2 }, 3)).toBe(2);
  expect(desiredHealthy({ minAvailable: '50%' }, 3)).toBe(2);
  expect(desiredHealthy({ maxUnavailable: 1 }, 3)).toBe(2);
});

describe('eviction by a NoExecute taint', () => {
  const taint = {
    key: 'node.kubernetes.io/unreachable',
    effect: 'NoExecute' as const,
    timeAdded: '2026-01-01T00:10:00Z',
  };
  test('at once without a toleration, never with an open one', () => {
    expect(evictionTime([], [taint], NOW, 1)).toBe(NOW);
    expect(evictionTime([{ key: taint.key, operator: 'Exists' }], [taint], NOW, 1)).toBeNull();
  });
  test('after the tolerated time, in simulated seconds', () => {
    const tolerations = [{ key: taint.key, operator: 'Exists', tolerationSeconds: 300 }];
    expect(evictionTime(tolerations, [taint], NOW, 1)).toBe(NOW + 300_000);
    expect(evictionTime(tolerations, [taint], NOW, 0.1)).toBe(NOW + 30_000);
    // The time runs from when the pod met the taint, not from the date of the taint; the first toleration counts.
    expect(evictionTime(tolerations, [taint], NOW + 3_600_000, 1)).toBe(NOW + 3_900_000);
    const forEver = { key: taint.key, operator: 'Exists' };
    expect(evictionTime([forEver, ...tolerations], [taint], NOW, 1)).toBeNull();
    expect(evictionTime([...tolerations, forEver], [taint], NOW, 1)).toBe(NOW + 300_000);
  });
});
