import { expect, test } from 'vitest';
import { objectOfTable } from './table.ts';

test('a bookmark without a row says how far the watch is, and that the initial events have ended', () => {
  const annotations = { 'k8s.io/initial-events-end': 'true' };
  const bookmark = (metadata: object) => ({ kind: 'Table', metadata, columnDefinitions: null, rows: null });
  expect(objectOfTable(bookmark({ resourceVersion: '7', annotations }), [])?.metadata).toEqual({
    resourceVersion: '7',
    annotations,
  });
  expect(objectOfTable(bookmark({ resourceVersion: '8' }), [])?.metadata).toEqual({ resourceVersion: '8' });
  expect(objectOfTable(bookmark({}), [])).toBeNull();
});
