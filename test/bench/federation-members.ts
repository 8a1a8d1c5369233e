/**
 * The federation's engine in a process of its own over members in another one: from template to members and the status
 * back with few and many members, ten thousand templates, memory, and what it costs to do nothing.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Metric, metric, percentile, progress } from './frame.ts';
import { connect, type Kube } from './kube.ts';
import { type Program, processorMs, residentMb, sleep, startNode, temporaryDir } from './program.ts';

const SIZES = [3, 20, 100];
const WARM_UP_ROUNDS = 3;
const ROUNDS = 25;
/** A busy machine does fewer, but enough for a median. */
const ROUNDS_MS = 30_000;
const LEAST_ROUNDS = 8;
const LIMIT_MS = 120_000;
const TEMPLATES = 10_000;
/** A machine with much else to do gets less far, and the bench ends all the same. */
const WRITE_MS = 45_000;
const MANY_MS = 90_000;
const CALLS_AT_ONCE = 16;
/** After the last change everything has been told and written. */
const SETTLE_MS = 5_000;
const REST_MS = 10_000;
const fixture = path.join(import.meta.dirname, '../fixtures/federation-process.ts');
const membersScript = path.join(import.meta.dirname, 'load/members.ts');
const CLUSTERS = '/apis/cluster.karmada.io/v1alpha1/clusters';
const POLICIES = '/apis/policy.karmada.io/v1alpha1/namespaces/default/propagationpolicies';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

export async function overMembers(sizes: readonly number[] = SIZES): Promise<Metric[]> {
  const metrics: Metric[] = [];
  for (const size of sizes) metrics.push(...(await withMembers(size)));
  return metrics;
}

async function withMembers(size: number): Promise<Metric[]> {
  progress(`${size} members`);
  const members = await startNode<{ kubeconfigs: Record<string, string> }>(membersScript, String(size), LIMIT_MS);
  const dataDir = temporaryDir();
  const input = path.join(dataDir, 'input.json');
  const given = Object.entries(members.ready.kubeconfigs).map(([name, file]) => ({
    name,
    kubeconfig: readFileSync(file, 'utf8'),
  }));
  writeFileSync(input, JSON.stringify({ dataDir, members: given }));
  const engine = await startNode<{ kubeconfigPath: string }>(fixture, input, LIMIT_MS);
  const host = connect(engine.ready.kubeconfigPath, CALLS_AT_ONCE);
  const clients = Object.values(members.ready.kubeconfigs).map((kubeconfig) => connect(kubeconfig, 1));
  try {
    await allReady(host, size);
    const metrics = await rounds(host, clients, size);
    await sleep(SETTLE_MS);
    metrics.push(metric(`memory-${size}-members`, residentMb(engine.pid), 'MB'), await rest(engine, size));
    if (size === SIZES[1]) metrics.push(...(await many(engine, host, clients[0] as Kube)));
    return metrics;
  } finally {
    await Promise.all([host, ...clients].map((each) => each.close()));
    await engine.stop();
    await members.stop();
  }
}

async function allReady(host: Kube, size: number): Promise<void> {
  for (const end = Date.now() + LIMIT_MS; Date.now() < end; await sleep(200)) {
    const { items } = JSON.parse(await host.call('GET', CLUSTERS));
    const ready = items.filter((item: { status?: { conditions?: { type: string; status: string }[] } }) =>
      item.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
    );
    if (ready.length === size) return;
  }
  throw new Error('the members were not ready in time');
}

/** What is waited for, by name, until so many have seen it. */
function counters() {
  const waiting = new Map<string, { left: number; resolve: (at: number) => void }>();
  return {
    expect: (what: string, times: number) =>
      new Promise<number>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`${what} was not seen in time`)), LIMIT_MS);
        waiting.set(what, {
          left: times,
          resolve(at) {
            clearTimeout(timer);
            resolve(at);
          },
        });
      }),
    see(what: string) {
      const entry = waiting.get(what);
      if (entry === undefined || --entry.left > 0) return;
      waiting.delete(what);
      entry.resolve(performance.now());
    },
  };
}

async function rounds(host: Kube, members: readonly Kube[], size: number): Promise<Metric[]> {
  const seen = counters();
  const stops = await Promise.all([
    host.watch(DEPLOYMENTS, (line) => {
      const { object } = JSON.parse(line);
      if (object.status?.observedGeneration === object.metadata.generation) seen.see(`status ${object.metadata.name}`);
    }),
    ...members.map((member) =>
      member.watch(DEPLOYMENTS, (line) => {
        const { type, object } = JSON.parse(line);
        if (type === 'ADDED') seen.see(`there ${object.metadata.name}`);
      }),
    ),
  ]);
  const there: number[] = [];
  const back: number[] = [];
  const end = Date.now() + ROUNDS_MS;
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
    if (there.length >= LEAST_ROUNDS && Date.now() > end) break;
    const name = `w${round}`;
    await host.call('POST', DEPLOYMENTS, deployment(name));
    const awaited = Promise.all([seen.expect(`there ${name}`, size), seen.expect(`status ${name}`, 1)]);
    const began = performance.now();
    await host.call('POST', POLICIES, policy(name, 'apps/v1', 'Deployment', { name }));
    const [thereAt, backAt] = await awaited;
    if (round < WARM_UP_ROUNDS) continue;
    there.push(thereAt - began);
    back.push(Math.max(thereAt, backAt) - began);
  }
  await Promise.all(stops.map((stop) => stop()));
  return [
    metric(`to-${size}-members-p50`, percentile(there, 50), 'ms'),
    metric(`to-${size}-members-p99`, percentile(there, 99), 'ms'),
    metric(`status-of-${size}-p50`, percentile(back, 50), 'ms'),
    metric(`status-of-${size}-p99`, percentile(back, 99), 'ms'),
  ];
}

/** They are there already when one policy sends them to one member: nothing but the engine is in the way. */
async function many(engine: Program<unknown>, host: Kube, member: Kube): Promise<Metric[]> {
  progress(`${TEMPLATES} templates`);
  let next = 0;
  const written = Date.now() + WRITE_MS;
  const write = async (): Promise<void> => {
    while (next < TEMPLATES && Date.now() < written) {
      const name = `c${next++}`;
      await host.call('POST', CONFIG_MAPS, { metadata: { name, labels: { bench: 'many' } }, data: { a: 'b' } });
    }
  };
  await Promise.all(Array.from({ length: CALLS_AT_ONCE }, write));
  const count = next;
  let arrived = 0;
  const { promise: all, resolve } = Promise.withResolvers<void>();
  const stop = await member.watch(CONFIG_MAPS, (line) => {
    if (JSON.parse(line).type === 'ADDED' && ++arrived === count) resolve();
  });
  const began = performance.now();
  const spent = processorMs(engine.pid);
  const selector = { labelSelector: { matchLabels: { bench: 'many' } } };
  await host.call('POST', POLICIES, policy('many', 'v1', 'ConfigMap', selector, ['m000']));
  await Promise.race([all, sleep(MANY_MS)]);
  const seconds = (performance.now() - began) / 1000;
  await stop();
  return [
    metric('templates', arrived, 'count'),
    metric('works-per-second', arrived / seconds, '/s'),
    metric('works-cpu', (processorMs(engine.pid) - spent) / Math.max(1, arrived), 'ms'),
    metric('memory-templates', residentMb(engine.pid), 'MB'),
  ];
}

/** Processor time for one second of doing nothing. */
async function rest(engine: Program<unknown>, size: number): Promise<Metric> {
  const before = processorMs(engine.pid);
  await sleep(REST_MS);
  return metric(`rest-${size}-members`, ((processorMs(engine.pid) - before) * 1000) / REST_MS, 'ms');
}

function deployment(name: string): unknown {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'nginx:1.27' }] } };
  return { metadata: { name }, spec: { replicas: 1, selector: { matchLabels: labels }, template } };
}

function policy(name: string, apiVersion: string, kind: string, selector: object, clusterNames?: string[]): unknown {
  return {
    apiVersion: 'policy.karmada.io/v1alpha1',
    kind: 'PropagationPolicy',
    metadata: { name },
    spec: {
      resourceSelectors: [{ apiVersion, kind, ...selector }],
      placement: clusterNames === undefined ? {} : { clusterAffinity: { clusterNames } },
    },
  };
}
