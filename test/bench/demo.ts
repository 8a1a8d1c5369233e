/** The demo fleet: how long until it is ready, what its clusters cost, and whether a large one keeps up. */
import { churn } from './churn.ts';
import { type Bench, type Metric, metric, progress } from './frame.ts';
import { familyOf, processorMs, residentMb, sleep, startProgram, temporaryDir } from './program.ts';

const SIZES = [3, 10];
const SETTLE_MS = 20_000;
const REST_MS = 10_000;

export const demo: Bench = {
  summary:
    'demo fleet of 3 and of 10 clusters: ready time, memory, processor at rest; 30,000 pods with 1,000 changes a second',
  async run() {
    const metrics: Metric[] = [];
    for (const clusters of SIZES) metrics.push(...(await fleet(clusters)));
    metrics.push(...(await churn()));
    return metrics;
  },
};

/** The engine with its federation is the process itself, the clusters are its descendants. */
async function fleet(clusters: number): Promise<Metric[]> {
  progress(`${clusters} clusters`);
  const args = ['demo', '--clusters', String(clusters), '--headless', '--data', temporaryDir()];
  const program = await startProgram(args);
  try {
    await sleep(SETTLE_MS);
    const [engine = 0, ...rest] = familyOf(program.pid);
    const used = () => rest.reduce((sum, pid) => sum + processorMs(pid), 0);
    const before = used();
    await sleep(REST_MS);
    const name = (what: string) => `${what}-${clusters}`;
    return [
      metric(name('fleet-ready'), program.readyMs, 'ms'),
      metric(name('engine-rss'), residentMb(engine), 'MB'),
      metric(name('cluster-rss'), rest.reduce((sum, pid) => sum + residentMb(pid), 0) / clusters, 'MB'),
      metric(name('cluster-cpu-per-second'), (used() - before) / (REST_MS / 1000) / clusters, 'ms'),
    ];
  } finally {
    await program.stop();
  }
}
