/** The largest cluster the demo makes, with as many changes as it is told to make: does it keep up, in bounded memory? */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Metric, metric, percentile, progress } from './frame.ts';
import { connect } from './kube.ts';
import { familyOf, processorMs, residentMb, sleep, startProgram, temporaryDir } from './program.ts';

const NODES = 1000;
const PODS = 30_000;
const RATE = 1000;
const SEED = 20;
const WARM_UP_MS = 15_000;
const MEASURED_MS = 60_000;
/** The program itself gives up when it gets no further; what is left is a machine that is busy with others. */
const READY_WITHIN_MS = 600_000;

/** What load/probe.mjs writes: delays of the event loop in milliseconds, MB that were left after the last collection. */
interface Probe {
  p50: number;
  p99: number;
  max: number;
  collections: number;
  live: number;
}

/** One cluster behind the whole application: the engine watches it, the simulation is the engine's child. */
export async function churn(): Promise<Metric[]> {
  progress(`a cluster of ${NODES} nodes and ${PODS} pods`);
  const probes = temporaryDir();
  const sizes = ['--nodes', String(NODES), '--pods', String(PODS), '--churn', String(RATE), '--seed', String(SEED)];
  const args = ['demo', '--clusters', '1', ...sizes, '--headless', '--data', temporaryDir()];
  const env = {
    FLEETDECK_BENCH_PROBE: probes,
    NODE_OPTIONS: `--import=${path.join(import.meta.dirname, 'load/probe.mjs')}`,
  };
  const program = await startProgram<Ready>(args, [], env, READY_WITHIN_MS);
  try {
    const [engine = 0, simulation = 0] = familyOf(program.pid);
    const [kubeconfig = ''] = Object.values(program.ready.kubeconfigs.clusters);
    const kube = connect(kubeconfig, 1);
    const revision = async () =>
      Number(JSON.parse(await kube.call('GET', '/api/v1/namespaces?limit=1')).metadata.resourceVersion);
    await sleep(WARM_UP_MS);
    progress(`${RATE} changes a second for ${MEASURED_MS / 1000} s`);
    const probe = (pid: number) => JSON.parse(readFileSync(path.join(probes, `${pid}.json`), 'utf8')) as Probe;
    const collected = async (pid: number): Promise<number> => {
      const { collections } = probe(pid);
      process.kill(pid, 'SIGUSR2');
      while (probe(pid).collections === collections) await sleep(50);
      return probe(pid).live;
    };
    await collected(engine);
    const liveFirst = await collected(simulation);
    const cpu = processorMs(simulation);
    const began = performance.now();
    const first = await revision();
    const rates: number[] = [];
    const residents: number[] = [];
    let last = { at: began, revision: first };
    while (performance.now() - began < MEASURED_MS) {
      await sleep(2000);
      const now = { at: performance.now(), revision: await revision() };
      rates.push((now.revision - last.revision) / ((now.at - last.at) / 1000));
      residents.push(residentMb(simulation));
      last = now;
    }
    const seconds = (last.at - began) / 1000;
    const changes = last.revision - first;
    const used = processorMs(simulation) - cpu;
    await kube.close();
    const [own, others] = [probe(simulation), probe(engine)];
    const engineRss = residentMb(engine);
    const liveLast = await collected(simulation);
    return [
      metric('churn-ready', program.readyMs, 'ms'),
      metric('churn-asked', RATE, '/s'),
      metric('churn-reached', changes / seconds, '/s'),
      metric('churn-reached-p10', percentile(rates, 10), '/s'),
      metric('churn-cpu-per-change', (used / changes) * 1000, 'µs'),
      metric('churn-loop-delay-p50', own.p50, 'ms'),
      metric('churn-loop-delay-p99', own.p99, 'ms'),
      metric('churn-loop-delay-max', own.max, 'ms'),
      metric('churn-engine-loop-delay-p99', others.p99, 'ms'),
      metric('churn-rss-first', residents[0] ?? Number.NaN, 'MB'),
      metric('churn-rss-last', residents.at(-1) ?? Number.NaN, 'MB'),
      metric('churn-rss-max', Math.max(...residents), 'MB'),
      metric('churn-live-first', liveFirst, 'MB'),
      metric('churn-live-last', liveLast, 'MB'),
      metric('churn-live-per-1000', ((liveLast - liveFirst) / changes) * 1000, 'MB'),
      metric('churn-engine-rss', engineRss, 'MB'),
    ];
  } finally {
    await program.stop();
  }
}

interface Ready {
  kubeconfigs: { clusters: Record<string, string> };
}
