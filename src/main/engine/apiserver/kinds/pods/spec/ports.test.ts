import { judge } from '../../test-support.ts';
import { validateHostNetworkPorts, validateHostPorts, validatePorts } from './ports.ts';

const port = (more: object): unknown => [{ containerPort: 80, protocol: 'TCP', ...more }];
const containers = (...ports: object[]): unknown => ports.map((each) => ({ ports: [each] }));

judge(
  (ports) => validatePorts(ports, 'ports'),
  [
    ['a port has a number', [{ protocol: 'TCP' }], ['ports[0].containerPort: Required value'], port({})],
    [
      'a number is one of a port',
      port({ hostPort: 65536 }),
      ['ports[0].hostPort: Invalid value: 65536: must be between 1 and 65535, inclusive'],
      port({ hostPort: 65535 }),
    ],
    [
      'a protocol is a known one',
      port({ protocol: 'HTTP' }),
      ['ports[0].protocol: Unsupported value: "HTTP": supported values: "SCTP", "TCP", "UDP"'],
      port({ protocol: 'SCTP' }),
    ],
    [
      'a name has at most fifteen characters',
      port({ name: 'a-very-long-name' }),
      ['ports[0].name: Invalid value: "a-very-long-name": must be no more than 15 characters'],
      port({ name: 'a-quite-long-na' }),
    ],
    [
      'a name is used once',
      [
        { name: 'web', containerPort: 80, protocol: 'TCP' },
        { name: 'web', containerPort: 81, protocol: 'TCP' },
      ],
      ['ports[1].name: Duplicate value: "web"'],
      [
        { name: 'web', containerPort: 80, protocol: 'TCP' },
        { name: 'admin', containerPort: 81, protocol: 'TCP' },
      ],
    ],
  ],
);

judge(
  (list: object[]) => validateHostPorts(list, 'c'),
  [
    [
      'a port of the node is taken once',
      containers({ hostPort: 80, protocol: 'TCP' }, { hostPort: 80, protocol: 'TCP' }),
      ['c[1].ports[0].hostPort: Duplicate value: "TCP//80"'],
      containers({ hostPort: 80, protocol: 'TCP' }, { hostPort: 80, protocol: 'UDP' }),
    ],
  ],
);

const onHost = (hostPort?: number): unknown => ({
  hostNetwork: true,
  containers: containers({ containerPort: 80, hostPort }),
});
const MATCH = 'must match `containerPort` when `hostNetwork` is true';

judge(
  (spec) => validateHostNetworkPorts(spec, 'spec', true),
  [
    [
      'in the network of the host a pod has one port',
      onHost(),
      [`spec.containers[0].ports[0].hostPort: Invalid value: 0: ${MATCH}`],
      onHost(80),
    ],
  ],
);

judge(
  (spec) => validateHostNetworkPorts(spec, 'spec', false),
  [
    [
      'a template may leave it to its pods',
      onHost(81),
      [`spec.containers[0].ports[0].hostPort: Invalid value: 81: ${MATCH}`],
      onHost(),
    ],
  ],
);
