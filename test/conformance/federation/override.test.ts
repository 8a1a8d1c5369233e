/** Override policies change objects as Karmada v1.19.0-rc.0 changed them. */
import { expect, test } from 'vitest';
import type { ClusterLike, OverridePolicy } from '#engine/federation/api.ts';
import { applyOverridePolicies } from '#engine/federation/override/policies.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { differences, readCases } from './cases.ts';

interface OverrideCase {
  id: string;
  object: KubeObject;
  cluster: ClusterLike;
  policies: OverridePolicy[];
  expect?: KubeObject;
  applied?: { cluster: string[] | null; namespaced: string[] | null };
  error?: true;
}

const names = (applied: readonly { policyName: string }[]): string[] | null =>
  applied.length === 0 ? null : applied.map((entry) => entry.policyName);

test('every recorded override gives the same object by the same policies', () => {
  const cases = readCases<OverrideCase>('override.jsonl.gz');
  expect(cases.length).toBeGreaterThan(500);
  const found = differences(cases, (recorded) => {
    const expected = recorded.error ? 'error' : { object: recorded.expect, applied: recorded.applied };
    try {
      const result = applyOverridePolicies(recorded.object, recorded.cluster, recorded.policies);
      const applied = { cluster: names(result.cluster), namespaced: names(result.namespaced) };
      return { expected, actual: { object: result.object, applied } };
    } catch {
      return { expected, actual: 'error' };
    }
  });
  expect(found.slice(0, 3)).toEqual([]);
});

test('overriding never changes the template it was given', () => {
  for (const { object, cluster, policies } of readCases<OverrideCase>('override.jsonl.gz').slice(0, 200)) {
    const before = JSON.stringify(object);
    try {
      applyOverridePolicies(object, cluster, policies);
    } catch {
      // A refused override must leave the template alone as well.
    }
    expect(JSON.stringify(object)).toBe(before);
  }
});
