import { expect, test } from 'vitest';
import { wellTyped } from './well-typed.ts';

const object = (fields: object) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' }, ...fields });

test('what is as it should be is the same object, amounts by resource and event times without a value included', () => {
  for (const good of [
    object({ spec: { containers: [{ name: 'app', args: ['-v'], resources: { limits: { pods: '1' } } }] } }),
    object({ status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True', lastProbeTime: null }] } }),
    object({ status: { capacity: { pods: '110' }, addresses: [{ type: 'InternalIP', address: '10.0.0.1' }] } }),
    object({ endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready: true } }] }),
    object({ rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] }),
    object({ spec: { limits: [{ type: 'Container', default: { cpu: '1' } }] } }),
    object({ firstTimestamp: null, lastTimestamp: null, eventTime: '2026-06-01T12:00:00Z' }),
    object({ spec: { anythingElse: 7, volumeClaimTemplates: [{ status: { phase: 'Pending' } }] } }),
  ])
    expect(wellTyped(good)).toBe(good);
});

test.each([
  ['a text for a list', { spec: { containers: 'app' } }, { spec: {} }],
  ['a list for an object', { spec: ['x'] }, {}],
  ['null for an object', { spec: null }, {}],
  ['a number for a text', { spec: { nodeName: 7 } }, { spec: {} }],
  [
    'what is no object in a list of them, without moving the others',
    { spec: { volumes: [null, { name: 'a' }] } },
    {
      spec: { volumes: [{}, { name: 'a' }] },
    },
  ],
  ['what is no text in a list of them', { rules: [{ verbs: ['get', 7] }] }, { rules: [{ verbs: ['get'] }] }],
  ['what is no text among labels', { metadata: { labels: { a: 'b', c: 7 } } }, { metadata: { labels: { a: 'b' } } }],
  ['metadata that are none', { metadata: 'web' }, { metadata: {} }],
  ['a deletion without a time', { metadata: { deletionTimestamp: null } }, { metadata: {} }],
])('%s goes, and the rest stays', (_, given, expected) => {
  expect(wellTyped(object(given))).toEqual(object(expected));
});
