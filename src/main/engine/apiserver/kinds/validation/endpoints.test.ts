import { judge } from '../test-support.ts';
import { validateEndpointPorts, validateEndpoints } from './endpoints.ts';

judge(
  (address: string) => validateEndpoints([{ addresses: [address] }], 'IPv4', 'e'),
  [
    [
      'an address is of the type of its slice',
      '2001:db8::1',
      ['e[0].addresses: Invalid value: "2001:db8::1": must be an IPv4 address'],
      '10.0.0.1',
    ],
    [
      'an address is not this machine',
      '127.0.0.1',
      ['e[0].addresses[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)'],
      '128.0.0.1',
    ],
    [
      'an address is not this wire',
      '169.254.1.1',
      [
        'e[0].addresses[0]: Invalid value: "169.254.1.1": may not be in the link-local range (169.254.0.0/16, fe80::/10)',
      ],
      '169.255.1.1',
    ],
  ],
);

judge(
  (address: string) => validateEndpoints([{ addresses: [address] }], 'IPv6', 'e'),
  [
    [
      'the shortest address is this machine',
      '::1',
      ['e[0].addresses[0]: Invalid value: "::1": may not be in the loopback range (127.0.0.0/8, ::1/128)'],
      '2001:db8::1',
    ],
    ['no address is none', '::', ['e[0].addresses[0]: Invalid value: "::": may not be unspecified (::)'], 'fd00::'],
  ],
);

judge(
  (address: string) => validateEndpoints([{ addresses: [address] }], 'FQDN', 'e'),
  [
    [
      'a domain has two segments',
      'host',
      ['e[0].addresses[0]: Invalid value: "host": should be a domain with at least two segments separated by dots'],
      'host.example.',
    ],
  ],
);

judge(
  (endpoints: object[]) => validateEndpoints(endpoints, 'IPv4', 'e', [{ addresses: ['::2'] }]),
  [
    [
      'what was there is not judged again',
      [{ addresses: ['::2'] }, { addresses: ['2001:db8::3'] }],
      ['e[1].addresses: Invalid value: "2001:db8::3": must be an IPv4 address'],
      [{ addresses: ['::2'] }, { addresses: ['10.0.0.3'] }],
    ],
  ],
);

judge(
  (ports: object[]) => validateEndpointPorts(ports, 'p'),
  [
    [
      'a name is used once',
      [
        { name: 'a', protocol: 'TCP' },
        { name: 'a', protocol: 'TCP' },
      ],
      ['p[1].name: Duplicate value: "a"'],
      [
        { name: 'a', protocol: 'TCP' },
        { name: '', protocol: 'UDP' },
      ],
    ],
    [
      'a protocol is a known one',
      [{ protocol: 'HTTP' }],
      ['p[0].protocol: Unsupported value: "HTTP": supported values: "SCTP", "TCP", "UDP"'],
      [{ protocol: 'SCTP', appProtocol: 'kubernetes.io/h2c' }],
    ],
  ],
);
