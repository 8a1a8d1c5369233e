import { expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { podWarnings, templateWarnings } from './warnings.ts';

const port = (more: Json) => ({ containerPort: 80, protocol: 'TCP', ...more });
const ports = (...list: Json[]) => ({ containers: [{ ports: list }] });

test.each<[string, Json, string[]]>([
  ['nothing is wrong with little', { containers: [{ name: 'c' }] }, []],
  [
    'a grace period below nothing',
    { terminationGracePeriodSeconds: -1 },
    ['spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1'],
  ],
  [
    'volumes that nothing serves',
    { volumes: [{ rbd: {} }, { storageos: {} }] },
    [
      'spec.volumes[0].rbd: deprecated in v1.28, non-functional in v1.31+',
      'spec.volumes[1].storageOS: deprecated in v1.22, non-functional in v1.25+',
    ],
  ],
  [
    'names given twice or empty',
    { hostAliases: [{ ip: '1.1.1.1' }, { ip: '1.1.1.1' }], imagePullSecrets: [{ name: '' }] },
    ['spec.hostAliases[1].ip: duplicate ip "1.1.1.1"', 'spec.imagePullSecrets[0].name: invalid empty name ""'],
  ],
  [
    'half a byte',
    { containers: [{ resources: { limits: { memory: '1500m' } } }] },
    ['spec.containers[0].resources.limits[memory]: fractional byte value "1500m" is invalid, must be an integer'],
  ],
  [
    'a variable that hides another',
    {
      containers: [
        {
          env: [
            { name: 'A', value: '1' },
            { name: 'A', value: '2' },
          ],
        },
      ],
    },
    ['spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply'],
  ],
  [
    'a variable made of another',
    {
      containers: [
        {
          env: [
            { name: 'A', value: '1' },
            { name: 'A', value: '$(A):2' },
          ],
        },
      ],
    },
    [],
  ],
  [
    'a port given twice',
    ports(port({}), port({})),
    ['spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]'],
  ],
  [
    'ports that overlap',
    ports(port({ hostPort: 8080 }), port({})),
    ['spec.containers[0].ports[1]: overlapping port definition with spec.containers[0].ports[0]'],
  ],
  [
    'ports that cannot be told apart',
    ports(port({ hostPort: 8080, hostIP: '10.0.0.1' }), port({ hostPort: 8080 })),
    ['spec.containers[0].ports[1]: dangerously ambiguous port definition with spec.containers[0].ports[0]'],
  ],
  [
    'an address of the host without its port',
    ports(port({ hostIP: '10.0.0.1' })),
    [
      'spec.containers[0].ports[0]: hostIP set without hostPort: {Name: HostPort:0 ContainerPort:80 Protocol:TCP HostIP:10.0.0.1}',
    ],
  ],
  [
    'a port name given twice',
    ports(port({ name: 'x' }), port({ name: 'x', containerPort: 81 })),
    [
      'spec.containers[0].ports[1]: duplicate port name "x" with spec.containers[0].ports[0], services and probes that select ports by name will use spec.containers[0].ports[0]',
    ],
  ],
  [
    'a term that matches nobody',
    {
      topologySpreadConstraints: [{}],
      affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{}] } },
    },
    [
      'spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in matching no pod',
      'spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector: a null labelSelector results in matching no pod',
    ],
  ],
  [
    'labels of nodes that have another name',
    { nodeSelector: { 'beta.kubernetes.io/os': 'linux' } },
    ['spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead'],
  ],
  [
    'files in the way of others',
    { volumes: [{ name: 'v', secret: { secretName: 's', items: [{ path: 'a' }, { path: 'a/b' }, { path: 'ab' }] } }] },
    ['volume "v" (Secret "s"): overlapping paths: "a/b" with "a"'],
  ],
  [
    'addresses that have a plainer form',
    { hostAliases: [{ ip: 'FD00::1' }] },
    ['spec.hostAliases[0].ip: IPv6 address "FD00::1" should be in RFC 5952 canonical format ("fd00::1")'],
  ],
])('%s', (_name, spec, expected) => {
  expect(podWarnings({ spec })).toEqual(expected);
});

test('a template is warned of when it is new or changed, not when its object is written again', () => {
  const warnings = templateWarnings(['spec', 'template']);
  const workload = (replicas: number): KubeObject =>
    ({
      metadata: { generation: replicas },
      spec: { replicas, template: { spec: { terminationGracePeriodSeconds: -1 } } },
    }) as unknown as KubeObject;
  expect(warnings(workload(1), null)).toHaveLength(1);
  expect(warnings(workload(1), workload(1))).toEqual([]);
  expect(warnings(workload(2), workload(1))).toHaveLength(1);
});
