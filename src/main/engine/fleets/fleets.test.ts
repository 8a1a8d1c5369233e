import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Cluster } from '#shared/contract/clusters.ts';
import type { Fleet } from '#shared/contract/fleets.ts';
import { AppError } from '#shared/errors.ts';
import { openStore, type Store } from '../store/index.ts';
import { createFleets, type Fleets } from './index.ts';

let dir: string;
let store: Store;
let fleets: Fleets;
let told: { federationId: string; clusterIds: string[] }[];
let refusal: AppError | null;

beforeEach(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'fleetdeck-fleets-'));
  store = await openStore({ dir });
  told = [];
  refusal = null;
  fleets = createFleets({
    repository: store.fleets,
    clusters: () => ({
      get: (id) => (/^c\d$/.test(id) ? ({ id, name: `cluster-${id}` } as Cluster) : undefined),
    }),
    membership: () => ({
      async fleetChanged(federationId, clusterIds) {
        if (refusal !== null) throw refusal;
        told.push({ federationId, clusterIds });
      },
    }),
  });
});
afterEach(() => {
  store.close();
  rmSync(dir, { recursive: true, force: true });
});

function make(name: string, clusterIds: string[] = []): Promise<Fleet> {
  return fleets.service.create({ name, description: '', clusterIds });
}

describe('making and changing', () => {
  test('a fleet holds its clusters in the order they came', async () => {
    const fleet = await make('production', ['c2']);
    const grown = await fleets.service.addClusters({ id: fleet.id, clusterIds: ['c1', 'c3', 'c2'] });
    expect(grown.clusterIds).toEqual(['c2', 'c1', 'c3']);
    expect(fleets.directory.fleetOfCluster('c1')?.id).toBe(fleet.id);
    const shrunk = await fleets.service.removeCluster({ id: fleet.id, clusterId: 'c1' });
    expect(shrunk.clusterIds).toEqual(['c2', 'c3']);
    expect(fleets.directory.fleetOfCluster('c1')).toBeUndefined();
  });

  test('a name is taken once', async () => {
    await make('production');
    const other = await make('staging');
    await expect(make('production')).rejects.toMatchObject({ code: 'NAME_TAKEN', params: { name: 'production' } });
    await expect(fleets.service.update({ id: other.id, name: 'production' })).rejects.toMatchObject({
      code: 'NAME_TAKEN',
    });
    expect(await fleets.service.update({ id: other.id, description: 'new' })).toMatchObject({
      name: 'staging',
      description: 'new',
    });
  });

  test('a cluster of another fleet is refused, and none of the others is added', async () => {
    await make('production', ['c1']);
    const other = await make('staging');
    await expect(fleets.service.addClusters({ id: other.id, clusterIds: ['c2', 'c1'] })).rejects.toMatchObject({
      code: 'REFUSED',
      hint: 'hints.clusterInOtherFleet',
      params: { name: 'cluster-c1', fleet: 'production' },
    });
    await expect(make('third', ['c1'])).rejects.toMatchObject({ code: 'REFUSED' });
    expect(fleets.service.list().map((fleet) => [fleet.name, fleet.clusterIds])).toEqual([
      ['production', ['c1']],
      ['staging', []],
    ]);
  });

  test('two that want the same cluster at once: one gets it', async () => {
    const [a, b] = [await make('a'), await make('b')];
    const results = await Promise.allSettled(
      [a, b].map((fleet) => fleets.service.addClusters({ id: fleet.id, clusterIds: ['c1'] })),
    );
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected']);
  });

  test.each([
    ['an unknown cluster', () => make('x', ['nobody'])],
    ['an unknown fleet', () => fleets.service.addClusters({ id: 'none', clusterIds: ['c1'] })],
    ['removing an unknown fleet', () => fleets.service.remove('none')],
  ])('%s is not found', async (_what, call) => {
    await expect(call()).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('removing', () => {
  test.each([
    ['protected', 'hints.deletionProtection', (id: string) => fleets.service.update({ id, deletionProtection: true })],
    ['not empty', 'hints.fleetNotEmpty', (id: string) => fleets.service.addClusters({ id, clusterIds: ['c1'] })],
    ['in a federation', 'hints.fleetHasFederation', (id: string) => fleets.directory.setFederation(id, 'k1')],
  ])('is refused while %s', async (_why, hint, prepare) => {
    const fleet = await make('production');
    await prepare(fleet.id);
    await expect(fleets.service.remove(fleet.id)).rejects.toMatchObject({ code: 'REFUSED', hint });
    expect(fleets.service.list()).toHaveLength(1);
  });

  test('an empty fleet goes', async () => {
    const fleet = await make('production', ['c1']);
    await fleets.service.removeCluster({ id: fleet.id, clusterId: 'c1' });
    await fleets.service.remove(fleet.id);
    expect(fleets.service.list()).toEqual([]);
  });
});

describe('with a federation', () => {
  test('it is told who the members are now', async () => {
    const fleet = await make('production', ['c1']);
    fleets.directory.setFederation(fleet.id, 'k1');
    await fleets.service.addClusters({ id: fleet.id, clusterIds: ['c2'] });
    await fleets.service.removeCluster({ id: fleet.id, clusterId: 'c1' });
    expect(told).toEqual([
      { federationId: 'k1', clusterIds: ['c1', 'c2'] },
      { federationId: 'k1', clusterIds: ['c2'] },
    ]);
  });

  test('when it refuses, the fleet is as before', async () => {
    const fleet = await make('production', ['c1']);
    fleets.directory.setFederation(fleet.id, 'k1');
    refusal = new AppError('REFUSED', 'no');
    await expect(fleets.service.addClusters({ id: fleet.id, clusterIds: ['c2'] })).rejects.toBe(refusal);
    await expect(fleets.service.removeCluster({ id: fleet.id, clusterId: 'c1' })).rejects.toBe(refusal);
    expect(fleets.directory.get(fleet.id)?.clusterIds).toEqual(['c1']);
  });

  test('a fleet of another federation is refused', async () => {
    const fleet = await make('production');
    fleets.directory.setFederation(fleet.id, 'k1');
    expect(() => fleets.directory.setFederation(fleet.id, 'k2')).toThrow(
      expect.objectContaining({ code: 'REFUSED', hint: 'hints.fleetInOtherFederation' }),
    );
    expect(fleets.directory.setFederation(fleet.id, null).federationId).toBeNull();
  });
});

test('at start, what a crash cut in half is made whole', async () => {
  const [joined, half, orphan] = [await make('joined', ['c1', 'c2']), await make('half'), await make('orphan')];
  fleets.directory.setFederation(joined.id, 'k1');
  fleets.directory.setFederation(half.id, 'k2');
  fleets.directory.setFederation(orphan.id, 'gone');
  await fleets.reconcile([
    { id: 'k1', fleetId: joined.id },
    { id: 'k2', fleetId: null },
  ]);
  expect(told).toEqual([{ federationId: 'k1', clusterIds: ['c1', 'c2'] }]);
  const federationOf = Object.fromEntries(fleets.service.list().map((fleet) => [fleet.name, fleet.federationId]));
  expect(federationOf).toEqual({ joined: 'k1', half: null, orphan: null });
});

test('a watcher sees the list at once and after changes, and ends with its signal', async () => {
  const abort = new AbortController();
  const seen: string[][] = [];
  const watching = (async () => {
    for await (const list of fleets.service.watch(abort.signal)) {
      seen.push(list.map((fleet) => fleet.name));
      if (seen.length === 1) await make('production');
      if (seen.at(-1)?.length === 1) abort.abort();
    }
  })();
  await watching;
  expect(seen).toEqual([[], ['production']]);
});
