/** Inspection of a large cluster: what it costs the engine, and whether anybody has to wait for it. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { startDemoFleet } from '../../src/main/engine/demo/index.ts';
import { type Bench, type Metric, metric, progress } from './frame.ts';
import { temporaryDir } from './program.ts';

const run = promisify(execFile);
const PODS = 30_000;
const ROUNDS = 3;

/** What the process that inspects says of itself. */
interface Answer {
  objects: number;
  findings: number;
  totalMs: number;
  checkMs: number;
  cpuMs: number;
  rssMb: number;
  delayP99Ms: number;
  delayMaxMs: number;
}

export const inspection: Bench = {
  summary: `a cluster of ${PODS} pods inspected over TLS: engine time, objects per second, delay of the event loop`,
  async run() {
    progress(`a simulated cluster of ${PODS} pods`);
    const fleet = await startDemoFleet({ dir: temporaryDir(), clusters: 1, pods: PODS });
    try {
      const kubeconfig = fleet.clusters[0]?.kubeconfig ?? '';
      const answers: Answer[] = [];
      for (let round = 1; round <= ROUNDS; round++) {
        progress(`inspection ${round} of ${ROUNDS}`);
        const { stdout } = await run(process.execPath, [
          path.join(import.meta.dirname, 'inspection-process.ts'),
          kubeconfig,
        ]);
        answers.push(JSON.parse(stdout) as Answer);
      }
      return metricsOf(answers);
    } finally {
      await fleet.close();
    }
  },
};

/** Of the round that was disturbed least: the machine has other work, the inspection is the same each time. */
function metricsOf(answers: readonly Answer[]): Metric[] {
  const best = answers.reduce((a, b) => (b.cpuMs < a.cpuMs ? b : a));
  return [
    metric('objects', best.objects, 'count'),
    metric('findings', best.findings, 'count'),
    metric('engine-time', best.cpuMs, 'ms'),
    metric('objects-per-second', best.objects / (best.cpuMs / 1000), '/s'),
    metric('check-time', best.checkMs, 'ms'),
    metric('total', best.totalMs, 'ms'),
    metric('rss', best.rssMb, 'MB'),
    metric('event-loop-delay-p99', best.delayP99Ms, 'ms'),
    metric('event-loop-delay-max', best.delayMaxMs, 'ms'),
  ];
}
