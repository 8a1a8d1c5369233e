/** kubectl in a member through the federation: `--server .../clusters/NAME/proxy`, over TLS on both ways. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline, Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiServer, startApiServer } from '#engine/apiserver/index.ts';
import { CLUSTERS } from '#engine/federation/api.ts';
import { FEDERATION_CRDS } from '#engine/federation/crds.ts';
import { connectExternal, type ExternalConnection } from '#engine/federation/external/connect.ts';
import { memberProxy } from '#engine/federation/service/member-proxy.ts';
import { AppError } from '#shared/errors.ts';
import { Kubectl, kubectlPath, oldestAndNewestKubectl } from '../fixtures/kubectl.ts';
import { localBackend } from '../fixtures/pod-backend.ts';

const PODS = { group: '', version: 'v1', resource: 'pods' };
const PAGE = 'x'.repeat(300_000);
let folder: string;
let member: ApiServer;
let hub: ApiServer;
let connection: ExternalConnection;
let kubeconfig: string;
let web: Server;
/** Bytes of the endless answer that its connection has taken. */
let taken = 0;

/** Lines of 16 bytes with their number, as fast as somebody takes them. */
function endless(response: ServerResponse): void {
  taken = 0;
  let line = 0;
  const numbers = function* () {
    for (;;) yield Array.from({ length: 4096 }, () => `${String(line++).padStart(15, '0')}\n`).join('');
  };
  const source = Readable.from(numbers(), { objectMode: false }).on('data', (chunk) => {
    taken += chunk.length;
  });
  pipeline(source, response, () => source.destroy());
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'fleetdeck-member-proxy-'));
  member = await startApiServer({ dir: null, name: 'west', pods: localBackend });
  const inMember = member.client('test');
  await inMember.create(PODS, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'one', namespace: 'default' },
    spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'x', stdin: true }] },
  });
  const running = { running: { startedAt: '2026-01-01T00:00:00Z' } };
  const statuses = [
    { name: 'c', image: 'x', imageID: '', ready: true, restartCount: 0, state: running, lastState: {} },
  ];
  const status = { phase: 'Running', podIP: '10.0.0.1', containerStatuses: statuses };
  await inMember.patch(PODS, 'one', 'merge', { status }, { namespace: 'default', subresource: 'status' });
  connection = await connectExternal(member.kubeconfig(), undefined);
  hub = await startApiServer({
    dir: null,
    name: 'hub',
    customResources: FEDERATION_CRDS,
    proxies: [
      memberProxy((name) => {
        if (name === 'west') return connection.client;
        throw new AppError('CLUSTER_UNREACHABLE', 'connection refused', { cluster: name });
      }),
    ],
  });
  for (const name of ['west', 'gone'])
    await hub.client('test').create(CLUSTERS, {
      apiVersion: 'cluster.karmada.io/v1alpha1',
      kind: 'Cluster',
      metadata: { name },
      spec: { syncMode: 'Push' },
    });
  kubeconfig = path.join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, hub.kubeconfig());
  web = createServer((request, response) => {
    if (request.url === '/endless') endless(response);
    else response.end(PAGE);
  }).listen(0, '127.0.0.1');
  await once(web, 'listening');
});
afterAll(async () => {
  web?.close();
  await connection?.close();
  await hub?.close();
  await member?.close();
  rmSync(folder, { recursive: true, force: true });
});

const through = (name: string) => ['--server', `${hub.server}/apis/cluster.karmada.io/v1alpha1/clusters/${name}/proxy`];
/** The oldest speaks SPDY, the newest WebSocket. */
describe.skipIf(kubectlPath === null).each(oldestAndNewestKubectl)(
  '$name in a member through the federation',
  ({ path: program }) => {
    const kubectl = () => new Kubectl(kubeconfig, program);

    test('runs commands, with input, output and exit code', async () => {
      const split = await kubectl().run([
        ...through('west'),
        'exec',
        'one',
        '--',
        'sh',
        '-c',
        'echo out; echo err >&2; exit 7',
      ]);
      expect(split).toMatchObject({ code: 7, stdout: 'out\n' });
      expect(split.stderr).toContain('err\n');
      const echoed = await kubectl().run([...through('west'), 'exec', '-i', 'one', '--', 'cat'], PAGE);
      expect(echoed).toMatchObject({ code: 0, stdout: PAGE });
    });

    test('is told what the member says when it cannot', async () => {
      const missing = await kubectl().run([...through('west'), 'exec', 'none', '--', 'ls']);
      expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('pods "none" not found') });
      const gone = await kubectl().run([...through('gone'), 'exec', 'one', '--', 'ls']);
      expect(gone).toMatchObject({ code: 1, stderr: expect.stringContaining('ServiceUnavailable') });
    });

    test('follows logs as they come', async () => {
      const child = kubectl().start([...through('west'), 'logs', '-f', 'one', '--tail=0']);
      for await (const line of createInterface(child.stdout as Readable)) if (line === 'beat 3') break;
      child.kill();
      await once(child, 'exit');
    });

    /** The local port of a port-forward to the web server, and its program. */
    const forwarded = async () => {
      const { port } = web.address() as AddressInfo;
      const child = kubectl().start([...through('west'), 'port-forward', '--address', '127.0.0.1', 'one', `:${port}`]);
      let local = 0;
      for await (const line of createInterface(child.stdout as Readable)) {
        local = Number(/127\.0\.0\.1:(\d+)/.exec(line)?.[1]);
        break;
      }
      child.stdout?.resume();
      return { child, local };
    };

    test('forwards ports', async () => {
      const { child, local } = await forwarded();
      expect(await (await fetch(`http://127.0.0.1:${local}/`)).text()).toBe(PAGE);
      child.kill();
      await once(child, 'exit');
    });

    test('holds a forwarded stream back for a reader that pauses, and loses nothing of it', async () => {
      const { child, local } = await forwarded();
      const socket = connect(local, '127.0.0.1');
      socket.write('GET /endless HTTP/1.0\r\n\r\n');
      await once(socket, 'readable');
      // What is on its way fills what there is of buffers, then nothing more is taken.
      for (let looks = 0, seen = -1; looks < 10; looks++) {
        if (taken !== seen) looks = 0;

        seen = taken;
        await wait(50);
      }
      expect(taken).toBeGreaterThan(0);
      expect(taken).toBeLessThan(64 * 2 ** 20);
      const enough = taken + 2 ** 20;
      const chunks: Buffer[] = [];
      let size = 0;
      for await (const chunk of socket as AsyncIterable<Buffer>) {
        chunks.push(chunk);
        size += chunk.length;
        if (size > enough) break;
      }
      const [, body = ''] = Buffer.concat(chunks).toString('latin1').split('\r\n\r\n', 2);
      const lines = body.split('\n').slice(0, -1);
      expect(lines.findIndex((text, index) => Number(text) !== index)).toBe(-1);
      child.kill();
      await once(child, 'exit');
    });

    test('watches, reads and writes', async () => {
      const child = kubectl().start([...through('west'), 'get', 'pods', '-w', '-o', 'name']);
      const lines = createInterface(child.stdout as Readable)[Symbol.asyncIterator]();
      expect((await lines.next()).value).toBe('pod/one');
      await kubectl().ok([...through('west'), 'label', 'pod', 'one', '--overwrite', `seen=${Date.now()}`]);
      expect((await lines.next()).value).toBe('pod/one');
      child.kill();
      await once(child, 'exit');
    });
  },
);
