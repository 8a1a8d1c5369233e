import { afterEach, describe, expect, test, vi } from 'vitest';
import { AppError } from '#shared/errors.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { createKubeClient } from './client.ts';
import { ApiError } from './errors.ts';
import { createInformer, type InformerTuning } from './informer.ts';
import { onInformerHandlerError } from './informer-store.ts';
import type { Informer } from './informer-types.ts';
import { MalformedStreamError } from './ndjson.ts';
import type { Pace } from './pace.ts';
import type { KubeTransport, TransportRequest } from './types.ts';

const PODS = { group: '', version: 'v1', resource: 'pods' };
const FAST: Partial<InformerTuning> = { baseDelayMs: 1, maxDelayMs: 4, minWatchMs: 0 };

function pod(name: string, resourceVersion: string, uid = `uid-${name}`): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'n', uid, resourceVersion, managedFields: [{ manager: 'x' }] },
  };
}

/** One watch that the test feeds. */
class Watch {
  readonly request: TransportRequest;
  #queue: (() => unknown)[] = [];
  #wake: () => void = () => {};
  constructor(request: TransportRequest) {
    this.request = request;
    request.signal?.addEventListener('abort', () => this.fail(new AppError('CANCELLED', 'aborted')));
  }
  #push(step: () => unknown): void {
    this.#queue.push(step);
    this.#wake();
  }
  send(type: string, object: unknown): void {
    this.#push(() => ({ type, object }));
  }
  raw(value: unknown): void {
    this.#push(() => value);
  }
  fail(error: Error): void {
    this.#push(() => {
      throw error;
    });
  }
  end(): void {
    this.#push(() => undefined);
  }
  async *lines(): AsyncGenerator<unknown> {
    for (;;) {
      const step = this.#queue.shift();
      if (step === undefined) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      const value = step();
      if (value === undefined) return;
      yield value;
    }
  }
}

interface FakeServer {
  transport: KubeTransport;
  lists: TransportRequest[];
  watches: Watch[];
  /** What a list answers; a function may throw. */
  onList: (request: TransportRequest) => { status: number; body: unknown; headers?: Record<string, string> };
  /** Throws to refuse a watch. */
  onWatch: (request: TransportRequest) => void;
}

function fakeServer(items: KubeObject[] = [], watchList = false): FakeServer {
  const server: FakeServer = {
    lists: [],
    watches: [],
    onList: () => ({ status: 200, body: listOf(items, '10') }),
    onWatch: () => {},
    transport: {
      server: 'fake',
      async request(request) {
        server.lists.push(request);
        const { headers = {}, ...answer } = server.onList(request);
        return { headers, ...answer };
      },
      async *stream(request) {
        if (request.query?.sendInitialEvents && !watchList) throw new ApiError(422, 'no WatchList here', 'WATCH');
        server.onWatch(request);
        const watch = new Watch(request);
        server.watches.push(watch);
        request.onOpen?.();
        yield* watch.lines();
      },
      async close() {},
    },
  };
  return server;
}

function listOf(items: KubeObject[], resourceVersion: string, next?: string): unknown {
  return { apiVersion: 'v1', kind: 'PodList', metadata: { resourceVersion, continue: next }, items };
}

/** Slow as soon as anything has come. */
function slowPace(): Pace {
  let bytes = 0;
  return {
    add: (count) => {
      bytes += count;
    },
    isSlow: () => bytes > 0,
  };
}

const started: Informer<unknown>[] = [];
afterEach(() => {
  for (const informer of started.splice(0)) informer.stop();
});

function start(server: FakeServer, tuning: Partial<InformerTuning> = {}) {
  const informer = createInformer(
    { client: createKubeClient(server.transport), resource: PODS },
    { ...FAST, ...tuning },
  );
  started.push(informer);
  const seen: string[] = [];
  informer.subscribe({
    onAdd: (object, key) => seen.push(`add ${key}@${object.metadata.resourceVersion}`),
    onUpdate: (object, before, key) =>
      seen.push(`update ${key}@${before.metadata.resourceVersion}>${object.metadata.resourceVersion}`),
    onDelete: (_object, key) => seen.push(`delete ${key}`),
    onState: (state, reason) => seen.push(reason === null ? state : `${state} ${reason.code}`),
  });
  return { informer, seen };
}

const watchOf = (server: FakeServer, index: number) =>
  vi.waitFor(() => {
    const watch = server.watches[index];
    if (watch === undefined) throw new Error(`watch ${index} was not opened`);
    return watch;
  });

describe('first state', () => {
  test('comes in pages and is told once it is complete', async () => {
    const server = fakeServer();
    server.onList = ({ query }) => ({
      status: 200,
      body: query?.continue === undefined ? listOf([pod('a', '1')], '10', 'more') : listOf([pod('b', '2')], '10'),
    });
    const { informer, seen } = start(server, { pageSize: 1 });
    await informer.synced;
    expect(server.lists.map(({ query }) => [query?.limit, query?.continue])).toEqual([
      [1, undefined],
      [1, 'more'],
    ]);
    expect(seen).toEqual(['add n/a@1', 'add n/b@2', 'live']);
    expect((await watchOf(server, 0)).request.query).toMatchObject({
      resourceVersion: '10',
      allowWatchBookmarks: true,
    });
  });

  test('starts over when a continue token has expired in between', async () => {
    const server = fakeServer();
    let expired = 0;
    server.onList = ({ query }) => {
      if (query?.continue === undefined) return { status: 200, body: listOf([pod('a', '1')], '10', 'more') };
      if (expired++ === 0) return { status: 410, body: { kind: 'Status', code: 410 } };
      return { status: 200, body: listOf([pod('b', '2')], '11') };
    };
    const { informer } = start(server);
    await informer.synced;
    expect([...informer.items.keys()]).toEqual(['n/a', 'n/b']);
    expect(server.lists).toHaveLength(4);
  });

  test('comes over the watch where the server offers it, and is told at the closing bookmark, not before', async () => {
    const server = fakeServer([], true);
    const { informer, seen } = start(server);
    const watch = await watchOf(server, 0);
    expect(watch.request.query).toMatchObject({ sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' });
    watch.send('ADDED', pod('b', '5'));
    watch.send('ADDED', pod('a', '7'));
    watch.send('BOOKMARK', { metadata: { resourceVersion: '3' } });
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual([]);
    expect(informer.listed).toBe(2);
    watch.send('BOOKMARK', {
      metadata: { resourceVersion: '9', annotations: { 'k8s.io/initial-events-end': 'true' } },
    });
    await informer.synced;
    expect(seen).toEqual(['add n/b@5', 'add n/a@7', 'live']);
    expect(informer.listed).toBe(0);
    watch.send('MODIFIED', pod('a', '12'));
    watch.end();
    expect((await watchOf(server, 1)).request.query?.resourceVersion).toBe('12');
    expect(server.lists).toHaveLength(0);
  });

  test('is listed when the server accepts the question for initial events but never answers it', async () => {
    const server = fakeServer([pod('a', '1')], true);
    const { informer } = start(server, { initialEventsQuietMs: 20 });
    await informer.synced;
    expect(server.lists).toHaveLength(1);
    expect(informer.items.size).toBe(1);
  });

  test('that has no end is said so, and nothing of it is kept', async () => {
    const server = fakeServer();
    let made = 0;
    server.onList = () => ({
      status: 200,
      body: listOf([pod(`p${made++}`, '1'), pod(`p${made++}`, '1')], '10', 'next'),
    });
    const { informer, seen } = start(server, { maxObjects: 9, baseDelayMs: 60_000, maxDelayMs: 60_000 });
    await vi.waitFor(() => expect(seen).toEqual(['connecting CLUSTER_ERROR']));
    expect(informer.reason?.message).toContain('more than 9 objects');
    expect(informer.items.size).toBe(0);
    expect(server.lists).toHaveLength(5);
  });

  test('that turns in a circle is left', async () => {
    const server = fakeServer();
    server.onList = () => ({ status: 200, body: listOf([pod('a', '1')], '10', 'again') });
    const { informer } = start(server, { baseDelayMs: 60_000, maxDelayMs: 60_000 });
    await vi.waitFor(() => expect(informer.reason?.message).toContain('nothing new'));
    expect(server.lists.length).toBeLessThan(50);
  });

  test('over the watch that has no end is said so too', async () => {
    const server = fakeServer([], true);
    const { informer } = start(server, { maxObjects: 2, baseDelayMs: 60_000, maxDelayMs: 60_000 });
    const watch = await watchOf(server, 0);
    for (const name of ['a', 'b', 'c']) watch.send('ADDED', pod(name, '1'));
    await vi.waitFor(() => expect(informer.reason?.message).toContain('more than 2 objects'));
    expect(informer.items.size).toBe(0);
  });

  test('over the watch that the storage behind the server cannot do is listed in the old way, and not asked for again', async () => {
    const server = fakeServer([pod('a', '1')], true);
    const { informer } = start(server);
    const message = 'the required storage feature RequestWatchProgress is disabled';
    (await watchOf(server, 0)).send('ERROR', { kind: 'Status', reason: 'InternalError', code: 500, message });
    await informer.synced;
    expect(informer).toMatchObject({ state: 'live', reason: null });
    expect((await watchOf(server, 1)).request.query).not.toHaveProperty('sendInitialEvents', true);
    start(server);
    expect((await watchOf(server, 2)).request.query).not.toHaveProperty('sendInitialEvents', true);
  });

  test('over the watch that comes slowly is listed in pages, which can be compressed, and not asked for again', async () => {
    const server = fakeServer([pod('a', '1'), pod('b', '2')], true);
    const compress = vi.fn(() => true);
    server.transport.compress = compress;
    const { informer, seen } = start(server, { pace: slowPace });
    const first = await watchOf(server, 0);
    first.request.onBytes?.(9);
    first.send('ADDED', pod('a', '1'));
    await informer.synced;
    expect(compress).toHaveBeenCalled();
    expect(first.request.signal?.aborted).toBe(true);
    expect(seen).toEqual(['add n/a@1', 'add n/b@2', 'live']);
    start(server, { pace: slowPace });
    for (const index of [1, 2])
      expect((await watchOf(server, index)).request.query).not.toHaveProperty('sendInitialEvents', true);
  });

  test('over the watch that comes slowly is waited for where nothing can be compressed', async () => {
    const server = fakeServer([], true);
    const { informer } = start(server, { pace: slowPace });
    const watch = await watchOf(server, 0);
    watch.request.onBytes?.(9);
    watch.send('ADDED', pod('a', '1'));
    watch.send('BOOKMARK', {
      metadata: { resourceVersion: '9', annotations: { 'k8s.io/initial-events-end': 'true' } },
    });
    await informer.synced;
    expect(server.lists).toHaveLength(0);
  });

  test('over the watch that fails as the list does is asked for again', async () => {
    const server = fakeServer([pod('a', '1')], true);
    const answer = server.onList;
    server.onList = () => ({ status: 500, body: {} });
    const { informer } = start(server);
    (await watchOf(server, 0)).send('ERROR', { kind: 'Status', code: 500 });
    await vi.waitFor(() => expect(server.lists).toHaveLength(1));
    server.onList = answer;
    expect((await watchOf(server, 1)).request.query).toHaveProperty('sendInitialEvents', true);
    expect(informer.state).not.toBe('live');
  });

  test.each([
    ['the page of a network that wants a login', '<html>Sign in</html>'],
    ['nothing', ''],
    ['null', null],
    ['an array', []],
    ['a number', 42],
    ['an object that is no list', { hello: 'world' }],
    ['a list whose items are none', { kind: 'PodList', items: 'many' }],
    ['items that are no objects', { kind: 'PodList', items: [null, 7] }],
    ['an item without metadata', { kind: 'PodList', items: [{ kind: 'Pod' }] }],
  ])('%s instead of a list takes nothing away from what was there', async (_what, body) => {
    const server = fakeServer([pod('a', '1')]);
    const { informer, seen } = start(server);
    const watch = await watchOf(server, 0);
    let answers = 2;
    server.onList = () => ({ status: 200, body: answers-- > 0 ? body : listOf([pod('a', '1'), pod('b', '2')], '30') });
    watch.send('ERROR', { kind: 'Status', code: 410 });
    await vi.waitFor(() => expect([...informer.items.keys()]).toEqual(['n/a', 'n/b']));
    expect(seen).toContain('stale CLUSTER_ERROR');
    expect(seen.filter((line) => line.startsWith('delete'))).toEqual([]);
  });

  test('an empty list may be null', async () => {
    const server = fakeServer();
    server.onList = () => ({ status: 200, body: { kind: 'PodList', metadata: { resourceVersion: '1' }, items: null } });
    const { informer } = start(server);
    await informer.synced;
    expect(informer.items.size).toBe(0);
  });

  test('holds no managedFields and the items know their kind, though the list leaves it out', async () => {
    const { apiVersion: _a, kind: _k, ...bare } = pod('a', '1');
    const server = fakeServer([bare as KubeObject]);
    const { informer } = start(server);
    await informer.synced;
    expect(informer.get('n/a')).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'a', namespace: 'n', uid: 'uid-a', resourceVersion: '1' },
    });
  });

  test('stopped before, synced rejects', async () => {
    const server = fakeServer([], true);
    const { informer } = start(server);
    informer.stop();
    await expect(informer.synced).rejects.toThrow('stopped');
    expect(informer.state).toBe('stopped');
  });
});

describe('while it follows', () => {
  test('a server-side time-out is not a failure: the watch resumes where it was, live all the time', async () => {
    const server = fakeServer([pod('a', '1')]);
    const { informer, seen } = start(server);
    const first = await watchOf(server, 0);
    first.send('MODIFIED', pod('a', '11'));
    first.send('BOOKMARK', { metadata: { resourceVersion: '20' } });
    first.end();
    expect((await watchOf(server, 1)).request.query?.resourceVersion).toBe('20');
    expect(seen).toEqual(['add n/a@1', 'live', 'update n/a@1>11']);
    expect(informer.state).toBe('live');
    expect(server.lists).toHaveLength(1);
  });

  test('the server is asked for a random end between 290 and 600 seconds', async () => {
    const ends = new Set<unknown>();
    for (const random of [0, 0.5, 1]) {
      const server = fakeServer();
      start(server, { random: () => random });
      ends.add((await watchOf(server, 0)).request.query?.timeoutSeconds);
    }
    expect([...ends]).toEqual([290, 445, 600]);
  });

  test('410 leads to a new list of which only the differences are told', async () => {
    const server = fakeServer([pod('same', '1'), pod('changed', '2'), pod('gone', '3'), pod('replaced', '4', 'old')]);
    const { informer, seen } = start(server);
    const watch = await watchOf(server, 0);
    seen.length = 0;
    const after = [pod('same', '1'), pod('changed', '12'), pod('replaced', '14', 'new'), pod('added', '15')];
    server.onList = () => ({ status: 200, body: listOf(after, '20') });
    watch.send('ERROR', { kind: 'Status', code: 410, reason: 'Expired' });
    expect((await watchOf(server, 1)).request.query?.resourceVersion).toBe('20');
    expect(seen).toEqual([
      'catchingUp',
      'delete n/gone',
      'update n/changed@2>12',
      'delete n/replaced',
      'add n/replaced@14',
      'add n/added@15',
      'live',
    ]);
    expect([...informer.items.keys()].sort()).toEqual(['n/added', 'n/changed', 'n/replaced', 'n/same']);
  });

  test('the items stay whole while a new list is under way', async () => {
    const server = fakeServer([pod('a', '1'), pod('b', '2')]);
    const { informer } = start(server);
    const watch = await watchOf(server, 0);
    const sizes: number[] = [];
    server.onList = ({ query }) => {
      sizes.push(informer.items.size);
      return query?.continue === undefined
        ? { status: 200, body: listOf([pod('a', '1')], '20', 'more') }
        : { status: 200, body: listOf([pod('b', '2')], '20') };
    };
    watch.send('ERROR', { kind: 'Status', code: 410 });
    await watchOf(server, 1);
    expect(sizes).toEqual([2, 2]);
  });

  test.each([
    ['a line that is not JSON', (watch: Watch) => watch.fail(new MalformedStreamError('bad line'))],
    ['an event without an object', (watch: Watch) => watch.raw({ type: 'ADDED' })],
    ['an event without a name', (watch: Watch) => watch.raw({ type: 'ADDED', object: { metadata: {} } })],
    ['something that is no event', (watch: Watch) => watch.raw('hello')],
  ])('%s loses nothing: it is listed again', async (_what, spoil) => {
    const server = fakeServer([pod('a', '1')]);
    const { informer, seen } = start(server);
    spoil(await watchOf(server, 0));
    server.onList = () => ({ status: 200, body: listOf([pod('a', '1'), pod('b', '12')], '20') });
    await watchOf(server, 1);
    expect(informer.items.size).toBe(2);
    expect(seen).toEqual([
      'add n/a@1',
      'live',
      'stale CLUSTER_ERROR',
      'catchingUp CLUSTER_ERROR',
      'add n/b@12',
      'live',
    ]);
  });

  test('a lost connection makes it stale with the reason, and it resumes by itself without a new list', async () => {
    const server = fakeServer([pod('a', '1')]);
    const { informer, seen } = start(server);
    const watch = await watchOf(server, 0);
    let refusals = 3;
    server.onWatch = () => {
      if (refusals-- > 0) throw new AppError('CLUSTER_UNREACHABLE', 'connection refused', { retryable: true });
    };
    watch.fail(new AppError('CLUSTER_UNREACHABLE', 'connection refused', { retryable: true }));
    const next = await watchOf(server, 1);
    next.send('DELETED', pod('a', '30'));
    await vi.waitFor(() => expect(informer.items.size).toBe(0));
    expect(seen).toEqual(['add n/a@1', 'live', 'stale CLUSTER_UNREACHABLE', 'live', 'delete n/a']);
    expect(server.lists).toHaveLength(1);
  });

  test('an unreachable server at the start is waited for', async () => {
    const server = fakeServer([pod('a', '1')]);
    let refusals = 2;
    server.onList = () => {
      if (refusals-- > 0) throw new AppError('CLUSTER_DNS', 'no such name', { retryable: true });
      return { status: 200, body: listOf([pod('a', '1')], '10') };
    };
    const { informer, seen } = start(server);
    await informer.synced;
    expect(seen).toEqual(['connecting CLUSTER_DNS', 'add n/a@1', 'live']);
  });

  test('429 with Retry-After is waited out', async () => {
    const server = fakeServer([pod('a', '1')]);
    const times: number[] = [];
    server.onWatch = () => {
      times.push(performance.now());
      if (times.length === 2) {
        throw new ApiError(429, { kind: 'Status', details: { retryAfterSeconds: 1 } }, 'WATCH');
      }
    };
    const { seen } = start(server);
    (await watchOf(server, 0)).end();
    await vi.waitFor(() => expect(times).toHaveLength(3), { timeout: 5_000 });
    expect((times[2] ?? 0) - (times[1] ?? 0)).toBeGreaterThanOrEqual(990);
    expect(seen).toContain('stale TOO_MANY_REQUESTS');
  });

  test('a kind that disappears while it is watched is told as gone, and is there again when it is served again', async () => {
    const server = fakeServer([pod('a', '1')]);
    const { informer, seen } = start(server);
    const watch = await watchOf(server, 0);
    const absent = () => {
      throw new ApiError(404, 'the server could not find the requested resource', 'GET');
    };
    server.onList = absent;
    server.onWatch = absent;
    // What kube-apiserver does when a CustomResourceDefinition goes: its objects first, then the watch.
    watch.send('DELETED', pod('a', '20'));
    watch.end();
    await vi.waitFor(() => expect(seen).toContain('stale NOT_FOUND'));
    expect(informer.items.size).toBe(0);
    server.onWatch = () => {};
    server.onList = () => ({ status: 200, body: listOf([pod('b', '40')], '41') });
    await vi.waitFor(() => expect(informer.state).toBe('live'));
    expect([...informer.items.keys()]).toEqual(['n/b']);
  });

  test('without the right to watch it lists now and then', async () => {
    const server = fakeServer([pod('a', '1')]);
    server.onWatch = () => {
      throw new ApiError(403, { kind: 'Status', message: 'may not watch' }, 'WATCH');
    };
    const { informer, seen } = start(server);
    await vi.waitFor(() => expect(server.lists.length).toBeGreaterThan(2));
    expect(informer.items.size).toBe(1);
    expect(seen).toContain('stale FORBIDDEN');
  });

  test.each([
    ['asked for initial events', true],
    ['asked in the old way', false],
  ])('a kind that cannot be watched, %s, is live and listed again and again', async (_how, watchList) => {
    const server = fakeServer([pod('a', '1')], watchList);
    server.onWatch = () => {
      throw new ApiError(405, 'no watch here', 'WATCH');
    };
    const { informer, seen } = start(server, { pollMs: 1 });
    await informer.synced;
    // As the metrics API: no version, of the list or of an object.
    const measured = { ...pod('a', ''), metadata: { name: 'a', namespace: 'n' } };
    server.onList = () => ({ status: 200, body: listOf([measured, pod('b', '2')], '') });
    await vi.waitFor(() => expect(informer.items.size).toBe(2));
    server.onList = () => ({ status: 200, body: listOf([pod('b', '2')], '') });
    await vi.waitFor(() => expect(informer.items.size).toBe(1));
    expect(informer.state).toBe('live');
    expect(seen.filter((line) => line.startsWith('stale'))).toEqual([]);
    server.onList = () => {
      throw new AppError('CLUSTER_UNREACHABLE', 'gone');
    };
    await vi.waitFor(() => expect(informer.state).toBe('stale'));
  });

  test('a watch that sent bookmarks and then falls silent is taken for dead and resumed', async () => {
    const server = fakeServer();
    start(server, { bookmarkQuietMs: 20 });
    const watch = await watchOf(server, 0);
    watch.send('BOOKMARK', { metadata: { resourceVersion: '15' } });
    expect((await watchOf(server, 1)).request.query?.resourceVersion).toBe('15');
    expect(watch.request.signal?.aborted).toBe(true);
  });

  test('a server that ends every watch at once is not asked in a busy loop', async () => {
    const server = fakeServer();
    const asked: number[] = [];
    server.onWatch = () => {
      asked.push(performance.now());
      queueMicrotask(() => server.watches.at(-1)?.end());
    };
    start(server, { minWatchMs: 1_000, baseDelayMs: 40, maxDelayMs: 1_000 });
    await watchOf(server, 3);
    // Pauses of at least 20, 40 and 80 ms lie between four watches; a busy machine only makes them longer.
    expect(asked[3]! - asked[0]!).toBeGreaterThanOrEqual(130);
  });

  test('after stop nothing is told and the watch is closed', async () => {
    const server = fakeServer();
    const { informer, seen } = start(server);
    const watch = await watchOf(server, 0);
    informer.stop();
    expect(watch.request.signal?.aborted).toBe(true);
    watch.send('ADDED', pod('late', '99'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual(['live', 'stopped']);
  });
});

describe('handlers', () => {
  test('get what exists as adds at once', async () => {
    const server = fakeServer([pod('a', '1'), pod('b', '2')]);
    const { informer } = start(server);
    await informer.synced;
    const keys: string[] = [];
    informer.subscribe({ onAdd: (_object, key) => keys.push(key) });
    expect(keys).toEqual(['n/a', 'n/b']);
  });

  test('one that throws is reported and stops nobody', async () => {
    const reported: unknown[] = [];
    onInformerHandlerError((error) => reported.push(error));
    const server = fakeServer();
    const { informer, seen } = start(server);
    const late: string[] = [];
    informer.subscribe({
      onAdd() {
        throw new Error('handler');
      },
    });
    informer.subscribe({ onAdd: (_object, key) => late.push(key) });
    (await watchOf(server, 0)).send('ADDED', pod('a', '11'));
    await vi.waitFor(() => expect(late).toEqual(['n/a']));
    expect(seen).toContain('add n/a@11');
    expect(reported).toHaveLength(1);
  });

  test('one that subscribes or unsubscribes inside a call sees every item exactly once', async () => {
    const server = fakeServer([pod('a', '1'), pod('b', '2'), pod('c', '3')]);
    const { informer } = start(server);
    const inner: string[] = [];
    let subscribed = false;
    const unsubscribe = informer.subscribe({
      onAdd() {
        if (subscribed) return;
        subscribed = true;
        informer.subscribe({ onAdd: (_object, key) => inner.push(key) });
        unsubscribe();
      },
    });
    await informer.synced;
    expect(inner).toEqual(['n/a', 'n/b', 'n/c']);
  });
});
