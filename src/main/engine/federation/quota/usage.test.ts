import { describe, expect, test } from 'vitest';
import type { BindingSpec, FederatedResourceQuota } from '../api.ts';
import { changesUsage, exceededText, totalUsage, usageOf } from './usage.ts';

const resource = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'web' };
const web = (replicas: number[], cpu = '250m', memory = '64Mi'): BindingSpec => ({
  resource,
  replicas: replicas.reduce((sum, one) => sum + one, 0),
  replicaRequirements: { resourceRequest: { cpu, memory } },
  clusters: replicas.map((count, index) => ({ name: `m${index}`, replicas: count })),
});
const quota = (overall: Record<string, string>): FederatedResourceQuota => ({
  apiVersion: 'policy.karmada.io/v1alpha1',
  kind: 'FederatedResourceQuota',
  metadata: { namespace: 'default', name: 'team' },
  spec: { overall },
});

describe('what a workload takes of a quota', () => {
  test('is replicas times requests over all clusters', () => {
    expect(usageOf(web([2, 3]))).toEqual({ cpu: '1250m', memory: '320Mi' });
  });

  test('is nothing before it is placed, or without requests', () => {
    expect(usageOf({ resource, replicas: 3, replicaRequirements: { resourceRequest: { cpu: '1' } } })).toEqual({});
    expect(usageOf({ resource, replicas: 3, clusters: [{ name: 'm', replicas: 3 }] })).toEqual({});
  });

  test('counts every component in every cluster', () => {
    const spec: BindingSpec = {
      resource,
      clusters: [{ name: 'a' }, { name: 'b' }],
      components: [
        { name: 'job', replicas: 1, replicaRequirements: { resourceRequest: { cpu: '1' } } },
        { name: 'task', replicas: 3, replicaRequirements: { resourceRequest: { cpu: '500m' } } },
      ],
    };
    expect(usageOf(spec)).toEqual({ cpu: '5' });
  });

  test('is summed for the resources that the quota names and no others', () => {
    expect(totalUsage({ cpu: '10', pods: '5' }, [web([1]), web([1, 2], '1')])).toEqual({ cpu: '3250m' });
  });

  test('moving replicas between clusters changes nothing, more of them does', () => {
    expect(changesUsage(web([2, 3]), web([5, 0]))).toBe(false);
    expect(changesUsage(web([2, 3]), web([3, 3]))).toBe(true);
    expect(changesUsage(null, web([1]))).toBe(true);
  });
});

test('a quota that would be exceeded is named with resource, sum and limit; its very limit is allowed', () => {
  expect(exceededText(quota({ cpu: '2' }), { cpu: '2000m' })).toBeNull();
  expect(exceededText(quota({ cpu: '2', memory: '1Gi' }), { cpu: '1', memory: '1025Mi' })).toBe(
    'FederatedResourceQuota(default/team) exceeded for resource memory: requested sum 1025Mi, limit 1Gi',
  );
});
