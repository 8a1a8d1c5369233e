import { expect, test } from 'vitest';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { definitionOf } from './columns/index.ts';
import { narrows, parseFilter } from './filter.ts';
import { projectRow, type RowSource, TextPool } from './row.ts';

const source: RowSource = {
  target: { kind: 'cluster', id: 'a' },
  prefix: 'cluster/a/',
  name: 'prod-eu',
  shared: new TextPool(),
};
const pods = definitionOf({ group: '', resource: 'pods' });
const NOW = Date.parse('2026-01-02T00:00:00Z');

function pod(
  name: string,
  change: { namespace?: string; labels?: Record<string, string>; restarts?: number; age?: string } = {},
) {
  const object: KubeObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: change.namespace ?? 'shop',
      labels: change.labels ?? { app: 'web' },
      creationTimestamp: change.age ?? '2026-01-01T23:00:00Z',
    },
    spec: { nodeName: 'worker-3', containers: [{ name: 'c', image: 'registry.example/web:1.2' }] },
    status: {
      phase: 'Running',
      containerStatuses: [{ name: 'c', ready: true, restartCount: change.restarts ?? 0, state: { running: {} } }],
    },
  };
  return projectRow(source, pods, object);
}

function matching(filter: string, rows: ReturnType<typeof pod>[]): string[] {
  const matches = parseFilter(pods, { filter, namespaces: [] }, () => NOW);
  return rows.filter(matches).map(({ name }) => name);
}

const rows = [
  pod('web-1', { restarts: 7, age: '2026-01-01T23:30:00Z' }),
  pod('web-2', { namespace: 'ops', labels: { app: 'web', tier: 'edge' } }),
  pod('api-1', { labels: { app: 'api' }, age: '2025-12-30T00:00:00Z' }),
];

test.each([
  ['', ['web-1', 'web-2', 'api-1']],
  ['WEB shop', ['web-1', 'api-1']],
  ['web-1|api', ['web-1', 'api-1']],
  ['-web-1', ['web-2', 'api-1']],
  ['label:tier', ['web-2']],
  ['label:app=web', ['web-1', 'web-2']],
  ['label:app=api|none', ['api-1']],
  ['label:app!=web', ['api-1']],
  ['-label:tier label:app=web', ['web-1']],
  ['ns:ops', ['web-2']],
  ['ns:ops|shop', ['web-1', 'web-2', 'api-1']],
  ['cluster:eu', ['web-1', 'web-2', 'api-1']],
  ['-cluster:eu', []],
  ['node:worker-3', ['web-1', 'web-2', 'api-1']],
  ['node=worker-3', ['web-1', 'web-2', 'api-1']],
  ['node!=worker-3', []],
  ['images:web:1.2', ['web-1', 'web-2', 'api-1']],
  ['restarts>5', ['web-1']],
  ['restarts<=0', ['web-2', 'api-1']],
  ['age<1h', ['web-1']],
  ['age>1d12h', ['api-1']],
  ['status:running|failed', ['web-1', 'web-2', 'api-1']],
  ['-status:ok', []],
])('%s', (filter, names) => {
  expect(matching(filter, rows)).toEqual(names);
});

test('a term that is still being typed hides nothing', () => {
  for (const filter of ['label:', 'status:', 'ns:', 'node:', 'restarts>', 'age<1', '-', '|'])
    expect(matching(filter, rows).length, filter).toBe(3);
});

test('what looks like a comparison but names no column is a word', () => {
  expect(matching('colour=red', rows)).toEqual([]);
});

test.each([
  ['', 'w', true],
  ['', '-web', true],
  ['w', 'web', true],
  ['web', 'web shop', true],
  ['web ', 'web -x', true],
  ['status:run web', 'status:run web-1', true],
  ['web', 'we', false],
  ['web', 'api', false],
  // More letters of these let more through, or make another term of it.
  ['-w', '-we', false],
  ['web', 'web|api', false],
  ['status', 'status:run', false],
  ['restarts>1', 'restarts>10', false],
  ['ns:a', 'ns:ab', false],
  ['label:a', 'label:app', false],
  ['age', 'age<1h', false],
  ['"a', '"a b', false],
  ['a', 'a" b"', false],
])('from %j to %j only narrows: %s', (before, after, expected) => {
  expect(narrows(before, after)).toBe(expected);
  if (!expected) return;
  const wide = matching(before, rows);
  for (const name of matching(after, rows)) expect(wide).toContain(name);
});
