import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { JournalRecord } from '../../federation/types.ts';
import { openStore, type Store } from '../index.ts';

let dir: string;
let store: Store;

beforeEach(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'fleetdeck-journal-'));
  store = await openStore({ dir });
  for (const id of ['k1', 'k2'])
    store.federations.insert({
      id,
      name: id,
      engine: 'embedded',
      phase: 'active',
      fleetId: null,
      clusterIds: [],
      deletionProtection: false,
      createdAt: '2026-01-05T08:00:00.000Z',
    });
});
afterEach(() => {
  store.close();
  rmSync(dir, { recursive: true, force: true });
});

const objectOf = (name: string) => ({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name });
const released = (name: string, policy: string): JournalRecord => ({
  time: '2026-01-05T08:00:00.000Z',
  object: objectOf(name),
  event: { kind: 'released', policy },
});
const repaired = (name: string): JournalRecord => ({
  ...released(name, ''),
  event: { kind: 'repaired', cluster: 'north', fields: ['spec.replicas'] },
});
const policies = (federationId: string, options: Parameters<Store['federationJournal']['list']>[1]): unknown[] =>
  store.federationJournal.list(federationId, options).map(({ event }) => (event as { policy?: string }).policy);

test('entries come newest first, of one object, of one kind, or of the federation, and older ones page by page', () => {
  const journal = store.federationJournal;
  journal.append('k1', [released('web', 'a'), released('shop', 'b'), repaired('web'), released('web', 'c')]);
  journal.append('k2', [released('web', 'other')]);
  expect(policies('k1', { object: objectOf('web'), limit: 10 })).toEqual(['c', undefined, 'a']);
  expect(policies('k1', { limit: 2 })).toEqual(['c', undefined]);
  const [newest] = journal.list('k1', { limit: 1 });
  expect(policies('k1', { before: newest!.seq, limit: 10 })).toEqual([undefined, 'b', 'a']);
  expect(journal.ofKind('k1', 'repaired', 10)).toMatchObject([
    { object: objectOf('web'), event: { cluster: 'north' } },
  ]);
});

test('the oldest are forgotten, each federation by itself', () => {
  store.federationJournal.append('k2', [released('web', 'kept')]);
  store.federationJournal.append(
    'k1',
    Array.from({ length: 20_005 }, (_, index) => released('web', String(index))),
  );
  const all = policies('k1', { limit: 30_000 });
  expect(all).toHaveLength(20_000);
  expect(all.at(-1)).toBe('5');
  expect(policies('k2', { limit: 10 })).toEqual(['kept']);
});

test('history goes with its federation, and what comes late is dropped', () => {
  store.federationJournal.append('k1', [released('web', 'a')]);
  store.federations.remove('k1');
  store.federationJournal.append('k1', [released('web', 'late')]);
  expect(policies('k1', { limit: 10 })).toEqual([]);
});
