import { expect, test } from 'vitest';
import { shown, shownField } from './shown.ts';

test('values are shown with the names and the empty values of Go', () => {
  expect(shown('core.ObjectReference', { kind: 'Pod', uid: 'u' })).toEqual({
    Kind: 'Pod',
    Namespace: '',
    Name: '',
    UID: 'u',
    APIVersion: '',
    ResourceVersion: '',
    FieldPath: '',
  });
  expect(Object.keys(shown('core.ObjectReference', {}))[0]).toBe('Kind');
});

test('metadata are embedded, and maps are in order', () => {
  expect(shown('resource.ResourceClaimTemplateSpec', { metadata: { labels: { a: 'b' } } })).toEqual({
    labels: { a: 'b' },
    Spec: { Devices: { Requests: null, Constraints: null, Config: null } },
  });
  expect(JSON.stringify(shownField('storage.StorageClass', 'parameters', { b: '1', a: '2' }))).toBe(
    '{"a":"2","b":"1"}',
  );
});

test('what is absent is empty, or null where it is optional', () => {
  expect(shownField('events.Event', 'note', undefined)).toBe('');
  expect(shownField('events.Event', 'deprecatedCount', undefined)).toBe(0);
  expect(shownField('events.Event', 'related', undefined)).toBeNull();
  expect(shownField('storage.StorageClass', 'parameters', {})).toEqual({});
});
