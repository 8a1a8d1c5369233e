/** Paths with empty parts, and those that begin with a verb, against the answers of kube-apiserver 1.36.2. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApiServer } from '../start.ts';
import { adminOf, call } from '../test-support.ts';
import type { ApiServer } from '../types.ts';
import { parseRoute } from './route.ts';

let server: ApiServer;
beforeAll(async () => {
  server = await startApiServer({ dir: null, name: 'routes' });
});
afterAll(() => server.close());

const NOTHING = 'the server could not find the requested resource';

describe('a path with an empty part', () => {
  test.each([
    ['/api/v1/namespaces//pods', 200, 'PodList'],
    ['/apis/apps/v1/namespaces//deployments', 200, 'DeploymentList'],
    ['/api/v1/namespaces//pods/x', 400, 'Namespace parameter required.'],
    ['/api/v1/namespaces//pods/x/status', 400, 'Namespace parameter required.'],
    ['/api/v1/nodes//status', 400, 'name must be provided'],
    ['/api/v1/namespaces/default/pods//status', 400, 'name must be provided'],
    ['/api/v1/namespaces/default/pods//bogus', 404, NOTHING],
    ['/api/v1/namespaces/default//pods', 404, NOTHING],
    ['/api/v1//pods', 404, NOTHING],
    ['/api//v1/pods', 404, NOTHING],
    ['/apis/apps//v1', 404, NOTHING],
  ])('%s', async (path, status, said) => {
    const { json, ...answer } = await call(server, adminOf(server), 'GET', path);
    expect([answer.status, json.message ?? json.kind]).toEqual([status, said]);
  });

  test.each(['/apis//apps', '/apis//'])('%s is no page', async (path) => {
    const { status, headers } = await call(server, adminOf(server), 'GET', path);
    expect([status, headers['content-type']]).toEqual([404, 'text/plain; charset=utf-8']);
  });
});

describe('what a document is asked for in', () => {
  const ask = async (path: string, accept: string) =>
    (await call(server, adminOf(server), 'GET', path, { headers: { accept } })).status;
  const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

  test.each([
    ['/openapi/v3/apis/policy/v1', 'application/json', 200],
    ['/openapi/v3/apis/policy/v1', '*/*', 200],
    ['/openapi/v3/apis/policy/v1', 'application/yaml', 406],
    ['/openapi/v3/apis/policy/v1', 'text/html', 406],
    ['/openapi/v3/apis/policy/v1', 'application/vnd.kubernetes.protobuf', 406],
    ['/openapi/v3/apis/policy/v1', 'application/vnd.kubernetes.protobuf,application/json', 200],
    ['/apis', AGGREGATED, 200],
    ['/apis/', AGGREGATED, 406],
    ['/apis', AGGREGATED.replace('v2', 'v2beta1'), 406],
    ['/apis/apps', 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf', 406],
  ])('%s as %s', async (path, accept, status) => {
    expect(await ask(path, accept)).toBe(status);
  });
});

test('what happened since the first revision is told, also of what is asked for late', async () => {
  const admin = adminOf(server);
  const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
  await call(server, admin, 'POST', leases, { body: { metadata: { name: 'late' } } });
  const { text } = await call(server, admin, 'GET', `${leases}?watch=1&resourceVersion=1&timeoutSeconds=1`);
  expect(JSON.parse(text.split('\n')[0]!)).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'late' } } });
  const exact = await call(server, admin, 'GET', `${leases}?resourceVersion=1&resourceVersionMatch=Exact`);
  expect([exact.status, exact.json.items]).toEqual([200, []]);
});

test('a watch of lists of metadata ends before its first event', async () => {
  const accept = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';
  const path = '/api/v1/namespaces?watch=1&timeoutSeconds=20';
  const { status, text } = await call(server, adminOf(server), 'GET', path, { headers: { accept } });
  expect([status, text]).toEqual([200, '']);
});

test('a verb in front of the resource is the one that is asked for', () => {
  const route = (path: string) => parseRoute('GET', path, new URLSearchParams());
  expect(route('/api/v1/proxy/namespaces/d/services/x:80/y')).toMatchObject({
    verb: 'proxy',
    namespace: 'd',
    resource: 'services',
    name: 'x:80',
    subresource: '',
  });
  expect(route('/api/v1/watch/namespaces/d/pods/p')).toMatchObject({ verb: 'watch', resource: 'pods', name: 'p' });
});
