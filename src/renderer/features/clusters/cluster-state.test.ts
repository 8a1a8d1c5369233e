import { describe, expect, test } from 'vitest';
import type { Cluster } from '#shared/contract/clusters.ts';
import { certificateEnd, endingCertificate, filterClusters, isStale, lastUpgrade, median } from './cluster-state.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const at = (days: number) => new Date(NOW + days * 86_400_000).toISOString();

describe('the end of a certificate', () => {
  test.each([
    [365, 'ok', 365],
    [30, 'ok', 30],
    [29.9, 'warning', 29],
    [0.5, 'warning', 0],
    [-0.5, 'error', -1],
    [-3, 'error', -3],
  ])('in %d days is %s', (days, level, shown) => {
    expect(certificateEnd(at(days), NOW)).toEqual({ level, days: shown });
  });

  test('is worth a word on the cluster only while something is to be done about it', () => {
    expect(endingCertificate({ certificate: null }, NOW)).toBeNull();
    expect(endingCertificate({ certificate: { whose: 'server', notAfter: at(90) } }, NOW)).toBeNull();
    expect(endingCertificate({ certificate: { whose: 'client', notAfter: at(3) } }, NOW)).toEqual({
      ...{ whose: 'client', level: 'warning', days: 3 },
    });
  });
});

test.each([
  ['running', false],
  ['creating', false],
  ['pending', false],
  ['changing', false],
  ['disconnected', true],
  ['abnormal', true],
  ['accessTimeout', true],
] as const)('what is shown of a cluster that is %s is stale: %s', (state, stale) => {
  expect(isStale({ state })).toBe(stale);
});

test('the median is a value of the list', () => {
  expect(median([5])).toBe(5);
  expect(median([9, 1, 5])).toBe(5);
  expect(median([4, 3, 2, 1])).toBe(2);
});

test('the last change of the version is told from everything else that was done', () => {
  const upgrade = (startedAt: string, message: string) => ({
    kind: 'upgrade' as const,
    startedAt,
    steps: [{ at: startedAt, step: 'version', result: 'passed' as const, message }],
  });
  const other = { kind: 'kubeconfig' as const, startedAt: at(3), steps: [] };
  expect(lastUpgrade([other])).toBeNull();
  expect(lastUpgrade([upgrade(at(1), 'v1.33.2 → v1.34.0'), other, upgrade(at(2), 'v1.34.0 → v1.35.1')])).toEqual({
    what: 'v1.34.0 → v1.35.1',
    at: at(2),
  });
});

describe('the filter', () => {
  const cluster = (name: string, provider: string) =>
    ({ name, provider, region: 'eu', version: 'v1.33.2', server: 'https://10.0.0.1', state: 'running' }) as Cluster;
  const all = [cluster('shop', 'eks'), cluster('office', 'k3s'), cluster('lab', 'my-own')];
  const find = (text: string, provider = '') =>
    filterClusters(all, { text, provider, state: '', type: '', region: '' }, (id) =>
      id === 'eks' ? 'Amazon EKS' : id,
    ).map(({ name }) => name);

  test('finds a provider by its id and by its name; every word has to occur', () => {
    expect(find('amazon')).toEqual(['shop']);
    expect(find('EKS v1.33')).toEqual(['shop']);
    expect(find('my-own')).toEqual(['lab']);
    expect(find('amazon office')).toEqual([]);
  });

  test('a chosen provider is compared by its id', () => {
    expect(find('', 'k3s')).toEqual(['office']);
    expect(find('', 'Amazon EKS')).toEqual([]);
  });
});
