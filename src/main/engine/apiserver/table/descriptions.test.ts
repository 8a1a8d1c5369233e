/** Columns say what they show. */
import { expect, test } from 'vitest';
import { createKindRegistry } from '../kinds/index.ts';
import { columnDescription } from './descriptions.ts';
import { toTable } from './index.ts';

test('every column of every kind is described', () => {
  const bare = createKindRegistry()
    .all()
    .filter(({ verbs }) => verbs.includes('list'))
    .flatMap((kind) =>
      toTable(kind, [], {}, { includeObject: 'None', now: 0 })
        .columnDefinitions!.filter(({ description }) => description === '')
        .map(({ name }) => `${kind.resource} ${name}`),
    );
  // The real one says nothing of this one either.
  expect(bare).toEqual(['runtimeclasses Handler']);
});

test('by the documentation of a field, or by a text of its own', () => {
  expect(columnDescription('persistentvolumes', 'StorageClass')).toBe('StorageClass of the pv');
  expect(columnDescription('events', 'Count')).toBe('The number of times this event has occurred.');
  expect(columnDescription('none', 'Count')).toBe('');
});
