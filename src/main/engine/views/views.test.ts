import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Freshness, Target, ViewEvent, ViewRow } from '#shared/contract/views.ts';
import { ViewEvent as ViewEventSchema } from '#shared/contract/views.ts';
import { AppError } from '#shared/errors.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { createViews, type Views } from './index.ts';
import { FakeApi } from './testing/fake-api.ts';
import type { Query } from './view.ts';

const PODS = { group: '', version: 'v1', resource: 'pods' };
let apis: Map<string, FakeApi>;
let views: Views;
let announce: (target: Target, change: 'changed' | 'removed') => void;
const screens: Screen[] = [];
let opened = 0;
/** What the kubeconfigs of the targets name. */
let own: string | null = null;

beforeEach(() => {
  apis = new Map([
    ['a', new FakeApi()],
    ['b', new FakeApi()],
  ]);
  views = createViews({
    batchMs: 5,
    graceMs: 50,
    retryMs: 60_000,
    targets: {
      client({ id }) {
        const api = apis.get(id);
        if (api === undefined) throw new AppError('NOT_FOUND', `no cluster ${id}`);
        return api.client;
      },
      name: ({ id }) => `cluster-${id}`,
      namespace: async () => own,
      subscribe(listener) {
        announce = listener;
        return () => {};
      },
    },
  });
});
afterEach(async () => {
  await Promise.all(screens.splice(0).map((screen) => screen.close()));
  views.close();
  own = null;
});

/** What a renderer would show: applies events and lets a test wait until it shows something. */
class Screen {
  readonly id = `view-${String(++opened).padStart(8, '0')}`;
  readonly events: ViewEvent[] = [];
  columns: string[] = [];
  rows: ViewRow[] = [];
  total = 0;
  namespaces: string[] = [];
  freshness = new Map<string, Freshness>();
  failure: unknown = null;
  readonly #known = new Map<string, ViewRow>();
  readonly #abort = new AbortController();
  readonly #done: Promise<void>;
  #changed: (() => void) | null = null;

  constructor(query: Query) {
    this.#done = this.#run(query);
  }

  async #run(query: Query): Promise<void> {
    for await (const event of views.service.open({ viewId: this.id, query }, this.#abort.signal)) {
      this.#apply(ViewEventSchema.parse(event));
      this.#changed?.();
    }
  }

  #apply(event: ViewEvent): void {
    this.events.push(event);
    this.total = event.total;
    for (const row of event.rows) this.#known.set(row.key, row);
    if (event.type === 'reset') {
      this.columns = event.columns.map((column) => column.id);
      this.rows = event.rows;
    } else this.rows = event.order.map((key) => this.#known.get(key) as ViewRow);
    if (event.namespaces !== null) this.namespaces = event.namespaces;
    for (const fresh of event.freshness ?? []) this.freshness.set(fresh.target.id, fresh);
  }

  get names(): string[] {
    return this.rows.map((row) => row.name);
  }
  state(id: string): string | undefined {
    return this.freshness.get(id)?.state;
  }
  cell(row: number, column: string): unknown {
    return this.rows[row]?.cells[this.columns.indexOf(column)];
  }

  async until(what: string, holds: () => boolean): Promise<void> {
    const deadline = Date.now() + 4000;
    while (!holds()) {
      if (Date.now() > deadline)
        throw new Error(`not shown: ${what}; shown: ${JSON.stringify([this.names, [...this.freshness.values()]])}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 100);
        this.#changed = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  async close(): Promise<void> {
    this.#abort.abort();
    await this.#done;
  }
}

function show(change: Partial<Query> = {}): Screen {
  const screen = new Screen({
    targets: [{ kind: 'cluster', id: 'a' }],
    resource: PODS,
    namespaces: [],
    filter: '',
    sort: { column: 'name', descending: false },
    group: '',
    offset: 0,
    limit: 100,
    ...change,
  });
  screens.push(screen);
  return screen;
}

function pod(
  name: string,
  change: { namespace?: string; restarts?: number; phase?: string; labels?: Record<string, string> } = {},
): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: change.namespace ?? 'default',
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...(change.labels === undefined ? {} : { labels: change.labels }),
    },
    spec: { nodeName: 'node-1', containers: [{ name: 'c' }] },
    status: {
      phase: change.phase ?? 'Running',
      containerStatuses: [{ name: 'c', ready: true, restartCount: change.restarts ?? 0, state: { running: {} } }],
    },
  };
}

function api(id: string): FakeApi {
  return apis.get(id) as FakeApi;
}

const both: Target[] = [
  { kind: 'cluster', id: 'a' },
  { kind: 'cluster', id: 'b' },
];

describe('a view over several clusters', () => {
  test('shows what is there, then each change as it comes', async () => {
    api('a').set(pod('web-1'));
    api('b').set(pod('web-1', { namespace: 'other' }));
    const screen = show({ targets: both });
    expect(screen.events).toHaveLength(0);
    await screen.until('both pods', () => screen.total === 2 && screen.state('b') === 'live');
    expect(screen.events[0]).toMatchObject({ type: 'reset', total: 0 });
    expect(screen.namespaces).toEqual(['default', 'other']);
    expect(screen.rows.map((row) => row.key)).toEqual(['cluster/a/uid-default/web-1', 'cluster/b/uid-other/web-1']);
    expect(screen.cell(0, 'status')).toBe('Running');

    api('a').set(pod('db-1', { restarts: 3 }));
    await screen.until('the new pod', () => screen.names[0] === 'db-1');
    expect(screen.cell(0, 'restarts')).toBe(3);
    api('b').delete('other/web-1');
    await screen.until('it gone', () => screen.total === 2);
    expect(screen.names).toEqual(['db-1', 'web-1']);
    expect(screen.namespaces).toEqual(['default']);
    expect(screen.freshness.get('a')).toMatchObject({ state: 'live', count: 2, reason: null });
  });

  test('a change sends the changed row alone', async () => {
    for (const name of ['a', 'b', 'c']) api('a').set(pod(name));
    const screen = show();
    await screen.until('all', () => screen.total === 3 && screen.state('a') === 'live');
    api('a').set(pod('b', { restarts: 1 }));
    await screen.until('the change', () => screen.cell(1, 'restarts') === 1);
    const last = screen.events.at(-1);
    expect(last).toMatchObject({ type: 'delta', freshness: null, namespaces: null });
    expect(last?.rows.map((row) => row.name)).toEqual(['b']);
  });

  test('a pod made anew under its old name is another row', async () => {
    api('a').set(pod('web'));
    const screen = show();
    await screen.until('it', () => screen.total === 1);
    const anew = pod('web');
    anew.metadata.uid = 'uid-second';
    api('a').set(anew);
    await screen.until('the second', () => screen.rows[0]?.uid === 'uid-second');
    expect(screen.total).toBe(1);
  });
});

describe('one target in trouble does not spoil the others', () => {
  test.each([
    ['forbidden', 403 as const, 'FORBIDDEN'],
    ['unknownResource', 404 as const, 'NOT_FOUND'],
    ['disconnected', new AppError('CLUSTER_UNREACHABLE', 'no route'), 'CLUSTER_UNREACHABLE'],
  ])('%s', async (state, fault, code) => {
    api('a').set(pod('web'));
    api('b').fault = () => fault;
    const screen = show({ targets: both });
    await screen.until('a live and b in trouble', () => screen.state('a') === 'live' && screen.state('b') === state);
    expect(screen.names).toEqual(['web']);
    expect(screen.freshness.get('b')).toMatchObject({ count: 0, reason: { code } });
  });

  test('a target that is not known yet is disconnected, and comes as soon as it is there', async () => {
    const screen = show({ targets: [{ kind: 'cluster', id: 'late' }] });
    await screen.until('its absence', () => screen.state('late') === 'disconnected');
    expect(screen.freshness.get('late')?.reason).toMatchObject({ code: 'NOT_FOUND', cluster: 'cluster-late' });
    apis.set('late', new FakeApi());
    api('late').set(pod('web'));
    announce({ kind: 'cluster', id: 'late' }, 'changed');
    await screen.until('its pod', () => screen.total === 1 && screen.state('late') === 'live');
  });

  test('rows of a target that is removed go', async () => {
    api('a').set(pod('in-a'));
    api('b').set(pod('in-b'));
    const screen = show({ targets: both });
    await screen.until('both', () => screen.total === 2);
    apis.delete('b');
    announce({ kind: 'cluster', id: 'b' }, 'removed');
    await screen.until('b gone', () => screen.state('b') === 'disconnected' && screen.total === 1);
    expect(screen.names).toEqual(['in-a']);
  });

  test('a connection that breaks leaves the rows and says stale', async () => {
    api('a').set(pod('web'));
    const screen = show();
    await screen.until('it live', () => screen.state('a') === 'live' && screen.total === 1);
    api('a').fault = () => new AppError('CLUSTER_UNREACHABLE', 'gone');
    api('a').cut();
    await screen.until('stale', () => screen.state('a') === 'stale');
    expect(screen.names).toEqual(['web']);
    expect(screen.freshness.get('a')?.reason?.code).toBe('CLUSTER_UNREACHABLE');
    api('a').fault = null;
    await screen.until('live again', () => screen.state('a') === 'live');
  });

  test('where not all namespaces may be listed, the chosen ones are', async () => {
    api('a').set(pod('mine', { namespace: 'team' }));
    api('a').set(pod('theirs', { namespace: 'other' }));
    api('a').fault = ({ path }) => (path.includes('/namespaces/team/') ? null : 403);
    const screen = show();
    await screen.until('refused', () => screen.state('a') === 'forbidden');
    views.service.change({ viewId: screen.id, namespaces: ['team'] });
    await screen.until('the one', () => screen.names.join() === 'mine' && screen.state('a') === 'live');
    views.service.change({ viewId: screen.id, namespaces: [] });
    await screen.until('refused again', () => screen.state('a') === 'forbidden' && screen.total === 0);
  });

  test('and as long as none is chosen, that of the kubeconfig, which is said', async () => {
    own = 'team';
    api('a').set(pod('mine', { namespace: 'team' }));
    api('a').set(pod('theirs', { namespace: 'other' }));
    api('a').fault = ({ path }) => (path.includes('/namespaces/team/') ? null : 403);
    const screen = show();
    await screen.until('the one', () => screen.names.join() === 'mine' && screen.state('a') === 'live');
    expect(screen.freshness.get('a')?.within).toEqual(['team']);
    const again = show();
    await again.until('the one in a second view', () => again.names.join() === 'mine' && again.state('a') === 'live');
    views.service.change({ viewId: screen.id, namespaces: ['other'] });
    await screen.until('the other refused', () => screen.state('a') === 'forbidden' && screen.total === 0);
  });

  test.each([
    403, 404,
  ])('what is not to be had inside that namespace either (%i) stays refused as a whole', async (inside) => {
    own = 'team';
    api('a').fault = ({ path }) => (path.includes('/namespaces/') ? inside : 403);
    const screen = show();
    const whole = () => screen.state('a') === 'forbidden' && screen.freshness.get('a')?.within === undefined;
    await screen.until('refused, looked inside, refused', () => {
      return whole() && api('a').requests.some((path) => path.includes('/namespaces/team/'));
    });
    expect(screen.freshness.get('a')?.reason?.code).toBe('FORBIDDEN');
  });

  test('a kind served under another version is found there', async () => {
    api('a').set(pod('web'));
    api('a').client.resources = async () => [
      {
        ...PODS,
        version: 'v2',
        kind: 'Pod',
        singular: 'pod',
        namespaced: true,
        verbs: [],
        shortNames: [],
        categories: [],
        subresources: [],
      },
    ];
    api('a').fault = ({ path }) => (path.startsWith('/api/v2/') ? null : 404);
    const screen = show();
    await screen.until('it', () => screen.state('a') === 'live' && screen.names.join() === 'web');
  });
});

describe('a long list', () => {
  test('shows its first page before it is complete, and takes back what is gone by then', async () => {
    api('a').pageSize = 2;
    for (const name of ['a', 'b', 'c']) api('a').set(pod(name));
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    api('a').beforePage = () => gate;
    const screen = show();
    await screen.until('the first page', () => screen.total === 2);
    expect(screen.state('a')).toBe('catchingUp');
    // Deleted while listing: the list, asked again from its start, does not have it.
    api('a').delete('default/a');
    let expired = 0;
    api('a').fault = ({ query }) => (query?.continue !== undefined && expired++ === 0 ? 410 : null);
    release();
    await screen.until('the rest', () => screen.state('a') === 'live' && screen.total === 2);
    expect(screen.names).toEqual(['b', 'c']);
  });

  test('is seen through a window that can be moved, sorted and filtered', async () => {
    for (let i = 0; i < 50; i++) api('a').set(pod(`p-${String(i).padStart(2, '0')}`, { restarts: (i * 7) % 50 }));
    const screen = show({ limit: 3 });
    await screen.until('all', () => screen.total === 50 && screen.state('a') === 'live');
    expect(screen.names).toEqual(['p-00', 'p-01', 'p-02']);
    views.service.change({ viewId: screen.id, offset: 48 });
    await screen.until('the end', () => screen.names.join() === 'p-48,p-49');
    views.service.change({ viewId: screen.id, offset: 0, sort: { column: 'restarts', descending: true } });
    await screen.until('most restarts', () => screen.cell(0, 'restarts') === 49);
    expect(screen.rows.map((_row, at) => screen.cell(at, 'restarts'))).toEqual([49, 48, 47]);
    views.service.change({ viewId: screen.id, filter: 'P-1 running', sort: { column: 'name', descending: false } });
    await screen.until('ten', () => screen.total === 10);
    expect(screen.names[0]).toBe('p-10');
    expect(screen.events.at(-1)?.type).toBe('reset');
  });

  test('a row that comes to match appears, one that no longer does goes', async () => {
    api('a').set(pod('one', { phase: 'Pending' }));
    api('a').set(pod('two'));
    const screen = show({ filter: 'status:ok' });
    await screen.until('two', () => screen.names.join() === 'two');
    api('a').set({ ...pod('one'), status: pod('one').status });
    await screen.until('both', () => screen.total === 2);
    const failed = pod('two');
    failed.status.containerStatuses = [
      { name: 'c', ready: false, restartCount: 5, state: { waiting: { reason: 'CrashLoopBackOff' } } },
    ];
    api('a').set(failed);
    await screen.until('one', () => screen.names.join() === 'one');
  });
});

describe('sharing', () => {
  test('two views of the same kind share one watch, which ends some time after both are closed', async () => {
    api('a').set(pod('web'));
    const [one, two] = [show(), show({ filter: 'nothing like it' })];
    await one.until('it', () => one.total === 1);
    await two.until('live', () => two.state('a') === 'live');
    await expect.poll(() => api('a').watchers).toBe(1);
    await one.close();
    await two.close();
    expect(api('a').watchers).toBe(1);
    await expect.poll(() => api('a').watchers).toBe(0);
  });

  test('coming back within the grace period lists nothing again', async () => {
    api('a').set(pod('web'));
    const first = show();
    await first.until('it', () => first.total === 1 && first.state('a') === 'live');
    await first.close();
    const listsOf = () => api('a').requests.filter((path) => path.endsWith('/pods') && path.startsWith('/api/')).length;
    const lists = listsOf();
    const second = show();
    await second.until('it at once', () => second.total === 1);
    expect(second.events[0]).toMatchObject({ type: 'reset', total: 1 });
    expect(listsOf()).toBe(lists);
  });
});

test('a view that is not open cannot be changed', () => {
  expect(() => views.service.change({ viewId: 'nobody-here', offset: 1 })).toThrow(
    expect.objectContaining({ code: 'NOT_FOUND' }),
  );
});

test('closing the views ends every open one', async () => {
  const screen = show();
  await screen.until('something', () => screen.events.length > 0);
  views.close();
  await screen.close();
  expect(api('a').watchers).toBe(0);
});

describe('a kind that is not known by name', () => {
  const WIDGETS = { group: 'example.org', version: 'v1', resource: 'widgets' };
  const widget = (name: string, spec: Record<string, unknown>): KubeObject => ({
    apiVersion: 'example.org/v1',
    kind: 'Widget',
    metadata: { name, namespace: 'default', creationTimestamp: '2026-01-01T00:00:00Z' },
    spec,
    status: { phase: 'Failed' },
  });
  const column = (name: string, type: string, field: string, priority = 0) => ({
    name,
    type,
    priority,
    cell: (object: KubeObject) => object.spec[field] ?? null,
  });
  const name = { name: 'Name', type: 'string', priority: 0, cell: (object: KubeObject) => object.metadata.name };
  const age = { name: 'Age', type: 'date', priority: 0, cell: () => '5d' };

  test('has the columns its server prints, in lists and in watches', async () => {
    api('a').printed = [name, column('Size', 'integer', 'size'), column('Colour', 'string', 'colour', 1), age];
    api('a').set(widget('one', { size: 3, colour: 'red' }));
    const screen = show({ resource: WIDGETS });
    await screen.until('the widget', () => screen.total === 1 && screen.state('a') === 'live');
    expect(screen.columns).toEqual(['size', 'colour', 'age']);
    expect(screen.rows[0]).toMatchObject({ cells: [3, 'red', '2026-01-01T00:00:00Z'], level: 'error' });

    api('a').set(widget('two', { size: 12 }));
    api('a').set(widget('three', { size: 5 }));
    await screen.until('all three', () => screen.total === 3);
    views.service.change({ viewId: screen.id, filter: 'size>4', sort: { column: 'size', descending: true } });
    await screen.until('the larger ones', () => screen.total === 2);
    expect(screen.names).toEqual(['two', 'three']);
  });

  test('in clusters that print different columns has all of them, and gaps', async () => {
    api('a').printed = [name, column('Size', 'integer', 'size'), age];
    api('b').printed = [name, column('Colour', 'string', 'colour'), column('Size', 'integer', 'size'), age];
    api('a').set(widget('one', { size: 3 }));
    api('b').set(widget('two', { size: 4, colour: 'red' }));
    const screen = show({ targets: both, resource: WIDGETS });
    await screen.until('both', () => screen.total === 2 && screen.columns.length === 3);
    expect(screen.cell(0, 'size')).toBe(3);
    expect(screen.cell(0, 'colour') ?? null).toBeNull();
    expect(screen.cell(1, 'size')).toBe(4);
    expect(screen.cell(1, 'colour')).toBe('red');
  });

  test('of a server that knows no tables has state and age', async () => {
    api('a').set(widget('one', {}));
    const screen = show({ resource: WIDGETS });
    await screen.until('the widget', () => screen.total === 1 && screen.columns.length > 0);
    expect(screen.columns).toEqual(['status', 'age']);
    expect(screen.cell(0, 'status')).toBe('Failed');
  });
});

describe('groups', () => {
  test('keep rows together and count them, also while they change', async () => {
    for (const [name, phase] of [
      ['c', 'Running'],
      ['a', 'Pending'],
      ['b', 'Running'],
    ] as const)
      api('a').set({ ...pod(name), status: { phase } });
    const screen = show({ group: 'status' });
    await screen.until('all', () => screen.total === 3 && screen.state('a') === 'live');
    expect(screen.names).toEqual(['a', 'b', 'c']);
    expect(screen.events.at(-1)?.groups).toEqual([
      { value: 'Running', count: 2 },
      { value: 'Pending', count: 1 },
    ]);
    api('a').set({ ...pod('a'), status: { phase: 'Running' } });
    await screen.until('one group', () => screen.events.at(-1)?.groups?.length === 1);
    expect(screen.events.at(-1)?.groups).toEqual([{ value: 'Running', count: 3 }]);
    views.service.change({ viewId: screen.id, group: 'label:tier' });
    await screen.until('no value', () => screen.events.at(-1)?.groups?.[0]?.value === '');
  });
});

describe('export', () => {
  test('as CSV is what the table shows, all that match, and no formula', async () => {
    api('a').set(pod('=HYPERLINK("x")', { restarts: 2 }));
    api('a').set(pod('web', { restarts: 1 }));
    api('a').set(pod('other', { namespace: 'ops' }));
    const screen = show({ namespaces: ['default'], limit: 1 });
    await screen.until('both', () => screen.total === 2);
    const exported = await views.service.export(
      { viewId: screen.id, format: 'csv', columns: ['target', 'name', 'restarts'] },
      undefined,
    );
    expect(exported).toEqual({
      count: 2,
      left: 0,
      text: 'Cluster,Name,Restarts\r\ncluster-a,"\'=HYPERLINK(""x"")",2\r\ncluster-a,web,1\r\n',
    });
  });

  test('as JSON and YAML are the objects of the chosen rows, values of Secrets masked', async () => {
    const secret = (name: string): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, namespace: 'default', managedFields: [] },
      data: { password: 'aHVudGVyMg==' },
    });
    for (const name of ['one', 'two']) api('a').set(secret(name));
    const screen = show({ resource: { group: '', version: 'v1', resource: 'secrets' } });
    await screen.until('both', () => screen.total === 2);
    const all = await views.service.export({ viewId: screen.id, format: 'json' }, undefined);
    expect(JSON.parse(all.text)).toMatchObject({ kind: 'List', items: [{ kind: 'Secret' }, { kind: 'Secret' }] });
    const key = screen.rows[1]?.key as string;
    const one = await views.service.export({ viewId: screen.id, format: 'yaml', keys: [key] }, undefined);
    expect(one).toMatchObject({ count: 1, left: 0 });
    expect(one.text).toContain('name: two');
    expect(`${all.text}${one.text}`).not.toMatch(/aHVudGVyMg|managedFields/);
  });

  test('what is behind the rows can be had for doing something with all of them', async () => {
    for (const name of ['a', 'b', 'c']) api('a').set(pod(name));
    const screen = show({ limit: 1 });
    await screen.until('all', () => screen.total === 3);
    expect(views.service.pick({ viewId: screen.id, limit: 2 }).map(({ name }) => name)).toEqual(['a', 'b']);
  });
});

describe('usage', () => {
  test('of pods stands in the row once the metrics API has answered', async () => {
    api('a').set(pod('web'));
    api('a').metrics = [
      {
        metadata: { name: 'web', namespace: 'default' },
        containers: [{ usage: { cpu: '1500u', memory: '2Mi' } }, { usage: { cpu: '20m', memory: '1024Ki' } }],
      },
    ];
    const screen = show();
    await screen.until('the usage', () => screen.cell(0, 'usedCpu') === '22m');
    expect(screen.cell(0, 'usedMemory')).toBe('3Mi');
    api('a').set(pod('web', { restarts: 1 }));
    await screen.until('the change', () => screen.cell(0, 'restarts') === 1);
    expect(screen.cell(0, 'usedCpu')).toBe('22m');
  });
});
