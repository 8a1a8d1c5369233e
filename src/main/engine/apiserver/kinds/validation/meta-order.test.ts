/** The order and number of complaints about metadata, as kube-apiserver 1.36.2 told them of each kind. */
import { expect, test } from 'vitest';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { type MetaChecks, subdomainName, validateMeta } from './meta.ts';

const LETTERS: Record<string, string> = {
  'metadata.labels': 'L',
  'metadata.annotations': 'A',
  'metadata.ownerReferences.apiVersion': 'O',
  'metadata.finalizers': 'F',
  'metadata.finalizers[0]': '0',
  'metadata.generateName': 'G',
};
const object: KubeObject = {
  apiVersion: 'v1',
  kind: 'X',
  metadata: {
    name: 'x',
    generateName: '[',
    labels: { a: 'x y' },
    annotations: { 'a b': 'c' },
    finalizers: ['x y'],
    ownerReferences: [{ kind: 'x', name: 'n', uid: 'u' }] as never,
  },
};
const told = (old: KubeObject | null, checks: MetaChecks, custom = false): string =>
  validateMeta(object, old, false, subdomainName, checks, custom)
    .map(({ field }) => LETTERS[field])
    .join('');

test.each<[MetaChecks, string]>([
  ['none', 'LAOFLAO'],
  ['change', 'LAOFLAOLAO0'],
  ['object', 'LAOFLAOGLAOF0'],
  ['both', 'LAOFLAOLAO0GLAOF0'],
  ['twice', 'LAOFLAOGLAOF0GLAOF0'],
])('an update of a kind that looks at its metadata: %s', (checks, expected) => {
  expect(told(object, checks)).toBe(expected);
});

test('finalizers of custom resources need no domain', () => {
  expect(told(object, 'change', true)).toBe('LAOFLAOLAO');
});

test('a new object is looked at once, less so by kinds that leave metadata to others', () => {
  expect(told(null, 'both')).toBe('GLAOF0');
  expect(told(null, 'none')).toBe('LAOF');
});
