import { expect, test } from 'vitest';
import { createProfile } from '../profiles/profile.ts';
import { planWorkloads } from './plan.ts';

test.each([
  0, 1, 999, 30_000,
])('a plan for %d pods has exactly so many, in workloads with names of their own', (pods) => {
  const plan = planWorkloads('7', pods, 6);
  expect(plan.reduce((sum, { replicas }) => sum + replicas, 0)).toBe(pods);
  expect(new Set(plan.map(({ namespace, name }) => `${namespace}/${name}`)).size).toBe(plan.length);
  expect(plan).toEqual(planWorkloads('7', pods, 6));
});

test('a thousand nodes have addresses and names of their own, whatever the provider', () => {
  for (let index = 0; index < 12; index++) {
    const { nodes } = createProfile({ index, seed: 1, nodes: 1000 });
    expect(nodes).toHaveLength(1000);
    expect(new Set(nodes.map(({ ip }) => ip)).size).toBe(1000);
    expect(new Set(nodes.map(({ name }) => name)).size).toBe(1000);
    expect(new Set(nodes.map(({ podCidr }) => podCidr)).size).toBe(1000);
    for (const { ip } of nodes) expect(ip.split('.').every((part) => Number(part) <= 255)).toBe(true);
  }
});

test('enough nodes are made for the pods where their number is not given', () => {
  expect(createProfile({ index: 0, seed: 1, pods: 3000 }).nodes.length).toBe(100);
});
