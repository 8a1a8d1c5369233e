import { expect, test } from 'vitest';
import type { Json } from '#shared/kubernetes/types.ts';
import { podResources } from './pod-resources.ts';

const needs = (cpu: string, more: Json = {}) => ({ resources: { requests: { cpu } }, ...more });

test.each<[string, Json, Json]>([
  ['containers stand side by side', { containers: [needs('100m'), needs('200m')] }, { cpu: '300m' }],
  [
    'init containers come one after the other',
    { initContainers: [needs('1'), needs('500m')], containers: [needs('100m')] },
    { cpu: '1' },
  ],
  [
    'sidecars stand beside both',
    { initContainers: [needs('300m', { restartPolicy: 'Always' }), needs('1')], containers: [needs('100m')] },
    { cpu: '1300m' },
  ],
  [
    'a runtime has its overhead',
    { containers: [needs('100m')], overhead: { cpu: '50m', memory: '10Mi' } },
    { cpu: '150m', memory: '10Mi' },
  ],
  ['the pod has the last word', { containers: [needs('100m')], resources: { requests: { cpu: '2' } } }, { cpu: '2' }],
  ['nothing is nothing', undefined, {}],
])('%s', (_name, spec, expected) => {
  expect(podResources(spec, 'requests')).toEqual(expected);
});

test('overhead adds to limits only where there are some', () => {
  const spec = { containers: [{ resources: { limits: { cpu: '1' } } }], overhead: { cpu: '100m', memory: '10Mi' } };
  expect(podResources(spec, 'limits')).toEqual({ cpu: '1100m' });
});
