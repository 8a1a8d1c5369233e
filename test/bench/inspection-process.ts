/**
 * One inspection of one cluster, as the engine's service runs it, in a process of its own: `KUBECONFIG` as argument, one
 * line of JSON as answer. Reading is paced by the default configuration unless `--unpaced` is given.
 */
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_CONFIG } from '../../src/main/engine/inspection/service/config.ts';
import { inspectTarget } from '../../src/main/engine/inspection/service/target.ts';
import { unpacked } from '../../src/main/engine/inspection/work/pack.ts';
import { createWorkThread } from '../../src/main/engine/inspection/work/thread.ts';
import { createHttpsTransport, createKubeClient } from '../../src/main/engine/kube/index.ts';
import { contextOf, readKubeconfigFile } from '../../src/main/engine/kubeconfig/index.ts';
import { type InspectionRun, ReportFilter } from '../../src/shared/contract/inspection.ts';

const [file = '', pace] = process.argv.slice(2);
const config = await readKubeconfigFile(file);
const entry = contextOf(config, config.currentContext ?? '');
const identity = entry.identity();
const transport = createHttpsTransport({ server: entry.server, identity: async () => identity });
const work = createWorkThread();
// What the machine's other work does to a loop that has nothing to do.
const idle = monitorEventLoopDelay({ resolution: 1 });
idle.enable();
await sleep(3000);
idle.disable();
const target = { kind: 'cluster', id: 'bench' } as const;
const now = Date.now();
const delay = monitorEventLoopDelay({ resolution: 1 });
const loop = performance.eventLoopUtilization();
const began = performance.now();
let checking = 0;
delay.enable();
const { parts, objects, tally, exempt, score, version, notChecked } = await inspectTarget({
  target,
  name: entry.context,
  client: createKubeClient(transport),
  work,
  exemptions: [],
  config: pace === '--unpaced' ? { ...DEFAULT_CONFIG, requestsPerSecond: 200 } : DEFAULT_CONFIG,
  now,
  signal: new AbortController().signal,
  onProgress: ({ state }) => {
    if (state === 'checking') checking = performance.now();
  },
});
const ended = performance.now();
// As somebody opens it.
const startedAt = new Date(now).toISOString();
const run: InspectionRun = {
  ...{
    id: 'bench',
    scope: target,
    name: entry.context,
    trigger: 'person',
    state: 'done',
    startedAt,
    finishedAt: startedAt,
  },
  ...{ tally, exempt, score },
  targets: [
    {
      ...{
        target,
        name: entry.context,
        state: 'done',
        version,
        objects,
        read: { done: 1, total: 1 },
        tally,
        exempt,
        score,
      },
      ...{ notChecked, error: null },
    },
  ],
};
const query = { id: run.id, by: 'object' as const, filter: ReportFilter.parse({}) };
await work.report({ run, key: run.id, previous: null, exemptions: [], now }, [{ key: run.id, parts }], query);
const reported = performance.now();
delay.disable();
const { active } = performance.eventLoopUtilization(loop);
const { user, system } = process.cpuUsage();
const found = (await unpacked(parts)).flatMap((result) => result.objects);
process.stdout.write(
  `${JSON.stringify({
    objects,
    findings: found.reduce((sum, { findings }) => sum + findings.length, 0),
    totalMs: ended - began,
    checkMs: ended - checking,
    reportMs: reported - ended,
    loopBusyMs: active,
    cpuMs: (user + system) / 1000,
    rssMb: process.memoryUsage.rss() / 1024 / 1024,
    idleP99Ms: idle.percentile(99) / 1e6,
    delayP50Ms: delay.percentile(50) / 1e6,
    delayP99Ms: delay.percentile(99) / 1e6,
    delayMaxMs: delay.max / 1e6,
  })}\n`,
);
await work.close();
await transport.close();
