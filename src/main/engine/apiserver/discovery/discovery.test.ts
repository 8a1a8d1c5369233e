import { describe, expect, test } from 'vitest';
import type { Json } from '#shared/kubernetes/types.ts';
import { createKindRegistry } from '../kinds/index.ts';
import { compareVersions, discovery } from './index.ts';

const registry = createKindRegistry();
const AGGREGATED =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json';

const body = (path: string, accept = 'application/json'): Json =>
  discovery(registry, path, accept, 'api.example:6443')?.body;

describe('plain discovery', () => {
  test('groups list their versions, the preferred first', () => {
    const group = body('/apis').groups.find((each: Json) => each.name === 'autoscaling');
    expect(group.versions.map((each: Json) => each.version)).toEqual(['v2', 'v1']);
    expect(group.preferredVersion.version).toBe('v2');
  });

  test('subresources of another group say which', () => {
    const scale = body('/apis/apps/v1').resources.find((each: Json) => each.name === 'deployments/scale');
    expect(scale).toEqual({
      name: 'deployments/scale',
      singularName: '',
      namespaced: true,
      group: 'autoscaling',
      version: 'v1',
      kind: 'Scale',
      verbs: ['get', 'patch', 'update'],
    });
  });

  test('groups come by their priority, resources by their names: clients take the first that fits', () => {
    expect(body('/apis').groups.map((each: Json) => each.name)).toEqual([
      'apiregistration.k8s.io',
      'apps',
      'events.k8s.io',
      'authentication.k8s.io',
      'authorization.k8s.io',
      'autoscaling',
      'batch',
      'certificates.k8s.io',
      'networking.k8s.io',
      'policy',
      'rbac.authorization.k8s.io',
      'storage.k8s.io',
      'admissionregistration.k8s.io',
      'apiextensions.k8s.io',
      'scheduling.k8s.io',
      'coordination.k8s.io',
      'node.k8s.io',
      'discovery.k8s.io',
      'resource.k8s.io',
      'flowcontrol.apiserver.k8s.io',
    ]);
    const names = body('/api/v1').resources.map((each: Json) => each.name);
    expect(names).toEqual([...names].sort());
  });

  test('hashes are those of the version that objects are stored in', () => {
    const hash = (path: string) => body(path).resources[0].storageVersionHash;
    expect(hash('/apis/events.k8s.io/v1')).toBe('r2yiGXH7wu8=');
    expect(hash('/apis/autoscaling/v1')).toBe('qwQve8ut294=');
    expect(hash('/apis/autoscaling/v2')).toBe('qwQve8ut294=');
  });

  test.each([
    '/apis/nope',
    '/apis/apps/v9',
    '/api/v9',
    '/other',
    '/apis/apps/v1/deployments',
  ])('%s names nothing', (path) => {
    expect(discovery(registry, path, '', '')).toBeNull();
  });
});

describe('aggregated discovery', () => {
  test('is given to who asks for v2, with a tag to ask again', () => {
    const answer = discovery(registry, '/apis', AGGREGATED, '');
    expect(answer?.contentType).toBe('application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList');
    expect(answer?.etag).toMatch(/^"[0-9A-F]+"$/);
    expect((answer?.body as Json).kind).toBe('APIGroupDiscoveryList');
  });

  test('older clients get the plain lists', () => {
    const beta = 'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json';
    expect(body('/apis', beta).kind).toBe('APIGroupList');
    expect(body('/apis/apps', AGGREGATED).kind).toBe('APIGroup');
    // So does who asks with a slash behind.
    expect(body('/apis/', AGGREGATED).kind).toBe('APIGroupList');
  });
});

test('versions are ordered as Kubernetes orders them', () => {
  const order = ['foo1', 'v1alpha1', 'v2', 'v1beta2', 'v10', 'v1', 'v1beta10', 'bar'].sort(compareVersions);
  expect(order).toEqual(['v10', 'v2', 'v1', 'v1beta10', 'v1beta2', 'v1alpha1', 'bar', 'foo1']);
});
