import { describe, expect, test } from 'vitest';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { Stored } from './stored.ts';

function large(name: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, labels: { name }, resourceVersion: '5' },
    data: { filler: 'x'.repeat(100_000) },
  };
}

describe('a stored object', () => {
  test('keeps its text, labels and content when the decoded form is forgotten', () => {
    const all = Array.from({ length: 300 }, (_, i) => Stored.ofObject(large(`n${i}`), i));
    const first = all[0]!;
    const before = first.object;
    for (const each of all) expect(each.text).toContain(each.object.metadata.name);
    expect(first.labels).toEqual({ name: 'n0' });
    const again = first.object;
    expect(again).not.toBe(before);
    expect(again).toEqual(before);
    // The youngest is still there as it was.
    expect(all[299]!.object).toBe(all[299]!.object);
  });

  test('one that is asked for again and again stays decoded', () => {
    const busy = Stored.ofText(JSON.stringify(large('busy')), 1);
    const object = busy.object;
    for (let i = 0; i < 300; i++) {
      expect(Stored.ofText(JSON.stringify(large(`n${i}`)), i).object.metadata.name).toBe(`n${i}`);
      expect(busy.object).toBe(object);
    }
  });

  test('one that was just created is forgotten early, unless somebody looks at it', () => {
    const [before, other] = [large('seen'), large('unseen')];
    const [seen, unseen] = [Stored.ofObject(before, 1, true), Stored.ofObject(other, 2, true)];
    expect(seen.object).toBe(before);
    // Which of these texts is the one too many depends on what else was created before.
    for (const each of [seen, unseen]) expect(each.text).toContain('filler');
    for (let i = 0; i < 3; i++) expect(Stored.ofObject(large(`n${i}`), i, true).text).toContain(`n${i}`);
    expect(seen.object).toBe(before);
    expect(unseen.object).not.toBe(other);
    expect(unseen.object).toEqual(other);
  });

  test('says which fields it cannot have', () => {
    const stored = Stored.ofObject(large('a'), 1);
    expect([stored.mayHave('labels'), stored.mayHave('ownerReferences')]).toEqual([true, false]);
  });
});
