import { expect, test } from 'vitest';
import type { Json } from '#shared/kubernetes/types.ts';
import { defaultPodResources, validatePodResources } from './pod-resources.ts';

const container = (requests: Json, limits: Json = {}) => ({ resources: { requests, limits } });
const problems = (spec: Json) =>
  validatePodResources(spec, 'spec', new Set()).map(({ field, message }) => `${field}: ${message}`);

test.each<[string, Json, Json]>([
  ['a pod that says nothing is left alone', { containers: [container({ cpu: '1' })] }, undefined],
  [
    'what the containers request counts where the pod has a limit',
    {
      resources: { limits: { cpu: '4', memory: '1Gi' } },
      containers: [container({ cpu: '1' }), container({ cpu: '500m' })],
    },
    { limits: { cpu: '4', memory: '1Gi' }, requests: { cpu: '1500m', memory: '1Gi' } },
  ],
  [
    'a sidecar runs beside all, an init container before them',
    {
      resources: { limits: { cpu: '9' } },
      initContainers: [{ ...container({ cpu: '1' }), restartPolicy: 'Always' }, container({ cpu: '4' })],
      containers: [container({ cpu: '2' })],
    },
    { limits: { cpu: '9' }, requests: { cpu: '5' } },
  ],
  [
    'huge pages have the limits of the containers',
    { resources: { limits: { cpu: '1' } }, containers: [container({}, { 'hugepages-2Mi': '4Mi' })] },
    { limits: { cpu: '1', 'hugepages-2Mi': '4Mi' }, requests: { cpu: '1', 'hugepages-2Mi': '4Mi' } },
  ],
  ['requests alone stay alone', { resources: { requests: { cpu: '1' } }, containers: [] }, { requests: { cpu: '1' } }],
])('%s', (_name, spec, expected) => {
  defaultPodResources(spec);
  expect(spec.resources).toEqual(expected);
});

test.each<[string, Json, string[]]>([
  ['nothing to judge', { containers: [] }, []],
  [
    'not on Windows',
    { os: { name: 'windows' }, resources: {} },
    ['spec.resources: Forbidden: may not be set for a windows pod'],
  ],
  [
    'only what pods have',
    { resources: { requests: { 'ephemeral-storage': '1Gi' } } },
    [
      'spec.resources.requests[ephemeral-storage]: Unsupported value: "ephemeral-storage": supported values: "cpu", "hugepages-", "memory"',
    ],
  ],
  [
    'no less than the containers request',
    { resources: { requests: { cpu: '1' } }, containers: [container({ cpu: '600m' }), container({ cpu: '600m' })] },
    [
      'spec.resources.requests[cpu]: Invalid value: "1": must be greater than or equal to aggregate container requests of 1200m',
    ],
  ],
  [
    'no container above the pod',
    { resources: { limits: { memory: '1Gi' } }, containers: [container({}, { memory: '2Gi' })] },
    [
      'spec.resources.containers[0][memory].limits: Invalid value: "2Gi": must be less than or equal to pod limits of 1Gi',
    ],
  ],
])('%s', (_name, spec, expected) => {
  expect(problems(spec)).toEqual(expected);
});
