/**
 * Logs, exec, attach, cp, port-forward, proxies and aggregated groups as kubectl meets them, in the oldest and the newest
 * version on this machine (SPDY before 1.30, WebSocket since), against an API server whose containers are local processes.
 */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type AggregatedApi, type ApiServer, type PodBackend, startApiServer } from '#engine/apiserver/index.ts';
import { adminOf, call } from '#engine/apiserver/test-support.ts';
import type { KubeClient } from '#engine/kube/index.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { Kubectl, kubectlPath, oldestAndNewestKubectl } from '../fixtures/kubectl.ts';
import { localBackend } from '../fixtures/pod-backend.ts';

const NODES = { group: '', version: 'v1', resource: 'nodes' };
const PODS = { group: '', version: 'v1', resource: 'pods' };
const SERVICES = { group: '', version: 'v1', resource: 'services' };
const RUNNING = { running: { startedAt: '2026-01-01T00:00:00Z' } };

const usage = (kind: string, name: string, namespace?: string): KubeObject => ({
  apiVersion: 'metrics.k8s.io/v1beta1',
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }), labels: { name } },
  timestamp: '2026-01-01T00:00:00Z',
  window: '20s',
  ...(kind === 'NodeMetrics'
    ? { usage: { cpu: '250m', memory: '512Mi' } }
    : { containers: [{ name: 'c', usage: { cpu: '5m', memory: '16Mi' } }] }),
});

const metrics: AggregatedApi = {
  group: 'metrics.k8s.io',
  version: 'v1beta1',
  service: { namespace: 'kube-system', name: 'metrics-server' },
  resources: [
    {
      resource: 'nodes',
      singular: '',
      kind: 'NodeMetrics',
      namespaced: false,
      get: (_namespace, name) => (name === 'n1' ? usage('NodeMetrics', 'n1') : undefined),
      list: () => [usage('NodeMetrics', 'n1')],
    },
    {
      resource: 'pods',
      singular: '',
      kind: 'PodMetrics',
      namespaced: true,
      get: (namespace, name) => usage('PodMetrics', name, namespace),
      list: () => [usage('PodMetrics', 'z', 'default'), usage('PodMetrics', 'a', 'default')],
    },
  ],
};

/** Followed logs are silent while it is set, and tell it when their reader has gone. */
let silence: (() => void) | null = null;
const backend: PodBackend = {
  ...localBackend,
  logs: (request, signal) => (silence === null ? localBackend.logs(request, signal) : silent(silence, signal)),
};

async function* silent(ended: () => void, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(0);
  await once(signal, 'abort');
  ended();
}

let folder: string;
let server: ApiServer;
let client: KubeClient;
let kubeconfig: string;
let web: Server;
/** What the pod's HTTP server answers with: more than fits any buffer on the way. */
const page = randomBytes(3 * 1024 * 1024);

async function runPod(name: string, containers: string[], state: object, lastState = {}): Promise<void> {
  const spec = { nodeName: 'n1', containers: containers.map((each) => ({ name: each, image: 'x', stdin: true })) };
  await client.create(PODS, { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' }, spec });
  const containerStatuses = containers.map((each) => ({
    name: each,
    image: 'x',
    imageID: '',
    ready: true,
    restartCount: 0,
    state,
    lastState,
  }));
  const status = { phase: 'Running', podIP: '10.0.0.1', containerStatuses };
  await client.patch(PODS, name, 'merge', { status }, { namespace: 'default', subresource: 'status' });
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'fleetdeck-streams-'));
  server = await startApiServer({ dir: null, name: 'streams', pods: backend, aggregated: [metrics] });
  client = server.client('test');
  kubeconfig = path.join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, server.kubeconfig());
  const capacity = { cpu: '2', memory: '4Gi' };
  await client.create(NODES, {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n1' },
    status: { capacity, allocatable: capacity },
  });
  await runPod('one', ['c'], RUNNING, { terminated: { exitCode: 1, containerID: 'containerd://before' } });
  await runPod('two', ['a', 'b'], RUNNING);
  await runPod('waiting', ['c'], { waiting: { reason: 'ImagePullBackOff' } });
  await client.create(PODS, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'homeless', namespace: 'default' },
    spec: { containers: [{ name: 'c', image: 'x' }] },
  });
  await client.create(SERVICES, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default' },
    spec: { ports: [{ name: 'http', port: 80 }], selector: { app: 'web' } },
  });
  web = createServer((_request, response) => response.end(page)).listen(0, '127.0.0.1');
  await once(web, 'listening');
});

afterAll(async () => {
  web.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const webPort = () => (web.address() as AddressInfo).port;

/** `port-forward` to the given ports; the local port of each. */
async function forwarded(kubectl: Kubectl, ports: number[]) {
  const child = kubectl.start(['port-forward', '--address', '127.0.0.1', 'one', ...ports.map((port) => `:${port}`)]);
  let errors = '';
  child.stderr?.on('data', (chunk) => {
    errors += chunk;
  });
  const local: number[] = [];
  for await (const line of createInterface(child.stdout as Readable)) {
    local.push(Number(/127\.0\.0\.1:(\d+)/.exec(line)?.[1]));
    if (local.length === ports.length) break;
  }
  child.stdout?.resume();
  return { local, errors: () => errors, end: () => child.kill(), ended: once(child, 'exit') };
}

async function fetchPage(port: number): Promise<Buffer> {
  return Buffer.from(await (await fetch(`http://127.0.0.1:${port}/`)).arrayBuffer());
}

describe.each(oldestAndNewestKubectl)('$name', ({ path: program }) => {
  const kubectl = () => new Kubectl(kubeconfig, program);

  test('exec carries output, errors and the exit code, and hands stdin over until it ends', async () => {
    const split = await kubectl().run(['exec', 'one', '--', 'sh', '-c', 'echo out; echo err >&2; exit 7']);
    expect(split).toMatchObject({ code: 7, stdout: 'out\n' });
    expect(split.stderr).toContain('err\ncommand terminated with exit code 7');
    const text = 'line\n'.repeat(40_000);
    expect(await kubectl().run(['exec', '-i', 'one', '--', 'cat'], text)).toMatchObject({ code: 0, stdout: text });
  });

  test('exec tells what cannot be run and what does not run', async () => {
    const missing = await kubectl().run(['exec', 'one', '--', 'no-such-program']);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain('Internal error occurred: error executing command in container: ');
    const waiting = await kubectl().run(['exec', 'waiting', '--', 'ls']);
    expect(waiting.stderr).toContain('unable to upgrade connection: container not found ("c")');
    const wrong = await kubectl().run(['exec', 'one', '-c', 'nope', '--', 'ls']);
    expect(wrong.stderr).toMatch(/container nope (is not valid for|not found in) pod one/);
    const homeless = await kubectl().run(['exec', 'homeless', '--', 'ls']);
    expect(homeless.stderr).toContain('pod homeless does not have a host assigned');
  });

  test('attach talks to the running process', async () => {
    const { stdout } = await kubectl().run(['attach', '-i', 'one'], 'hello\n');
    expect(stdout).toContain('attached to c\nhello\n');
  });

  test('cp brings files in and out unharmed', async () => {
    const [source, inside, back] = ['source', 'inside', 'back'].map((name) => path.join(folder, name));
    writeFileSync(source!, randomBytes(2 * 1024 * 1024));
    await kubectl().ok(['cp', source!, `one:${inside}`]);
    await kubectl().ok(['cp', `one:${inside}`, back!]);
    const digest = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');
    expect(digest(back!)).toBe(digest(source!));
  });

  test('port-forward carries several connections at once and tells which one failed', async () => {
    const forward = await forwarded(kubectl(), [webPort(), 1]);
    const pages = await Promise.all([1, 2, 3, 4].map(() => fetchPage(forward.local[0]!)));
    for (const received of pages) expect(received.equals(page)).toBe(true);
    await expect(fetchPage(forward.local[1]!)).rejects.toThrow();
    await expect.poll(forward.errors).toContain('error forwarding port 1 to pod one');
    forward.end();
    await forward.ended;
  });
});

describe.skipIf(kubectlPath === null)('logs', () => {
  const kubectl = () => new Kubectl(kubeconfig);

  test('of one container, of all, of the run before, the last lines, with times', async () => {
    expect(await kubectl().ok(['logs', 'one', '--tail=2'])).toBe('c 3\nc 4\n');
    expect(await kubectl().ok(['logs', 'one', '--previous', '--tail=1'])).toBe('before c 4\n');
    // kubectl asks for them in no order.
    const all = await kubectl().ok(['logs', 'two', '--all-containers', '--tail=1']);
    expect(all.trim().split('\n').sort()).toEqual(['a 4', 'b 4']);
    expect(await kubectl().ok(['logs', 'one', '--tail=1', '--timestamps'])).toBe(
      '2026-01-01T00:00:04.000000000Z c 4\n',
    );
    expect(await kubectl().ok(['logs', 'one', '--limit-bytes=5'])).toBe('c 0\nc');
    expect(await kubectl().ok(['logs', 'homeless'])).toBe('');
  });

  test('that cannot be had say why', async () => {
    const { stderr } = await kubectl().run(['logs', 'waiting']);
    expect(stderr).toBe(
      'Error from server (BadRequest): container "c" in pod "waiting" is waiting to start: trying and failing to pull image\n',
    );
    const previous = await kubectl().run(['logs', 'two', '-c', 'b', '--previous']);
    expect(previous.stderr).toContain('previous terminated container "b" in pod "two" not found');
  });

  test('that are followed arrive as they come, and end with the reader', async () => {
    const child = kubectl().start(['logs', '-f', 'one', '--tail=0']);
    for await (const line of createInterface(child.stdout as Readable)) if (line === 'beat 3') break;
    child.kill();
    await once(child, 'exit');
  });

  test('refuse senseless options in the words of the real server', async () => {
    const get = (query: string) =>
      call(server, adminOf(server), 'GET', `/api/v1/namespaces/default/pods/one/log?${query}`);
    expect((await get('tailLines=-1&limitBytes=0')).json.message).toBe(
      'PodLogOptions "one" is invalid: [tailLines: Invalid value: -1: must be greater than or equal to 0, limitBytes: Invalid value: 0: must be greater than 0]',
    );
    expect((await call(server, adminOf(server), 'GET', '/api/v1/namespaces/default/pods/two/log')).json.message).toBe(
      'a container name must be specified for pod two, choose one of: [a b]',
    );
  });
});

describe('websockets', () => {
  const open = (target: string, protocols: string[]) => {
    const { ca, cert, key } = adminOf(server);
    return new WebSocket(`${server.server.replace('https', 'wss')}${target}`, protocols, { ca, cert, key });
  };
  const EXEC = '/api/v1/namespaces/default/pods/one/exec?stdout=true&stdin=true&command=cat';

  test('version 5 closes stdin by itself; the exit comes as a Status', async () => {
    const socket = open(EXEC, ['v5.channel.k8s.io']);
    const messages: Buffer[] = [];
    socket.on('message', (data: Buffer) => messages.push(data));
    await once(socket, 'open');
    socket.send(Buffer.from([0, ...Buffer.from('hello')]));
    socket.send(Buffer.from([255, 0]));
    const [code] = await once(socket, 'close');
    expect(code).toBe(1000);
    const of = (channel: number) =>
      Buffer.concat(messages.filter((data) => data[0] === channel).map((data) => data.subarray(1))).toString();
    expect(of(1)).toBe('hello');
    expect(JSON.parse(of(3))).toEqual({ metadata: {}, status: 'Success' });
  });

  test('the base64 variant is text', async () => {
    const socket = open(EXEC.replace('stdin=true&', '').replace('=cat', '=pwd'), ['v4.base64.channel.k8s.io']);
    const messages: string[] = [];
    socket.on('message', (data: Buffer) => messages.push(data.toString()));
    await once(socket, 'close');
    expect(socket.protocol).toBe('v4.base64.channel.k8s.io');
    const stdout = messages.filter((text) => text.startsWith('1')).map((text) => Buffer.from(text.slice(1), 'base64'));
    expect(Buffer.concat(stdout).toString()).toBe(`${process.cwd()}\n`);
  });

  test('a terminal learns its size', async () => {
    const target = '/api/v1/namespaces/default/pods/one/exec?stdout=true&stdin=true&tty=true&command=cat';
    const socket = open(target, ['v5.channel.k8s.io']);
    let text = '';
    socket.on('message', (data: Buffer) => {
      if (data[0] === 1) text += data.subarray(1).toString();
      if (text.includes('120x40')) socket.send(Buffer.from([255, 0]));
    });
    await once(socket, 'open');
    socket.send(Buffer.concat([Buffer.of(4), Buffer.from('{"Width":120,"Height":40}')]));
    await once(socket, 'close');
    expect(text).toBe('120x40\n');
  });

  test('port-forward in its oldest form names the port on each channel first', async () => {
    const socket = open(`/api/v1/namespaces/default/pods/one/portforward?ports=${webPort()}`, ['v4.channel.k8s.io']);
    const data: Buffer[] = [];
    socket.on('message', (message: Buffer) => message[0] === 0 && data.push(message.subarray(1)));
    await once(socket, 'open');
    socket.send(Buffer.concat([Buffer.of(0), Buffer.from('GET / HTTP/1.0\r\n\r\n')]));
    await once(socket, 'close');
    expect(data[0]?.readUInt16LE(0)).toBe(webPort());
    expect(Buffer.concat(data.slice(1)).subarray(-page.length).equals(page)).toBe(true);
  });

  const LOG = '/api/v1/namespaces/default/pods/one/log';

  test.each([
    ['without a subprotocol', [], true, (data: Buffer) => data],
    ['as bytes', ['binary.k8s.io'], true, (data: Buffer) => data],
    ['as base64', ['base64.binary.k8s.io'], false, (data: Buffer) => Buffer.from(data.toString(), 'base64')],
  ])('logs %s: an empty message, then the text, then the end', async (_how, protocols, bytes, decode) => {
    const socket = open(`${LOG}?tailLines=2`, protocols);
    const messages: Buffer[] = [];
    socket.on('message', (data: Buffer, binary: boolean) => {
      expect(binary).toBe(bytes);
      messages.push(data);
    });
    const [code] = await once(socket, 'close');
    expect([code, socket.protocol]).toEqual([1000, protocols[0] ?? '']);
    expect(messages[0]?.length).toBe(0);
    expect(Buffer.concat(messages.map(decode)).toString()).toBe('c 3\nc 4\n');
  });

  test('followed logs go on until the client leaves, also while the container says nothing', async () => {
    const socket = open(`${LOG}?follow=true&tailLines=0`, []);
    let text = '';
    socket.on('message', (data: Buffer) => {
      text += data.toString();
      if (text.includes('beat 2')) socket.close();
    });
    await once(socket, 'close');
    expect(text).toContain('beat 0\nbeat 1\nbeat 2\n');
    const left = new Promise<void>((resolve) => {
      silence = resolve;
    });
    const waiting = open(`${LOG}?follow=true`, []);
    const [first] = await once(waiting, 'message');
    expect(first.length).toBe(0);
    waiting.close();
    await left;
    silence = null;
  });

  test('what cannot be upgraded is refused in HTTP', async () => {
    const refused = (target: string, protocols: string[]) =>
      new Promise<number | undefined>((resolve) => {
        const socket = open(target, protocols);
        socket.on('error', () => undefined);
        socket.on('unexpected-response', (_request, response) => resolve(response.statusCode));
      });
    expect(await refused(EXEC, ['v9.channel.k8s.io'])).toBe(403);
    expect(await refused(LOG, ['v5.channel.k8s.io'])).toBe(403);
    expect(await refused(`${LOG}?container=none`, [])).toBe(400);
    expect(await refused(EXEC.replace('/one/', '/none/'), ['v5.channel.k8s.io'])).toBe(404);
    expect(
      await refused('/api/v1/namespaces/default/pods/waiting/exec?stdout=1&command=ls', ['v4.channel.k8s.io']),
    ).toBe(500);
    const plain = await call(server, adminOf(server), 'GET', EXEC);
    expect([plain.status, plain.json.message]).toEqual([400, 'Upgrade request required']);
  });
});

describe('proxies', () => {
  const get = (target: string, method = 'GET', body?: string) =>
    call(server, adminOf(server), method, target, { ...(body === undefined ? {} : { body }) });

  test('pass requests on, without the credentials of the caller', async () => {
    const base = '/api/v1/namespaces/default/services/https:web:http/proxy';
    const { status, headers, json } = await get(`${base}/a%20b/?x=1`, 'POST', '{"a":1}');
    expect(status).toBe(200);
    expect(json).toMatchObject({
      resource: 'services',
      object: 'web',
      scheme: 'https',
      port: 'http',
      method: 'POST',
      path: '/a%20b/?x=1',
      body: '{"a":1}',
      user: { username: 'kubernetes-admin' },
    });
    expect(json.headers).not.toHaveProperty('host');
    expect(headers.location).toBe(`${base}/elsewhere`);
    expect((await get('/api/v1/nodes/n1/proxy/teapot')).status).toBe(418);
  });

  test('send those who forget the last slash to the root', async () => {
    const { status, headers } = await get('/api/v1/namespaces/default/pods/one:8080/proxy?a=b');
    expect([status, headers.location]).toEqual([301, '/api/v1/namespaces/default/pods/one:8080/proxy/?a=b']);
  });

  test('of nothing are not found', async () => {
    expect((await get('/api/v1/namespaces/default/services/none/proxy/')).json.message).toBe(
      'services "none" not found',
    );
    expect((await get('/api/v1/namespaces/default/services/a:b:c:d/proxy/')).status).toBe(400);
  });
});

describe('aggregated groups', () => {
  const get = (target: string, accept = 'application/json') =>
    call(server, adminOf(server), 'GET', target, { headers: { accept } });

  test('are discovered, listed in order, selected and found by name', async () => {
    const group = (await get('/apis')).json.groups.find((each: { name: string }) => each.name === 'metrics.k8s.io');
    expect(group.preferredVersion.groupVersion).toBe('metrics.k8s.io/v1beta1');
    const list = (await get('/apis/metrics.k8s.io/v1beta1/namespaces/default/pods')).json;
    expect(list.kind).toBe('PodMetricsList');
    expect(list.items.map((item: KubeObject) => item.metadata.name)).toEqual(['a', 'z']);
    const selected = (await get('/apis/metrics.k8s.io/v1beta1/pods?labelSelector=name%3Dz')).json;
    expect(selected.items).toHaveLength(1);
    expect((await get('/apis/metrics.k8s.io/v1beta1/nodes/n2')).json.message).toBe(
      'nodes.metrics.k8s.io "n2" not found',
    );
    expect((await call(server, adminOf(server), 'DELETE', '/apis/metrics.k8s.io/v1beta1/nodes/n1')).status).toBe(405);
  });

  test.skipIf(kubectlPath === null)('serve kubectl top', async () => {
    const kubectl = new Kubectl(kubeconfig);
    expect(await kubectl.ok(['top', 'nodes'])).toMatch(/n1 +250m +12% +512Mi +12%/);
    expect(await kubectl.ok(['top', 'pods'])).toMatch(/a +5m +16Mi/);
    expect(await kubectl.ok(['get', 'apiservices'])).toContain('v1beta1.metrics.k8s.io');
  });
});

describe('without a backend', () => {
  let bare: ApiServer;
  beforeAll(async () => {
    bare = await startApiServer({ dir: null, name: 'bare' });
    const made = bare.client('test');
    await made.create(NODES, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'lost' } });
    for (const [name, nodeName] of Object.entries({ here: 'lost', there: 'gone' }))
      await made.create(PODS, {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace: 'default' },
        spec: { nodeName, containers: [{ name: 'c', image: 'x' }] },
      });
  });
  afterAll(() => bare.close());

  test('the server answers as one that cannot reach its nodes', async () => {
    const get = async (target: string) => {
      const { status, json } = await call(bare, adminOf(bare), 'GET', `/api/v1/namespaces/default/pods/${target}`);
      return [status, json.message];
    };
    expect(await get('here/log')).toEqual([500, 'no preferred addresses found; known addresses: []']);
    expect(await get('there/exec?command=ls')).toEqual([404, 'pods "gone" not found']);
    expect(await get('here/proxy/')).toEqual([400, 'address not allowed']);
  });
});
