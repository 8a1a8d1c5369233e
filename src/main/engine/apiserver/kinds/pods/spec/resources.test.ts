import { judge } from '../../test-support.ts';
import { validateResources } from './resources.ts';

const pages = { 'hugepages-2Mi': '4Mi' };

judge(
  (resources) => validateResources(resources, 'r', new Set(['gpu'])),
  [
    [
      'a request is within its limit',
      { requests: { cpu: '2' }, limits: { cpu: '1500m' } },
      ['r.requests: Invalid value: "2": must be less than or equal to cpu limit of 1500m'],
      { requests: { cpu: '1500m' }, limits: { cpu: '1.5' } },
    ],
    [
      'an amount is not negative',
      { limits: { memory: '-1' } },
      ['r.limits[memory]: Invalid value: "-1": must be greater than or equal to 0'],
      { limits: { memory: '0' } },
    ],
    [
      'an unprefixed name is known',
      { limits: { cups: '1' } },
      [
        'r.limits[cups]: Invalid value: "cups": must be a standard resource type or fully qualified',
        'r.limits[cups]: Invalid value: "cups": must be a standard resource for containers',
      ],
      { limits: { 'ephemeral-storage': '1Gi' } },
    ],
    [
      'a name known elsewhere is none of a container',
      { requests: { pods: '1' } },
      ['r.requests[pods]: Invalid value: "pods": must be a standard resource for containers'],
      { requests: { cpu: '1' } },
    ],
    [
      'devices are whole',
      { limits: { 'nvidia.com/gpu': '0.5' } },
      ['r.limits[nvidia.com/gpu]: Invalid value: "500m": must be an integer'],
      { limits: { 'nvidia.com/gpu': '2' } },
    ],
    [
      'devices have a limit',
      { requests: { 'nvidia.com/gpu': '1' } },
      ['r.limits: Required value: Limit must be set for non overcommitable resources'],
      { requests: { 'nvidia.com/gpu': '1' }, limits: { 'nvidia.com/gpu': '1' } },
    ],
    [
      'devices are there or not',
      { requests: { 'nvidia.com/gpu': '1' }, limits: { 'nvidia.com/gpu': '2' } },
      ['r.requests: Invalid value: "1": must be equal to nvidia.com/gpu limit of 2'],
      { limits: { 'example.org/licence': '3' } },
    ],
    [
      'an extended resource does not start like a quota',
      { limits: { 'requests.example.org/a': '1' } },
      [
        'r.limits[requests.example.org/a]: Invalid value: "requests.example.org/a": doesn\'t follow extended resource name standard',
      ],
      { limits: { 'example.org/a': '1' } },
    ],
    [
      'huge pages are whole pages',
      { limits: { cpu: '1', 'hugepages-2Mi': '3Mi' } },
      ['r.limits[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi'],
      { limits: { cpu: '1', ...pages } },
    ],
    [
      'huge pages come with memory or processors',
      { limits: pages },
      ['r: Forbidden: HugePages require cpu or memory'],
      { limits: { ...pages, memory: '1Gi' } },
    ],
    [
      'a claim is one of the pod',
      { claims: [{ name: 'fpga' }] },
      ['r.claims[0]: Not found: "fpga": must be one of the names in pod.spec.resourceClaims: gpu'],
      { claims: [{ name: 'gpu' }] },
    ],
  ],
);
