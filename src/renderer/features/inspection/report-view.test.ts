/** Addresses of reports: whatever they say, the page gets a filter it can ask with. */
import { expect, test } from 'vitest';
import { parseView } from './report-view.ts';

test('the plain address shows everything, by object', () => {
  expect(parseView({})).toEqual({
    by: 'object',
    open: undefined,
    filtered: false,
    filter: { severities: [], types: [], namespaces: [], rules: [], clusters: [], text: '', change: 'current' },
  });
});

test('an address names view, filters, grouping and what is open', () => {
  const view = parseView({
    severity: 'danger,notice',
    type: 'security',
    ns: 'shop,-',
    rule: 'NodeStatus',
    cluster: 'east',
    q: 'web',
    change: 'fixed',
    by: 'rule',
    open: 'NodeStatus',
  });
  expect(view).toMatchObject({ by: 'rule', open: 'NodeStatus', filtered: true });
  expect(view.filter).toEqual({
    severities: ['danger', 'notice'],
    types: ['security'],
    // What belongs to no namespace is asked for by an empty name.
    namespaces: ['shop', ''],
    rules: ['NodeStatus'],
    clusters: ['east'],
    text: 'web',
    change: 'fixed',
  });
});

test('what no report has is left out', () => {
  expect(parseView({ severity: 'fatal', type: 'taste', change: 'maybe', by: 'colour' })).toMatchObject({
    by: 'object',
    filter: { severities: [], types: [], change: 'current' },
  });
});
