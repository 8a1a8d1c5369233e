import { expect, test } from 'vitest';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { isMoved, stageOf } from './objects.ts';

const verbs = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];
const stage = (group: string, kind: string) => stageOf({ group, kind, resource: `${kind.toLowerCase()}s`, verbs });

test('what the network of one server is made of stays with it', () => {
  for (const kind of ['ServiceCIDR', 'IPAddress']) expect(stage('networking.k8s.io', kind)).toBeNull();
  expect(stage('networking.k8s.io', 'Ingress')).toBe('templates');
  expect(stage('internal.apiserver.k8s.io', 'StorageVersion')).toBeNull();
});

test('the webhooks of Karmada itself stay, those of a person go along', () => {
  const configuration = (name: string, webhooks: string[]): KubeObject => ({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name },
    webhooks: webhooks.map((one) => ({ name: one })),
  });
  const karmada = configuration('validating-config', ['propagationpolicy.karmada.io', 'work.karmada.io']);
  expect(isMoved(karmada, 'templates')).toBe(false);
  expect(isMoved(configuration('mine', ['teams.example.org']), 'templates')).toBe(true);
});
