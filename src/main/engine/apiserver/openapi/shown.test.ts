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
  expect(JSON.stringify(shownField('storage.StorageClass', 'parameters', { parameters: { b: '1', a: '2' } }))).toBe(
    '{"a":"2","b":"1"}',
  );
});

test('pods are shown as they are inside', () => {
  const pod = shown('core.PodSpec', {
    hostNetwork: true,
    serviceAccount: 'x',
    os: { name: 'linux' },
    dnsPolicy: 'None',
  });
  const names = Object.keys(pod);
  expect(names.slice(0, 4)).toEqual(['Volumes', 'InitContainers', 'Containers', 'EphemeralContainers']);
  expect(names).not.toContain('ServiceAccount');
  expect(pod).toMatchObject({ OS: { Name: 'linux' }, DNSPolicy: 'None', SecurityContext: { HostNetwork: true } });
  expect(names.indexOf('PreemptionPolicy')).toBe(names.indexOf('DNSConfig') - 1);
  expect(shown('core.Volume', { rbd: { image: 'i' } })).toMatchObject({ RBD: { RBDImage: 'i' }, NFS: null });
});

test('what is absent is empty, or null where it is optional', () => {
  expect(shownField('events.Event', 'note', {})).toBe('');
  expect(shownField('events.Event', 'deprecatedCount', {})).toBe(0);
  expect(shownField('events.Event', 'related', {})).toBeNull();
  expect(shownField('storage.StorageClass', 'parameters', { parameters: {} })).toEqual({});
});
