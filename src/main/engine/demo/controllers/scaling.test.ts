import { describe, expect, test } from 'vitest';
import { decideScale, type ScalingInput } from './scaling.ts';
import { type MeasuredPod, proposeReplicas } from './scaling-metrics.ts';

const even = { up: 0.1, down: 0.1 };
const half = { type: 'Utilization' as const, percent: 50 };

function pods(state: MeasuredPod['state'], count: number, usage?: number, request = 100): MeasuredPod[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `${state}-${index}`,
    state,
    request,
    ...(usage === undefined ? {} : { usage }),
  }));
}

describe('replicas that a metric asks for', () => {
  test.each([
    ['twice the target doubles', 100, 3, 6],
    ['half the target halves', 25, 4, 2],
    ['within a tenth nothing changes', 54, 4, 4],
    ['a little rounds up', 60, 4, 5],
  ])('%s', (_text, usage, count, expected) => {
    expect(proposeReplicas('cpu', pods('ready', count, usage), half, count, even)).toEqual({
      replicas: expected,
      utilization: usage,
      average: usage,
    });
  });

  test('an average value needs no requests', () => {
    const target = { type: 'AverageValue' as const, value: 50_000 };
    expect(proposeReplicas('memory', pods('ready', 2, 150_000), target, 2, even)).toEqual({
      replicas: 6,
      average: 150_000,
    });
  });

  test('pods that are not ready yet dampen growth: they count as idle', () => {
    const mixed = [...pods('ready', 2, 100), ...pods('unready', 2, 100)];
    expect(proposeReplicas('cpu', mixed, half, 4, even).replicas).toBe(4);
  });

  test('pods without metrics count against any change: as busy when shrinking, as idle when growing', () => {
    expect(proposeReplicas('cpu', [...pods('ready', 3, 10), ...pods('missing', 1)], half, 4, even).replicas).toBe(3);
    expect(proposeReplicas('cpu', [...pods('ready', 3, 100), ...pods('missing', 3)], half, 6, even).replicas).toBe(6);
  });

  test('without any metrics there is an error in the words of the controller', () => {
    expect(() => proposeReplicas('cpu', pods('missing', 2), half, 2, even)).toThrow(
      'unable to get metrics for resource cpu: no metrics returned from resource metrics API',
    );
    expect(() => proposeReplicas('cpu', pods('unready', 2, 5), half, 2, even)).toThrow(
      'did not receive metrics for targeted pods (pods might be unready)',
    );
    const others = pods('missing', 2).map((pod) => ({ ...pod, reported: true }));
    expect(() => proposeReplicas('cpu', others, half, 2, even)).toThrow('did not receive metrics');
  });

  test('a missing request is said once there is a usage to be held against it', () => {
    const [bare] = pods('ready', 1, 50).map((pod) => ({ ...pod, missingRequest: 'missing request for cpu' }));
    if (bare === undefined) throw new Error('no pod');
    expect(() => proposeReplicas('cpu', [bare], half, 1, even)).toThrow('missing request for cpu');
    expect(() => proposeReplicas('cpu', [{ ...bare, state: 'unready' }], half, 1, even)).toThrow('did not receive');
    const value = { type: 'AverageValue' as const, value: 50 };
    expect(proposeReplicas('cpu', [bare], value, 1, even)).toMatchObject({ replicas: 1 });
  });
});

describe('a decision to scale', () => {
  const now = 1_000_000_000;
  const decide = (input: Partial<ScalingInput>) =>
    decideScale({
      current: 4,
      desired: 4,
      minReplicas: 1,
      maxReplicas: 100,
      behavior: undefined,
      recommendations: [],
      events: [],
      now,
      secondMs: 1000,
      ...input,
    });
  const rules = (up: unknown, down: unknown = {}) => ({ scaleUp: up, scaleDown: down });

  test('doubles at most, or goes to four, without a behaviour', () => {
    expect(decide({ desired: 50 })).toMatchObject({ replicas: 8, limited: { status: 'True', reason: 'ScaleUpLimit' } });
    expect(decide({ current: 1, desired: 50 }).replicas).toBe(4);
  });

  test('keeps to the limits of the object and says so', () => {
    expect(decide({ desired: 7, maxReplicas: 6 })).toMatchObject({
      replicas: 6,
      limited: { reason: 'TooManyReplicas' },
    });
    expect(decide({ desired: 1, minReplicas: 2 })).toMatchObject({
      replicas: 2,
      limited: { reason: 'TooFewReplicas' },
    });
    expect(decide({ desired: 5 })).toMatchObject({
      replicas: 5,
      limited: { status: 'False', reason: 'DesiredWithinRange' },
    });
  });

  test('shrinks only when five minutes of recommendations agree', () => {
    const recommendations = [{ at: now - 299_000, replicas: 3 }];
    expect(decide({ desired: 1, recommendations })).toMatchObject({
      replicas: 3,
      able: { reason: 'ScaleDownStabilized' },
    });
    expect(decide({ desired: 1, recommendations: [{ at: now - 301_000, replicas: 3 }] })).toMatchObject({
      replicas: 1,
      able: { reason: 'ReadyForNewScale' },
    });
  });

  test('waits with growth as long as the behaviour says', () => {
    const behavior = rules({
      stabilizationWindowSeconds: 60,
      policies: [{ type: 'Percent', value: 900, periodSeconds: 15 }],
    });
    const recommendations = [{ at: now - 30_000, replicas: 5 }];
    expect(decide({ desired: 9, behavior, recommendations })).toMatchObject({
      replicas: 5,
      able: { reason: 'ScaleUpStabilized' },
    });
  });

  test('counts what was added within the period of a policy', () => {
    const behavior = rules({ policies: [{ type: 'Pods', value: 3, periodSeconds: 60 }] });
    const events = [{ at: now - 30_000, change: 2 }];
    expect(decide({ desired: 20, behavior, events })).toMatchObject({
      replicas: 5,
      limited: { reason: 'ScaleUpLimit' },
    });
    expect(decide({ desired: 20, behavior, events: [{ at: now - 61_000, change: 2 }] }).replicas).toBe(7);
  });

  test('takes the policy that changes most, or least, or none', () => {
    const policies = [
      { type: 'Pods', value: 1, periodSeconds: 60 },
      { type: 'Percent', value: 50, periodSeconds: 60 },
    ];
    const down = (selectPolicy: string) => rules({}, { stabilizationWindowSeconds: 0, selectPolicy, policies });
    const from = { current: 10, desired: 1 };
    expect(decide({ ...from, behavior: down('Max') })).toMatchObject({
      replicas: 5,
      limited: { reason: 'ScaleDownLimit' },
    });
    expect(decide({ ...from, behavior: down('Min') }).replicas).toBe(9);
    expect(decide({ ...from, behavior: down('Disabled') }).replicas).toBe(10);
  });
});

test('shares are reckoned in floating point numbers, as the controller does: ten percent up from a hundred are 111', () => {
  const policies = [{ type: 'Percent', value: 10, periodSeconds: 60 }];
  const rules = { stabilizationWindowSeconds: 0, selectPolicy: 'Max', policies };
  const decision = decideScale({
    current: 100,
    desired: 200,
    minReplicas: 1,
    maxReplicas: 500,
    behavior: { scaleUp: rules, scaleDown: rules },
    recommendations: [],
    events: [],
    now: 0,
    secondMs: 1000,
  });
  expect(decision.replicas).toBe(111);
});
