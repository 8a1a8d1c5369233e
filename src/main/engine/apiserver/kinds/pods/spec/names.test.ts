import { judge } from '../../test-support.ts';
import { validateDns, validateHostAliases } from './names.ts';

const config = (dnsConfig: object): unknown => ({ dnsPolicy: 'ClusterFirst', dnsConfig });

judge(
  (spec) => validateDns(spec, 'spec'),
  [
    [
      'a policy is a known one',
      { dnsPolicy: 'First' },
      [
        'spec.dnsPolicy: Unsupported value: "First": supported values: "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"',
      ],
      { dnsPolicy: 'Default' },
    ],
    [
      'without a policy there is a configuration',
      { dnsPolicy: 'None' },
      ['spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None'],
      { dnsPolicy: 'None', dnsConfig: { nameservers: ['10.0.0.1'] } },
    ],
    [
      'a name server is an address',
      config({ nameservers: ['dns.example.org'] }),
      [
        'spec.dnsConfig.nameservers[0]: Invalid value: "dns.example.org": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      ],
      config({ nameservers: ['2001:db8::1'] }),
    ],
    [
      'there are three name servers at most',
      config({ nameservers: ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'] }),
      [
        'spec.dnsConfig.nameservers: Invalid value: ["10.0.0.1","10.0.0.2","10.0.0.3","10.0.0.4"]: must not have more than 3 nameservers',
      ],
      config({ nameservers: ['10.0.0.1', '10.0.0.2', '10.0.0.3'] }),
    ],
    [
      'an option is named',
      config({ options: [{ value: '2' }] }),
      ['spec.dnsConfig.options[0]: Required value: must not be empty'],
      config({ options: [{ name: 'ndots', value: '2' }], searches: ['_tcp.example.org.', '.'] }),
    ],
  ],
);

judge(
  (aliases) => validateHostAliases(aliases, 'aliases'),
  [
    [
      'an alias is of an address',
      [{ ip: 'a', hostnames: ['b'] }],
      ['aliases[0].ip: Invalid value: "a": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'],
      [{ ip: '10.0.0.1', hostnames: ['b.example.org'] }],
    ],
  ],
);
