import { expect, test } from 'vitest';
import { actionsOf, federationsOf, mayPass, parsePairs } from './bulk.ts';

test('a kind has the actions that mean something for it', () => {
  expect(actionsOf({ group: 'apps', resource: 'deployments' })).toEqual(['restart', 'scale', 'label', 'delete']);
  expect(actionsOf({ group: '', resource: 'nodes' })).toEqual(['cordon', 'uncordon', 'label', 'delete']);
  expect(actionsOf({ group: 'batch', resource: 'cronjobs' })).toEqual(['suspend', 'resume', 'label', 'delete']);
  expect(actionsOf({ group: 'example.org', resource: 'nodes' })).toEqual(['label', 'delete']);
});

test('labels are set and removed as kubectl writes it', () => {
  expect(parsePairs('team=red app.kubernetes.io/part-of=shop, tier-')).toEqual({
    team: 'red',
    'app.kubernetes.io/part-of': 'shop',
    tier: null,
  });
  expect(parsePairs('empty=')).toEqual({ empty: '' });
  for (const wrong of ['', 'team', '=x', 'a=b c', 'a=-b', '-a=b']) expect(parsePairs(wrong), wrong).toBeNull();
});

test('what is refused by a right or a rule is told apart from what may pass a moment later', () => {
  expect(mayPass({ code: 'FORBIDDEN', retryable: false })).toBe(false);
  expect(mayPass({ code: 'INVALID', retryable: false })).toBe(false);
  expect(mayPass({ code: 'CONFLICT', retryable: false })).toBe(true);
  expect(mayPass({ code: 'CLUSTER_TIMEOUT', retryable: true })).toBe(true);
});

test('rows of federations are told apart by the federation, those of clusters are left out', () => {
  const row = (kind: 'cluster' | 'federation', id: string, name: string) => ({ target: { kind, id }, name });
  const rows = [
    row('federation', 'a', 'web'),
    row('cluster', 'a', 'web'),
    row('federation', 'b', 'web'),
    row('federation', 'a', 'api'),
  ];
  expect(federationsOf(rows).map(([id, refs]) => [id, refs.map(({ name }) => name)])).toEqual([
    ['a', ['web', 'api']],
    ['b', ['web']],
  ]);
});
