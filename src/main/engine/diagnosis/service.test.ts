import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cluster } from '#shared/contract/clusters.ts';
import type { DiagnosisProgress, DiagnosisService, DiagnosisTarget, FleetHealth } from '#shared/contract/diagnosis.ts';
import { inLanguage } from '#shared/diagnosis.ts';
import { AppError } from '#shared/errors.ts';
import { type ApiServer, startApiServer } from '../apiserver/index.ts';
import { createKubeClient, type KubeClient, type TransportRequest } from '../kube/index.ts';
import { openStore, type Store } from '../store/index.ts';
import { diagnose } from './run.ts';
import { createDiagnosis } from './service.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'fleetdeck-diagnosis-'));
const PODS = { group: '', version: 'v1', resource: 'pods' };
const SERVICES = { group: '', version: 'v1', resource: 'services' };
const TARGET: DiagnosisTarget = { clusterId: 'one', kind: 'Service', namespace: 'shop', name: 'web' };
let server: ApiServer;
let client: KubeClient;
let store: Store;
let service: DiagnosisService;

/** The same server, but what `answer` says instead of it. */
function disturbed(
  answer: (request: TransportRequest, count: number) => { status: number } | Error | undefined,
): KubeClient {
  let count = 0;
  const { transport } = client;
  return createKubeClient({
    ...transport,
    server: transport.server,
    async request(request) {
      count += 1;
      const instead = answer(request, count);
      if (instead instanceof Error) throw instead;
      if (instead === undefined) return await transport.request(request);
      return {
        status: instead.status,
        headers: {},
        body: { kind: 'Status', message: `refused ${request.path}`, code: instead.status },
      };
    },
    stream: (request) => transport.stream(request),
    close: () => transport.close(),
  });
}

async function all<T>(events: AsyncIterable<T>): Promise<T[]> {
  const seen: T[] = [];
  for await (const event of events) seen.push(event);
  return seen;
}

async function run(): Promise<Extract<DiagnosisProgress, { type: 'report' }>['report']> {
  const last = (await all(service.run(TARGET, undefined))).at(-1);
  if (last?.type !== 'report') throw new Error('no report');
  return last.report;
}

beforeAll(async () => {
  server = await startApiServer({ dir: null, name: 'east' });
  client = server.client('test');
  store = await openStore({ dir });
  const cluster = { id: 'one', name: 'east' } as Cluster;
  service = createDiagnosis({
    repository: store.diagnoses,
    clusters: {
      list: () => [cluster, { ...cluster, id: 'two', name: 'west' }],
      get: (id) => (id === 'one' ? cluster : undefined),
      client(id) {
        if (id === 'one') return client;
        throw new AppError('CLUSTER_UNREACHABLE', 'away', { cluster: 'west' });
      },
    },
  });
  await client.create(
    { group: '', version: 'v1', resource: 'namespaces' },
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
  );
  await client.create(
    PODS,
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web-1', namespace: 'shop', labels: { app: 'web' } },
      spec: { containers: [{ name: 'app', image: 'web:1' }] },
    },
    { namespace: 'shop' },
  );
  await client.create(
    SERVICES,
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'shop' },
      spec: { selector: { app: 'wed' }, ports: [{ port: 80 }] },
    },
    { namespace: 'shop' },
  );
});
afterAll(async () => {
  store.close();
  await server.close();
  rmSync(dir, { recursive: true, force: true });
});

test('a run tells how far it is, ends with a report, and the report is kept', async () => {
  const events = await all(service.run(TARGET, undefined));
  expect(events.slice(0, -1).every(({ type }) => type === 'progress')).toBe(true);
  const last = events.at(-1);
  expect(last).toMatchObject({
    type: 'report',
    report: { verdict: 'fault', cluster: 'east', findings: [{ cause: 'S-SEL' }] },
  });
  const [kept] = service.history({ target: TARGET, limit: 5 });
  expect(kept).toMatchObject({ object: { kind: 'Service', name: 'web' }, causes: ['S-SEL'] });
  expect(service.get({ id: kept?.id ?? '' })).toEqual(last?.type === 'report' ? last.report : undefined);
});

test('the patch is tried without a change, applied on demand, and the next run says what is gone', async () => {
  const before = await run();
  const tried = await service.applyPatch({ id: before.id, finding: 0, dryRun: true });
  expect([tried.before.spec.selector, tried.after.spec.selector]).toEqual([{ app: 'wed' }, { app: 'web' }]);
  expect((await client.get(SERVICES, 'web', { namespace: 'shop' })).spec.selector).toEqual({ app: 'wed' });
  await service.applyPatch({ id: before.id, finding: 0, dryRun: false });
  const after = await run();
  const { gone, before: known } = service.compare({ id: after.id });
  expect(known?.id).toBe(before.id);
  expect(gone.map(({ cause }) => cause)).toEqual(['S-SEL']);
  await expect(service.applyPatch({ id: after.id, finding: 99, dryRun: true })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
});

test('what a further check found is not gone because it was not made again', async () => {
  const [before, after] = [await run(), await run()];
  const [step] = before.steps;
  const object = { kind: 'Pod', namespace: 'shop', name: 'app' };
  const sentence = { zh: '拒绝连接', en: 'refused' };
  const found: (typeof before.findings)[number] = {
    ...{ cause: 'R-REFUSED', verdict: 'fault', confidence: 'high', object, sentence, remedy: sentence },
    ...{ chain: [{ cause: 'R-REFUSED', object, sentence }], evidence: [], commands: [], patch: null },
    ...{ references: [], others: [] },
  };
  const asked = {
    ...step,
    id: 'further-reach',
    further: 'reach',
    causes: ['R-REFUSED'],
  } as (typeof before.steps)[number];
  const gone = (more: typeof before.steps): string[] => {
    service.remove({ id: after.id });
    store.diagnoses.insert({ ...after, steps: [...after.steps, ...more] });
    return service.compare({ id: after.id }).gone.map(({ cause }) => cause);
  };
  service.remove({ id: before.id });
  store.diagnoses.insert({
    ...before,
    steps: [...before.steps, asked],
    findings: [found],
  });
  expect(gone([])).toEqual([]);
  expect(gone([{ ...asked, causes: [] }])).toEqual(['R-REFUSED']);
});

test('rights of further checks are asked of the cluster', async () => {
  expect(await service.further(TARGET, undefined)).toEqual([{ check: 'reach', missing: [] }]);
});

test('reports can be exported and removed; of one object so many are kept', async () => {
  const { id } = await run();
  expect(service.export({ id, format: 'markdown', language: 'en' }).text).toContain('Service shop/web');
  service.remove({ id });
  expect(() => service.get({ id })).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  for (let count = 0; count < 22; count++) await run();
  expect(service.history({ target: TARGET, limit: 100 })).toHaveLength(20);
}, 60_000);

test('what is not there, or a cluster nobody knows, is an error and no report', async () => {
  const none = all(service.run({ ...TARGET, name: 'gone' }, undefined));
  await expect(none).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(all(service.run({ ...TARGET, clusterId: 'x' }, undefined))).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('the catalogue calls every cause something', () => {
  expect(service.causes()).toContainEqual({
    id: 'S-SEL',
    title: { zh: expect.stringContaining('Service'), en: expect.stringContaining('Service') },
  });
});

test('a run that is broken off ends', async () => {
  const abort = new AbortController();
  const events = service.run(TARGET, abort.signal)[Symbol.asyncIterator]();
  await events.next();
  abort.abort();
  await expect(all({ [Symbol.asyncIterator]: () => events })).rejects.toThrow();
});

describe('a cluster that does not tell everything', () => {
  const options = { cluster: 'east' };

  test('without rights: the steps that lack them say so, the rest is judged', async () => {
    const barred = disturbed(({ path: at }) => (/\/(secrets|events)$/.test(at) ? { status: 403 } : undefined));
    const report = await diagnose({ ...TARGET, kind: 'Pod', name: 'web-1' }, { ...options, client: barred });
    expect(report.partial).toBe(true);
    expect(
      report.unread
        .filter(({ forbidden }) => forbidden)
        .map(({ what }) => what)
        .sort(),
    ).toEqual(['events', 'secrets']);
    expect(report.steps.find(({ id }) => id === 'volumes')?.verdict).toBe('forbidden');
  });

  test('without the metrics API: usage is missing, and named', async () => {
    const report = await diagnose({ ...TARGET, kind: 'Pod', name: 'web-1' }, { ...options, client });
    expect(report.unread).toEqual([
      {
        what: 'pods.metrics.k8s.io',
        forbidden: false,
        reason: { zh: '集群没有指标 API', en: 'the cluster has no metrics API' },
      },
    ]);
    expect(report.partial).toBe(true);
  });

  test('one that fails in the middle is not asked for the rest, and the report is partial', async () => {
    let asked = 0;
    const dying = disturbed((_request, count) => {
      asked = count;
      return count > 6 ? new AppError('CLUSTER_UNREACHABLE', 'connection reset') : undefined;
    });
    const report = await diagnose(TARGET, { ...options, client: dying });
    expect(report.partial).toBe(true);
    expect(report.unread.length).toBeGreaterThan(5);
    expect(report.unread.some(({ reason }) => inLanguage(reason, 'en').includes('had stopped answering'))).toBe(true);
    expect(asked).toBeLessThan(20);
  });

  test('one that shows the object and nothing else is not told to be well', async () => {
    const mute = disturbed(({ path: at }) => (at.endsWith('/services/web') ? undefined : { status: 500 }));
    const report = await diagnose(TARGET, { ...options, client: mute });
    expect([report.verdict, report.partial, report.findings]).toEqual(['unknown', true, []]);
    expect(report.conclusion.en).toContain('Cannot tell');
  });

  test('one that cannot show the object itself is an error', async () => {
    const barred = disturbed(({ path: at }) => (at.endsWith('/services/web') ? { status: 403 } : undefined));
    await expect(diagnose(TARGET, { ...options, client: barred })).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });
});

test('health goes on where one cluster is away, and says which', async () => {
  const states: FleetHealth[] = await all(service.health({}, undefined));
  const last = states.at(-1);
  expect(last?.clusters.map(({ name, state, error }) => [name, state, error?.code])).toEqual([
    ['east', 'done', undefined],
    ['west', 'failed', 'CLUSTER_UNREACHABLE'],
  ]);
});
