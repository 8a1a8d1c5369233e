import { describe, expect, test } from 'vitest';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { KEYS } from '../api.ts';
import { isAsDesired, mergedObject, withoutMarks } from './desired.ts';

const object = (metadata: KubeObject['metadata'], spec: object = {}): KubeObject => ({
  apiVersion: 'example.com/v1',
  kind: 'Thing',
  metadata: { name: 'x', ...metadata },
  spec,
});

describe('writing over what a member has', () => {
  test('labels of the member stay, labels that the federation has dropped go', () => {
    const observed = object({
      labels: { theirs: '1', dropped: '1', kept: 'old' },
      annotations: { [KEYS.managedLabels]: 'dropped,kept' },
      resourceVersion: '7',
    });
    const merged = mergedObject(object({ labels: { kept: 'new' } }), observed);
    expect(merged.metadata.labels).toEqual({ theirs: '1', kept: 'new' });
    expect(merged.metadata.resourceVersion).toBe('7');
  });

  test('defaults that the member filled in are no difference, another value is', () => {
    const wanted = object({}, { a: 1, list: [{ name: 'c' }], empty: {} });
    const observed = object({ uid: 'u' }, { a: 1, list: [{ name: 'c', added: true }], extra: 2 });
    expect(isAsDesired(mergedObject(wanted, observed), observed)).toBe(true);
    expect(isAsDesired(mergedObject(wanted, observed), object({ uid: 'u' }, { a: 2, list: [{ name: 'c' }] }))).toBe(
      false,
    );
    expect(
      isAsDesired(mergedObject(wanted, observed), object({}, { a: 1, list: [{ name: 'c' }, { name: 'd' }] })),
    ).toBe(false);
  });

  test('letting go removes every mark and nothing else', () => {
    const kept = withoutMarks(
      object({ labels: { [KEYS.managed]: 'true', app: 'x' }, annotations: { [KEYS.workName]: 'w', note: 'n' } }),
    );
    expect(kept.metadata).toMatchObject({ labels: { app: 'x' }, annotations: { note: 'n' } });
  });
});
