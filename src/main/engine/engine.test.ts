import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createCallerFactory } from '#shared/contract/base.ts';
import { appRouter } from '#shared/contract/router.ts';
import type { ViewEvent } from '#shared/contract/views.ts';
import { type ApiServer, startApiServer } from './apiserver/index.ts';
import { verifyAuditOf } from './audit/index.ts';
import { createEngine } from './engine.ts';
import type { Engine, Log } from './types.ts';

const log: Log = { debug() {}, info() {}, warn() {}, error() {} };
const call = createCallerFactory(appRouter);
let cluster: ApiServer;
let dataDir: string;
const engines: Engine[] = [];

beforeAll(async () => {
  cluster = await startApiServer({ dir: null, name: 'east' });
});
afterAll(() => cluster.close());
beforeEach(() => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'fleetdeck-engine-'));
});
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close();
  rmSync(dataDir, { recursive: true, force: true });
});

async function start(): Promise<{ engine: Engine; api: ReturnType<typeof call> }> {
  const engine = await createEngine({ dataDir, host: 'cli', log });
  engines.push(engine);
  await engine.ready;
  return { engine, api: call(engine.context()) };
}

async function registerEast(api: ReturnType<typeof call>) {
  const text = cluster.kubeconfig();
  const contents = await api.clusters.readKubeconfig({ source: { kind: 'text', text } });
  return await api.clusters.register({
    source: { kind: 'text', text },
    context: contents.currentContext ?? 'east',
    name: 'east',
  });
}

async function firstEvent(events: AsyncIterable<unknown>, wanted: (event: ViewEvent) => boolean): Promise<ViewEvent> {
  for await (const event of events) if (wanted(event as ViewEvent)) return event as ViewEvent;
  throw new Error('the view ended');
}

describe('the whole engine', () => {
  test('registers a cluster, groups it, shows what is in it, and knows all of it after a restart', async () => {
    const first = await start();
    const east = await registerEast(first.api);
    const fleet = await first.api.fleets.create({ name: 'production', clusterIds: [east.id] });
    expect((await first.api.clusters.list())[0]).toMatchObject({ name: 'east', fleetId: fleet.id });

    const event = await firstEvent(
      await first.api.views.open({
        viewId: 'view-0001',
        query: {
          targets: [{ kind: 'cluster', id: east.id }],
          resource: { group: '', version: 'v1', resource: 'namespaces' },
        },
      }),
      (one) => one.total >= 4,
    );
    expect(event.rows.map((row) => row.name)).toContain('kube-system');

    await first.engine.close();
    const second = await start();
    expect((await second.api.clusters.list()).map((one) => one.name)).toEqual(['east']);
    expect(await second.api.fleets.list()).toEqual([fleet]);
    expect(await second.api.resources.kinds({ target: { kind: 'cluster', id: east.id } })).not.toHaveLength(0);
  });

  test('distributes over a federation that is made of the fleet, and shows its control plane', async () => {
    const { api } = await start();
    const east = await registerEast(api);
    const fleet = await api.fleets.create({ name: 'production', clusterIds: [east.id] });
    const federation = await api.federations.create({ name: 'global', fleetId: fleet.id });
    expect(federation.state).toBe('running');
    expect((await api.fleets.list())[0]?.federationId).toBe(federation.id);
    const event = await firstEvent(
      await api.views.open({
        viewId: 'view-0002',
        query: {
          targets: [{ kind: 'federation', id: federation.id }],
          resource: { group: 'cluster.karmada.io', version: 'v1alpha1', resource: 'clusters' },
        },
      }),
      (one) => one.rows.some((row) => row.level === 'ok'),
    );
    expect(event.rows[0]?.name).toBe('east');
    await expect(api.fleets.remove({ id: fleet.id })).rejects.toThrow(/joined to a federation/);
    await expect(api.clusters.unregister({ id: east.id })).rejects.toThrow();
  }, 30_000);

  test('keeps kubeconfigs and their keys out of every file but the sealed one', async () => {
    const { api, engine } = await start();
    await registerEast(api);
    await engine.close();
    const key = /client-key-data: (\S{40})/.exec(cluster.kubeconfig())?.[1] ?? 'no key found';
    expect(key).not.toBe('no key found');
    for (const file of readdirSync(dataDir)) {
      const place = path.join(dataDir, file);
      if (statSync(place).isFile()) expect([file, readFileSync(place).includes(key)]).toEqual([file, false]);
    }
  });

  test('records every change, what was refused too, without its secrets', async () => {
    const { api } = await start();
    await registerEast(api);
    await expect(registerEast(api)).rejects.toThrow();
    const records = await api.audit.list({ limit: 10 });
    expect(records.map((record) => [record.action, record.result])).toEqual([
      ['clusters.register', 'failed'],
      ['clusters.register', 'succeeded'],
    ]);
    expect(JSON.stringify(records)).not.toContain('client-key-data');
    expect(await api.audit.verify()).toMatchObject({ ok: true, records: 4 });
    expect(verifyAuditOf(dataDir)).toMatchObject({ ok: true, records: 4 });
  });

  test('a viewer changes nothing', async () => {
    const { engine } = await start();
    const viewer = call({ ...engine.context(), operator: { name: 'guest', policy: 'viewer' } });
    await expect(viewer.fleets.create({ name: 'mine' })).rejects.toMatchObject({
      cause: { code: 'UNAUTHORISED' },
    });
    expect(await viewer.fleets.list()).toEqual([]);
  });
});

describe('the data directory', () => {
  test('belongs to one engine at a time, and to the next one once it is closed', async () => {
    const first = await start();
    await expect(createEngine({ dataDir, host: 'cli', log })).rejects.toMatchObject({
      code: 'DATA_DIR_LOCKED',
      params: { path: dataDir, pid: process.pid },
    });
    const next = start();
    await first.engine.close();
    await first.engine.close();
    await next;
  }, 20_000);

  test('an engine that cannot open its store leaves the directory free', async () => {
    const { engine } = await start();
    await engine.close();
    const store = path.join(dataDir, 'fleetdeck.db');
    const content = readFileSync(store);
    writeFileSync(store, 'damaged '.repeat(1000));
    await expect(createEngine({ dataDir, host: 'cli', log })).rejects.toMatchObject({ code: 'STORE_DAMAGED' });
    writeFileSync(store, content);
    await start();
  });
});
