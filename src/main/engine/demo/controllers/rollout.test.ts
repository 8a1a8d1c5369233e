import { describe, expect, test } from 'vitest';
import { newSetReplicas, oldSetReplicas, proportional, rollingLimits } from './rollout.ts';

const set = (name: string, desired: number, available = desired, created = 0) => ({
  name,
  desired,
  available,
  created,
});

describe('limits of a rolling update', () => {
  test('percentages round surge up and unavailable down', () => {
    expect(rollingLimits({ maxSurge: '25%', maxUnavailable: '25%' }, 3)).toEqual({ maxSurge: 1, maxUnavailable: 0 });
    expect(rollingLimits(undefined, 10)).toEqual({ maxSurge: 3, maxUnavailable: 2 });
  });
  test('with both zero one pod may be missing, else nothing could move', () => {
    expect(rollingLimits({ maxSurge: 0, maxUnavailable: '10%' }, 3)).toEqual({ maxSurge: 0, maxUnavailable: 1 });
  });
  test('never more unavailable than there are', () => {
    expect(rollingLimits({ maxSurge: 0, maxUnavailable: 5 }, 2)).toEqual({ maxSurge: 0, maxUnavailable: 2 });
  });
});

describe('the newest set', () => {
  const limits = { maxSurge: 1, maxUnavailable: 0 };
  test('starts with the surge beside a full old set', () => {
    expect(newSetReplicas(3, limits, set('new', 0), [set('old', 3)])).toBe(1);
  });
  test('waits while the total is at its limit', () => {
    expect(newSetReplicas(3, limits, set('new', 1, 0), [set('old', 3)])).toBe(1);
  });
  test('takes what the old ones gave up', () => {
    expect(newSetReplicas(3, limits, set('new', 1), [set('old', 2)])).toBe(2);
  });
  test('comes down at once when it is too large', () => {
    expect(newSetReplicas(2, limits, set('new', 5), [])).toBe(2);
  });
});

describe('the old sets', () => {
  const limits = { maxSurge: 1, maxUnavailable: 0 };
  test('give up one when one new pod works', () => {
    expect(oldSetReplicas(3, limits, set('new', 1, 1), [set('old', 3)])).toEqual(new Map([['old', 2]]));
  });
  test('give up nothing while the new pod does not work', () => {
    expect(oldSetReplicas(3, limits, set('new', 1, 0), [set('old', 3)]).size).toBe(0);
  });
  test('broken old replicas go first, the older set before the newer', () => {
    const result = oldSetReplicas(4, { maxSurge: 1, maxUnavailable: 1 }, set('new', 1, 1), [
      set('b', 2, 2, 2),
      set('a', 2, 0, 1),
    ]);
    expect(result).toEqual(new Map([['a', 0]]));
  });
  test('a rollout run to its end reaches exactly the wanted number and never too few', () => {
    for (const [maxSurge, maxUnavailable] of [
      [1, 0],
      [0, 1],
      [2, 2],
    ] as const) {
      let newest = set('new', 0);
      let old = set('old', 5);
      for (let round = 0; round < 30 && (newest.desired < 5 || old.desired > 0); round++) {
        const target = newSetReplicas(5, { maxSurge, maxUnavailable }, newest, [old]);
        newest = set('new', target);
        expect(newest.desired + old.desired).toBeLessThanOrEqual(5 + maxSurge);
        const down = oldSetReplicas(5, { maxSurge, maxUnavailable }, newest, [old]).get('old');
        if (down !== undefined) old = set('old', down);
        expect(newest.available + old.available).toBeGreaterThanOrEqual(5 - maxUnavailable);
      }
      expect([newest.desired, old.desired]).toEqual([5, 0]);
    }
  });
});

describe('scaling in the middle of a rollout', () => {
  test('growth is shared out by size and adds up', () => {
    const result = proportional(10, { maxSurge: 0, maxUnavailable: 0 }, [set('a', 3), set('b', 2)]);
    expect((result.get('a') ?? 3) + (result.get('b') ?? 2)).toBe(10);
    expect(result.get('a')).toBe(6);
  });
  test('down to zero empties every set', () => {
    expect(proportional(0, { maxSurge: 3, maxUnavailable: 0 }, [set('a', 3), set('b', 2)])).toEqual(
      new Map([
        ['a', 0],
        ['b', 0],
      ]),
    );
  });
});
