import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import type { ClusterStatistics } from '#shared/contract/statistics.ts';
import { AppError } from '#shared/errors.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { ApiError, createKubeClient, type KubeClient, type TransportRequest } from '../kube/index.ts';
import { createStatistics, type Statistics } from './index.ts';

const open: { close(): void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

interface Server {
  nodes: KubeObject[];
  pods: KubeObject[];
  /** Null: no metrics API. */
  usage: unknown[] | null;
  fails?: AppError;
  requests: string[];
}

/** Lists in pages, with what remains told as a real server tells it. */
function clientOf(server: Server): KubeClient {
  return createKubeClient({
    server: 'https://fake',
    async request({ path, query = {} }: TransportRequest) {
      server.requests.push(`${path}?limit=${query['limit']}`);
      if (server.fails !== undefined) throw server.fails;
      const items = path.startsWith('/apis/metrics.k8s.io')
        ? server.usage
        : path.endsWith('/nodes')
          ? server.nodes
          : server.pods;
      if (items === null) throw new ApiError(404, 'no metrics', path);
      const from = Number(query['continue'] ?? 0);
      const to = from + Number(query['limit'] ?? items.length);
      const more = items.length - to;
      const metadata = more > 0 ? { continue: String(to), remainingItemCount: more } : {};
      return {
        status: 200,
        headers: {},
        body: { apiVersion: 'v1', kind: 'List', metadata, items: items.slice(from, to) },
      };
    },
    stream: () => {
      throw new Error('nothing is watched');
    },
    close: async () => {},
  } as never);
}

function node(name: string, { ready = true, virtual = false } = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: virtual ? { type: 'virtual-kubelet' } : {} },
    status: {
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      capacity: { cpu: '4', memory: '16Gi', pods: '110' },
      allocatable: { cpu: '3500m', memory: '15Gi', pods: '110' },
    },
  };
}

function pod(cpu: string, status: unknown = { phase: 'Running' }, nodeName: string | null = 'n'): KubeObject {
  const containers = [{ name: 'c', resources: { requests: { cpu, memory: '1Gi' } } }];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: { nodeName, containers },
    status,
  } as KubeObject;
}

function serve(server: Server, everyMs?: number): Statistics {
  const client = clientOf(server);
  const statistics = createStatistics({
    running: () => [{ id: 'a', name: 'alpha' }],
    client: () => client,
    ...(everyMs === undefined ? {} : { everyMs }),
  });
  open.push(statistics);
  return statistics;
}

async function until(
  statistics: Statistics,
  holds: (list: ClusterStatistics[]) => boolean,
): Promise<ClusterStatistics[]> {
  const abort = new AbortController();
  try {
    for await (const list of statistics.service.watch(abort.signal)) if (holds(list)) return list;
  } finally {
    abort.abort();
  }
  throw new Error('the figures ended');
}

const counted = ([first]: ClusterStatistics[]) => first?.figures?.requested != null;

test('a cluster has what its Ready machines have, what pods ask for, and what is used', async () => {
  const server: Server = {
    nodes: [node('a'), node('b'), node('down', { ready: false }), node('v', { virtual: true })],
    pods: [
      ...Array.from({ length: 600 }, () => pod('10m')),
      pod('9', { phase: 'Succeeded' }),
      pod('9', { phase: 'Pending' }, null),
    ],
    usage: [{ metadata: { name: 'a' }, usage: { cpu: '500m', memory: '1Gi' } }],
    requests: [],
  };
  const [first] = await until(serve(server), counted);
  expect(first).toMatchObject({
    clusterId: 'a',
    problem: null,
    figures: {
      nodes: { total: 4, ready: 3 },
      capacity: { cpuCores: 8, memoryBytes: 32 * 2 ** 30 },
      allocatable: { cpuCores: 7, memoryBytes: 30 * 2 ** 30, pods: 220 },
      pods: 602,
      requested: { memoryBytes: 600 * 2 ** 30 },
      used: { cpuCores: 0.5, memoryBytes: 2 ** 30 },
    },
  });
  expect(first?.figures?.requested?.cpuCores).toBeCloseTo(6);
});

test('without a metrics API, and with objects of any shape, the rest is known', async () => {
  const odd = { apiVersion: 'v1', kind: 'Pod', metadata: {}, spec: { nodeName: 'n', containers: 7 } };
  const server: Server = {
    nodes: [node('a'), { apiVersion: 'v1', kind: 'Node', metadata: {}, status: { conditions: 'none' } } as KubeObject],
    pods: [odd as unknown as KubeObject, pod('1')],
    usage: null,
    requests: [],
  };
  const [first] = await until(serve(server), counted);
  expect(first?.figures).toMatchObject({ nodes: { total: 2, ready: 1 }, used: null, requested: { cpuCores: 1 } });
});

test('a cluster that stops answering keeps its figures and says why they are old', async () => {
  const server: Server = { nodes: [node('a')], pods: [], usage: null, requests: [] };
  const statistics = serve(server, 0);
  await until(statistics, counted);
  server.fails = new AppError('CLUSTER_UNREACHABLE', 'gone');
  const [first] = await until(statistics, ([one]) => one?.problem != null);
  expect(first).toMatchObject({ figures: { nodes: { total: 1 } }, problem: { code: 'CLUSTER_UNREACHABLE' } });
});

test('a cluster that never answered says why', async () => {
  const fails = new AppError('FORBIDDEN', 'nodes are not for you');
  const server: Server = { nodes: [], pods: [], usage: null, fails, requests: [] };
  const [first] = await until(serve(server), (list) => list.length > 0);
  expect(first).toMatchObject({ figures: null, problem: { code: 'FORBIDDEN' } });
});

test('nothing is asked while nobody looks, and what is known is there at once for who comes back', async () => {
  const server: Server = { nodes: [node('a')], pods: [pod('1')], usage: null, requests: [] };
  const statistics = serve(server);
  await until(statistics, counted);
  const asked = server.requests.length;
  await pause(20);
  const [first] = await until(statistics, counted);
  expect(first?.figures?.requested?.cpuCores).toBe(1);
  expect(server.requests).toHaveLength(asked);
});
