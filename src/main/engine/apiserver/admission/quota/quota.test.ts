import { describe, expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { podResources } from '../pod-resources.ts';
import { inScope } from './scopes.ts';
import { amountsText, collectionFor, combine, growth, mask, missingRequests, usageOf } from './usage.ts';

const CORE = (resource: string) => ({ group: '', resource });

function pod(spec: Json, extra: Partial<KubeObject> = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec, ...extra };
}

function container(requests: Json, limits: Json = {}, extra: Json = {}): Json {
  return { name: 'c', image: 'i', resources: { requests, limits }, ...extra };
}

describe('what a pod asks for', () => {
  test('containers add up, init containers count where they ask for more', () => {
    const spec = {
      containers: [container({ cpu: '500m', memory: '1Gi' }), container({ cpu: '1' })],
      initContainers: [container({ cpu: '1', memory: '2Gi' }), container({ cpu: '2' })],
    };
    expect(podResources(spec, 'requests')).toEqual({ cpu: '2', memory: '2Gi' });
  });

  test('sidecars run beside everything that starts after them', () => {
    const spec = {
      containers: [container({ cpu: '1' })],
      initContainers: [container({ cpu: '200m' }, {}, { restartPolicy: 'Always' }), container({ cpu: '1500m' })],
    };
    expect(podResources(spec, 'requests')).toEqual({ cpu: '1700m' });
  });

  test('overhead is added to requests, to limits only where there are some', () => {
    const spec = { overhead: { cpu: '250m', memory: '10Mi' }, containers: [container({ cpu: '1' }, { cpu: '2' })] };
    expect(podResources(spec, 'requests')).toEqual({ cpu: '1250m', memory: '10Mi' });
    expect(podResources(spec, 'limits')).toEqual({ cpu: '2250m' });
  });
});

describe('usage', () => {
  test('a pod counts as object and with every name of what it asks for', () => {
    const spec = { containers: [container({ cpu: '1', 'example.com/gpu': '2' }, { memory: '1Gi' })] };
    expect(usageOf(CORE('pods'), pod(spec))).toEqual({
      'count/pods': '1',
      pods: '1',
      cpu: '1',
      'requests.cpu': '1',
      'requests.example.com/gpu': '2',
      'limits.memory': '1Gi',
    });
  });

  test('a pod that has ended counts as object alone', () => {
    const spec = { containers: [container({ cpu: '1' })] };
    expect(usageOf(CORE('pods'), pod(spec, { status: { phase: 'Succeeded' } }))).toEqual({ 'count/pods': '1' });
    const metadata = { name: 'p', deletionTimestamp: '2020-01-01T00:00:00Z', deletionGracePeriodSeconds: 30 };
    expect(usageOf(CORE('pods'), pod(spec, { metadata }))).toEqual({ 'count/pods': '1' });
  });

  test.each([
    [{ type: 'ClusterIP', ports: [{}] }, {}],
    [{ type: 'NodePort', ports: [{}, {}] }, { 'services.nodeports': '2' }],
    [
      { type: 'LoadBalancer', ports: [{}] },
      { 'services.nodeports': '1', 'services.loadbalancers': '1' },
    ],
    [
      { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false, ports: [{}] },
      { 'services.nodeports': '0', 'services.loadbalancers': '1' },
    ],
  ])('service %j', (spec, expected) => {
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec };
    expect(usageOf(CORE('services'), service)).toEqual({ 'count/services': '1', services: '1', ...expected });
  });

  test('a claim counts for its class too', () => {
    const spec = { storageClassName: 'fast', resources: { requests: { storage: '10Gi' } } };
    expect(usageOf(CORE('persistentvolumeclaims'), { apiVersion: 'v1', kind: 'P', metadata: {}, spec })).toEqual({
      'count/persistentvolumeclaims': '1',
      persistentvolumeclaims: '1',
      'requests.storage': '10Gi',
      'fast.storageclass.storage.k8s.io/persistentvolumeclaims': '1',
      'fast.storageclass.storage.k8s.io/requests.storage': '10Gi',
    });
  });

  test('any other kind is counted by its full name', () => {
    const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: {} };
    expect(usageOf({ group: 'apps', resource: 'deployments' }, deployment)).toEqual({ 'count/deployments.apps': '1' });
  });

  test.each([
    ['requests.cpu', '/pods'],
    ['limits.memory', '/pods'],
    ['requests.example.com/gpu', '/pods'],
    ['requests.storage', '/persistentvolumeclaims'],
    ['fast.storageclass.storage.k8s.io/requests.storage', '/persistentvolumeclaims'],
    ['services.nodeports', '/services'],
    ['secrets', '/secrets'],
    ['count/deployments.apps', 'apps/deployments'],
    ['count/pods', '/pods'],
    ['unheard-of', null],
  ])('%s is about %s', (name, expected) => {
    expect(collectionFor(name)).toBe(expected);
  });
});

describe('arithmetic', () => {
  test('is exact and keeps the notation', () => {
    expect(combine({ cpu: '900m', memory: '1Gi' }, { cpu: '100m', memory: '512Mi' })).toEqual({
      cpu: '1',
      memory: '1536Mi',
    });
    expect(combine({ cpu: '1' }, { cpu: '900m' }, -1)).toEqual({ cpu: '100m' });
    expect(combine({}, { memory: '1Gi' })).toEqual({ memory: '1Gi' });
  });

  test('growth leaves out what stays or shrinks', () => {
    expect(growth({ a: '1', b: '0', c: '-2' })).toEqual({ a: '1' });
    expect(growth({ b: '0' })).toBeNull();
  });

  test('amounts are shown in order', () => {
    expect(amountsText(mask({ b: '2', a: '1', c: '3' }, ['b', 'a']))).toBe('a=1,b=2');
  });
});

test('containers have to say what a quota limits', () => {
  const spec = {
    containers: [{ name: 'b' }, { name: 'a' }, container({ cpu: '1' }, { memory: '1Gi' })],
  };
  expect(missingRequests(spec, ['requests.cpu', 'limits.memory', 'pods'])).toBe(
    'must specify limits.memory for: a,b; requests.cpu for: a,b',
  );
  expect(missingRequests(spec, ['pods'])).toBeNull();
});

describe('scopes', () => {
  const quota = (spec: Json): KubeObject => ({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: {}, spec });
  const plain = pod({ containers: [{ name: 'c' }] });
  const hurried = pod({ activeDeadlineSeconds: 60, priorityClassName: 'high', containers: [container({ cpu: '1' })] });

  test.each([
    [{}, true, true],
    [{ scopes: ['BestEffort'] }, true, false],
    [{ scopes: ['NotBestEffort'] }, false, true],
    [{ scopes: ['Terminating'] }, false, true],
    [{ scopes: ['NotTerminating'] }, true, false],
    [
      { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['high'] }] } },
      false,
      true,
    ],
    [
      { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'NotIn', values: ['high'] }] } },
      true,
      false,
    ],
    [{ scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'Exists' }] } }, false, true],
    [{ scopes: ['Terminating', 'BestEffort'] }, false, false],
  ])('%j', (spec, first, second) => {
    expect([inScope(quota(spec), 'pods', plain), inScope(quota(spec), 'pods', hurried)]).toEqual([first, second]);
  });

  test('a quota with scopes of pods is about nothing else', () => {
    expect(inScope(quota({ scopes: ['BestEffort'] }), 'services', plain)).toBe(false);
  });
});
