import { expect, test } from 'vitest';
import { enumOf } from './enums.ts';
import { message } from './fields.ts';

test('a field has the values that its declaration lists, in order', () => {
  expect(enumOf('core.PodSpec', 'restartPolicy')).toEqual(['Always', 'Never', 'OnFailure']);
  expect(enumOf('core.HostPathVolumeSource', 'type')?.[0]).toBe('');
  expect(enumOf('core.PodSpec', 'nodeName')).toBeUndefined();
  expect(enumOf('core.Nothing', 'restartPolicy')).toBeUndefined();
});

test('signals count from both ends of those in real time', () => {
  const signals = enumOf('core.Lifecycle', 'stopSignal') ?? [];
  expect(signals).toHaveLength(65);
  expect(new Set(signals).size).toBe(65);
  expect(signals).toEqual(enumOf('core.ContainerStatus', 'stopSignal'));
  for (const name of ['SIGTERM', 'SIGRTMIN+15', 'SIGRTMAX-14', 'SIGRTMAX']) expect(signals).toContain(name);
});

test.each([
  ['batch.CronJobSpec', 'concurrencyPolicy'],
  ['core.ServiceSpec', 'type'],
  ['networking.NetworkPolicySpec', 'policyTypes'],
  ['storage.StorageClass', 'volumeBindingMode'],
  ['admissionregistration.ValidatingWebhook', 'sideEffects'],
])('%s has the field %s', (type, field) => {
  expect(enumOf(type, field)?.length).toBeGreaterThan(1);
  expect(message(type)?.fields.map(({ name }) => name)).toContain(field);
});
