/** Lists, watches and plain HTTP of an API server as clients meet them on the wire: HTTP/1.1, HTTP/2, WebSocket. */
import { once } from 'node:events';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { request } from 'node:https';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type ApiServer, startApiServer } from '#engine/apiserver/index.ts';
import { adminOf, call } from '#engine/apiserver/test-support.ts';
import type { KubeClient } from '#engine/kube/index.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { eventually } from '../fixtures/kubectl.ts';

const CONFIG_MAPS = { group: '', version: 'v1', resource: 'configmaps' };
const NAMESPACES = { group: '', version: 'v1', resource: 'namespaces' };

let server: ApiServer;
let client: KubeClient;
beforeAll(async () => {
  server = await startApiServer({ dir: null, name: 'wire' });
  client = server.client('test');
});
afterAll(() => server.close());

let count = 0;
/** A namespace of its own per test, with config maps `a00`, `a01` ... of `bytes` each. */
async function filled(objects: number, bytes = 1): Promise<string> {
  const namespace = `wire-${++count}`;
  await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  await Promise.all(
    Array.from({ length: objects }, (_, index) =>
      client.create(CONFIG_MAPS, configMap(namespace, `a${String(index).padStart(2, '0')}`, 'x'.repeat(bytes))),
    ),
  );
  return namespace;
}

function configMap(namespace: string, name: string, value: string, labels?: Record<string, string>): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace, ...(labels ? { labels } : {}) },
    data: { value },
  };
}

/** Changes one object so often that the history of its kind before that is forgotten. */
async function forget(namespace: string): Promise<void> {
  const { metadata } = await client.create(CONFIG_MAPS, configMap(namespace, 'zz-busy', '0'));
  for (let round = 0; round < 42; round++)
    await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        client.patch(CONFIG_MAPS, metadata.name!, 'merge', { data: { value: `${round}-${index}` } }, { namespace }),
      ),
    );
}

const get = (target: string, headers: Record<string, string> = {}) =>
  call(server, adminOf(server), 'GET', target, { headers });
const mapsOf = (namespace: string, query = '') => `/api/v1/namespaces/${namespace}/configmaps${query}`;
const names = (list: Json): string[] => list.items.map((item: KubeObject) => item.metadata.name);

/** A watch over HTTP/1.1: its events as they come, and the connection under it. */
function openWatch(target: string, headers: Record<string, string> = {}) {
  const events: Json[] = [];
  let ended = false;
  let text = '';
  const sent = request(new URL(target, server.server), { ...adminOf(server), headers, agent: false });
  sent.on('error', () => undefined);
  const opened = new Promise<void>((resolve) => {
    sent.once('response', (answer) => {
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => {
        text += chunk;
        const lines = text.split('\n');
        text = lines.pop()!;
        for (const line of lines) events.push(JSON.parse(line));
      });
      answer.on('end', () => {
        ended = true;
      });
      answer.on('error', () => undefined);
      resolve();
    });
  });
  sent.end();
  return { events, opened, ended: () => ended, socket: () => sent.socket as TLSSocket, close: () => sent.destroy() };
}

describe('paged lists', () => {
  test('a token whose history is gone is refused with one that goes on from what there is now', async () => {
    const namespace = await filled(4);
    const first = (await get(mapsOf(namespace, '?limit=2'))).json;
    expect([names(first), first.metadata.remainingItemCount]).toEqual([['a00', 'a01'], 2]);
    await forget(namespace);
    const refused = await get(mapsOf(namespace, `?limit=2&continue=${first.metadata.continue}`));
    expect(refused.status).toBe(410);
    expect(refused.json).toMatchObject({ reason: 'Expired', metadata: { continue: expect.any(String) } });
    expect(refused.json.message).toMatch(
      /^The provided continue parameter is too old to display a consistent list result\./,
    );
    const rest = (await get(mapsOf(namespace, `?limit=2&continue=${refused.json.metadata.continue}`))).json;
    expect(names(rest)).toEqual(['a02', 'a03']);
    expect(Number(rest.metadata.resourceVersion)).toBeGreaterThan(Number(first.metadata.resourceVersion));
    const last = (await get(mapsOf(namespace, `?limit=2&continue=${rest.metadata.continue}`))).json;
    expect(names(last)).toEqual(['zz-busy']);
    expect(last.metadata.resourceVersion).toBe(rest.metadata.resourceVersion);
  });

  test('pages show the moment of the first one, whatever is written meanwhile', async () => {
    const namespace = await filled(9);
    const seen: string[] = [];
    let query = '?limit=2';
    for (let page = 0; ; page++) {
      const { metadata, items } = (await get(mapsOf(namespace, query))).json;
      seen.push(...items.map((item: KubeObject) => `${item.metadata.name}=${item.data.value}`));
      if (metadata.continue === undefined) break;
      await client.create(CONFIG_MAPS, configMap(namespace, `a0${page}-new`, 'new'));
      await client.delete(CONFIG_MAPS, `a0${8 - page}`, { namespace });
      await client.patch(CONFIG_MAPS, 'a04', 'merge', { data: { value: `later ${page}` } }, { namespace });
      query = `?limit=2&continue=${metadata.continue}`;
      if (page > 9) throw new Error('the list does not end');
    }
    expect(seen).toEqual(Array.from({ length: 9 }, (_, index) => `a0${index}=x`));
  });

  test('an exact revision is shown as it was, or refused when nobody remembers', async () => {
    const namespace = await filled(1);
    const { metadata } = (await get(mapsOf(namespace))).json;
    await client.delete(CONFIG_MAPS, 'a00', { namespace });
    const exact = mapsOf(namespace, `?resourceVersionMatch=Exact&resourceVersion=${metadata.resourceVersion}`);
    expect(names((await get(exact)).json)).toEqual(['a00']);
    expect(names((await get(exact.replace('Exact', 'NotOlderThan'))).json)).toEqual([]);
    await forget(namespace);
    const refused = await get(exact);
    expect([refused.status, refused.json.reason, refused.json.message]).toEqual([
      410,
      'Expired',
      'The resourceVersion for the provided list is too old.',
    ]);
  });
});

describe('watches', () => {
  test('a list streamed is complete however large, and its bookmark comes after it', async () => {
    const namespace = await filled(100, 200_000);
    const query = '?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    const watch = openWatch(mapsOf(namespace, query));
    await eventually('the bookmark', () => (watch.events.at(-1)?.type === 'BOOKMARK' ? true : undefined));
    expect(watch.events).toHaveLength(101);
    expect(watch.events.at(-1).object.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' });
    await client.delete(CONFIG_MAPS, 'a50', { namespace });
    await eventually('the deletion', () => (watch.events.at(-1)?.type === 'DELETED' ? true : undefined));
    watch.close();
  });

  test('a reader that pauses gets everything it missed, in order and once', async () => {
    const namespace = await filled(1);
    const watch = openWatch(mapsOf(namespace, '?watch=1'));
    await watch.opened;
    watch.socket().pause();
    const value = 'y'.repeat(50_000);
    for (let index = 0; index < 600; index++)
      await client.patch(CONFIG_MAPS, 'a00', 'merge', { data: { value, index: String(index) } }, { namespace });
    watch.socket().resume();
    await eventually('the last change', () => (watch.events.length >= 601 ? true : undefined));
    expect(watch.events.slice(1).map(({ object }) => Number(object.data.index))).toEqual(
      Array.from({ length: 600 }, (_, i) => i),
    );
    watch.close();
  });

  test('a reader that never reads is dropped once what it missed is forgotten', async () => {
    const namespace = await filled(1);
    const watch = openWatch(mapsOf(namespace, '?watch=1'));
    await watch.opened;
    watch.socket().pause();
    const closed = once(watch.socket(), 'close');
    // More than the buffers of both ends hold, so that the server has something left to send.
    const value = 'y'.repeat(900_000);
    for (let index = 0; index < 40; index++)
      await client.patch(CONFIG_MAPS, 'a00', 'merge', { data: { value, index: String(index) } }, { namespace });
    await forget(namespace);
    watch.socket().resume();
    await closed;
    expect(watch.ended()).toBe(false);
    expect(watch.events.length).toBeLessThan(40);
  });

  test('a revision that is forgotten ends the watch with 410, one that is yet to come waits for it', async () => {
    const namespace = await filled(1);
    const { metadata } = (await get(mapsOf(namespace))).json;
    const future = openWatch(mapsOf(namespace, `?watch=1&resourceVersion=${Number(metadata.resourceVersion) + 2}`));
    await future.opened;
    for (const value of ['1', '2', '3'])
      await client.patch(CONFIG_MAPS, 'a00', 'merge', { data: { value } }, { namespace });
    await eventually('the third change', () => future.events[0]);
    expect(future.events.map(({ object }) => object.data.value)).toEqual(['3']);
    future.close();
    await forget(namespace);
    const late = openWatch(mapsOf(namespace, `?watch=1&resourceVersion=${metadata.resourceVersion}`));
    await eventually('the end', () => late.ended() || undefined);
    expect(late.events).toHaveLength(1);
    expect(late.events[0]).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } });
    expect(late.events[0].object.message).toMatch(/^too old resource version: \d+ \(\d+\)$/);
  });

  test('a watch ends when its time is over, after a bookmark of the newest revision', async () => {
    const namespace = await filled(1);
    const watch = openWatch(mapsOf(namespace, '?watch=1&resourceVersion=0&timeoutSeconds=3&allowWatchBookmarks=true'));
    await watch.opened;
    await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: `${namespace}-other` } });
    await eventually('the end', () => watch.ended() || undefined);
    // Who begins with what there is is told where it ends, too.
    expect(watch.events.map(({ type }) => type)).toEqual(['ADDED', 'BOOKMARK', 'BOOKMARK']);
    const marks = watch.events.map(({ object }) => object.metadata.annotations?.['k8s.io/initial-events-end']);
    expect(marks).toEqual([undefined, 'true', undefined]);
    const [, initial, last] = watch.events.map(({ object }) => Number(object.metadata.resourceVersion));
    expect(last).toBeGreaterThan(initial!);
  });

  test('objects enter and leave a selection for each watcher by its own rules', async () => {
    const namespace = await filled(0);
    const wide = openWatch(mapsOf(namespace, '?watch=1'));
    const narrow = openWatch(mapsOf(namespace, '?watch=1&labelSelector=on%3Dyes'));
    const rows = openWatch(mapsOf(namespace, '?watch=1&labelSelector=on%3Dyes'), {
      accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
    });
    await Promise.all([wide, narrow, rows].map(({ opened }) => opened));
    await client.create(CONFIG_MAPS, configMap(namespace, 'm', '1'));
    for (const on of ['yes', 'no'])
      await client.patch(CONFIG_MAPS, 'm', 'merge', { metadata: { labels: { on } } }, { namespace });
    await eventually(
      'the events',
      () => (wide.events.length === 3 && narrow.events.length === 2 && rows.events.length === 2) || undefined,
    );
    expect(wide.events.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'MODIFIED']);
    expect(narrow.events.map(({ type }) => type)).toEqual(['ADDED', 'DELETED']);
    expect(narrow.events[1].object.metadata.labels).toEqual({ on: 'yes' });
    expect(narrow.events[1].object.metadata.resourceVersion).toBe(wide.events[2].object.metadata.resourceVersion);
    expect(rows.events.map(({ object }) => [object.kind, object.columnDefinitions === null])).toEqual([
      ['Table', false],
      ['Table', true],
    ]);
    for (const watch of [wide, narrow, rows]) watch.close();
  });

  test.each([[[]], [['base64.binary.k8s.io']]])('come as messages over a websocket (%j)', async (protocols) => {
    const namespace = await filled(1);
    const { ca, cert, key } = adminOf(server);
    const target = `${server.server.replace('https', 'wss')}${mapsOf(namespace, '?watch=1&timeoutSeconds=30')}`;
    const socket = new WebSocket(target, protocols, { ca, cert, key, origin: 'https://console.example' });
    const events: Json[] = [];
    socket.on('message', (data: Buffer, binary: boolean) => {
      expect(binary).toBe(false);
      events.push(JSON.parse(data.toString()));
    });
    await eventually('the state', () => events[0]);
    await client.delete(CONFIG_MAPS, 'a00', { namespace });
    await eventually('the change', () => events[1]);
    expect(events.map(({ type }) => type)).toEqual(['ADDED', 'DELETED']);
    socket.close();
  });

  const PAGE = 'Origin: https://console.example\r\n';
  test.each([
    ['no page asks', '', 403],
    ['the page has no address', 'Origin: null\r\n', 403],
    ['one protocol is named, whichever', `${PAGE}Sec-WebSocket-Protocol: any\r\n`, 101],
    ['two are named', `${PAGE}Sec-WebSocket-Protocol: any, other\r\n`, 400],
    ['another version of the protocol', `${PAGE}Sec-WebSocket-Version: 8\r\n`, 400],
    ['no key', `${PAGE}Sec-WebSocket-Key: \r\n`, 400],
  ])('a websocket for a watch when %s', async (_when, lines, status) => {
    const { hostname, port } = new URL(server.server);
    const socket = connectTls({ host: hostname, port: Number(port), ...adminOf(server) });
    const given = (name: string, value: string) => (lines.includes(name) ? '' : `${name}: ${value}\r\n`);
    socket.write(
      `GET /api/v1/configmaps?watch=1&resourceVersion=0 HTTP/1.1\r\nHost: ${hostname}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${given('Sec-WebSocket-Version', '13')}${given('Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ==')}${lines}\r\n`,
    );
    const [answer] = await once(socket, 'data');
    expect(Number(answer.toString('latin1').split(' ')[1])).toBe(status);
    socket.destroy();
  });
});

/** One request over HTTP/2. */
async function over2(session: ClientHttp2Session, headers: Record<string, string>, body?: Buffer) {
  const stream = session.request(headers, { endStream: body === undefined });
  if (body !== undefined) stream.end(body);
  const [answer] = await once(stream, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return {
    status: answer[':status'] as number,
    headers: answer as Record<string, string>,
    body: Buffer.concat(chunks),
  };
}

describe('HTTP', () => {
  test('everything is served over HTTP/2 too, watches beside each other on one connection', async () => {
    const namespace = await filled(1);
    const session = connectHttp2(server.server, adminOf(server));
    const path = mapsOf(namespace);
    const made = await over2(
      session,
      { ':method': 'POST', ':path': path, 'content-type': 'application/json' },
      Buffer.from(JSON.stringify(configMap(namespace, 'two', 'x'))),
    );
    expect(made.status).toBe(201);
    const watches = Array.from({ length: 20 }, () => {
      const stream = session.request({
        ':path': `${path}?watch=1&resourceVersion=${JSON.parse(made.body.toString()).metadata.resourceVersion}`,
      });
      let text = '';
      stream.on('data', (chunk) => {
        text += chunk;
      });
      stream.on('error', () => undefined);
      return { stream, lines: () => text.trim().split('\n') };
    });
    await Promise.all(watches.map(({ stream }) => once(stream, 'response')));
    expect((await over2(session, { ':method': 'DELETE', ':path': `${path}/two` })).status).toBe(200);
    for (const watch of watches)
      expect(JSON.parse(await eventually('the event', () => watch.lines()[0] || undefined)).type).toBe('DELETED');
    const large = await over2(
      session,
      { ':method': 'POST', ':path': path, 'content-type': 'application/json' },
      Buffer.alloc(3_200_000),
    );
    expect([large.status, JSON.parse(large.body.toString()).message]).toEqual([
      413,
      'Request entity too large: limit is 3145728',
    ]);
    expect((await over2(session, { ':path': path })).status).toBe(200);
    session.destroy();
  });

  test('a streamed list larger than any window arrives over HTTP/2', async () => {
    const namespace = await filled(60, 200_000);
    const session = connectHttp2(server.server, adminOf(server));
    const query = '?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    const stream = session.request({ ':path': mapsOf(namespace, query) });
    let text = '';
    stream.on('data', (chunk) => {
      text += chunk;
    });
    await eventually('the end of the list', () => text.includes('"type":"BOOKMARK"') || undefined);
    const types = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).type);
    expect(types.slice(0, 61)).toEqual([...Array(60).fill('ADDED'), 'BOOKMARK']);
    session.destroy();
  });

  test('large answers are compressed for those who ask', async () => {
    const namespace = await filled(2, 100_000);
    const session = connectHttp2(server.server, adminOf(server));
    const packed = await over2(session, { ':path': mapsOf(namespace), 'accept-encoding': 'gzip' });
    expect(packed.headers['content-encoding']).toBe('gzip');
    expect(names(JSON.parse(gunzipSync(packed.body).toString()))).toEqual(['a00', 'a01']);
    expect((await over2(session, { ':path': mapsOf(namespace) })).headers['content-encoding']).toBeUndefined();
    const small = await over2(session, { ':path': `${mapsOf(namespace)}?limit=1`, 'accept-encoding': 'gzip' });
    expect(small.headers['content-encoding']).toBeUndefined();
    session.destroy();
  });

  test('warnings are UTF-8; what somebody calls a field is quoted', async () => {
    const namespace = await filled(0);
    const body = { ...configMap(namespace, 'named', 'x'), 字段: 1, 'a\nb\u007f': 2, é: 3 };
    const { status, headers } = await call(server, adminOf(server), 'POST', mapsOf(namespace), { body });
    expect(status).toBe(201);
    const text = Buffer.from(String(headers.warning), 'latin1').toString('utf8');
    for (const name of ['字段', 'é', 'a\\\\nb\\\\x7f']) expect(text).toContain(`unknown field \\"${name}\\"`);
  });

  test('documents are sent once', async () => {
    for (const path of ['/openapi/v2', '/openapi/v3/apis/apps/v1']) {
      const first = await get(path);
      const again = await get(path, { 'if-none-match': String(first.headers.etag) });
      expect([again.status, again.text]).toEqual([304, '']);
    }
  });

  test.each([
    ['HEAD', '/api/v1/namespaces', 405],
    ['OPTIONS', '/api/v1/namespaces', 405],
    ['TRACE', '/apis/apps/v1/deployments', 405],
    ['POST', '/version', 405],
    ['GET', '/api/v1//namespaces', 404],
    ['GET', '/api/v1/../v1/namespaces', 404],
    ['GET', '/api/v1/namespaces/', 200],
    ['GET', '/api/v1/namespaces/a%00b', 404],
    ['GET', '/%zz', 400],
    ['GET', '/logs/', 404],
    ['GET', '/api/v1/namespaces?timeout=abc', 400],
    ['GET', '/api/v1/namespaces?timeout=1m30.5s', 200],
    ['GET', '/api/v1/namespaces/{100000}', 404],
    ['GET', '/{300000}', 431],
  ])('%s %s is answered %i', async (method, template, status) => {
    const path = template.replace(/\{(\d+)\}/, (_, length) => 'x'.repeat(Number(length)));
    const { status: answered } = await new Promise<{ status: number | undefined }>((resolve, reject) => {
      // Node's URL would tidy the path.
      const { hostname, port } = new URL(server.server);
      const sent = request({ ...adminOf(server), hostname, port, method, path, agent: false }, (answer) => {
        answer.resume();
        resolve({ status: answer.statusCode });
      });
      sent.on('error', reject);
      sent.end();
    });
    expect(answered).toBe(status);
  });

  test('health tells of each check; metrics count requests and objects', async () => {
    expect((await get('/readyz/etcd')).text).toBe('ok');
    const verbose = (await get('/livez?verbose&exclude=etcd&exclude=nope')).text;
    expect(verbose).toContain('[+]etcd excluded: ok\n');
    expect(verbose).toContain('no matches for "nope"\nlivez check passed\n');
    await get('/api/v1/namespaces/default/configmaps/none');
    const metrics = (await get('/metrics')).text;
    expect(metrics).toMatch(
      /apiserver_request_total\{code="404",component="apiserver",group="",resource="configmaps",scope="resource",subresource="",verb="GET",version="v1"\} [1-9]/,
    );
    expect(metrics).toMatch(/apiserver_resource_objects\{group="",resource="namespaces"\} [1-9]/);
    expect(metrics).toMatch(
      /apiserver_request_duration_seconds_bucket\{[^}]*resource="configmaps"[^}]*le="\+Inf"\} [1-9]/,
    );
    expect((await get('/')).json.paths).toContain('/apis/apps/v1');
  });

  test('a server that ends lets its watches end in good order', async () => {
    const ending = await startApiServer({ dir: null, name: 'ending' });
    const sent = request(new URL('/api/v1/namespaces?watch=1', ending.server), { ...adminOf(ending), agent: false });
    sent.end();
    const [answer] = await once(sent, 'response');
    answer.resume();
    const ended = once(answer, 'end');
    await ending.close();
    await ended;
    expect(answer.complete).toBe(true);
  });
});
