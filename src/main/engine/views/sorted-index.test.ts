import { describe, expect, test } from 'vitest';
import { quantityValue } from '#shared/kubernetes/quantity.ts';
import type { KindDefinition } from './columns/index.ts';
import { parseFilter } from './filter.ts';
import { arrange, byName, compareBy } from './order.ts';
import type { Row } from './row.ts';
import { SortedIndex } from './sorted-index.ts';

const definition: KindDefinition = {
  resource: 'things',
  columns: (
    [
      ['ready', 'text'],
      ['status', 'status'],
      ['count', 'number'],
      ['memory', 'quantity'],
      ['age', 'age'],
      ['ip', 'text'],
    ] as const
  ).map(([id, kind]) => ({ id, title: id, kind, priority: 0, cell: () => null })),
};
const sources = ['a', 'b'].map((id) => ({
  target: { kind: 'cluster' as const, id },
  prefix: `cluster/${id}/`,
  name: id,
}));
let made = 0;

function row(name: string, cells: Row['cells'] = Array(6).fill(null), change: Partial<Row> = {}): Row {
  made += 1;
  return {
    source: sources[0] as Row['source'],
    uid: `u${made}`,
    namespace: 'ns',
    name,
    cells,
    level: 'none',
    labels: '',
    search: null,
    ...change,
  };
}

function sorted(column: string, descending: boolean, rows: Row[]): string[] {
  const order = { column, descending };
  const arranged = arrange(rows.toSorted(byName), definition, order);
  expect(rows.toSorted(compareBy(definition, order))).toEqual(arranged);
  return arranged.map((one) => one.name);
}

describe('order', () => {
  test.each([
    ['ready', ['10/10', '9/10', '2/3', '2/2'], ['2/2', '2/3', '9/10', '10/10']],
    ['count', [10, 9, -1, 2], [-1, 2, 9, 10]],
    ['memory', ['1Gi', '900Mi', '2G', '1100Mi'], ['900Mi', '1Gi', '1100Mi', '2G']],
    [
      'age',
      ['2026-01-01T00:00:00Z', '2026-03-01T00:00:00Z', '2026-02-01T00:00:00Z'],
      ['2026-03-01T00:00:00Z', '2026-02-01T00:00:00Z', '2026-01-01T00:00:00Z'],
    ],
    ['ip', ['10.0.0.10', 'fd00::1', '10.0.0.9', '9.0.0.1'], ['9.0.0.1', '10.0.0.9', '10.0.0.10', 'fd00::1']],
    ['count', [2 ** 40, 0.5, -(2 ** 40), 3], [-(2 ** 40), 0.5, 3, 2 ** 40]],
    // Of times that are not whole seconds too.
    ['age', ['2026-01-01T00:00:00.500Z', '2026-01-01T00:00:00Z'], ['2026-01-01T00:00:00.500Z', '2026-01-01T00:00:00Z']],
  ])('by %s goes by value, and empty cells come last both ways', (column, values, expected) => {
    const at = definition.columns.findIndex((candidate) => candidate.id === column);
    const rows = [null, ...values].map((value) => row(String(value), Array(6).fill(null).with(at, value)));
    expect(sorted(column, false, rows)).toEqual([...expected.map(String), 'null']);
    expect(sorted(column, true, rows)).toEqual([...expected.map(String).reverse(), 'null']);
  });

  test('by namespace, target, or a column that is not there falls back on names', () => {
    const rows = [
      row('x', undefined, { namespace: 'b' }),
      row('y', undefined, { namespace: 'a' }),
      row('a', undefined, { source: sources[1] as Row['source'] }),
    ];
    expect(sorted('namespace', false, rows)).toEqual(['y', 'x', 'a']);
    expect(sorted('target', true, rows)).toEqual(['a', 'y', 'x']);
    expect(sorted('nonsense', false, rows)).toEqual(['a', 'x', 'y']);
  });

  test('stays right under any mixture of small and large batches of changes', () => {
    let state = 12345;
    const random = (below: number): number => {
      state = (state * 1103515245 + 12345) % 2147483648;
      return state % below;
    };
    const fresh = (): Row => row(`n${random(50)}`, [null, null, random(5) === 0 ? null : random(6), null, null]);
    for (const descending of [false, true]) {
      const compare = compareBy(definition, { column: 'count', descending });
      let rows = Array.from({ length: 200 }, fresh);
      const index = new SortedIndex(rows.toSorted(compare), compare);
      for (let round = 0; round < 60; round++) {
        const removed = rows.filter(() => random(10) === 0).slice(0, random(40));
        const added = Array.from({ length: random(40) }, fresh);
        index.apply(removed, added);
        rows = [...rows.filter((one) => !removed.includes(one)), ...added];
        expect(index.window(0, 1000)).toEqual([...rows].sort(compare));
      }
    }
  });
});

describe('filter', () => {
  const web = row('Web-1', ['1/1', 'Running', 3, null, null], { labels: '\napp=web\ntier=front end\n', level: 'ok' });
  const db = row('db-1', ['0/1', 'CrashLoopBackOff', 9, null, null], {
    namespace: 'data',
    labels: '\napp=webdb\n',
    level: 'error',
    source: sources[1] as Row['source'],
  });

  test.each([
    ['', ['Web-1', 'db-1']],
    ['WEB', ['Web-1']],
    ['run web', ['Web-1']],
    ['web crash', []],
    ['data', ['db-1']],
    ['label:app', ['Web-1', 'db-1']],
    ['label:app=web', ['Web-1']],
    ['"label:tier=front end"', ['Web-1']],
    ['label:ap', []],
    ['status:crash', ['db-1']],
    ['status:error', ['db-1']],
    ['status:web', []],
    ['status: label:', ['Web-1', 'db-1']],
    ['"', ['Web-1', 'db-1']],
    ['.*', []],
  ])('%s', (filter, expected) => {
    const matches = parseFilter(definition, { filter, namespaces: [] });
    expect([web, db].filter(matches).map((one) => one.name)).toEqual(expected);
  });

  test('namespaces narrow, and leave what has none', () => {
    const matches = parseFilter(definition, { filter: '', namespaces: ['data'] });
    expect([web, db, row('node', undefined, { namespace: '' })].filter(matches).map((one) => one.name)).toEqual([
      'db-1',
      'node',
    ]);
  });
});

test.each([
  ['100m', 0.1],
  ['1', 1],
  ['1.5', 1.5],
  ['16Gi', 16 * 2 ** 30],
  ['2k', 2000],
  ['1e3', 1000],
  ['1E', 1e18],
  ['-5', -5],
  ['abc', null],
  ['', null],
  ['5 Gi', null],
])('the quantity %s is %s', (text, value) => expect(quantityValue(text)).toBe(value));
