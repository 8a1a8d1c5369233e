/**
 * Reads from a cluster what a diagnosis looks at: a few lists at a time, in pages, then the last words of containers that
 * ended. What may not be read or did not come is named, and the diagnosis says so; a cluster that stops answering in the
 * middle is not asked for the rest. Nothing is written.
 */
import { lookup } from 'node:dns/promises';
import type { DiagnosisKind, Unread, Words } from '#shared/contract/diagnosis.ts';
import type { FurtherCheck } from '#shared/diagnosis.ts';
import { AppError } from '#shared/errors.ts';
import { parseQuantity } from '#shared/kubernetes/quantity.ts';
import { type KubeObject, resourcePath } from '#shared/kubernetes/types.ts';
import { redactText } from '../audit/index.ts';
import { ApiError, isGone, isNotFound, type KubeClient } from '../kube/index.ts';
import { ASKS, FACTS_OF, furtherTitle } from './causes/further.ts';
import { controllerPods } from './causes/ingresses.ts';
import { further, furtherOptions } from './further/index.ts';
import { containersOf, isOver, podsOf } from './pods.ts';
import { kept, SOURCES, type Source, WHOLE_CLUSTER, type Wish, wishesFor } from './resources.ts';
import { clip, createWorld, type LogFact, type Usage, type World } from './world.ts';

export interface GatherOptions {
  cluster: string;
  /** Checks beyond reading that a person has chosen. */
  further?: readonly FurtherCheck[] | undefined;
  /** Of the pod that looks at a machine. */
  image?: string | undefined;
  client: KubeClient;
  /** Milliseconds since the epoch: when the cluster is looked at. */
  now: number;
  signal?: AbortSignal | undefined;
  onProgress?: (done: number, total: number, what: Words) => void;
}

export interface Target {
  kind: DiagnosisKind;
  namespace: string;
  name: string;
}

const PAGE = 500;
const LARGE = 2000;
const CONCURRENCY = 4;
const MOST_LOGS = 12;
const LOG_LINES = 50;
const CONTROLLER_LINES = 200;
/** So many failures of the network in a row, and the rest is not asked for. */
const GIVE_UP_AFTER = 3;
const DNS_MS = 2000;
const MOST_HOSTS = 10;

/** @throws AppError when the object itself cannot be read: NOT_FOUND, FORBIDDEN, or what keeps the cluster from answering. */
export async function gather(target: Target, options: GatherOptions): Promise<{ object: KubeObject; world: World }> {
  const reader = createReader(options);
  const own = SOURCES[target.kind];
  if (own === undefined) throw new AppError('UNSUPPORTED', `${target.kind} cannot be diagnosed`);
  const wishes = wishesFor(target);
  let done = 0;
  let total = wishes.length + 4;
  const tell = (what: Words): void => options.onProgress?.(done, total, what);
  tell({ zh: `${target.kind} ${target.name}`, en: `${target.kind} ${target.name}` });
  const object = kept(
    await options.client.get(own.ref, target.name, { ...place(own, target.namespace), ...signalOf(options) }),
  );
  done += 1;
  const version = await reader.version();
  await reader.all(wishes, ({ kind }) => {
    done += 1;
    tell({ zh: `读取 ${kind}`, en: `Reading ${kind}` });
  });
  reader.put(object);
  const first = reader.world(version);
  const pods = podsOfTarget(object, first);
  if (pods.some((pod) => !pod.spec?.nodeName && !isOver(pod))) {
    total += 1;
    await reader.all(
      [{ kind: 'Pod', fieldSelector: 'spec.nodeName!=,status.phase!=Succeeded,status.phase!=Failed' }],
      () => {
        done += 1;
      },
    );
  }
  tell({ zh: '读取日志', en: 'Reading logs' });
  await reader.logs(pods);
  if (target.kind === 'Ingress') await ingressExtras(reader, object, first);
  done += 1;
  tell({ zh: '读取用量', en: 'Reading usage' });
  if (!['Ingress', 'Namespace', 'PersistentVolumeClaim'].includes(target.kind))
    await reader.usage(target.kind === 'Node' ? '' : target.namespace);
  for (const check of options.further ?? []) {
    tell(furtherTitle(check));
    await reader.further(check, object, target);
  }
  done = total;
  tell({ zh: '分析', en: 'Judging' });
  return { object, world: reader.world(version) };
}

/** A whole cluster, without logs: for what is unhealthy now and who takes most. */
export async function gatherCluster(options: GatherOptions): Promise<World> {
  const reader = createReader(options);
  const version = await reader.version();
  await reader.all(WHOLE_CLUSTER, () => {});
  const pods = reader.world(version).all('Pod');
  // The metrics API knows no pages: a large cluster is asked namespace by namespace.
  const namespaces = pods.length < LARGE ? [''] : new Set(pods.map(({ metadata }) => metadata.namespace ?? ''));
  for (const namespace of namespaces) await reader.usage(namespace);
  return reader.world(version);
}

function podsOfTarget(object: KubeObject, world: World): KubeObject[] {
  if (object.kind === 'Service') {
    const wanted = Object.entries((object.spec?.selector ?? {}) as Record<string, string>);
    if (wanted.length === 0) return [];
    return world
      .within('Pod', object.metadata.namespace ?? '')
      .filter(({ metadata }) => wanted.every(([key, value]) => metadata.labels?.[key] === value));
  }
  if (object.kind === 'Ingress') return [...world.within('Pod', object.metadata.namespace ?? '')];
  if (object.kind === 'PersistentVolumeClaim' || object.kind === 'Node') return [];
  return podsOf(world, object);
}

async function ingressExtras(reader: Reader, ingress: KubeObject, world: World): Promise<void> {
  const name = ingress.spec?.ingressClassName;
  const controller = world.get('IngressClass', '', String(name ?? ''))?.spec?.controller;
  const pods = controller === undefined ? [] : controllerPods(String(controller), world).slice(0, 2);
  await reader.tails(pods);
  const hosts: string[] = (ingress.spec?.rules ?? []).map(({ host }: { host?: string }) => host ?? '');
  const published = (ingress.status?.loadBalancer?.ingress ?? []).length > 0;
  if (published) await reader.resolve(hosts.filter((host) => host !== '' && !host.includes('*')).slice(0, MOST_HOSTS));
}

function place({ namespaced }: Source, namespace: string | undefined): { namespace?: string } {
  return namespaced && namespace !== undefined && namespace !== '' ? { namespace } : {};
}

function signalOf({ signal }: GatherOptions): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

interface Reader {
  put(object: KubeObject): void;
  version(): Promise<string | null>;
  all(wishes: readonly Wish[], each: (wish: Wish) => void): Promise<void>;
  logs(pods: readonly KubeObject[]): Promise<void>;
  tails(pods: readonly KubeObject[]): Promise<void>;
  usage(namespace: string): Promise<void>;
  resolve(hosts: readonly string[]): Promise<void>;
  further(check: FurtherCheck, object: KubeObject, target: Target): Promise<void>;
  world(version: string | null): World;
}

function createReader(options: GatherOptions): Reader {
  const { client, signal } = options;
  const objects: KubeObject[] = [];
  const logs: LogFact[] = [];
  const usage = new Map<string, Usage>();
  const unread = new Map<string, Unread>();
  let failures = 0;

  function missed(kind: string, what: string, error: unknown): void {
    const forbidden = error instanceof ApiError && error.status === 403;
    const reason = error instanceof Error ? error.message : String(error);
    if (!unread.has(kind)) unread.set(kind, { what, forbidden, reason: clip(redactText(reason), 300) });
    if (!forbidden) failures += 1;
  }

  const lacks = (kind: string, what: string, zh: string, en: string): void => {
    if (!unread.has(kind)) unread.set(kind, { what, forbidden: false, reason: { zh, en } });
  };

  async function guarded(kind: string, what: string, work: () => Promise<void>): Promise<void> {
    signal?.throwIfAborted();
    if (failures >= GIVE_UP_AFTER) {
      lacks(kind, what, '没有询问：集群已停止响应', 'not asked: the cluster had stopped answering');
      return;
    }
    try {
      await work();
      failures = 0;
    } catch (error) {
      if (signal?.aborted) throw error;
      // A group that is not served has no objects.
      if (!isNotFound(error)) missed(kind, what, error);
    }
  }

  async function list(wish: Wish): Promise<void> {
    const of = SOURCES[wish.kind];
    if (of === undefined) return;
    const { kind: _kind, namespace, ...selectors } = wish;
    for (let attempt = 1; ; attempt++) {
      const found: KubeObject[] = [];
      let next: string | undefined;
      try {
        do {
          const page = await client.list(of.ref, {
            limit: PAGE,
            ...selectors,
            ...place(of, namespace),
            ...(next === undefined ? {} : { continue: next }),
            ...signalOf(options),
          });
          for (const item of page.items) found.push(kept({ ...item, kind: item.kind ?? wish.kind }));
          next = page.metadata.continue || undefined;
        } while (next !== undefined);
        objects.push(...found);
        return;
      } catch (error) {
        // The server has forgotten the snapshot of a long list: from the start, once.
        if (!isGone(error) || attempt > 1) throw error;
      }
    }
  }

  async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
    const waiting = [...items];
    await Promise.all(
      Array.from({ length: CONCURRENCY }, async () => {
        for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
      }),
    );
  }

  async function log(pod: KubeObject, container: string, previous: boolean, lines: number): Promise<void> {
    const { namespace = '', name = '' } = pod.metadata;
    const path = resourcePath({ group: '', version: 'v1', resource: 'pods' }, { namespace, name, subresource: 'log' });
    const response = await client.transport.request({
      method: 'GET',
      path,
      query: { container, previous, tailLines: lines, timestamps: true, limitBytes: 256 * 1024 },
      signal,
    });
    // No log of a container that never ran, or whose node is away: that is no lack of a right.
    if (response.status === 403) throw new ApiError(403, response.body, path);
    if (response.status >= 400) return;
    const text = typeof response.body === 'string' ? response.body : JSON.stringify(response.body);
    logs.push({
      namespace,
      pod: name,
      container,
      previous,
      lines: text
        .split('\n')
        .filter((line) => line !== '')
        .slice(-lines)
        .map(parseLine),
    });
  }

  return {
    put: (object) => objects.unshift(object),
    async version() {
      try {
        return (await client.version(signal)).gitVersion || null;
      } catch (error) {
        if (signal?.aborted) throw error;
        return null;
      }
    },
    all: (wishes, each) =>
      inParallel(wishes, async (wish) => {
        await guarded(wish.kind, SOURCES[wish.kind]?.ref.resource ?? wish.kind, () => list(wish));
        each(wish);
      }),
    async logs(pods) {
      const ended = pods
        .flatMap((pod) => containersOf(pod).map((container) => ({ pod, container })))
        .filter(
          ({ container }) =>
            container.restarts > 0 || (container.terminated !== null && container.terminated.exitCode !== 0),
        )
        .slice(0, MOST_LOGS);
      await inParallel(ended, async ({ pod, container }) => {
        const previous = container.terminated === null;
        await guarded('Log', 'pods/log', () => log(pod, container.name, previous, LOG_LINES));
      });
    },
    tails: (pods) =>
      inParallel(
        pods.flatMap((pod) =>
          containersOf(pod)
            .filter(({ role }) => role === 'main')
            .map(({ name }) => ({ pod, name })),
        ),
        ({ pod, name }) => guarded('Log', 'pods/log', () => log(pod, name, false, CONTROLLER_LINES)),
      ),
    async usage(namespace) {
      await guarded('Metrics', 'pods.metrics.k8s.io', async () => {
        const ref = { group: 'metrics.k8s.io', version: 'v1beta1', resource: 'pods' };
        try {
          const { items } = await client.list(ref, {
            ...(namespace === '' ? {} : { namespace }),
            ...signalOf(options),
          });
          for (const { metadata, containers = [] } of items) {
            const sum = (what: string): number =>
              containers.reduce(
                (total: number, one: { usage?: Record<string, unknown> }) => total + parseQuantity(one.usage?.[what]),
                0,
              );
            usage.set(`${metadata.namespace}/${metadata.name}`, { cpu: sum('cpu'), memory: sum('memory') });
          }
        } catch (error) {
          if (!isNotFound(error)) throw error;
          lacks('Metrics', 'pods.metrics.k8s.io', '集群没有指标 API', 'the cluster has no metrics API');
        }
      });
    },
    async resolve(hosts) {
      await inParallel(hosts, async (host) => {
        const found = await lookedUp(host);
        objects.push({ apiVersion: 'v1', kind: 'HostLookup', metadata: { name: host }, ...found });
      });
    },
    async further(check, object, target) {
      const world = createWorld({ cluster: options.cluster, now: options.now, objects });
      const kind = FACTS_OF[check];
      await guarded(kind, ASKS[check], async () => {
        const [option] = await furtherOptions(client, target, [check], signal);
        const { missing = [] } = option ?? {};
        if (missing.length > 0) throw new ApiError(403, `needs ${missing.join(', ')}`, ASKS[check]);
        const facts = await further(check, object, world, options);
        objects.push(...facts);
        if (facts.length === 0) lacks(kind, ASKS[check], '没有可以询问的对象', 'there was nothing to ask');
      });
    },
    world: (version) =>
      createWorld({ cluster: options.cluster, now: options.now, version, objects, logs, usage, unread }),
  };
}

async function lookedUp(host: string): Promise<{ addresses: string[]; error?: string }> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('timeout')), DNS_MS);
  });
  try {
    const found = await Promise.race([lookup(host, { all: true }), late]);
    return { addresses: found.map(({ address }) => address) };
  } catch (error) {
    return { addresses: [], error: (error as NodeJS.ErrnoException).code ?? (error as Error).message };
  } finally {
    clearTimeout(timer);
  }
}

/** `2026-01-01T00:00:00.000000000Z text` */
function parseLine(line: string): LogFact['lines'][number] {
  const match = /^(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)) ?(.*)$/s.exec(line);
  return { time: match?.[1] ?? null, text: clip(redactText(match?.[2] ?? line), 600) };
}
