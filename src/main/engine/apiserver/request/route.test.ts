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
