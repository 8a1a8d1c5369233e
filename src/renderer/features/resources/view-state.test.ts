import { expect, test } from 'vitest';
import type { Freshness } from '#shared/contract/views.ts';
import { staleSince } from './view-state.ts';

const since = '2026-03-01T12:00:00Z';
const of = (id: string, state: Freshness['state']): Freshness => ({
  target: { kind: 'cluster', id },
  state,
  since,
  reason: null,
  count: 3,
});

test('rows of a cluster that does not answer say from when they are, those of the others do not', () => {
  const freshness = [of('a', 'live'), of('b', 'stale'), of('c', 'disconnected'), of('d', 'catchingUp')];
  const stale = ['a', 'b', 'c', 'd', 'e'].filter((id) => staleSince(freshness, { kind: 'cluster', id }) !== undefined);
  expect(stale).toEqual(['b', 'c']);
  expect(staleSince(freshness, { kind: 'federation', id: 'b' })).toBeUndefined();
});
