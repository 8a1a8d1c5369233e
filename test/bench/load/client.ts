/**
 * The client of the API server bench, in a process of its own so that the server does not measure its client: one job at
 * a time over a fixed number of kept connections (TLS, client certificate), each with one request under way.
 */
import { percentile } from '../frame.ts';
import { connect, type Kube } from '../kube.ts';
import { objectOf, patchOf, resourceOf } from './objects.ts';
import type { LoadJob, LoadResult, LoadTarget } from './protocol.ts';

/** How long the last events may take after the last answer. */
const LATE_EVENTS_MS = 2000;

let target: LoadTarget;
let kube: Kube;
/** Of all jobs: no patch repeats what an earlier one wrote. */
let patches = 0;

process.on('message', (message: { target: LoadTarget } | { job: LoadJob }) => {
  if ('target' in message) {
    target = message.target;
    kube = connect(target.kubeconfig, target.connections);
    process.send?.({ connected: true });
    return;
  }
  run(message.job).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ error: String(error instanceof Error ? error.stack : error) }),
  );
});

async function run(job: LoadJob): Promise<LoadResult> {
  const times: number[] = [];
  const sent = new Map<string, number>();
  const watch = job.watch === true ? await startWatch(job, sent) : null;
  const began = performance.now();
  const until = began + job.ms;
  let next = 0;
  const worker = async (): Promise<void> => {
    for (;;) {
      const index = next++;
      if ((job.verb === 'create' || job.verb === 'delete') && index >= job.objects) return;
      if (job.rate !== undefined) await untilTime(began + (index * 1000) / job.rate);
      const start = performance.now();
      if (start >= until) return;
      await send(job, index, sent, start);
      times.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: target.connections }, worker));
  const ms = performance.now() - began;
  const result: LoadResult = { operations: times.length, ms, p50: percentile(times, 50), p99: percentile(times, 99) };
  if (watch === null) return result;
  const delays = await watch.end(times.length);
  return { ...result, watchP50: percentile(delays, 50), watchP99: percentile(delays, 99) };
}

async function send(job: LoadJob, index: number, sent: Map<string, number>, at: number): Promise<void> {
  const collection = collectionOf(job);
  const name = `${job.prefix}${index % job.objects}`;
  switch (job.verb) {
    case 'create':
      sent.set(name, at);
      await kube.call('POST', collection, objectOf(job.kind, name));
      return;
    case 'patch':
      patches += 1;
      sent.set(`${name} ${patches}`, at);
      await kube.call('PATCH', `${collection}/${name}`, patchOf(job.kind, patches));
      return;
    case 'get':
      await kube.call('GET', `${collection}/${name}`);
      return;
    case 'list':
      await kube.call('GET', `${collection}${job.query ?? ''}`);
      return;
    case 'delete':
      await kube.call('DELETE', `${collection}/${name}`);
  }
}

function collectionOf(job: LoadJob): string {
  return `/api/v1/namespaces/${job.namespace}/${resourceOf[job.kind]}`;
}

async function untilTime(at: number): Promise<void> {
  const wait = at - performance.now();
  if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
}

/** Follows the namespace from now on. */
async function startWatch(job: LoadJob, sent: Map<string, number>) {
  const delays: number[] = [];
  const stop = await kube.watch(collectionOf(job), (line) => {
    const start = sent.get(keyOf(job, line));
    if (start !== undefined) delays.push(performance.now() - start);
  });
  return {
    /** Delays of the events, once all have come. */
    async end(expected: number): Promise<number[]> {
      const until = performance.now() + LATE_EVENTS_MS;
      while (delays.length < expected && performance.now() < until) await untilTime(performance.now() + 20);
      await stop();
      if (delays.length < expected) throw new Error(`${expected} writes, but only ${delays.length} events`);
      return delays;
    },
  };
}

/** Which write an event belongs to: name, and for patches the counter. Cheaper than to parse the whole object. */
function keyOf(job: LoadJob, line: string): string {
  const name = /"name":"([^"]*)"/.exec(line)?.[1] ?? '';
  if (job.verb !== 'patch') return name;
  return `${name} ${/counter":"(\d+)"/.exec(line)?.[1]}`;
}

process.on('disconnect', () => process.exit(0));
