/**
 * One measurement in a process of its own, so that heap and event loop are of nothing else. Run with --expose-gc; the
 * task is the first argument, the answer the only line on standard output.
 */
import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createHttpsTransport, createKubeClient, type HttpsTransport, type KubeClient } from '#engine/kube/index.ts';
import { contextOf, readKubeconfigFile } from '#engine/kubeconfig/index.ts';
import { createSearch } from '#engine/search/index.ts';
import { createViews } from '#engine/views/index.ts';
import type { Target, ViewEvent } from '#shared/contract/views.ts';
import { percentile } from '../frame.ts';
import { measureHour } from './hour.ts';
import type { Answer, Task } from './protocol.ts';
import { firstPage } from './query.ts';

const ROUNDS = 20;
const sockets = new Set<Socket>();
// undici names this channel in its documentation of diagnostics.
subscribe('undici:client:connected', (message) => {
  sockets.add((message as { socket: Socket }).socket);
});

const megabytes = (bytes: number) => bytes / 2 ** 20;
const bytesRead = () => megabytes([...sockets].reduce((sum, socket) => sum + socket.bytesRead, 0));

function heap(): number {
  for (let round = 0; round < 3; round++) (globalThis as unknown as { gc(): void }).gc();
  return megabytes(process.memoryUsage().heapUsed);
}

interface Fleet {
  targets: Target[];
  transports: HttpsTransport[];
  clients: KubeClient[];
  views: ReturnType<typeof createViews>;
}

async function fleetOf({ kubeconfigs, context, targets }: Task): Promise<Fleet> {
  const entries = await Promise.all(
    kubeconfigs.map(async (file) => {
      const kubeconfig = await readKubeconfigFile(file);
      return contextOf(kubeconfig, context ?? kubeconfig.currentContext ?? '');
    }),
  );
  const transports = Array.from({ length: targets }, (_, index) => {
    const entry = entries[index % entries.length] as (typeof entries)[number];
    const identity = entry.identity();
    return createHttpsTransport({
      server: entry.server,
      identity: async () => identity,
      approvedExec: () => entry.exec?.hash ?? null,
      env: process.env,
    });
  });
  const clients = transports.map((transport) => createKubeClient(transport));
  const ids = transports.map((_, index): Target => ({ kind: 'cluster', id: String(index) }));
  const views = createViews({
    targets: {
      client: ({ id }) => clients[Number(id)] as (typeof clients)[number],
      name: ({ id }) => `cluster-${id}`,
      namespace: async () => null,
      subscribe: () => () => {},
    },
  });
  return { targets: ids, transports, clients, views };
}

/** A view that is looked at: waits for what a person would see. */
class Looker {
  readonly id = 'bench-view-0001';
  last: ViewEvent | null = null;
  events = 0;
  changedRows = 0;
  total = 0;
  live = 0;
  readonly #abort = new AbortController();
  readonly #done: Promise<void>;
  #check: () => void = () => {};

  constructor(fleet: Fleet) {
    this.#done = this.#run(
      fleet.views.service.open({ viewId: this.id, query: firstPage(fleet.targets) }, this.#abort.signal),
    );
  }

  async #run(events: AsyncIterable<ViewEvent>): Promise<void> {
    for await (const event of events) {
      this.last = event;
      this.events += 1;
      this.changedRows += event.rows.length;
      this.total = event.total;
      if (event.freshness !== null) this.live = event.freshness.filter(({ state }) => state === 'live').length;
      this.#check();
    }
  }

  /** Milliseconds until it holds. */
  until(holds: () => boolean): Promise<number> {
    const began = performance.now();
    return new Promise((resolve) => {
      this.#check = () => {
        if (!holds()) return;
        this.#check = () => {};
        resolve(performance.now() - began);
      };
      this.#check();
    });
  }

  async close(): Promise<void> {
    this.#abort.abort();
    await this.#done;
  }
}

/** Milliseconds until the new window was there, and of the processor. */
interface Change {
  took: number;
  cpu: number;
}

async function measureViews(task: Task): Promise<Answer> {
  const fleet = await fleetOf(task);
  const before = heap();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const looker = new Looker(fleet);
  const began = performance.now();
  const first = await looker.until(() => looker.total > 0);
  await looker.until(() => looker.live === task.targets);
  const complete = performance.now() - began;
  delay.disable();
  const answer: Answer = {
    'first-rows': first,
    complete,
    rows: looker.total,
    'bytes-read': bytesRead(),
    'delay-p99-loading': delay.percentile(99) / 1e6,
    'delay-max-loading': delay.max / 1e6,
  };
  answer['heap-kept'] = heap() - before;
  const change = async (part: Parameters<typeof fleet.views.service.change>[0]) => {
    const seen = looker.events;
    const { user } = process.cpuUsage();
    fleet.views.service.change(part);
    const took = await looker.until(() => looker.events > seen && looker.last?.type === 'reset');
    return { took, cpu: (process.cpuUsage().user - user) / 1000 };
  };
  const filters = ['web', '', 'status:running', 'node:1', '-web', 'restarts>0', 'label:app', ''];
  const sorts = ['age', 'status', 'node', 'restarts', 'namespace', 'target', 'name', 'ready'];
  const measured = { filter: [] as Change[], sort: [] as Change[], scroll: [] as Change[] };
  for (let round = 0; round < ROUNDS; round++) {
    const filter = filters[round % filters.length] ?? '';
    measured.filter.push(await change({ viewId: looker.id, filter }));
    await change({ viewId: looker.id, filter: '' });
    const column = sorts[round % sorts.length] ?? 'name';
    measured.sort.push(await change({ viewId: looker.id, sort: { column, descending: round % 2 === 0 } }));
    const offset = Math.floor((answer.rows as number) * (((round * 7) % ROUNDS) / ROUNDS));
    measured.scroll.push(await change({ viewId: looker.id, offset }));
  }
  for (const [name, changes] of Object.entries(measured)) {
    const times = changes.map(({ took }) => took);
    answer[`${name}-p50`] = percentile(times, 50);
    answer[`${name}-p99`] = percentile(times, 99);
    answer[`${name}-cpu`] = percentile(
      changes.map(({ cpu }) => cpu),
      50,
    );
  }
  answer.rss = megabytes(process.memoryUsage().rss);
  await looker.close();
  fleet.views.close();
  for (const transport of fleet.transports) await transport.close();
  return answer;
}

/** The client library's own cache of the same pods. */
async function measureInformer({ kubeconfigs, context }: Task): Promise<Answer> {
  const { CoreV1Api, KubeConfig, makeInformer } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  config.loadFromFile(kubeconfigs[0] as string);
  if (context !== undefined) config.setCurrentContext(context);
  const api = config.makeApiClient(CoreV1Api);
  const before = heap();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const informer = makeInformer(config, '/api/v1/pods', () => api.listPodForAllNamespaces());
  const began = performance.now();
  await informer.start();
  const complete = performance.now() - began;
  // The library's caller is told before the last callbacks have run.
  await new Promise((resolve) => setTimeout(resolve, 100));
  delay.disable();
  const answer = {
    complete,
    'bytes-read': bytesRead(),
    'delay-max-loading': delay.max / 1e6,
    'heap-kept': heap() - before,
    rows: informer.list().length,
  };
  await informer.stop();
  return answer;
}

async function measureChurn(task: Task): Promise<Answer> {
  const fleet = await fleetOf(task);
  const looker = new Looker(fleet);
  await looker.until(() => looker.live === task.targets);
  let received = 0;
  // A second view on the same feed counts what comes in, without asking the server for it again.
  const seconds = task.seconds ?? 20;
  const halfway: number[] = [];
  const readBefore = bytesRead();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const processor = process.cpuUsage();
  const began = performance.now();
  delay.enable();
  const eventsBefore = looker.events;
  for (let part = 0; part < 4; part++) {
    await new Promise((resolve) => setTimeout(resolve, (seconds * 1000) / 4));
    delay.disable();
    halfway.push(heap());
    delay.enable();
  }
  delay.disable();
  const elapsed = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(processor);
  received = looker.events - eventsBefore;
  const answer: Answer = {
    'sent-per-second': received / elapsed,
    'rows-sent-per-second': looker.changedRows / elapsed,
    'read-mb-per-second': (bytesRead() - readBefore) / elapsed,
    'delay-p50': delay.percentile(50) / 1e6,
    'delay-p99': delay.percentile(99) / 1e6,
    'cpu-share': (user + system) / 1000 / (elapsed * 1000),
    'heap-first-quarter': halfway[0] ?? 0,
    'heap-last-quarter': halfway.at(-1) ?? 0,
  };
  await looker.close();
  fleet.views.close();
  for (const transport of fleet.transports) await transport.close();
  return answer;
}

/** Every connection of every cluster breaks at once, as when a VPN comes back. */
async function measureStorm(task: Task): Promise<Answer> {
  const fleet = await fleetOf(task);
  const looker = new Looker(fleet);
  await looker.until(() => looker.live === task.targets);
  const readBefore = bytesRead();
  const { AppError } = await import('#shared/errors.ts');
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  for (const transport of fleet.transports) transport.reset(new AppError('CLUSTER_UNREACHABLE', 'storm'));
  await looker.until(() => looker.live < task.targets);
  const back = await looker.until(() => looker.live === task.targets);
  delay.disable();
  const answer = { 'live-again': back, 'delay-max': delay.max / 1e6, 'bytes-read': bytesRead() - readBefore };
  await looker.close();
  fleet.views.close();
  for (const transport of fleet.transports) await transport.close();
  return answer;
}

/** What a person types, a letter at a time, over every object of every cluster. */
async function measureSearch(task: Task): Promise<Answer> {
  const fleet = await fleetOf(task);
  const search = createSearch({
    targets: () => fleet.targets.map((target) => ({ target, name: `cluster-${target.id}` })),
    client: ({ id }) => fleet.clients[Number(id)] as KubeClient,
    maxAgeMs: 600_000,
  });
  const find = async (query: string) => {
    const began = performance.now();
    let first = 0;
    let total = 0;
    for await (const answer of search.service.find({ query, targets: [], limit: 40 }, undefined)) {
      if (first === 0 && answer.total > 0) first = performance.now() - began;
      total = answer.total;
    }
    return { first, all: performance.now() - began, total };
  };
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const cold = await find('we');
  delay.disable();
  const words = [
    'w',
    'we',
    'web',
    'web-1',
    'nginx',
    'label:app=web',
    '10.',
    'kind:pod ns:team',
    'owner',
    'nothing-has-this',
  ];
  const letters: number[] = [];
  const { user } = process.cpuUsage();
  for (let round = 0; round < ROUNDS; round++) letters.push((await find(words[round % words.length] ?? 'w')).all);
  const letterCpu = (process.cpuUsage().user - user) / 1000 / letters.length;
  const answer: Answer = {
    first: cold.first,
    cold: cold.all,
    'delay-p99': delay.percentile(99) / 1e6,
    'letter-p50': percentile(letters, 50),
    'letter-p99': percentile(letters, 99),
    'letter-cpu': letterCpu,
    heap: heap(),
  };
  search.close();
  fleet.views.close();
  for (const transport of fleet.transports) await transport.close();
  return answer;
}

const task = JSON.parse(process.argv[2] ?? '{}') as Task;
const measures = {
  views: measureViews,
  informer: measureInformer,
  churn: measureChurn,
  storm: measureStorm,
  search: measureSearch,
  hour: () => measureHour(heap),
};
process.stdout.write(`${JSON.stringify(await measures[task.what](task))}\n`);
process.exit(0);
