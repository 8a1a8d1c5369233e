/** Zones that endpoints are meant for: as many for each as it has CPU. */
import { expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { cpuRatios, zoneHints } from './topology-hints.ts';

const node = (zone: string, cpu: string, more: { ready?: string; labels?: Json } = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: zone, labels: { 'topology.kubernetes.io/zone': zone, ...more.labels } },
  status: { allocatable: { cpu }, conditions: [{ type: 'Ready', status: more.ready ?? 'True' }] },
});
const endpoints = (zones: string, notReady = ''): Json[] => [
  ...[...zones].map((zone) => ({ zone, conditions: { ready: true } })),
  ...[...notReady].map((zone) => ({ zone, conditions: { ready: false } })),
];
const EVEN = cpuRatios([node('a', '4'), node('b', '4')]);
const hints = (zones: string, ratios = EVEN, notReady = '') => {
  const found = zoneHints(endpoints(zones, notReady), ratios);
  return found.problem ?? found.zones.map((zone) => zone ?? '-').join('');
};

test('the shares of zones are those of ready workers', () => {
  const control = { labels: { 'node-role.kubernetes.io/control-plane': '' } };
  const nodes = [
    node('a', '2'),
    node('a', '4'),
    node('b', '2'),
    node('b', '8', { ready: 'False' }),
    node('c', '8', control),
  ];
  expect([...(cpuRatios(nodes) ?? [])]).toEqual([
    ['a', 0.75],
    ['b', 0.25],
  ]);
  expect(cpuRatios([node('a', '4'), node('a', '4')])).toBeNull();
  expect(cpuRatios([node('a', '4'), node('', '4')])).toBeNull();
});

test.each([
  ['where they are, if that fits', 'aabb', 'aabb'],
  ['for another zone, if theirs has too many', 'aaab', 'baab'],
  ['all of them in one zone', 'aaaa', 'bbaa'],
  ['too few for the zones', 'a', 'Insufficient number of endpoints (1 endpoints, 2 zones)'],
  [
    'as many as go without overload',
    'aab',
    'Unable to allocate minimum required endpoints to each zone without exceeding overload threshold (3 endpoints, 2 zones)',
  ],
])('%s', (_what, zones, expected) => {
  expect(hints(zones)).toBe(expected);
});

test('those that are not ready get none and do not count', () => {
  expect(hints('ab', EVEN, 'a')).toBe('ab-');
});

test('without knowledge of the nodes there are none', () => {
  expect(hints('ab', null)).toContain('Insufficient Node information');
});
