import { describe, expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { letsThrough, type Peer } from './policies.ts';

function pod(name: string, namespace: string, labels: Record<string, string>, address: string): Peer {
  const spec = { containers: [{ name: 'c', ports: [{ name: 'web', containerPort: 8080 }] }] };
  return { address, pod: { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels }, spec } };
}

const web = pod('web', 'shop', { app: 'web' }, '10.0.0.1');
const cart = pod('cart', 'shop', { app: 'cart', access: 'true' }, '10.0.0.2');
const probe = pod('probe', 'watch', { app: 'probe' }, '10.0.1.3');
const outside: Peer = { address: '192.0.2.7', pod: undefined };

function policy(spec: Json, namespace = 'shop'): KubeObject {
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'p', namespace }, spec };
}

function open(policies: KubeObject[], from: Peer, to: Peer, port = 8080, protocol: 'TCP' | 'UDP' = 'TCP'): boolean {
  const labelsOf = (namespace: string) => ({ 'kubernetes.io/metadata.name': namespace });
  return letsThrough({ policies, labelsOf }, { from, to, port, protocol });
}

const onWeb = { podSelector: { matchLabels: { app: 'web' } } };

describe('ingress', () => {
  test('without a policy for the pod everything passes', () => {
    expect(open([], cart, web)).toBe(true);
    expect(open([policy({ podSelector: { matchLabels: { app: 'other' } } })], cart, web)).toBe(true);
    expect(open([policy({ podSelector: {} }, 'watch')], cart, web)).toBe(true);
  });

  test('a policy without rules lets nobody in, and does not keep the pod from going out', () => {
    expect(open([policy({ podSelector: {} })], cart, web)).toBe(false);
    expect(open([policy(onWeb)], web, cart)).toBe(true);
    expect(open([policy(onWeb)], outside, web)).toBe(false);
  });

  test('a pod always reaches itself', () => {
    expect(open([policy({ podSelector: {} })], web, web)).toBe(true);
  });

  test('labels are looked for in the namespace of the policy', () => {
    const rules = [policy({ ...onWeb, ingress: [{ from: [{ podSelector: { matchLabels: { access: 'true' } } }] }] })];
    expect(open(rules, cart, web)).toBe(true);
    expect(open(rules, pod('x', 'watch', { access: 'true' }, '10.0.1.9'), web)).toBe(false);
    expect(open(rules, outside, web)).toBe(false);
  });

  test('namespaces by their labels, and labels within them', () => {
    const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': 'watch' } };
    expect(open([policy({ ...onWeb, ingress: [{ from: [{ namespaceSelector }] }] })], probe, web)).toBe(true);
    const both = { namespaceSelector, podSelector: { matchLabels: { app: 'other' } } };
    expect(open([policy({ ...onWeb, ingress: [{ from: [both] }] })], probe, web)).toBe(false);
    expect(open([policy({ ...onWeb, ingress: [{ from: [{ namespaceSelector: {} }] }] })], cart, web)).toBe(true);
  });

  test('address blocks with exceptions', () => {
    const block = (cidr: string, except: string[] = []) => [
      policy({ ...onWeb, ingress: [{ from: [{ ipBlock: { cidr, except } }] }] }),
    ];
    expect(open(block('192.0.2.0/24'), outside, web)).toBe(true);
    expect(open(block('192.0.2.0/24', ['192.0.2.0/29']), outside, web)).toBe(false);
    expect(open(block('2001:db8::/32'), outside, web)).toBe(false);
    expect(open(block('0.0.0.0/0'), probe, web)).toBe(true);
  });

  test.each([
    [{ port: 8080 }, true],
    [{ port: 80 }, false],
    [{ port: 'web' }, true],
    [{ port: 'other' }, false],
    [{ port: 8000, endPort: 8100 }, true],
    [{ port: 8081, endPort: 8100 }, false],
    [{ protocol: 'UDP' }, false],
    [{ protocol: 'TCP' }, true],
  ])('port %j: %s', (port, passes) => {
    expect(open([policy({ ...onWeb, ingress: [{ ports: [port] }] })], cart, web)).toBe(passes);
  });

  test('what one policy allows, another cannot forbid', () => {
    expect(open([policy({ podSelector: {} }), policy({ ...onWeb, ingress: [{}] })], probe, web)).toBe(true);
  });
});

describe('egress', () => {
  test('is looked at only where a policy speaks of it', () => {
    expect(open([policy({ podSelector: {}, policyTypes: ['Egress'] })], web, cart)).toBe(false);
    expect(open([policy({ podSelector: {}, policyTypes: ['Egress'] })], probe, web)).toBe(true);
    expect(open([policy({ podSelector: {}, policyTypes: ['Ingress'], egress: [{}] })], web, outside)).toBe(true);
  });

  test('to a port and to peers', () => {
    const rules = [
      policy({
        podSelector: {},
        policyTypes: ['Egress'],
        egress: [{ to: [{ ipBlock: { cidr: '192.0.2.7/32' } }], ports: [{ port: 443 }] }],
      }),
    ];
    expect(open(rules, web, outside, 443)).toBe(true);
    expect(open(rules, web, outside, 80)).toBe(false);
    expect(open(rules, web, probe, 443)).toBe(false);
  });
});
