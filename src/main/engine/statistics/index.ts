/**
 * Public face of statistics: figures of every running cluster, measured again and again while somebody looks. What costs
 * more is asked for less often: the pause after a measurement grows with what it had to read.
 */
import type { ClusterFigures, ClusterStatistics, StatisticsService } from '#shared/contract/statistics.ts';
import { type AppErrorShape, toErrorShape } from '#shared/errors.ts';
import { createChangeSignal } from '../changes.ts';
import type { KubeClient } from '../kube/index.ts';
import { countPods, measureNodes, measureUsage, sumRequests } from './measure.ts';

export interface StatisticsDeps {
  /** Clusters that run now. */
  running: () => { id: string; name: string }[];
  client: (id: string) => KubeClient;
  /** The least pause between two measurements of a cluster. */
  everyMs?: number;
}

export interface Statistics {
  service: StatisticsService;
  close(): void;
}

interface Measured {
  figures: ClusterFigures | null;
  problem: AppErrorShape | null;
  busy: boolean;
  /** When nodes, usage and counts, and when requests are asked for again; milliseconds of the monotonic clock. */
  due: number;
  requestsDue: number;
}

const EVERY_MS = 20_000;
/** Of each node and pod read, so much of a pause: 1,000 nodes are asked for every 100 s, 10,000 pods every 10 minutes. */
const PAUSE_PER_NODE_MS = 100;
const PAUSE_PER_POD_MS = 60;
/** A cluster that failed is left alone for this long. */
const AFTER_FAILURE_MS = 30_000;
const AT_ONCE = 4;
/** How soon a cluster that came or went is noticed. */
const LOOK_MS = 1_000;
const LEAST_LOOK_MS = 20;

export function createStatistics({ running, client, everyMs = EVERY_MS }: StatisticsDeps): Statistics {
  const measured = new Map<string, Measured>();
  const changes = createChangeSignal();
  let watchers = 0;
  let busy = 0;
  let abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;

  function look(): void {
    clearTimeout(timer);
    if (watchers === 0) return;
    const now = performance.now();
    const clusters = running();
    const known = new Set(clusters.map(({ id }) => id));
    for (const id of measured.keys()) {
      if (known.has(id)) continue;
      measured.delete(id);
      changes.changed();
    }
    for (const { id, name } of clusters) {
      const one = measured.get(id) ?? { figures: null, problem: null, busy: false, due: now, requestsDue: now };
      measured.set(id, one);
      if (busy >= AT_ONCE || one.busy || one.due > now) continue;
      busy += 1;
      one.busy = true;
      void measure(id, name, one, abort.signal).finally(() => {
        busy -= 1;
        one.busy = false;
        look();
      });
    }
    const next = Math.min(...[...measured.values()].map(({ due }) => due));
    timer = setTimeout(look, Math.min(Math.max(next - performance.now(), LEAST_LOOK_MS), LOOK_MS));
    timer.unref();
  }

  async function measure(id: string, name: string, one: Measured, signal: AbortSignal): Promise<void> {
    try {
      const api = client(id);
      const [nodes, pods, used] = await Promise.all([
        measureNodes(api, signal),
        countPods(api, signal),
        measureUsage(api, signal),
      ]);
      one.due = performance.now() + Math.max(everyMs, nodes.nodes.total * PAUSE_PER_NODE_MS);
      const { requested = null, requestedAt = null } = one.figures ?? {};
      const at = new Date().toISOString();
      one.figures = { at, ...nodes, pods, used, requested, requestedAt };
      one.problem = null;
      changes.changed();
      if (one.requestsDue > performance.now()) return;
      const sum = await sumRequests(api, signal);
      one.requestsDue = performance.now() + Math.max(everyMs, (pods ?? 0) * PAUSE_PER_POD_MS);
      one.figures = { ...one.figures, requested: sum, requestedAt: new Date().toISOString() };
    } catch (error) {
      if (signal.aborted) return;
      one.due = performance.now() + Math.max(everyMs, AFTER_FAILURE_MS);
      one.problem = toErrorShape(error, name);
    }
    changes.changed();
  }

  async function* watch(signal: AbortSignal | undefined): AsyncGenerator<ClusterStatistics[]> {
    watchers += 1;
    look();
    try {
      yield* changes.watch(list, signal);
    } finally {
      watchers -= 1;
      if (watchers === 0) rest();
    }
  }

  function list(): ClusterStatistics[] {
    return [...measured].flatMap(([clusterId, { figures, problem }]) =>
      figures === null && problem === null ? [] : [{ clusterId, figures, problem }],
    );
  }

  function rest(): void {
    clearTimeout(timer);
    abort.abort();
    abort = new AbortController();
  }

  return {
    service: { watch },
    close() {
      watchers = 0;
      rest();
    },
  };
}
