/**
 * One inspection of one cluster, as the engine's service runs it, in a process of its own: `KUBECONFIG` as argument, one
 * line of JSON as answer. Reading is paced by the default configuration unless `--unpaced` is given.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { DEFAULT_CONFIG } from '../../src/main/engine/inspection/service/config.ts';
import { inspectTarget } from '../../src/main/engine/inspection/service/target.ts';
import {
  contextOf,
  createHttpsTransport,
  createKubeClient,
  readKubeconfigFile,
} from '../../src/main/engine/kube/index.ts';

const [file = '', pace] = process.argv.slice(2);
const config = await readKubeconfigFile(file);
const entry = contextOf(config, config.currentContext ?? '');
const identity = entry.identity();
const transport = createHttpsTransport({ server: entry.server, identity: async () => identity });
const delay = monitorEventLoopDelay({ resolution: 1 });
const began = performance.now();
let checking = 0;
delay.enable();
const { result, objects } = await inspectTarget({
  target: { kind: 'cluster', id: 'bench' },
  name: entry.context,
  client: createKubeClient(transport),
  config: pace === '--unpaced' ? { ...DEFAULT_CONFIG, requestsPerSecond: 200 } : DEFAULT_CONFIG,
  now: Date.now(),
  signal: new AbortController().signal,
  onProgress: ({ state }) => {
    if (state === 'checking') checking = performance.now();
  },
});
const ended = performance.now();
delay.disable();
const { user, system } = process.cpuUsage();
process.stdout.write(
  `${JSON.stringify({
    objects,
    findings: result.objects.reduce((sum, { findings }) => sum + findings.length, 0),
    totalMs: ended - began,
    checkMs: ended - checking,
    cpuMs: (user + system) / 1000,
    rssMb: process.memoryUsage.rss() / 1024 / 1024,
    delayP99Ms: delay.percentile(99) / 1e6,
    delayMaxMs: delay.max / 1e6,
  })}\n`,
);
await transport.close();
