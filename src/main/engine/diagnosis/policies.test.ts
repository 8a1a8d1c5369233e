import { describe, expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { inCidr, passage, type Surroundings } from './policies.ts';
import { pod, thing } from './testing.ts';

const at = (
  name: string,
  namespace: string,
  labels: Record<string, string>,
  ip = '10.1.0.5',
  spec: Json = {},
): KubeObject => pod({ metadata: { name, namespace, labels }, status: { podIP: ip, podIPs: [{ ip }] }, spec });
const api = at('api', 'shop', { app: 'api' }, '10.1.0.9');
const web = at('web', 'shop', { app: 'web' });
const nginx = at('nginx', 'ingress', { app: 'nginx' }, '10.1.0.7');
const HTTP = { number: 8080, protocol: 'TCP' };

const policy = (spec: Json, namespace = 'shop'): KubeObject =>
  thing('networking.k8s.io/v1', 'NetworkPolicy', 'p', { spec: { podSelector: {}, ...spec } }, namespace);
const incoming = (...rules: Json[]) => policy({ policyTypes: ['Ingress'], ingress: rules });
const outgoing = (...rules: Json[]) => policy({ policyTypes: ['Egress'], egress: rules });

function around(...policies: KubeObject[]): Surroundings {
  const labels: Record<string, Record<string, string>> = {
    shop: { 'kubernetes.io/metadata.name': 'shop', team: 'shop' },
    ingress: { 'kubernetes.io/metadata.name': 'ingress' },
  };
  return {
    policies: (namespace) => policies.filter(({ metadata }) => metadata.namespace === namespace),
    namespaceLabels: (name) => labels[name],
  };
}
const open = (from: KubeObject | string, to: KubeObject | string, policies: KubeObject[], port = HTTP): boolean => {
  const peer = (one: KubeObject | string) => (typeof one === 'string' ? { ip: one } : { pod: one });
  return passage(peer(from), peer(to), port, around(...policies)).open;
};

describe('without a policy that selects an end', () => {
  test('everything is open', () => {
    expect(open(web, api, [])).toBe(true);
    expect(open('203.0.113.9', api, [])).toBe(true);
    expect(open(web, api, [policy({ podSelector: { matchLabels: { app: 'other' } }, policyTypes: ['Ingress'] })])).toBe(
      true,
    );
    expect(open(web, api, [policy({ policyTypes: ['Ingress'] }, 'elsewhere')])).toBe(true);
  });
});

describe('ingress', () => {
  test.each<[string, Json[], KubeObject | string, boolean]>([
    ['no rule at all', [], web, false],
    ['a rule without peers and ports', [{}], nginx, true],
    ['pods of its namespace', [{ from: [{ podSelector: { matchLabels: { app: 'web' } } }] }], web, true],
    ['pods of its namespace, asked from another', [{ from: [{ podSelector: {} }] }], nginx, false],
    [
      'every pod of a namespace',
      [{ from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ingress' } } }] }],
      nginx,
      true,
    ],
    [
      'a namespace by a label that it lacks',
      [{ from: [{ namespaceSelector: { matchLabels: { name: 'ingress' } } }] }],
      nginx,
      false,
    ],
    ['every namespace', [{ from: [{ namespaceSelector: {} }] }], nginx, true],
    [
      'both selectors of one peer, both fit',
      [{ from: [{ namespaceSelector: {}, podSelector: { matchLabels: { app: 'nginx' } } }] }],
      nginx,
      true,
    ],
    [
      'both selectors of one peer, one fits',
      [{ from: [{ namespaceSelector: {}, podSelector: { matchLabels: { app: 'web' } } }] }],
      nginx,
      false,
    ],
    [
      'two peers, one fits',
      [{ from: [{ podSelector: { matchLabels: { app: 'x' } } }, { namespaceSelector: {} }] }],
      nginx,
      true,
    ],
    [
      'expressions',
      [{ from: [{ podSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['web', 'cart'] }] } }] }],
      web,
      true,
    ],
    ['selectors, from outside', [{ from: [{ namespaceSelector: {} }] }], '203.0.113.9', false],
    ['a range', [{ from: [{ ipBlock: { cidr: '203.0.113.0/24' } }] }], '203.0.113.9', true],
    [
      'a range but for a part',
      [{ from: [{ ipBlock: { cidr: '203.0.113.0/24', except: ['203.0.113.8/29'] } }] }],
      '203.0.113.9',
      false,
    ],
    ['a range of the other family', [{ from: [{ ipBlock: { cidr: '2001:db8::/32' } }] }], '203.0.113.9', false],
    ['a range of addresses of version 6', [{ from: [{ ipBlock: { cidr: '2001:db8::/32' } }] }], '2001:db8::7', true],
  ])('%s', (_what, rules, from, expected) => expect(open(from, api, [incoming(...rules)])).toBe(expected));

  test('policies add up', () => {
    expect(open(nginx, api, [incoming(), incoming({ from: [{ namespaceSelector: {} }] })])).toBe(true);
    expect(open(web, api, [incoming({ ports: [{ port: 9 }] }), incoming({ ports: [{ port: 10 }] })])).toBe(false);
  });

  test('a namespace that was not read is not held against anybody', () => {
    const stranger = at('x', 'unread', { app: 'x' });
    const some = incoming({ from: [{ namespaceSelector: { matchLabels: { team: 'x' } } }] });
    expect(open(stranger, api, [some])).toBe(true);
  });

  test('pods in the network of their node are addresses', () => {
    const host = at('h', 'shop', { app: 'web' }, '10.0.0.1', { hostNetwork: true });
    expect(open(host, api, [incoming({ from: [{ podSelector: {} }] })])).toBe(false);
    expect(open(host, api, [incoming({ from: [{ ipBlock: { cidr: '10.0.0.0/8' } }] })])).toBe(true);
    expect(open(web, host, [incoming()])).toBe(true);
  });
});

describe('ports', () => {
  test.each<[string, Json[], typeof HTTP, boolean]>([
    ['none: every port', [], HTTP, true],
    ['by number', [{ port: 8080 }], HTTP, true],
    ['another number', [{ port: 80 }], HTTP, false],
    ['a range', [{ port: 8000, endPort: 8999 }], HTTP, true],
    ['a range that ends before', [{ port: 8000, endPort: 8079 }], HTTP, false],
    ['by the name in the pod', [{ port: 'http' }], HTTP, true],
    ['by a name that the pod has not', [{ port: 'web' }], HTTP, false],
    ['another protocol', [{ port: 8080, protocol: 'UDP' }], HTTP, false],
    ['every port of a protocol', [{ protocol: 'UDP' }], { number: 53, protocol: 'UDP' }, true],
    ['one of several', [{ port: 1 }, { port: 8080 }], HTTP, true],
  ])('%s', (_what, ports, port, expected) => expect(open(web, api, [incoming({ ports })], port)).toBe(expected));

  test('a peer of one rule and a port of another are no way in', () => {
    const split = incoming(
      { from: [{ podSelector: {} }], ports: [{ port: 9 }] },
      { from: [{ namespaceSelector: { matchLabels: { team: 'x' } } }] },
    );
    expect(open(web, api, [split])).toBe(false);
  });
});

describe('egress', () => {
  test('closes the way at its begin', () => {
    const found = passage(
      { pod: web },
      { pod: api },
      HTTP,
      around(outgoing({ ports: [{ port: 53, protocol: 'UDP' }] })),
    );
    expect(found).toMatchObject({ open: false, closedBy: 'egress' });
    expect(found.policies).toHaveLength(1);
  });
  test('is judged by rules, and only of whom it selects', () => {
    expect(open(web, api, [outgoing({ to: [{ podSelector: { matchLabels: { app: 'api' } } }] })])).toBe(true);
    expect(open(web, api, [outgoing({ ports: [{ port: 'http' }] })])).toBe(true);
    expect(open(nginx, api, [outgoing()])).toBe(true);
    expect(open(web, '203.0.113.9', [outgoing({ to: [{ ipBlock: { cidr: '0.0.0.0/0' } }] })])).toBe(true);
    expect(open(web, '203.0.113.9', [outgoing({ to: [{ namespaceSelector: {} }] })])).toBe(false);
  });
  test('types that are not said follow from the rules', () => {
    expect(open(web, '203.0.113.9', [policy({ egress: [{ ports: [{ port: 443 }] }] })])).toBe(false);
    expect(open(web, '203.0.113.9', [policy({ ingress: [] })])).toBe(true);
    expect(open(web, api, [policy({})])).toBe(false);
  });
});

test.each<[string, string, boolean]>([
  ['10.1.2.3', '10.0.0.0/8', true],
  ['10.1.2.3', '10.1.2.3/32', true],
  ['10.1.2.3', '0.0.0.0/0', true],
  ['10.1.2.3', '10.1.2.3', false],
  ['10.1.2.3', '10.0.0.0/99', false],
  ['10.1.2.3', 'nonsense/8', false],
  ['', '10.0.0.0/8', false],
])('%s in %s: %s', (ip, cidr, expected) => expect(inCidr(ip, cidr)).toBe(expected));
