import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RunRecord } from '../../federation/types.ts';
import { openStore, type Store } from '../index.ts';

const time = '2026-01-05T08:00:00.000Z';
let dir: string;
let store: Store;

beforeEach(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'fleetdeck-runs-'));
  store = await openStore({ dir });
  store.federations.insert({
    id: 'k1',
    name: 'k1',
    engine: 'embedded',
    phase: 'active',
    fleetId: null,
    clusterIds: [],
    deletionProtection: false,
    createdAt: time,
  });
});
afterEach(() => {
  store.close();
  rmSync(dir, { recursive: true, force: true });
});

const run = (id: string, change: Partial<RunRecord> = {}): RunRecord =>
  ({
    id,
    federationId: 'k1',
    kind: 'shift',
    state: 'running',
    reason: null,
    createdAt: time,
    endedAt: null,
    ...change,
  }) as RunRecord;

test('runs are found again after a restart, those that have not ended first of all', async () => {
  store.federationRuns.save(run('a'));
  store.federationRuns.save(run('b'));
  store.federationRuns.save(run('a', { state: 'done', endedAt: time }));
  store.close();
  store = await openStore({ dir });
  expect(store.federationRuns.active().map(({ id }) => id)).toEqual(['b']);
  expect(store.federationRuns.list('k1').map(({ id, state }) => [id, state])).toEqual([
    ['b', 'running'],
    ['a', 'done'],
  ]);
});

test('of a federation that is gone nothing is kept, and of ended runs only the last fifty', () => {
  for (let index = 0; index < 60; index++)
    store.federationRuns.save(run(`old-${index}`, { state: 'done', endedAt: time }));
  store.federationRuns.save(run('new'));
  expect(store.federationRuns.list('k1')).toHaveLength(51);
  expect(store.federationRuns.get('old-9')).toBeUndefined();
  store.federations.remove('k1');
  store.federationRuns.save(run('late'));
  expect(store.federationRuns.active()).toEqual([]);
});
