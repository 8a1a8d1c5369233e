import { expect, test } from 'vitest';
import type { KindDefinition } from '../types.ts';
import { sendsEmpty } from './emptiness.ts';

const policy = { schema: 'io.k8s.api.networking.v1.NetworkPolicy', countsEmpty: true } as KindDefinition;
const hooks = {
  schema: 'io.k8s.api.admissionregistration.v1.ValidatingWebhookConfiguration',
  countsEmpty: true,
} as KindDefinition;

test.each<[string, KindDefinition, object, boolean]>([
  ['a list', policy, { spec: { egress: [] } }, true],
  ['a list in an item of one', policy, { spec: { ingress: [{ from: [] }] } }, true],
  ['a map', policy, { spec: { podSelector: { matchLabels: {} } } }, true],
  ['no bytes', hooks, { webhooks: [{ clientConfig: { caBundle: '' } }] }, true],
  ['a structure', policy, { spec: { podSelector: {} } }, false],
  ['what is absent or null', policy, { spec: { egress: null } }, false],
  ['what is filled in', policy, { spec: { policyTypes: [] } }, false],
  ['metadata', policy, { metadata: { labels: {} }, spec: {} }, false],
  ['a field that there is not', policy, { spec: { other: [] } }, false],
  ['text', hooks, { webhooks: [{ name: '' }] }, false],
  ['a kind that does not count it', { ...policy, countsEmpty: undefined! }, { spec: { egress: [] } }, false],
])('%s: whether it was sent as empty', (_what, kind, sent, expected) => {
  expect(sendsEmpty(kind, sent)).toBe(expected);
});
