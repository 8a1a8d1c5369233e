/** The service over clusters that answer, refuse, fall silent in the middle or do not answer at all. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type Exemption,
  type InspectionConfig,
  type InspectionRun,
  ReportFilter,
} from '#shared/contract/inspection.ts';
import { AppError } from '#shared/errors.ts';
import type { KubeList, KubeObject, ResourceRef } from '#shared/kubernetes/types.ts';
import { ApiError, type KubeClient, type ListOptions } from '../../kube/index.ts';
import { openStore, type Store } from '../../store/index.ts';
import { NOW, withContainer, withContext } from '../testing.ts';
import { createWork } from '../work/work.ts';
import { createInspection, type Inspection } from './service.ts';

type Lists = (ref: ResourceRef, options: ListOptions) => Promise<KubeObject[]>;
const risky: KubeObject = withContext({ privileged: true });
const healthy: Lists = async ({ resource }) => (resource === 'deployments' ? [risky] : []);
const unreachable = new AppError('CLUSTER_UNREACHABLE', 'connection refused', { retryable: true });

/** As much of a client as an inspection uses; plain HTTP, so that no certificate is asked for. */
function client(
  lists: Lists,
  version: () => Promise<{ gitVersion: string }> = async () => ({ gitVersion: 'v1.33.0' }),
) {
  return {
    transport: { server: 'http://cluster' },
    version,
    async rawList(ref: ResourceRef, options: ListOptions = {}): Promise<KubeList> {
      options.signal?.throwIfAborted();
      return { apiVersion: 'v1', kind: 'List', metadata: {}, items: await lists(ref, options) };
    },
  } as unknown as KubeClient;
}

let dir: string;
let store: Store;
let inspection: Inspection;
let clients: Record<string, KubeClient>;
let now: number;

function open(): Inspection {
  return createInspection({
    repository: store.inspection,
    settings: store.settings,
    clusters: { get: (id) => (id in clients ? { name: id, state: 'running' } : undefined) },
    fleets: {
      get: (id) => ({
        id,
        name: `fleet ${id}`,
        description: '',
        clusterIds: id === 'empty' ? [] : Object.keys(clients),
        federationId: null,
        deletionProtection: false,
        createdAt: '',
      }),
    },
    federations: { list: () => [] },
    resources: {
      kinds: async () => [],
      get: async () => risky,
      replace: async () => ({ object: risky, warnings: [] }),
    },
    client: ({ id }) => clients[id] ?? client(healthy),
    audit: { begin: () => ({ end: () => {} }) },
    log: { debug() {}, info() {}, warn() {}, error() {} },
    work: createWork(),
    now: () => now,
  });
}

beforeEach(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'fleetdeck-inspection-'));
  store = await openStore({ dir });
  store.settings.set('inspection.config', { requestsPerSecond: 200 } satisfies Partial<InspectionConfig>);
  clients = { east: client(healthy) };
  now = NOW;
  inspection = open();
});
afterEach(async () => {
  await inspection.close();
  store.close();
  rmSync(dir, { recursive: true, force: true });
});

async function run(scope: InspectionRun['scope'] = { kind: 'cluster', id: 'east' }): Promise<InspectionRun> {
  const { id } = inspection.service.start(scope);
  await inspection.finished(id);
  return await stateOf(id);
}
async function stateOf(id: string): Promise<InspectionRun> {
  return (await inspection.service.report({ id, by: 'object', filter: ReportFilter.parse({}) })).run;
}
const report = (id: string, filter: Partial<ReportFilter> = {}) =>
  inspection.service.report({ id, by: 'object', filter: ReportFilter.parse(filter) });

describe('a run', () => {
  test('over a cluster that answers is complete, with score and findings', async () => {
    const done = await run();
    expect(done).toMatchObject({ state: 'done', name: 'east', trigger: 'person', targets: [{ state: 'done' }] });
    expect(done.score?.value).toBeLessThan(100);
    const { groups } = await report(done.id, { rules: ['PrivilegedAllowed'] });
    expect(groups).toMatchObject([{ cluster: 'east', namespace: 'shop', kind: 'Deployment', name: 'web', danger: 1 }]);
  });

  test('survives the engine, with its findings', async () => {
    const { id, score } = await run();
    await inspection.close();
    inspection = open();
    const again = await report(id, { rules: ['PrivilegedAllowed'] });
    expect(again.run.score).toEqual(score);
    expect(again.total).toBe(1);
  });

  test('without a right is incomplete: what needed it is not checked, and costs or earns nothing', async () => {
    const forbidden = new ApiError(403, 'nodes is forbidden', 'GET /api/v1/nodes');
    clients = {
      east: client((ref, options) => (ref.resource === 'nodes' ? Promise.reject(forbidden) : healthy(ref, options))),
    };
    const { id, state, targets } = await run();
    expect(state).toBe('partial');
    const missing = targets[0]?.notChecked.find(({ resource }) => resource === 'nodes');
    expect(missing?.why).toBe('forbidden');
    expect(missing?.rules).toEqual(expect.arrayContaining(['NodeStatus', 'KubeletStatus']));
    expect((await report(id)).byType.some(({ type }) => type === 'node')).toBe(false);
  });

  test.each([
    [403, ['forbidden']],
    [404, []],
  ] as const)('says nothing of resources that a LimitRange may give when those answer %i', async (status, why) => {
    const refused = new ApiError(status, 'limitranges', 'GET /api/v1/limitranges');
    const bare = withContainer({ resources: {} });
    clients = {
      east: client(async ({ resource }) => {
        if (resource === 'limitranges') throw refused;
        return resource === 'deployments' ? [bare] : [];
      }),
    };
    const { id, targets } = await run();
    const missing = targets[0]?.notChecked.filter(({ resource }) => resource === 'limitranges') ?? [];
    expect(missing.map((one) => one.why)).toEqual(why);
    for (const { rules } of missing) expect(rules).toEqual(expect.arrayContaining(['NoCPULimits', 'NoMemoryRequests']));
    // A server that has no such kind has no such defaults.
    expect((await report(id, { rules: ['NoCPULimits'] })).total).toBe(why.length === 0 ? 1 : 0);
  });

  test('over a server that falls silent in the middle keeps what was read, and does not wait for every kind', async () => {
    let [alive, asked] = [true, 0];
    clients = {
      east: client(
        async (ref, options) => {
          asked += 1;
          if (ref.resource === 'statefulsets') alive = false;
          if (!alive) throw unreachable;
          return await healthy(ref, options);
        },
        async () => {
          if (!alive) throw unreachable;
          return { gitVersion: 'v1.33.0' };
        },
      ),
    };
    const { id, state, targets } = await run();
    expect(state).toBe('partial');
    expect(targets[0]?.notChecked.length).toBeGreaterThan(10);
    // At most what was under way when it fell silent.
    expect(asked).toBeLessThanOrEqual(6);
    expect((await report(id, { rules: ['PrivilegedAllowed'] })).total).toBe(1);
  });

  test('over a server that answers most questions with errors of its own asks again, and reports what it got', async () => {
    const failing = new ApiError(500, 'etcdserver: request timed out', 'GET');
    const asked = new Map<string, number>();
    const timesAsked = (what: string): number => {
      asked.set(what, (asked.get(what) ?? 0) + 1);
      return asked.get(what) ?? 0;
    };
    clients = {
      east: client(
        async (ref, options) => {
          if (ref.resource === 'daemonsets' || timesAsked(ref.resource) === 1) throw failing;
          return await healthy(ref, options);
        },
        () => Promise.reject(failing),
      ),
    };
    const { id, state, targets } = await run();
    expect(state).toBe('partial');
    expect(targets[0]?.version).toBe(null);
    expect(targets[0]?.notChecked.map(({ resource, why }) => [resource, why])).toEqual([
      ['server version', 'failed'],
      ['daemonsets.apps', 'failed'],
    ]);
    expect(targets[0]?.notChecked[0]?.rules).toEqual(expect.arrayContaining(['ServerVersionUnsupported']));
    expect((await report(id, { rules: ['PrivilegedAllowed'] })).total).toBe(1);
  });

  test('over a server that answers nothing but errors fails', async () => {
    const failing = new ApiError(503, 'apiserver not ready', 'GET');
    clients = {
      east: client(
        () => Promise.reject(failing),
        () => Promise.reject(failing),
      ),
    };
    expect(await run()).toMatchObject({ state: 'failed', targets: [{ error: { code: 'CLUSTER_ERROR' } }] });
  });

  test('over a fleet goes on when one cluster does not answer', async () => {
    clients = { east: client(healthy), west: client(healthy, () => Promise.reject(unreachable)) };
    const { state, targets, id } = await run({ kind: 'fleet', id: 'f' });
    expect(state).toBe('partial');
    expect(targets.map(({ name, state: own, error }) => [name, own, error?.code])).toEqual([
      ['east', 'done', undefined],
      ['west', 'failed', 'CLUSTER_UNREACHABLE'],
    ]);
    expect((await report(id)).byCluster.map(({ cluster }) => cluster)).toEqual(['east']);
  });

  test('fails when nothing answers', async () => {
    clients = { east: client(healthy, () => Promise.reject(unreachable)) };
    expect(await run()).toMatchObject({ state: 'failed', score: null });
  });

  test('is cancelled at once, and begun only once for a scope', async () => {
    const hangs: Lists = (_, { signal }) =>
      new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    clients = { east: client(hangs) };
    const first = inspection.service.start({ kind: 'cluster', id: 'east' });
    expect(inspection.service.start({ kind: 'cluster', id: 'east' }).id).toBe(first.id);
    expect(() => inspection.service.remove(first.id)).toThrow(expect.objectContaining({ code: 'REFUSED' }));
    inspection.service.cancel(first.id);
    await inspection.finished(first.id);
    expect(await stateOf(first.id)).toMatchObject({
      state: 'cancelled',
      targets: [{ state: 'cancelled', error: null }],
    });
  });

  test('that the engine’s end cut off is told as interrupted', async () => {
    const hangs: Lists = (_, { signal }) =>
      new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    clients = { east: client(hangs) };
    const { id } = inspection.service.start({ kind: 'cluster', id: 'east' });
    await inspection.close();
    inspection = open();
    expect((await stateOf(id)).state).toBe('interrupted');
  });

  test.each([
    ['a cluster that is not there', { kind: 'cluster', id: 'none' }, 'NOT_FOUND'],
    ['a fleet without clusters', { kind: 'fleet', id: 'empty' }, 'REFUSED'],
  ] as const)('of %s is refused', (_, scope, code) => {
    expect(() => inspection.service.start(scope)).toThrow(expect.objectContaining({ code }));
  });
});

test('reports beyond the number kept go, oldest first, with their findings', async () => {
  inspection.service.updateConfig({ ...inspection.service.config(), keep: 2 });
  const ids = [(await run()).id, (await run()).id, (await run()).id];
  expect(store.inspection.runs().map(({ id }) => id)).toEqual(expect.arrayContaining(ids.slice(1)));
  expect(store.inspection.runs()).toHaveLength(2);
  expect(store.inspection.results(ids[0] ?? '')).toEqual([]);
});

const LEGACY = {
  ...{ rules: [], clusters: [], namespaces: [], kinds: [], names: [], labels: [] },
  ...{ reason: 'legacy', until: null },
};
describe('an exemption', () => {
  test('counts in lists and trends too, for runs that are over, until it is taken back', async () => {
    const { id } = await run();
    const states = inspection.service.watch(new AbortController().signal)[Symbol.asyncIterator]();
    const shown = async () => (await states.next()).value?.runs.find((one: InspectionRun) => one.id === id);
    const before = await shown();
    const accepted = inspection.service.addExemption({ ...LEGACY, rules: ['PrivilegedAllowed'] }, 'alice');
    await inspection.counted();
    const after = await stateOf(id);
    expect(after.tally.danger).toBe(before.tally.danger - 1);
    expect(after.exempt).toBe(before.exempt + 1);
    expect(after.score?.value).toBeGreaterThan(before.score.value);
    expect(after.targets[0]).toMatchObject({ tally: after.tally, score: after.score });
    expect(store.inspection.runs()[0]).toMatchObject({ exempt: after.exempt });
    inspection.service.removeExemption(accepted.id);
    await inspection.counted();
    expect(await stateOf(id)).toMatchObject({ tally: before.tally, exempt: before.exempt, score: before.score });
  });

  test('takes findings out of a report that is already there, and its end brings them back', async () => {
    const { id } = await run();
    const found = await report(id, { rules: ['PrivilegedAllowed'] });
    const exemption = inspection.service.addExemption(
      {
        ...{ rules: ['PrivilegedAllowed'], clusters: [], namespaces: ['shop'], kinds: [], names: [], labels: [] },
        reason: 'legacy',
        until: new Date(NOW + 1000).toISOString(),
      },
      'alice',
    );
    const accepted = await report(id, { rules: ['PrivilegedAllowed'] });
    expect([found.total, accepted.total, accepted.counts.exempt]).toEqual([1, 0, 1]);
    expect(accepted.score.value).toBeGreaterThan(found.score.value);
    expect(exemption).toMatchObject({ author: 'alice', builtIn: false });
    now = NOW + 2000;
    expect((await report(id, { rules: ['PrivilegedAllowed'] })).total).toBe(1);
  });

  test('that would cover every finding is refused', () => {
    expect(() => inspection.service.addExemption(LEGACY, 'alice')).toThrow(
      expect.objectContaining({ code: 'INVALID', params: { field: 'rules' } }),
    );
  });

  test('whose end has passed already is refused, as what is no time', () => {
    for (const until of [new Date(NOW - 1).toISOString(), 'tomorrow'])
      expect(() => inspection.service.addExemption({ ...LEGACY, rules: ['NoCPULimits'], until }, 'alice')).toThrow(
        expect.objectContaining({ code: 'INVALID', params: { field: 'until' } }),
      );
  });

  test('comes and goes for everybody who looks at the list', async () => {
    const abort = new AbortController();
    const states = inspection.service.watch(abort.signal)[Symbol.asyncIterator]();
    const reasons = async () => (await states.next()).value?.exemptions.map((one: Exemption) => one.reason);
    const [builtIn] = (await reasons()) ?? [];
    const { id } = inspection.service.addExemption({ ...LEGACY, rules: ['NoCPULimits'] }, 'alice');
    expect(await reasons()).toEqual([builtIn, 'legacy']);
    inspection.service.removeExemption(id);
    expect(await reasons()).toEqual([builtIn]);
    abort.abort();
  });
});

describe('the configuration', () => {
  test('switches sets and rules, and sets severities', async () => {
    const config = inspection.service.config();
    inspection.service.updateConfig({
      ...config,
      sets: { ...config.sets, manual: false, baseline: false },
      rules: { PrivilegedAllowed: { enabled: true, severity: 'notice' } },
    });
    const { groups } = await report((await run()).id, { types: ['security'], text: 'privileged' });
    expect(groups.flatMap(({ rules }) => rules)).toEqual([{ id: 'PrivilegedAllowed', severity: 'notice' }]);
  });
  test.each([
    ['a rule that does not exist', { Nonsense: {} }],
    ['a number for a rule without one', { PrivilegedAllowed: { threshold: 1 } }],
    ['a number out of bounds', { CertificateExpiredPeriod: { threshold: 0 } }],
  ])('%s is refused', (_, rules) => {
    const config = inspection.service.config();
    expect(() => inspection.service.updateConfig({ ...config, rules })).toThrow(
      expect.objectContaining({ code: 'INVALID' }),
    );
  });
  test('what another version stored takes its default where it is not understood', () => {
    store.settings.set('inspection.config', { keep: 'many', sets: { manual: false } });
    expect(inspection.service.config()).toMatchObject({ keep: 30, sets: { manual: true } });
  });
});
