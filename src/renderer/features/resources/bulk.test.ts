import { expect, test } from 'vitest';
import { actionsOf, parsePairs } from './bulk.ts';

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
