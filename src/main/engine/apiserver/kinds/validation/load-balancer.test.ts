import { expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { validateIngressStatus, validateServiceStatus } from './load-balancer.ts';

const withIngress = (ingress: Json[], type = 'LoadBalancer'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 's' },
  spec: { type },
  status: { loadBalancer: { ingress } },
});
const AT = 'status.loadBalancer.ingress';

test.each<[string, KubeObject, KubeObject | null, string[]]>([
  ['an address and how it is reached', withIngress([{ ip: '1.2.3.4', ipMode: 'VIP' }]), null, []],
  [
    'a service of another type has none',
    withIngress([{ hostname: 'a.b' }], 'NodePort'),
    null,
    [`${AT}: Forbidden: may only be used when \`spec.type\` is 'LoadBalancer'`],
  ],
  [
    'an address of an old form is no new one',
    withIngress([{ ip: '01.2.3.4', ipMode: 'VIP' }]),
    null,
    [`${AT}[0].ip: Invalid value: "01.2.3.4": must not have leading 0s`],
  ],
  [
    'but may stay',
    withIngress([{ ip: '01.2.3.4', ipMode: 'VIP' }]),
    withIngress([{ ip: '01.2.3.4', ipMode: 'VIP' }]),
    [],
  ],
  [
    'modes and names',
    withIngress([{ ip: '1.2.3.4', ipMode: 'X' }, { ipMode: 'VIP' }, { hostname: '1.2.3.4' }]),
    null,
    [
      `${AT}[0].ipMode: Unsupported value: "X": supported values: "Proxy", "VIP"`,
      `${AT}[1].ipMode: Forbidden: may not be specified when \`ip\` is not set`,
      `${AT}[2].hostname: Invalid value: "1.2.3.4": must be a DNS name, not an IP address`,
    ],
  ],
])('services: %s', (_about, service, old, expected) => {
  expect(validateServiceStatus(service, old).map(({ field, message }) => `${field}: ${message}`)).toEqual(expected);
});

test('ingresses have no modes', () => {
  expect(validateIngressStatus(withIngress([{ ip: '1.2.3.4' }, { hostname: 'a.b' }]), null)).toEqual([]);
  expect(validateIngressStatus(withIngress([{ ip: 'x' }]), null).map(({ field }) => field)).toEqual([`${AT}[0].ip`]);
});
