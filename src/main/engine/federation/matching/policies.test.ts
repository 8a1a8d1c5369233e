/** Which policy claims an object, and which may take it away from another. */
import { describe, expect, test } from 'vitest';
import type { PolicySpec, PropagationPolicy } from '../api.ts';
import { choosePolicy, preemptor } from './policies.ts';

const web = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default', labels: { app: 'web' } },
};
const byName = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
const byLabel = { apiVersion: 'apps/v1', kind: 'Deployment', labelSelector: { matchLabels: { app: 'web' } } };
const byKind = { apiVersion: 'apps/v1', kind: 'Deployment' };

function policy(name: string, spec: Partial<PolicySpec>, namespace: string | undefined = 'default'): PropagationPolicy {
  return {
    apiVersion: 'policy.karmada.io/v1alpha1',
    kind: namespace === undefined ? 'ClusterPropagationPolicy' : 'PropagationPolicy',
    metadata: { name, uid: `uid-${name}`, ...(namespace === undefined ? {} : { namespace }) },
    spec: { resourceSelectors: [byName], ...spec },
  };
}
const wide = (name: string, spec: Partial<PolicySpec>): PropagationPolicy => {
  const made = policy(name, spec);
  delete made.metadata.namespace;
  return { ...made, kind: 'ClusterPropagationPolicy' };
};

describe('the policy that claims', () => {
  test.each([
    ['the higher priority', [policy('a', {}), policy('b', { priority: 1, resourceSelectors: [byKind] })], 'b'],
    [
      'the more precise selector',
      [policy('a', { resourceSelectors: [byKind] }), policy('b', { resourceSelectors: [byLabel] })],
      'b',
    ],
    ['the name before the label', [policy('a', { resourceSelectors: [byLabel] }), policy('b', {})], 'b'],
    ['the smaller name', [policy('b', {}), policy('a', {})], 'a'],
    [
      'none that selects something else',
      [policy('a', { resourceSelectors: [{ ...byName, name: 'other' }] })],
      undefined,
    ],
  ])('%s', (_, policies, expected) => {
    expect(choosePolicy(web, policies)?.metadata.name).toBe(expected);
  });
  test('is not one under deletion', () => {
    const going = policy('a', {});
    going.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
    expect(choosePolicy(web, [going, policy('b', {})])?.metadata.name).toBe('b');
  });
});

describe('taking away', () => {
  const always = (priority: number, more: Partial<PolicySpec> = {}) => ({ preemption: 'Always', priority, ...more });
  const holder = policy('holder', { priority: 5 });
  const wideHolder = wide('holder', { priority: 5 });
  test.each([
    ['a strictly higher priority takes', holder, [policy('p', always(6))], 'p'],
    ['an equal priority does not', holder, [policy('p', always(5))], undefined],
    ['without Always nothing is taken', holder, [policy('p', { priority: 9 })], undefined],
    [
      'a selector without a name takes nothing',
      holder,
      [policy('p', always(9, { resourceSelectors: [byLabel] }))],
      undefined,
    ],
    ['a policy of another namespace takes nothing', holder, [policy('p', always(9), 'other')], undefined],
    [
      'a namespaced policy takes from a cluster-wide one whatever its priority',
      wideHolder,
      [policy('p', always(0))],
      'p',
    ],
    ['a cluster-wide one takes from its like by priority', wideHolder, [wide('p', always(6))], 'p'],
    ['a cluster-wide one never takes from a namespaced one', holder, [wide('p', always(9))], undefined],
    ['the namespaced one goes first', wideHolder, [wide('w', always(9)), policy('p', always(0))], 'p'],
    ['nobody takes from itself', holder, [policy('holder', always(9))], undefined],
  ])('%s', (_, claiming, policies, expected) => {
    expect(preemptor(web, claiming, policies)?.metadata.name).toBe(expected);
  });
});
