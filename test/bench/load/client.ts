/**
 * The client of the API server bench, in a process of its own so that the server does not measure its client: one job at
 * a time over a fixed number of kept connections (TLS, client certificate), each with one request under way.
 */
import { Agent } from 'undici';
import { percentile } from '../frame.ts';
import { objectOf, patchOf, resourceOf } from './objects.ts';
import type { LoadJob, LoadResult, LoadTarget } from './protocol.ts';

/** How long the last events may take after the last answer. */
const LATE_EVENTS_MS = 2000;

let target: LoadTarget;
let agent: Agent;
/** Of all jobs: no patch repeats what an earlier one wrote. */
let patches = 0;

process.on('message', (message: { target: LoadTarget } | { job: LoadJob }) => {
  if ('target' in message) {
    target = message.target;
    agent = newAgent(target.connections);
    process.send?.({ connected: true });
    return;
  }
  run(message.job).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ error: String(error instanceof Error ? error.stack : error) }),
  );
});

function newAgent(connections: number): Agent {
  const { caCertificate: ca, clientCertificate: cert, clientKey: key } = target;
  return new Agent({
    connections,
    pipelining: 1,
    allowH2: false,
    connect: { ca, cert, key },
    keepAliveTimeout: 60_000,
    bodyTimeout: 0,
  });
}

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
  const collection = `/api/v1/namespaces/${job.namespace}/${resourceOf[job.kind]}`;
  const name = `${job.prefix}${index % job.objects}`;
  const request = (method: string, path: string, type?: string, body?: unknown) =>
    call(method, path, type, body === undefined ? undefined : JSON.stringify(body));
  switch (job.verb) {
    case 'create':
      sent.set(name, at);
      return request('POST', collection, 'application/json', objectOf(job.kind, name));
    case 'patch':
      patches += 1;
      sent.set(`${name} ${patches}`, at);
      return request('PATCH', `${collection}/${name}`, 'application/merge-patch+json', patchOf(job.kind, patches));
    case 'get':
      return request('GET', `${collection}/${name}`);
    case 'list':
      return request('GET', `${collection}${job.query ?? ''}`);
    case 'delete':
      return request('DELETE', `${collection}/${name}`);
  }
}

async function call(method: string, path: string, type: string | undefined, body: string | undefined): Promise<void> {
  const headers = { 'user-agent': 'bench/1', ...(type === undefined ? {} : { 'content-type': type }) };
  const options = { origin: target.server, method: method as 'GET', path, headers, body };
  const { statusCode, body: answer } = await agent.request(options);
  if (statusCode >= 300) throw new Error(`${method} ${path}: ${statusCode} ${await answer.text()}`);
  await answer.arrayBuffer();
}

async function untilTime(at: number): Promise<void> {
  const wait = at - performance.now();
  if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
}

/** Follows the namespace from now on, over a connection of its own. */
async function startWatch(job: LoadJob, sent: Map<string, number>) {
  const own = newAgent(1);
  const path = `/api/v1/namespaces/${job.namespace}/${resourceOf[job.kind]}?limit=1`;
  const list = await own.request({ origin: target.server, method: 'GET', path });
  const { metadata } = (await list.body.json()) as { metadata: { resourceVersion: string } };
  const { body } = await own.request({
    origin: target.server,
    method: 'GET',
    path: `${path.slice(0, path.indexOf('?'))}?watch=true&resourceVersion=${metadata.resourceVersion}`,
  });
  const delays: number[] = [];
  let rest = '';
  body.setEncoding('utf8');
  body.on('error', () => {});
  body.on('data', (text: string) => {
    const at = performance.now();
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const start = sent.get(keyOf(job, line));
      if (start !== undefined) delays.push(at - start);
    }
  });
  return {
    /** Delays of the events, once all have come. */
    async end(expected: number): Promise<number[]> {
      const until = performance.now() + LATE_EVENTS_MS;
      while (delays.length < expected && performance.now() < until) await untilTime(performance.now() + 20);
      body.destroy();
      await own.destroy();
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
