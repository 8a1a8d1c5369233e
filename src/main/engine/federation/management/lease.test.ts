import { describe, expect, test } from 'vitest';
import { judgeLease, leaseOf, type ManagerIdentity, STALE_MS } from './lease.ts';

const T0 = Date.parse('2026-03-01T10:00:00Z');
const me: ManagerIdentity = {
  federationId: 'f1',
  federation: 'unity',
  run: 'run-2',
  holder: 'ann@desk',
  host: 'desk',
  pid: 200,
};
const written = (by: Partial<ManagerIdentity>, time = T0) => leaseOf({ ...me, ...by }, null, time);
const nobodyRuns = () => false;
const everybodyRuns = () => true;

describe('who manages a member', () => {
  test('nobody, without a lease', () => {
    expect(judgeLease(null, me, T0, nobodyRuns)).toEqual({ kind: 'free' });
  });

  test('this run, when it wrote it', () => {
    expect(judgeLease(written({}), me, T0, nobodyRuns)).toEqual({ kind: 'ours' });
  });

  test('another federation, however long ago it was seen', () => {
    const lease = written({ federationId: 'f2', federation: 'other', holder: 'bob@lap' });
    expect(judgeLease(lease, me, T0 + 30 * 86_400_000, nobodyRuns)).toEqual({
      kind: 'foreign',
      manager: {
        kind: 'fleetdeck',
        federation: 'other',
        holder: 'bob@lap',
        since: '2026-03-01T10:00:00.000000Z',
        lastSeen: '2026-03-01T10:00:00.000000Z',
      },
    });
  });

  test('an earlier run of this machine that was killed is resumed at once', () => {
    expect(judgeLease(written({ run: 'run-1', pid: 100 }), me, T0 + 1000, nobodyRuns)).toEqual({ kind: 'resumed' });
  });

  test('a copy of the files that runs beside this one on the same machine is somebody else', () => {
    expect(judgeLease(written({ run: 'run-1', pid: 100 }), me, T0 + 1000, everybodyRuns).kind).toBe('foreign');
  });

  test('a copy of the files on another machine is somebody else while it gives signs of life', () => {
    const lease = written({ run: 'run-1', host: 'lap', pid: 200 });
    expect(judgeLease(lease, me, T0 + STALE_MS - 1, nobodyRuns).kind).toBe('foreign');
    expect(judgeLease(lease, me, T0 + STALE_MS, nobodyRuns).kind).toBe('resumed');
  });

  test('what this run has lost to another run it does not take back', () => {
    expect(judgeLease(written({ run: 'run-3', pid: 300 }), me, T0 + 1000, nobodyRuns, true).kind).toBe('foreign');
  });

  test('what others wrote is bounded and never trusted to be text', () => {
    const lease = written({ federationId: 'f2' });
    lease.metadata.annotations = { 'fleetdeck.io/federation': 'x'.repeat(5000) };
    lease.spec.renewTime = 7;
    const judged = judgeLease(lease, me, T0, nobodyRuns);
    expect(judged).toMatchObject({
      kind: 'foreign',
      manager: { federation: 'x'.repeat(200), holder: '', lastSeen: '' },
    });
  });

  test('renewing keeps since when; another manager begins anew and counts the change', () => {
    const lease = written({});
    const renewed = leaseOf(me, lease, T0 + 60_000);
    expect(renewed.spec).toMatchObject({ acquireTime: lease.spec.acquireTime, leaseTransitions: 0 });
    expect(renewed.spec.renewTime).toBe('2026-03-01T10:01:00.000000Z');
    const taken = leaseOf({ ...me, federationId: 'f2' }, lease, T0 + 60_000);
    expect(taken.spec).toMatchObject({ holderIdentity: 'f2', acquireTime: taken.spec.renewTime, leaseTransitions: 1 });
  });
});
