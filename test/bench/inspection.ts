/**
 * Inspection of a large cluster: what it costs the engine, and whether anybody has to wait for it. Beside it a scanner that
 * people know, where one is installed.
 */
import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { startDemoFleet } from '../../src/main/engine/demo/index.ts';
import { type Bench, type Metric, metric, progress } from './frame.ts';
import { temporaryDir } from './program.ts';

const run = promisify(execFile);
const PODS = 30_000;
const NODES = 1_000;
const ROUNDS = 3;
const PEER_MS = 30 * 60_000;

/** Scanners of whole clusters, with what makes each look at one and print everything; the first that is there is taken. */
const PEERS: readonly { program: string; args(kubeconfig: string): string[] }[] = [
  {
    program: 'popeye',
    args: (file) => ['--kubeconfig', file, '--all-namespaces', '--force-exit-zero', '--out', 'json'],
  },
  { program: 'polaris', args: () => ['audit', '--format', 'json'] },
];

/** What the process that inspects says of itself. */
interface Answer {
  objects: number;
  findings: number;
  totalMs: number;
  checkMs: number;
  reportMs: number;
  /** How long the event loop had something to do. */
  loopBusyMs: number;
  cpuMs: number;
  rssMb: number;
  /** Before it began. */
  idleP99Ms: number;
  delayP50Ms: number;
  delayP99Ms: number;
  delayMaxMs: number;
}

export const inspection: Bench = {
  summary: `a cluster of ${PODS} pods inspected over TLS: engine time, objects per second, delay of the event loop`,
  async run({ kubeconfig } = {}) {
    if (kubeconfig !== undefined) return await measured(kubeconfig);
    progress(`a simulated cluster of ${NODES} nodes and ${PODS} pods`);
    const fleet = await startDemoFleet({ dir: temporaryDir(), clusters: 1, nodes: NODES, pods: PODS });
    try {
      return await measured(fleet.clusters[0]?.kubeconfig ?? '');
    } finally {
      await fleet.close();
    }
  },
};

async function measured(kubeconfig: string): Promise<Metric[]> {
  const answers: Answer[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    progress(`inspection ${round} of ${ROUNDS}`);
    const { stdout } = await run(process.execPath, [
      path.join(import.meta.dirname, 'inspection-process.ts'),
      kubeconfig,
    ]);
    answers.push(JSON.parse(stdout) as Answer);
  }
  return metricsOf(answers, await peerMs(kubeconfig));
}

/** Time of another scanner over the same cluster, from its start to its end. */
async function peerMs(kubeconfig: string): Promise<number | undefined> {
  const peer = PEERS.find(({ program }) => isOnPath(program));
  if (peer === undefined) {
    progress(`no peer: none of ${PEERS.map(({ program }) => program).join(', ')} is installed`);
    return undefined;
  }
  progress(`${peer.program} over the same cluster`);
  const began = performance.now();
  const env = { ...process.env, KUBECONFIG: kubeconfig };
  await run(peer.program, peer.args(kubeconfig), { env, timeout: PEER_MS, maxBuffer: 1024 ** 3 });
  return performance.now() - began;
}

function isOnPath(program: string): boolean {
  return (process.env.PATH ?? '').split(path.delimiter).some((dir) => {
    try {
      accessSync(path.join(dir, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Of the round that was disturbed least: the machine has other work, the inspection is the same each time. */
function metricsOf(answers: readonly Answer[], peer: number | undefined): Metric[] {
  const best = answers.reduce((a, b) => (b.cpuMs < a.cpuMs ? b : a));
  return [
    metric('objects', best.objects, 'count'),
    metric('findings', best.findings, 'count'),
    metric('engine-time', best.cpuMs, 'ms'),
    metric('objects-per-second', best.objects / (best.cpuMs / 1000), '/s'),
    metric('check-time', best.checkMs, 'ms'),
    metric('report-time', best.reportMs, 'ms'),
    metric('total', best.totalMs, 'ms', peer),
    metric('rss', best.rssMb, 'MB'),
    metric('event-loop-busy', best.loopBusyMs, 'ms'),
    metric('event-loop-delay-idle-p99', best.idleP99Ms, 'ms'),
    metric('event-loop-delay-p50', best.delayP50Ms, 'ms'),
    metric('event-loop-delay-p99', best.delayP99Ms, 'ms'),
    metric('event-loop-delay-max', best.delayMaxMs, 'ms'),
  ];
}
