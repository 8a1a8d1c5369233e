import { expect, test } from 'vitest';
import { fullName, kindName, sectionOf } from './kinds.ts';

test('a kind is called as its cluster calls it, else as everybody does', () => {
  const metrics = { group: 'metrics.k8s.io', resource: 'pods' };
  expect(kindName({ group: '', resource: 'pods' })).toBe('Pod');
  expect(kindName(metrics, [{ ...metrics, kind: 'PodMetrics' }])).toBe('PodMetrics');
  expect(kindName(metrics)).toBe('pods');
  expect([fullName(metrics), fullName({ group: '', resource: 'pods' })]).toEqual(['pods.metrics.k8s.io', 'pods']);
});

test.each([
  ['example.com', 'widgets', 'custom'],
  ['apiregistration.k8s.io', 'apiservices', 'builtin'],
  ['', 'podtemplates', 'builtin'],
  ['apps', 'deployments', 'workloads'],
])('kinds of %s: %s are among %s', (group, resource, section) => {
  expect(sectionOf({ group, resource })).toBe(section);
});
