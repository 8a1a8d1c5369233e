import { expect, test } from 'vitest';
import { FEDERATION_TABLES } from './tables.ts';

test('a cluster is shown as Karmada shows it: zones as a list, what is not known in words', () => {
  const [columns = []] = Object.values(FEDERATION_TABLES);
  const shown = (object: object): unknown[] => {
    const cluster = { apiVersion: 'cluster.karmada.io/v1alpha1', kind: 'Cluster', ...object };
    return columns.map(({ cell }) => cell(cluster as never, Date.parse('2026-01-01T01:00:00Z')));
  };
  const metadata = { name: 'm1', creationTimestamp: '2026-01-01T00:00:00Z' };
  const spec = { syncMode: 'Push', apiEndpoint: 'https://m1:6443', zones: ['z1', 'z2'], region: 'r', provider: 'p' };
  const conditions = [{ type: 'Ready', status: 'True' }];
  expect(shown({ metadata, spec, status: { kubernetesVersion: 'v1.36.2', conditions } })).toEqual([
    'v1.36.2',
    'Push',
    'True',
    '60m',
    'z1,z2',
    'r',
    'p',
    'https://m1:6443',
    '<none>',
  ]);
  expect(shown({ metadata, spec: { syncMode: 'Pull' } })).toEqual([
    '',
    'Pull',
    'Unknown',
    '60m',
    '<none>',
    '<none>',
    '<none>',
    '',
    '<none>',
  ]);
});
