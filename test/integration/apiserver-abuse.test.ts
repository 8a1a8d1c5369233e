/**
 * Clients that use a protocol as it is not meant: floods within one HTTP/2 connection, answers that nobody reads,
 * connections closed on one side, bodies in encodings of their own. Whoever behaves is served meanwhile and afterwards, and
 * what the others held is given back. `FLEETDECK_TEST_SEED` repeats a run.
 */
import { once } from 'node:events';
import { type ClientHttp2Session, connect as connectHttp2, constants } from 'node:http2';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import bodies from '../../src/main/engine/apiserver/protobuf/fixtures/kubectl-bodies.json' with { type: 'json' };
import { ApiServerProcess } from '../fixtures/apiserver-process.ts';
import { eventually } from '../fixtures/kubectl.ts';
import { randomOf } from '../fixtures/random.ts';

const seed = Number(process.env.FLEETDECK_TEST_SEED ?? Date.now() % 1_000_000);
const MAPS = '/api/v1/namespaces/default/configmaps';
let server: ApiServerProcess;

beforeAll(async () => {
  server = await ApiServerProcess.start([]);
});
afterEach(async () => {
  expect((await server.call('GET', '/api/v1/namespaces/default')).status, 'somebody else').toBe(200);
  await eventually('what was held to be given back', async () => {
    const { json } = await server.call('GET', '/metrics');
    return /^apiserver_longrunning_requests(?:\{[^}]*\})? 0$/m.test(String(json)) ? true : undefined;
  });
});
afterAll(async () => {
  expect(server.alive, 'the server after everything').toBe(true);
  expect(await server.end('SIGTERM')).toBe(0);
});

function http2(settings: { initialWindowSize?: number } = {}): ClientHttp2Session {
  const { ca, cert, key } = server.credentials;
  const session = connectHttp2(server.ready.server, { ca, cert, key, settings });
  // The server may well hang up.
  session.on('error', () => undefined);
  return session;
}

async function tls(protocol: string): Promise<TLSSocket> {
  const { hostname, port } = new URL(server.ready.server);
  const socket = connectTls({ host: hostname, port: Number(port), ...server.credentials, ALPNProtocols: [protocol] });
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  return socket;
}

/** However it ends. */
function closed(stream: Duplex): Promise<void> {
  return new Promise((resolve) => stream.once('close', () => resolve()));
}

/** RFC 9113, "Frame Format". */
function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}
const HELLO = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(4, 0, 0, Buffer.alloc(0))]);

test('streams that are reset as soon as they are opened', async () => {
  for (let round = 0; round < 2; round++) {
    const session = http2();
    const streams = Array.from({ length: 150 }, (_, index) => {
      const stream = session.request({ ':path': index % 2 === 0 ? `${MAPS}?watch=1` : '/openapi/v2' });
      stream.on('error', () => undefined);
      stream.close(constants.NGHTTP2_CANCEL);
      return stream;
    });
    await Promise.all(streams.map((stream) => (stream.destroyed ? null : closed(stream))));
    session.destroy();
  }
});

test('headers without end, frames that ask for answers without end', async () => {
  const block = Buffer.alloc(16_000, 0x40);
  const floods: [first: Buffer, then: Buffer][] = [
    // HEADERS that never end, CONTINUATION after CONTINUATION.
    [frame(1, 0, 1, Buffer.alloc(0)), frame(9, 0, 1, block)],
    // PING and SETTINGS want to be acknowledged, each.
    [Buffer.alloc(0), frame(6, 0, 0, Buffer.alloc(8))],
    [Buffer.alloc(0), frame(4, 0, 0, Buffer.alloc(0))],
  ];
  for (const [first, then] of floods) {
    const socket = await tls('h2');
    const gone = closed(socket);
    socket.write(Buffer.concat([HELLO, first]));
    // Answers are not read; what is sent stays bounded by the socket's own buffer.
    for (let count = 0; count < 3000 && !socket.destroyed; count++)
      if (!socket.write(then))
        await Promise.race([gone, new Promise((resolve) => socket.once('drain', resolve)), new Promise(setImmediate)]);
    socket.destroy();
    await gone;
  }
  // More than the megabyte that an API server takes in HTTP/1.1 is told why.
  const socket = await tls('http/1.1');
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk;
  });
  socket.write(`GET /api HTTP/1.1\r\nHost: x\r\n${`X-Filler: ${'x'.repeat(1000)}\r\n`.repeat(1200)}\r\n`);
  await closed(socket);
  expect(answer).toMatch(/^HTTP\/1\.1 431 /);
});

test('large answers that nobody reads', async () => {
  const session = http2({ initialWindowSize: 0 });
  const streams = Array.from({ length: 100 }, (_, index) =>
    session.request({ ':path': index % 2 === 0 ? '/openapi/v2' : `${MAPS}?watch=1` }),
  );
  for (const stream of streams) stream.on('error', () => undefined);
  await Promise.all(streams.map((stream) => once(stream, 'response')));
  for (let count = 0; count < 20; count++)
    expect((await server.call('POST', MAPS, { metadata: { generateName: 'unread-' } })).status).toBe(201);
  session.destroy();
});

test('connections that the client has closed on its side', async () => {
  const answers = await Promise.all(
    ['/version', '/openapi/v2', `${MAPS}?watch=1`, `${MAPS}?watch=1&timeoutSeconds=1`].map(async (path) => {
      const socket = await tls('http/1.1');
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk;
      });
      socket.end(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      await closed(socket);
      return text;
    }),
  );
  // Whoever only says that nothing more will be asked gets what was asked for.
  for (const answer of answers.slice(0, 2)) expect(answer).toMatch(/^HTTP\/1\.1 200 /);
});

test('bodies that are compressed, which no API server takes', async () => {
  const object = Buffer.from(JSON.stringify({ metadata: { name: 'packed' } }));
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, 0x20));
  const session = http2();
  for (const [encoding, body] of [
    ['gzip', gzipSync(object)],
    ['gzip', bomb],
    ['br', object.subarray(0, 5)],
  ] as const) {
    const stream = session.request({
      ':method': 'POST',
      ':path': MAPS,
      'content-type': 'application/json',
      'content-encoding': encoding,
    });
    stream.resume();
    stream.end(body);
    const [headers] = await once(stream, 'response');
    expect([400, 415]).toContain(headers[':status']);
  }
  session.destroy();
  expect((await server.call('GET', `${MAPS}/packed`)).status).toBe(404);
});

test(`protobuf with a byte that is wrong (seed ${seed})`, async () => {
  const random = randomOf(seed);
  const strange: string[] = [];
  const known = bodies.map((each) => Buffer.from(each.bytes, 'base64'));
  await Promise.all(
    Array.from({ length: 300 }, async (_, index) => {
      const body = Buffer.from(known[index % known.length]!);
      for (let changes = 1 + (index % 3); changes > 0; changes--)
        body[4 + Math.floor(random() * (body.length - 4))] = Math.floor(random() * 256);
      const cut = index % 5 === 0 ? body.subarray(0, Math.floor(random() * body.length)) : body;
      const { status, json } = await server.call(
        'POST',
        `${MAPS}?dryRun=All`,
        cut,
        'application/vnd.kubernetes.protobuf',
      );
      if (status >= 500) strange.push(`${cut.toString('hex')}: ${status} ${JSON.stringify(json).slice(0, 200)}`);
    }),
  );
  expect(strange).toEqual([]);
});
