/** Versions of a custom resource that a webhook converts, asked for real over TLS. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Json } from '#shared/kubernetes/types.ts';
import { signCsr } from './auth/csr.ts';
import { startApiServer } from './start.ts';
import { makeRequest } from './test-certificates.ts';
import { adminOf, type Credentials, call, until } from './test-support.ts';
import type { ApiServer } from './types.ts';

// A server, a webhook and many TLS connections: a busy machine takes its time.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let dir = '';
let server: ApiServer;
let admin: Credentials;
let hook: Server;
/** What the webhook was asked, and what it says instead of converting. */
let reviews: Json[] = [];
let refusal: string | null = null;
/** Whether it makes up fields that the schema does not know. */
let sloppy = true;

const LEGACY = '/apis/shop.io/v1/namespaces/default/widgets';
const MODERN = '/apis/shop.io/v2/namespaces/default/widgets';

/** v1 says `size: "3x4"`, v2 says `width` and `height`. */
function convert(object: Json, apiVersion: string): Json {
  const { spec = {}, ...rest } = object;
  if (object.apiVersion === apiVersion) return object;
  if (apiVersion === 'shop.io/v1')
    return { ...rest, apiVersion, spec: { size: `${spec.width}x${spec.height}`, ...(sloppy && { made: 'up' }) } };
  const [width, height] = String(spec.size).split('x').map(Number);
  return { ...rest, apiVersion, spec: { width, height, ...(sloppy && { depth: 1 }) } };
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'fleetdeck-versions-'));
  server = await startApiServer({ dir, name: 'versions' });
  admin = adminOf(server);
  const ca = { caCertificate: server.caCertificate, caKey: readFileSync(join(dir, 'pki', 'ca.key'), 'utf8') };
  const { request, key } = await makeRequest('CN=hook', ['localhost']);
  const cert = await signCsr(request, { ...ca, usages: ['server auth', 'digital signature'], seconds: 3600 });
  hook = createServer({ cert, key }, (incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const review = JSON.parse(Buffer.concat(chunks).toString('utf8'));
      reviews.push(review);
      const { uid, objects, desiredAPIVersion } = review.request;
      const said =
        refusal === null
          ? {
              result: { status: 'Success' },
              convertedObjects: objects.map((each: Json) => convert(each, desiredAPIVersion)),
            }
          : { result: { status: 'Failure', message: refusal } };
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify({ apiVersion: review.apiVersion, kind: 'ConversionReview', response: { uid, ...said } }),
      );
    });
  });
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
  const url = `https://localhost:${(hook.address() as AddressInfo).port}/convert`;
  const schemaOf = (properties: Json) => ({
    openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties } } },
  });
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.shop.io' },
    spec: {
      group: 'shop.io',
      scope: 'Namespaced',
      names: { plural: 'widgets', kind: 'Widget' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: false,
          schema: schemaOf({ size: { type: 'string', pattern: '^\\d+x\\d+$' } }),
          selectableFields: [{ jsonPath: '.spec.size' }],
          additionalPrinterColumns: [{ name: 'Size', type: 'string', jsonPath: '.spec.size' }],
        },
        {
          name: 'v2',
          served: true,
          storage: true,
          schema: schemaOf({
            width: { type: 'integer' },
            height: { type: 'integer' },
            colour: { type: 'string', default: 'red' },
          }),
        },
      ],
      conversion: {
        strategy: 'Webhook',
        webhook: {
          conversionReviewVersions: ['v1'],
          clientConfig: { url, caBundle: Buffer.from(server.caCertificate).toString('base64') },
        },
      },
    },
  };
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  expect((await call(server, admin, 'POST', path, { body: definition })).status).toBe(201);
  await until(async () => (await call(server, admin, 'GET', MODERN)).status === 200);
});
afterAll(async () => {
  hook.closeAllConnections();
  hook.close();
  await server.close();
  rmSync(dir, { recursive: true, force: true });
});

const legacy = (name: string, size: string): Json => ({
  apiVersion: 'shop.io/v1',
  kind: 'Widget',
  metadata: { name },
  spec: { size },
});

test('an object written in one version is read, changed and deleted in the other', async () => {
  const created = await call(server, admin, 'POST', LEGACY, { body: legacy('a', '3x4') });
  expect(created.json).toMatchObject({ apiVersion: 'shop.io/v1', spec: { size: '3x4' } });
  // What the webhook made up beyond the schema is not shown.
  expect(created.json.spec).toEqual({ size: '3x4' });
  const modern = await call(server, admin, 'GET', `${MODERN}/a`);
  expect(modern.json).toMatchObject({ apiVersion: 'shop.io/v2' });
  // The version it is kept in drops what it does not know and fills in its own defaults.
  expect(modern.json.spec).toEqual({ width: 3, height: 4, colour: 'red' });
  expect(modern.json.metadata.uid).toBe(created.json.metadata.uid);

  const headers = { 'content-type': 'application/merge-patch+json' };
  const patched = await call(server, admin, 'PATCH', `${LEGACY}/a`, { headers, body: { spec: { size: '5x6' } } });
  expect(patched.json).toMatchObject({ apiVersion: 'shop.io/v1', spec: { size: '5x6' }, metadata: { generation: 2 } });
  const refused = await call(server, admin, 'PATCH', `${LEGACY}/a`, { headers, body: { spec: { size: 'big' } } });
  expect(refused.status).toBe(422);
  expect((await call(server, admin, 'GET', `${MODERN}/a`)).json.spec).toEqual({ width: 5, height: 6, colour: 'red' });

  const same = await call(server, admin, 'PATCH', `${LEGACY}/a`, { headers, body: { spec: { size: '5x6' } } });
  expect(same.json.metadata.resourceVersion).toBe(patched.json.metadata.resourceVersion);
  expect((await call(server, admin, 'DELETE', `${LEGACY}/a`)).json.status).toBe('Success');
  expect((await call(server, admin, 'GET', `${MODERN}/a`)).status).toBe(404);
});

test('a list is asked for at once, and selected in the version of the request', async () => {
  for (const [name, size] of [
    ['b', '1x1'],
    ['c', '2x2'],
    ['d', '2x2'],
  ] as const)
    await call(server, admin, 'POST', LEGACY, { body: legacy(name, size) });
  reviews = [];
  const all = await call(server, admin, 'GET', LEGACY);
  expect(all.json.items.map((item: Json) => [item.apiVersion, item.spec.size])).toEqual([
    ['shop.io/v1', '1x1'],
    ['shop.io/v1', '2x2'],
    ['shop.io/v1', '2x2'],
  ]);
  expect(reviews.map((review) => review.request.objects.length)).toEqual([3]);
  expect(reviews[0].request.desiredAPIVersion).toBe('shop.io/v1');

  const two = await call(server, admin, 'GET', `${LEGACY}?fieldSelector=spec.size%3D2x2`);
  expect(two.json.items.map((item: Json) => item.metadata.name)).toEqual(['c', 'd']);
  const headers = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };
  const table = await call(server, admin, 'GET', `${LEGACY}?limit=1`, { headers });
  expect(table.json.rows.map((row: Json) => row.cells)).toEqual([['b', '1x1']]);

  reviews = [];
  await call(server, admin, 'GET', MODERN);
  expect(reviews).toEqual([]);
});

test('a watch shows what there is and what changes in its version, in order', async () => {
  // Nobody has seen it in the version of the watch, so that the watch's beginning is noticed.
  const fresh = { apiVersion: 'shop.io/v2', kind: 'Widget', metadata: { name: 'w' }, spec: { width: 7, height: 7 } };
  await call(server, admin, 'POST', MODERN, { body: fresh });
  reviews = [];
  const path = `${LEGACY}?watch=true&fieldSelector=spec.size%3D2x2&timeoutSeconds=2`;
  const watching = call(server, admin, 'GET', path);
  const headers = { 'content-type': 'application/merge-patch+json' };
  await until(async () => reviews.length > 0);
  await call(server, admin, 'PATCH', `${MODERN}/c`, { headers, body: { spec: { width: 9 } } });
  await call(server, admin, 'PATCH', `${MODERN}/b`, { headers, body: { spec: { width: 2, height: 2 } } });
  const events = (await watching).text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Json);
  expect(events.map(({ type, object }) => `${type} ${object.metadata.name} ${object.spec.size}`)).toEqual([
    'ADDED c 2x2',
    'ADDED d 2x2',
    'DELETED c 2x2',
    'ADDED b 2x2',
  ]);
});

test('what the webhook refuses is told to who asked', async () => {
  refusal = 'out of order';
  const failed = {
    status: 'Failure',
    message: 'conversion webhook for shop.io/v2, Kind=Widget failed: out of order',
    code: 500,
  };
  expect((await call(server, admin, 'GET', `${LEGACY}/b`)).json).toMatchObject(failed);
  // Lists show what was converted once.
  const seen = await call(server, admin, 'GET', LEGACY);
  expect(seen.json.items.map((item: Json) => item.metadata.name)).toEqual(['b', 'c', 'd', 'w']);
  // Its own version needs no webhook.
  const fresh = { apiVersion: 'shop.io/v2', kind: 'Widget', metadata: { name: 'f' }, spec: { width: 1, height: 1 } };
  expect((await call(server, admin, 'POST', MODERN, { body: fresh })).status).toBe(201);
  const list = await call(server, admin, 'GET', LEGACY);
  expect(list.json.message).toBe('conversion webhook for shop.io/v1, Kind=WidgetList failed: out of order');
  const created = await call(server, admin, 'POST', LEGACY, { body: legacy('e', '1x1') });
  expect(created.json.message).toBe('conversion webhook for shop.io/v1, Kind=Widget failed: out of order');
  const watched = await call(server, admin, 'GET', `${LEGACY}?watch=true&resourceVersion=0&timeoutSeconds=2`);
  expect(JSON.parse(watched.text)).toMatchObject({ type: 'ERROR', object: { code: 500 } });
  refusal = null;
  expect((await call(server, admin, 'GET', `${MODERN}/e`)).status).toBe(404);
});

describe('owners in several versions', () => {
  const applyTo = (base: string, manager: string, spec: Json, force = false) =>
    call(server, admin, 'PATCH', `${base}/owned?fieldManager=${manager}&force=${force}`, {
      headers: { 'content-type': 'application/apply-patch+yaml' },
      body: {
        apiVersion: base === LEGACY ? 'shop.io/v1' : 'shop.io/v2',
        kind: 'Widget',
        metadata: { name: 'owned' },
        spec,
      },
    });
  const owners = ({ metadata }: Json) =>
    (metadata.managedFields ?? []).map((each: Json) => [each.manager, each.apiVersion, each.fieldsV1]);

  test('are asked about in the version they wrote in', async () => {
    sloppy = false;
    const created = await applyTo(LEGACY, 'old', { size: '3x4' });
    expect(owners(created.json)).toEqual([['old', 'shop.io/v1', { 'f:spec': { 'f:size': {} } }]]);
    const refused = await applyTo(MODERN, 'new', { width: 5 });
    expect(refused.json).toMatchObject({
      code: 409,
      details: { causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "old"', field: '.spec.size' }] },
    });
    const forced = await applyTo(MODERN, 'new', { width: 5 }, true);
    expect(owners(forced.json)).toEqual([['new', 'shop.io/v2', { 'f:spec': { 'f:width': {} } }]]);
    const headers = { 'content-type': 'application/merge-patch+json' };
    const written = await call(server, admin, 'PATCH', `${LEGACY}/owned?fieldManager=edit`, {
      headers,
      body: { spec: { size: '6x4' } },
    });
    expect(owners(written.json)).toEqual([['edit', 'shop.io/v1', { 'f:spec': { 'f:size': {} } }]]);
  });

  test('are forgotten by a write, and refuse an apply, where the webhook shows what the version does not know', async () => {
    sloppy = true;
    const refused = await applyTo(MODERN, 'new', { height: 9 });
    expect(refused.json).toMatchObject({ code: 500, message: '.spec.made: field not declared in schema' });
    const headers = { 'content-type': 'application/merge-patch+json' };
    const written = await call(server, admin, 'PATCH', `${MODERN}/owned`, { headers, body: { spec: { height: 9 } } });
    expect(owners(written.json)).toEqual([]);
  });
});
