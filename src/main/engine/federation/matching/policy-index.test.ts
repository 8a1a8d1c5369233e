/** The index answers as walking all policies would. */
import { expect, test } from 'vitest';
import { randomOf } from '../../../../../test/fixtures/random.ts';
import type { PropagationPolicy, ResourceSelector } from '../api.ts';
import { PolicyIndex } from './policy-index.ts';
import { selectorsPriority } from './selectors.ts';

const KINDS = [
  ['apps/v1', 'Deployment'],
  ['v1', 'ConfigMap'],
] as const;
const NAMESPACES = ['default', 'shop', undefined];
const NAMES = ['web', 'api', 'db'];

const next = randomOf(7);
const pick = <T>(values: readonly T[]): T => values[Math.floor(next() * values.length)] as T;

function selector(): ResourceSelector {
  const [apiVersion, kind] = pick(KINDS);
  const drawn = next();
  if (drawn < 0.6) return { apiVersion, kind, name: pick(NAMES) };
  return drawn < 0.8
    ? { apiVersion, kind }
    : { apiVersion, kind, labelSelector: { matchLabels: { app: pick(NAMES) } } };
}

function policy(name: string): PropagationPolicy {
  const namespace = pick(NAMESPACES);
  return {
    apiVersion: 'policy.karmada.io/v1alpha1',
    kind: namespace === undefined ? 'ClusterPropagationPolicy' : 'PropagationPolicy',
    metadata: { name, uid: `${name} ${next()}`, ...(namespace === undefined ? {} : { namespace }) },
    spec: { resourceSelectors: Array.from({ length: 1 + Math.floor(next() * 3) }, selector) },
  };
}

const keyOf = ({ metadata: { namespace, name = '' } }: PropagationPolicy): string =>
  namespace === undefined ? name : `${namespace}/${name}`;

test('what it offers are all policies that select an object, while policies come, change and go', () => {
  const index = new PolicyIndex();
  const all = new Map<string, PropagationPolicy>();
  let selecting = 0;
  for (let round = 0; round < 400; round++) {
    const made = policy(`p${Math.floor(next() * 40)}`);
    const key = keyOf(made);
    if (next() < 0.7) {
      index.put(made);
      all.set(key, made);
    } else {
      index.drop(key);
      all.delete(key);
    }
    expect(index.get(key)).toBe(all.get(key));
    const [apiVersion, kind] = pick(KINDS);
    const name = pick(NAMES);
    const namespace = pick(NAMESPACES);
    const object = { apiVersion, kind, metadata: { name, labels: { app: name }, ...(namespace && { namespace }) } };
    const selects = ({ spec }: PropagationPolicy): boolean => selectorsPriority(object, spec.resourceSelectors) > 0;
    const uids = (policies: Iterable<PropagationPolicy>): string[] =>
      [...policies]
        .filter(selects)
        .map(({ metadata }) => metadata.uid ?? '')
        .sort();
    const inScope = [...all.values()].filter(({ metadata }) => metadata.namespace === namespace);
    expect(uids(index.local(object))).toEqual(namespace === undefined ? [] : uids(inScope));
    const wide = [...all.values()].filter(({ metadata }) => metadata.namespace === undefined);
    expect(uids(index.wide(object))).toEqual(uids(wide));
    selecting += uids(wide).length;
  }
  expect(selecting).toBeGreaterThan(0);
});
