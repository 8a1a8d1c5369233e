import { expect, test } from 'vitest';
import { Collection, EVENTS_KEPT, UNITS_KEPT } from './collection.ts';
import { Stored } from './stored.ts';

/** So many changes of one object, each of it as large as is said. */
function changed(times: number, size: number): Collection {
  const collection = new Collection('/configmaps', 0);
  const text = 'x'.repeat(size);
  for (let revision = 1; revision <= times; revision++)
    collection.apply({
      type: 'MODIFIED',
      key: 'default/a',
      revision,
      current: Stored.ofText(text, revision),
      previous: null,
    });
  return collection;
}
const kept = (collection: Collection) => collection.eventsAfter(collection.compactedRevision)?.length;

test('of small objects so many changes are kept, of large ones so much text', () => {
  expect(kept(changed(EVENTS_KEPT * 2, 10))).toBe(EVENTS_KEPT * 2);
  expect(kept(changed(EVENTS_KEPT * 2 + 1, 10))).toBe(EVENTS_KEPT);
  const size = UNITS_KEPT / 256;
  expect(kept(changed(512, size))).toBe(512);
  const full = changed(513, size);
  expect([kept(full), full.compactedRevision, full.eventsAfter(256)]).toEqual([256, 257, null]);
  // As many again before it is looked at once more.
  expect(kept(changed(513 + 256, size))).toBe(512);
});

test('a few changes are kept, however large', () => {
  expect(kept(changed(257, UNITS_KEPT / 64))).toBe(128);
});
