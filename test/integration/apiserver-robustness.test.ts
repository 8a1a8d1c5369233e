/**
 * What no client should send, sent to a server in a process of its own: every request is answered or its connection
 * closed, nothing is answered with an internal error, the process lives on and gives back what it took.
 * `FLEETDECK_TEST_SEED` repeats a run.
 */
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ApiServerProcess } from '../fixtures/apiserver-process.ts';
import { eventually } from '../fixtures/kubectl.ts';
import { randomOf } from '../fixtures/random.ts';

const seed = Number(process.env.FLEETDECK_TEST_SEED ?? Date.now() % 1_000_000);
const MAPS = '/api/v1/namespaces/default/configmaps';
/** No request aims here: a broken body may well be a valid change, such as an owner that does not exist. */
const WITNESSES = '/api/v1/namespaces/kube-public/configmaps';

let server: ApiServerProcess;
let random: () => number;
beforeAll(async () => {
  server = await ApiServerProcess.start([]);
  random = randomOf(seed);
  for (const path of [MAPS, WITNESSES])
    await server.call('POST', path, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'target' },
      data: { a: '1' },
    });
});
afterAll(async () => {
  expect(server.alive, 'the server after everything').toBe(true);
  expect(await server.end('SIGTERM')).toBe(0);
});

const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
const bytes = (length: number) => Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));

async function serves(): Promise<void> {
  expect((await server.call('GET', `${WITNESSES}/target`)).status).toBe(200);
}

const JSON_TYPES = [
  'application/json',
  'application/merge-patch+json',
  'application/json-patch+json',
  'application/strategic-merge-patch+json',
];
const TYPES = [
  ...JSON_TYPES,
  'application/yaml',
  'application/apply-patch+yaml',
  'application/vnd.kubernetes.protobuf',
  'text/plain',
  'multipart/form-data; boundary=x',
  ';;;',
];
const VALID = JSON.stringify({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    name: 'fuzz',
    labels: { a: 'b' },
    ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u' }],
  },
  data: { key: 'value' },
});

const BODIES: readonly (() => Buffer)[] = [
  () => bytes(Math.floor(random() * 2000)),
  () => Buffer.from(VALID.slice(0, Math.floor(random() * VALID.length))),
  // One byte of something valid changed, so that UTF-8, structure or types break.
  () => {
    const changed = Buffer.from(VALID);
    changed[Math.floor(random() * changed.length)] = Math.floor(random() * 256);
    return changed;
  },
  () => Buffer.from('['.repeat(1_000_000)),
  () => Buffer.from(`${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`),
  () =>
    Buffer.from(
      `{"apiVersion":"v1","kind":"ConfigMap","metadata":${'{"labels":'.repeat(5_000)}{}${'}'.repeat(5_000)}}`,
    ),
  () =>
    Buffer.from(
      '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"metadata":{"name":"x"}}',
    ),
  () =>
    Buffer.from('{"apiVersion":1e999,"kind":[],"metadata":{"name":{"a":1},"resourceVersion":-0,"generation":1e400}}'),
  () =>
    Buffer.from(
      `a: &a [x, x, x, x]\n${Array.from({ length: 30 }, (_, i) => `b${i}: &b${i} [*a, *a, *a, *a${i > 0 ? `, *b${i - 1}, *b${i - 1}` : ''}]`).join('\n')}`,
    ),
  () => Buffer.from('!!js/function "process.exit()"\n---\n- ? {a: b}\n  : c'),
  () => Buffer.concat([Buffer.from('k8s\0'), bytes(200)]),
  () => Buffer.from('null'),
  () => Buffer.from('"text"'),
  () => Buffer.from('[{"op":"replace","path":"/metadata/~2/../x","value":1},{"op":"copy","from":"","path":"/data"},7]'),
  () =>
    Buffer.from(
      '{"spec":{"$patch":"replace","$setElementOrder/containers":3,"containers":{"$deleteFromPrimitiveList":1}}}',
    ),
  () => Buffer.alloc(0),
];

const TARGETS: readonly [method: string, path: string][] = [
  ['POST', MAPS],
  ['PUT', `${MAPS}/target`],
  ['PATCH', `${MAPS}/target?fieldManager=fuzz`],
  ['DELETE', `${MAPS}/none`],
  ['DELETE', `${MAPS}?labelSelector=none`],
  ['POST', '/apis/apps/v1/namespaces/default/deployments?fieldValidation=Strict'],
  ['PATCH', '/apis/apps/v1/namespaces/default/deployments/none/scale'],
  ['POST', '/api/v1/namespaces/default/pods/none/eviction'],
  ['POST', '/api/v1/namespaces/default/pods/none/binding'],
  ['POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'],
  ['POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'],
  ['POST', '/apis/rbac.authorization.k8s.io/v1/clusterroles'],
  ['POST', '/api/v1/namespaces/default/serviceaccounts/default/token'],
];

/**
 * An element without its merge key in a strategic merge patch, and an applied field that no schema has (recorded in
 * test/conformance): kube-apiserver has no better answer than 500, either.
 */
const isAnswerOfTheRealServer = ({ code, message }: { code: number; message: string }) =>
  code === 500 &&
  (message === 'target.name: Required value' ||
    message.includes('does not contain declared merge key') ||
    [
      'failed to create typed patch object (',
      'failed to convert new object (',
      'list element types are not identical: ',
    ].some((text) => message.startsWith(text)));

describe(`what is malformed (seed ${seed})`, () => {
  test('bodies of every content type are judged, never an internal error', async () => {
    const strange: string[] = [];
    for (const [index, body] of BODIES.entries())
      for (const [method, path] of TARGETS)
        for (const type of [pick(JSON_TYPES), pick(TYPES)]) {
          const { status, json } = await server.call(method, path, body(), type);
          if (status >= 500 && !isAnswerOfTheRealServer(json))
            strange.push(`${method} ${path} ${type} body ${index}: ${status} ${JSON.stringify(json).slice(0, 300)}`);
        }
    expect(strange).toEqual([]);
    await serves();
  });

  test('paths and queries of all sorts are answered', async () => {
    const parts = [
      'api',
      'apis',
      'v1',
      'apps',
      'namespaces',
      'default',
      'pods',
      '..',
      '.',
      '',
      '%00',
      '%2f',
      '%2e%2e',
      '%ff',
      'status',
      'log',
      'proxy',
      '__proto__',
      'constructor',
      'x'.repeat(5000),
      'watch',
      '*',
      '%F0%9F%92%A9',
    ];
    const queries = [
      'watch=maybe',
      'limit=-1',
      'limit=1e9',
      'limit=99999999999999999999',
      'continue=%00',
      'continue=e30',
      'continue=bnVsbA',
      'continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiJhIn0',
      'resourceVersion=-1',
      'resourceVersion=1e3',
      'labelSelector=%3D%3D!',
      'labelSelector=a%20in%20(',
      'fieldSelector=a%3D%5C',
      'timeoutSeconds=-5&watch=0',
      'sendInitialEvents=x',
      'resourceVersionMatch=Exact',
      '&&&=&',
      '%',
      'pretty=true',
      'dryRun=Some',
    ];
    const strange: string[] = [];
    for (let index = 0; index < 120; index++) {
      const depth = 1 + Math.floor(random() * 7);
      const path = `/${pick(['api/v1', 'apis/apps/v1', pick(parts)])}/${Array.from({ length: depth }, () => pick(parts)).join('/')}`;
      const { status } = await raw(
        `${pick(['GET', 'DELETE', 'HEAD', 'PURGE'])} ${path}?${pick(queries)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      );
      // A watch or a proxy of nothing is an internal error of the real server, too.
      const ofNothing = /^\/(api|apis\/[^/]+)\/[^/]+\/(watch|proxy)\/?$/.test(path);
      const known = status === 504 || (status === 500 && ofNothing);
      if (status === null || (status >= 500 && !known)) strange.push(`${path}: ${status}`);
    }
    for (const query of queries) {
      const { status } = await raw(`GET ${MAPS}?${query} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      // The one internal error that the real server has, too: a resource version that is no number, in a watch.
      if (status === null || (status >= 500 && status !== 504)) strange.push(`?${query}: ${status}`);
    }
    expect(strange).toEqual([]);
    await serves();
  });

  test('what is no HTTP is answered 400 or hung up on', async () => {
    const start = `POST ${MAPS} HTTP/1.1\r\nHost: x\r\n`;
    const garbage = [
      'NONSENSE\r\n\r\n',
      'GET / HTTP/9.9\r\n\r\n',
      'GET /api HTTP/1.1\r\nBad Header: x\r\n\r\n',
      'GET /api HTTP/1.1\r\nHost: x\r\nX: \0\x01\x02\r\n\r\n',
      `${start}Content-Length: -5\r\n\r\n`,
      `${start}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`,
      `${start}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      `${start}Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n`,
      `${start}Expect: the unexpected\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      `GET ${MAPS}?watch=1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: short\r\nSec-WebSocket-Version: 99\r\n\r\n`,
      `GET ${MAPS} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n`,
      bytes(5000).toString('latin1'),
    ];
    for (const text of garbage) {
      const { status } = await raw(text);
      expect(
        status === null || (status >= 200 && status < 500),
        `${JSON.stringify(text.slice(0, 80))}: ${status}`,
      ).toBe(true);
    }
    await serves();
  });
});

describe('connections', () => {
  test('that speak no TLS, or stop in the middle of it, are closed', async () => {
    const { hostname, port } = new URL(server.ready.server);
    const texts = ['GET / HTTP/1.1\r\nHost: x\r\n\r\n', bytes(3000), Buffer.from([0x16, 3, 1, 0xff, 0xff, 1]), ''];
    await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const socket = connectTcp(Number(port), hostname);
        socket.on('error', () => undefined);
        socket.resume();
        socket.end(texts[index % texts.length]!);
        await once(socket, 'close');
      }),
    );
    await serves();
  });

  test('that are reset in the middle of a request, a body or an answer leave nothing behind', async () => {
    const half = Buffer.alloc(1_000_000, 0x20);
    const texts: (string | Buffer)[] = [
      'GET /api',
      `POST ${MAPS} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2000000\r\n\r\n`,
      'GET /openapi/v2 HTTP/1.1\r\nHost: x\r\n\r\n',
      `GET ${MAPS}?watch=1 HTTP/1.1\r\nHost: x\r\n\r\n`,
    ];
    for (let round = 0; round < 10; round++)
      await Promise.all(
        texts.map(async (text, index) => {
          const socket = await open();
          socket.write(text);
          if (index === 1) socket.write(half);
          await new Promise((resolve) => setImmediate(resolve));
          if (round % 2 === 0) (socket as unknown as { _parent?: Socket; destroy(): void }).destroy();
          else socket.end();
          socket.resume();
          if (!socket.destroyed && index < 2) await once(socket, 'close');
          else socket.destroy();
        }),
      );
    await eventually('every watch to be forgotten', async () => ((await watches()) === 0 ? true : undefined));
    await serves();
  });

  test('bodies that are too large are refused without being taken in', async () => {
    for (const chunked of [false, true]) {
      const length = chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${50 * 1024 * 1024}`;
      const socket = await open();
      socket.write(`POST ${MAPS} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${length}\r\n\r\n`);
      const answer = once(socket, 'data');
      const piece = Buffer.alloc(64 * 1024, 0x20);
      for (let sent = 0; sent < 80 && !socket.destroyed; sent++)
        socket.write(chunked ? Buffer.concat([Buffer.from('10000\r\n'), piece, Buffer.from('\r\n')]) : piece);
      const [data] = await answer;
      expect(String(data)).toMatch(/^HTTP\/1.1 413 /);
      socket.destroy();
    }
    await serves();
  });
});

test('three thousand watches all see a change, and are forgotten when they go', async () => {
  const { ca, cert, key } = server.credentials;
  const sessions = Array.from({ length: 15 }, () => connectHttp2(server.ready.server, { ca, cert, key }));
  let seen = 0;
  const opened = sessions.flatMap((session) =>
    Array.from({ length: 200 }, async () => {
      const stream = session.request({ ':path': `${MAPS}?watch=1&fieldSelector=metadata.name%3Dwatched` });
      stream.on('error', () => undefined);
      let first = true;
      stream.on('data', () => {
        if (first) seen++;
        first = false;
      });
      await once(stream, 'response');
    }),
  );
  await Promise.all(opened);
  expect(await watches()).toBe(3000);
  await server.call('POST', MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'watched' } });
  await eventually('every watcher to see it', () => (seen === 3000 ? true : undefined));
  for (const session of sessions) session.destroy();
  await eventually('every watch to be forgotten', async () => ((await watches()) === 0 ? true : undefined));
  await serves();
});

test('memory comes back after floods of large bodies', async () => {
  const flood = async () => {
    const body = JSON.stringify({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'flood' },
      data: { a: 'x'.repeat(2_900_000) },
    });
    for (let round = 0; round < 4; round++)
      await Promise.all(
        Array.from({ length: 8 }, () => server.call('POST', MAPS, body.replace('flood', `flood${round}`))),
      );
  };
  await flood();
  const before = await metric('process_resident_memory_bytes');
  await flood();
  await flood();
  await eventually('the memory', async () =>
    (await metric('process_resident_memory_bytes')) < before + 150e6 ? true : undefined,
  );
});

async function metric(name: string): Promise<number> {
  const { json } = await server.call('GET', '/metrics');
  return Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (.+)$`, 'm').exec(String(json))?.[1]);
}

const watches = () => metric('apiserver_longrunning_requests');

async function open(): Promise<TLSSocket> {
  const { hostname, port } = new URL(server.ready.server);
  const socket = connectTls({ host: hostname, port: Number(port), ...server.credentials, ALPNProtocols: ['http/1.1'] });
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  return socket;
}

/** Sends bytes as they are; the status of the answer, null when the connection was closed without one. */
async function raw(text: string): Promise<{ status: number | null }> {
  const socket = await open();
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk.toString('latin1');
    // Watches and the like would go on.
    if (answer.includes('\r\n\r\n')) socket.end();
  });
  socket.write(Buffer.from(text, 'latin1'));
  const closed = once(socket, 'close');
  // A request that never ends is ended by the client in its own time.
  const impatient = setTimeout(() => socket.end(), 1500);
  await closed;
  clearTimeout(impatient);
  const status = /^HTTP\/1\.1 (\d+)/.exec(answer)?.[1];
  return { status: status === undefined ? null : Number(status) };
}
