/** What a person takes away from the demo stays away at its next start; what is new joins. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createEngine } from '#engine/engine.ts';
import { type Api, apiOf, firstOf } from '#main/host/api.ts';
import { FEDERATION_NAME, FLEET_NAME, startDemo } from '#main/host/demo.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };

function folder(): string {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'fleetdeck-demo-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  return dataDir;
}

async function started(
  dataDir: string,
  clusters: number,
  act: (api: Api, withoutMembers: () => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const closing: (() => Promise<void>)[] = [];
  try {
    const { engine } = await startDemo(
      { dataDir, clusters, nodes: 1 },
      () => createEngine({ dataDir, host: 'cli', log }),
      log,
      (close) => closing.push(close),
    );
    const list = (api: Api) => api.federations.list();
    const watch = (api: Api) => api.federations.watch();
    await act(apiOf(engine), () =>
      firstOf(engine, watch, (all) => all.every(({ members }) => members.length === 0), 30_000, list),
    );
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

const namesOf = (list: readonly { name: string }[]): string[] => list.map(({ name }) => name).sort();

test('a federation, a fleet and a registration that were taken away do not come back', {
  timeout: 120_000,
}, async () => {
  const dataDir = folder();
  await started(dataDir, 2, async (api, withoutMembers) => {
    const [federation] = await api.federations.list();
    const [fleet] = await api.fleets.list();
    expect([federation?.name, fleet?.name]).toEqual([FEDERATION_NAME, FLEET_NAME]);
    await api.federations.leave({ id: federation!.id });
    await withoutMembers();
    await api.federations.remove({ id: federation!.id });
    const cluster = (await api.clusters.list()).find(({ name }) => name === 'demo-frankfurt')!;
    await api.fleets.removeCluster({ id: fleet!.id, clusterId: cluster.id });
    await api.clusters.unregister({ id: cluster.id });
  });
  await started(dataDir, 3, async (api) => {
    expect(await api.federations.list()).toEqual([]);
    expect(namesOf(await api.clusters.list())).toEqual(['demo-guangzhou', 'demo-hangzhou']);
    const [fleet] = await api.fleets.list();
    expect(fleet?.clusterIds).toHaveLength(2);
    for (const id of fleet!.clusterIds) await api.fleets.removeCluster({ id: fleet!.id, clusterId: id });
    await api.fleets.remove({ id: fleet!.id });
  });
  await started(dataDir, 3, async (api) => {
    expect(await api.fleets.list()).toEqual([]);
    expect(namesOf(await api.clusters.list())).toEqual(['demo-guangzhou', 'demo-hangzhou']);
  });
});

test('a federation whose fleet was taken out of it stays without one', { timeout: 120_000 }, async () => {
  const dataDir = folder();
  await started(dataDir, 1, async (api) => {
    const [federation] = await api.federations.list();
    await api.federations.leave({ id: federation!.id });
  });
  await started(dataDir, 1, async (api) => {
    const [federation] = await api.federations.list();
    expect(federation).toMatchObject({ name: FEDERATION_NAME, fleetId: null, members: [] });
  });
});
