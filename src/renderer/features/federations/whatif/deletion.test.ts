import { expect, test } from 'vitest';
import { deletionOf } from './deletion.ts';

const named = (apiVersion: string, kind: string, namespace = 'shop') => ({ apiVersion, kind, namespace, name: 'web' });

test('a template is supposed to be gone, a policy by its key', () => {
  const object = named('apps/v1', 'Deployment');
  expect(deletionOf(object)).toEqual({ kind: 'deleteTemplate', object });
  expect(deletionOf(named('policy.karmada.io/v1alpha1', 'PropagationPolicy'))).toEqual({
    kind: 'deletePolicy',
    key: 'shop/web',
  });
  expect(deletionOf(named('policy.karmada.io/v1alpha1', 'ClusterPropagationPolicy', ''))).toEqual({
    kind: 'deletePolicy',
    key: 'web',
  });
});

test('what decides nothing about placement is not supposed', () => {
  expect(deletionOf(named('policy.karmada.io/v1alpha1', 'OverridePolicy'))).toBeNull();
  expect(deletionOf(named('work.karmada.io/v1alpha1', 'Work', 'karmada-es-north'))).toBeNull();
});
