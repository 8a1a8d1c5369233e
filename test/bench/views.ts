/**
 * Live views against large clusters, beside what others do with the same API server in the same run: `kubectl get pods -A
 * -o json` and the client library's informer. `--kubeconfig FILE` measures a real cluster instead of simulated ones.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Bench, type Metric, metric, progress } from './frame.ts';
import { type Program, startNode } from './program.ts';
import { measureFrames } from './views/frames.ts';
import type { Answer, Task } from './views/protocol.ts';

const SIZES = [1_000, 10_000, 30_000];
const MANY = { clusters: 20, servers: 2, pods: 5_000 };
const STORM = 50;
const CHURN = { pods: 10_000, perSecond: 1_000, seconds: 20 };
const WORKER = path.join(import.meta.dirname, 'views/worker.ts');
const SERVER = path.join(import.meta.dirname, 'views/server.ts');
const READY_WITHIN_MS = 300_000;

export const views: Bench = {
  summary:
    'live views: 1,000 to 30,000 pods in one cluster, 100,000 over 20, churn, an hour of it, frames, reconnect storm; kubectl and informer beside',
  async run(options) {
    if (options?.kubeconfig !== undefined) return await ofOneCluster('given', [options.kubeconfig]);
    const metrics: Metric[] = [];
    for (const pods of SIZES)
      metrics.push(...(await withServers(1, { pods }, (files) => ofOneCluster(String(pods), files))));
    metrics.push(...(await withServers(MANY.servers, { pods: MANY.pods }, ofMany)));
    metrics.push(...(await withServers(1, { pods: CHURN.pods, churn: CHURN.perSecond }, ofChurn)));
    metrics.push(...(await ofHour()));
    return metrics;
  },
};

async function ofOneCluster(name: string, kubeconfigs: string[]): Promise<Metric[]> {
  progress(`${name}: kubectl, the client library, views`);
  const kubectl = await runKubectl(kubeconfigs[0] as string);
  const informer = await work({ what: 'informer', kubeconfigs, targets: 1 });
  const own = await work({ what: 'views', kubeconfigs, targets: 1 });
  return [
    metric(`first-rows-${name}`, own['first-rows'] ?? 0, 'ms', kubectl.complete),
    metric(`complete-${name}`, own.complete ?? 0, 'ms', kubectl.complete),
    metric(`complete-${name}-informer`, own.complete ?? 0, 'ms', informer.complete),
    metric(`heap-kept-${name}`, own['heap-kept'] ?? 0, 'MB', informer['heap-kept']),
    metric(`rss-${name}`, own.rss ?? 0, 'MB', kubectl.rss),
    metric(`bytes-read-${name}`, own['bytes-read'] ?? 0, 'MB', informer['bytes-read']),
    metric(`delay-max-${name}`, own['delay-max-loading'] ?? 0, 'ms', informer['delay-max-loading']),
    ...latencies(name, own),
  ];
}

function latencies(name: string, answer: Answer): Metric[] {
  return ['filter', 'sort', 'scroll'].flatMap((what) =>
    ['p50', 'p99', 'cpu'].map((part) => metric(`${what}-${name}-${part}`, answer[`${what}-${part}`] ?? 0, 'ms')),
  );
}

async function ofMany(kubeconfigs: string[]): Promise<Metric[]> {
  const name = String(MANY.clusters * MANY.pods);
  progress(`${name} pods over ${MANY.clusters} clusters`);
  const own = await work({ what: 'views', kubeconfigs, targets: MANY.clusters });
  progress(`search over ${name} pods`);
  const search = await work({ what: 'search', kubeconfigs, targets: MANY.clusters });
  progress(`reconnect storm of ${STORM} clusters`);
  const storm = await work({ what: 'storm', kubeconfigs, targets: STORM });
  return [
    metric(`first-rows-${name}`, own['first-rows'] ?? 0, 'ms'),
    metric(`complete-${name}`, own.complete ?? 0, 'ms'),
    metric(`heap-kept-${name}`, own['heap-kept'] ?? 0, 'MB'),
    metric(`rss-${name}`, own.rss ?? 0, 'MB'),
    metric(`delay-p99-${name}`, own['delay-p99-loading'] ?? 0, 'ms'),
    ...latencies(name, own),
    metric(`search-first-${name}`, search.first ?? 0, 'ms'),
    metric(`search-cold-${name}`, search.cold ?? 0, 'ms'),
    metric(`search-delay-p99-${name}`, search['delay-p99'] ?? 0, 'ms'),
    metric(`search-letter-${name}-p50`, search['letter-p50'] ?? 0, 'ms'),
    metric(`search-letter-${name}-p99`, search['letter-p99'] ?? 0, 'ms'),
    metric(`search-letter-${name}-cpu`, search['letter-cpu'] ?? 0, 'ms'),
    metric(`storm-live-again-${STORM}`, storm['live-again'] ?? 0, 'ms'),
    metric(`storm-delay-max-${STORM}`, storm['delay-max'] ?? 0, 'ms'),
    metric(`storm-bytes-read-${STORM}`, storm['bytes-read'] ?? 0, 'MB'),
  ];
}

async function ofChurn(kubeconfigs: string[]): Promise<Metric[]> {
  progress(`${CHURN.perSecond} changes a second for ${CHURN.seconds} s`);
  const own = await work({ what: 'churn', kubeconfigs, targets: 1, seconds: CHURN.seconds });
  return [
    metric('churn-read-per-second', own['read-mb-per-second'] ?? 0, 'MB'),
    metric('churn-events-sent', own['sent-per-second'] ?? 0, '/s'),
    metric('churn-delay-p50', own['delay-p50'] ?? 0, 'ms'),
    metric('churn-delay-p99', own['delay-p99'] ?? 0, 'ms'),
    metric('churn-cpu-share', (own['cpu-share'] ?? 0) * 100, 'count'),
    metric('churn-heap', own['heap-last-quarter'] ?? 0, 'MB', own['heap-first-quarter']),
    ...(await ofFrames(kubeconfigs[0] as string)),
  ];
}

async function ofFrames(kubeconfig: string): Promise<Metric[]> {
  progress('frames of the page meanwhile');
  const frames = await measureFrames(kubeconfig);
  if (frames === null) return [];
  return [
    metric('churn-frames', frames['per-second'] ?? 0, '/s'),
    metric('churn-frame-p50', frames['p50'] ?? 0, 'ms'),
    metric('churn-frame-p99', frames['p99'] ?? 0, 'ms'),
    metric('churn-page-cpu-share', (frames['cpu-share'] ?? 0) * 100, 'count'),
  ];
}

async function ofHour(): Promise<Metric[]> {
  progress('an hour of changes');
  const hour = await work({ what: 'hour', kubeconfigs: [], targets: 1 });
  return [
    metric('hour-changes', hour['changes'] ?? 0, 'count'),
    metric('hour-took', hour['took'] ?? 0, 'ms'),
    metric('hour-heap-last', hour['last'] ?? 0, 'MB', hour['first']),
    metric('hour-heap-max', hour['max'] ?? 0, 'MB', hour['first']),
  ];
}

async function withServers(
  count: number,
  sizes: { pods: number; churn?: number },
  measure: (kubeconfigs: string[]) => Promise<Metric[]>,
): Promise<Metric[]> {
  progress(`starting ${count} API servers of ${sizes.pods} pods`);
  const servers: Program<{ kubeconfig: string }>[] = [];
  try {
    for (let index = 0; index < count; index++)
      servers.push(await startNode(SERVER, JSON.stringify({ ...sizes, index }), READY_WITHIN_MS));
    return await measure(servers.map(({ ready }) => ready.kubeconfig));
  } finally {
    for (const server of servers) await server.stop();
  }
}

function work(task: Task): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--expose-gc', WORKER, JSON.stringify(task)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code === 0) resolve(JSON.parse(out) as Answer);
      else reject(new Error(`the worker for ${task.what} ended with ${code}`));
    });
  });
}

/** Wall time, and the most memory it had. */
function runKubectl(kubeconfig: string): Promise<{ complete: number; rss: number }> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn('kubectl', ['--kubeconfig', kubeconfig, 'get', 'pods', '-A', '-o', 'json'], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    let rss = 0;
    const look = setInterval(() => {
      try {
        const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
        rss = Math.max(rss, Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024);
      } catch {
        // It has ended.
      }
    }, 50);
    child.once('error', reject);
    child.once('exit', (code) => {
      clearInterval(look);
      if (code === 0) resolve({ complete: performance.now() - began, rss });
      else reject(new Error(`kubectl ended with ${code}`));
    });
  });
}
