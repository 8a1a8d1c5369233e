/**
 * The embedded API server as `fleetdeck apiserver` runs it: durable writes over TLS, 16 connections. `--kubeconfig FILE`
 * names another API server to send the same requests to (objects in a namespace of their own, gone afterwards): its
 * figures are the peer.
 */
import path from 'node:path';
import { measureDisk } from './disk.ts';
import { type Bench, type BenchOptions, type Metric, metric, percentile, progress, spread } from './frame.ts';
import { connect } from './kube.ts';
import { type LoadJob, startLoad } from './load/index.ts';
import { type Program, processorMs, residentMb, sleep, startProgram, temporaryDir } from './program.ts';

const CONNECTIONS = 16;
const STARTS = 5;
const WARM_UP_MS = 2000;
const RUN_MS = 4000;
/** What a kube-apiserver with etcd sustains on such a machine: watch latency is compared under that load. */
const REFERENCE_RATE = 900;
const KINDS = ['configmap', 'pod'] as const;
/** As many as the time allows. */
const MOST_OBJECTS = 1e9;
/** Reads and patches go round over as many. */
const ROUND_OBJECTS = 1000;
const PAGE = 500;
const LISTED_OBJECTS = 5000;
const FILLS = [10_000, 100_000];
const FILL_MS = 600_000;
/** Filling is not what is measured: more writes share a transaction. */
const FILL_CONNECTIONS = 64;

interface Ready {
  kubeconfig: string;
}

export const apiserver: Bench = {
  summary: 'embedded API server: ready time, memory, requests per second and watch latency at 16 connections',
  async run(options?: BenchOptions) {
    const peer = options?.kubeconfig === undefined ? [] : await requestsOfPeer(options.kubeconfig);
    const own = [...(await starting()), ...(await requests()), ...(await memory())];
    return own.map(({ name, value, unit }) =>
      metric(name, value, unit, peer.find((each) => each.name === name)?.value),
    );
  },
};

async function starting(): Promise<Metric[]> {
  progress(`${STARTS} starts on an empty folder`);
  const times: number[] = [];
  const sizes: number[] = [];
  const work: number[] = [];
  for (let i = 0; i < STARTS; i++) {
    const server = await startServer(temporaryDir());
    times.push(server.readyMs);
    sizes.push(residentMb(server.pid));
    work.push(processorMs(server.pid));
    await server.stop();
  }
  return [
    ...spread('ready', times, 'ms'),
    metric('ready-cpu', percentile(work, 50), 'ms'),
    metric('ready-rss', percentile(sizes, 50), 'MB'),
  ];
}

async function requests(): Promise<Metric[]> {
  const dir = temporaryDir();
  const server = await startServer(dir);
  try {
    const metrics = await requestsTo(server.ready.kubeconfig, 'default', server.pid);
    return [...metrics, ...measureDisk(path.join(dir, 'floor.db'))];
  } finally {
    await server.stop();
  }
}

/** In a namespace that is made for it; pods ask for no account, so that no controller has to run there. */
async function requestsOfPeer(kubeconfig: string): Promise<Metric[]> {
  const kube = connect(kubeconfig, 1);
  const namespace = `fleetdeck-bench-${Date.now().toString(36)}`;
  progress(`the peer, namespace ${namespace}`);
  await kube.call('POST', '/api/v1/namespaces', { metadata: { name: namespace } });
  try {
    const account = `/api/v1/namespaces/${namespace}/serviceaccounts`;
    // Controllers of the peer may have made it.
    await kube.call('POST', account, { metadata: { name: 'default' } }).catch(() => {});
    return await requestsTo(kubeconfig, namespace);
  } finally {
    await kube.call('DELETE', `/api/v1/namespaces/${namespace}`);
    await kube.close();
  }
}

/** Every verb for every kind. Without `pid` nothing is known of the server's processor time. */
async function requestsTo(kubeconfig: string, namespace: string, pid?: number): Promise<Metric[]> {
  const load = await startLoad(kubeconfig, CONNECTIONS);
  const metrics: Metric[] = [];
  const measure = async (name: string, job: Omit<LoadJob, 'namespace'>): Promise<number> => {
    const before = pid === undefined ? 0 : processorMs(pid);
    const result = await load.run({ namespace, ...job });
    const rate = (result.operations * 1000) / result.ms;
    progress(`${name}: ${Math.round(rate)}/s, ${result.operations} requests`);
    metrics.push(
      metric(name, rate, '/s'),
      metric(`${name}-p50`, result.p50, 'ms'),
      metric(`${name}-p99`, result.p99, 'ms'),
    );
    if (pid !== undefined)
      metrics.push(metric(`${name}-cpu`, ((processorMs(pid) - before) * 1000) / result.operations, 'µs'));
    if (result.watchP50 !== undefined) metrics.push(metric(`${name}-watch-p50`, result.watchP50, 'ms'));
    if (result.watchP99 !== undefined) metrics.push(metric(`${name}-watch-p99`, result.watchP99, 'ms'));
    return result.operations;
  };
  try {
    progress('warm-up');
    for (const kind of KINDS) {
      const job = { kind, namespace, prefix: 'warm-', ms: WARM_UP_MS };
      const { operations: objects } = await load.run({ ...job, verb: 'create', objects: MOST_OBJECTS });
      for (const verb of ['get', 'patch', 'delete'] as const) await load.run({ ...job, verb, objects });
    }
    for (const kind of KINDS) {
      const suffix = kind === 'pod' ? '-pods' : '';
      const job = { kind, prefix: 'bench-', ms: RUN_MS };
      const created = await measure(`create${suffix}`, { ...job, verb: 'create', objects: MOST_OBJECTS, watch: true });
      const objects = Math.min(created, ROUND_OBJECTS);
      await measure(`get${suffix}`, { ...job, verb: 'get', objects });
      await measure(`patch${suffix}`, { ...job, verb: 'patch', objects, watch: true });
      const rate = REFERENCE_RATE;
      await measure(`patch${suffix}-at-${rate}`, { ...job, verb: 'patch', objects, watch: true, rate });
      await measure(`delete${suffix}`, { ...job, verb: 'delete', objects: created });
      // Lists go through as many objects here as there, however many could be created.
      const listed = { kind, namespace, prefix: 'listed-', objects: LISTED_OBJECTS };
      await load.run({ ...listed, verb: 'create', ms: FILL_MS });
      const lists = { ...job, verb: 'list' as const, objects: LISTED_OBJECTS };
      await measure(`page-of-${PAGE}${suffix}`, { ...lists, query: `?limit=${PAGE}` });
      await measure(`list-filtered${suffix}`, { ...lists, query: '?labelSelector=app%3Dnone' });
      await load.run({ ...listed, verb: 'delete', ms: FILL_MS });
    }
    return metrics;
  } finally {
    load.close();
  }
}

/** Resident memory with 0, 10,000 and 100,000 ConfigMaps of 1 KB, and after a start with as many. */
async function memory(): Promise<Metric[]> {
  const dir = temporaryDir();
  const metrics: Metric[] = [];
  let server = await startServer(dir);
  const load = await startLoad(server.ready.kubeconfig, FILL_CONNECTIONS);
  const note = async (name: string): Promise<void> => {
    await sleep(3000);
    metrics.push(metric(name, residentMb(server.pid), 'MB'));
  };
  try {
    await note('rss-0-objects');
    let filled = 0;
    for (const objects of FILLS) {
      progress(`${objects} objects`);
      const job = { verb: 'create', kind: 'configmap', namespace: 'default', prefix: `fill${objects}-` } as const;
      const wanted = objects - filled;
      const { operations } = await load.run({ ...job, objects: wanted, ms: FILL_MS });
      if (operations < wanted) {
        progress(`only ${filled + operations} objects in ${FILL_MS / 1000} s: this machine is too busy to go on`);
        return metrics;
      }
      filled = objects;
      await note(`rss-${objects}-objects`);
    }
    await server.stop();
    server = await startServer(dir);
    metrics.push(metric(`ready-${filled}-objects`, server.readyMs, 'ms'));
    await note(`rss-${filled}-objects-restarted`);
  } finally {
    load.close();
    await server.stop();
  }
  return metrics;
}

function startServer(dir: string): Promise<Program<Ready>> {
  return startProgram<Ready>(['apiserver', '--data', dir]);
}
