import { describe, expect, test } from 'vitest';
import type { Json } from '#shared/kubernetes/types.ts';
import { ago, causes, chain, crashed, node, pod, thing, UNREADY } from '../testing.ts';

const N = node();

describe('a pod that may not ask the cluster’s DNS', () => {
  const dns = thing(
    'v1',
    'Service',
    'kube-dns',
    { spec: { clusterIP: '10.96.0.10', selector: { 'k8s-app': 'kube-dns' } } },
    'kube-system',
  );
  const server = pod({ metadata: { name: 'coredns-1', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } } });
  const policy = (egress: Json[]) =>
    thing('networking.k8s.io/v1', 'NetworkPolicy', 'shut', {
      spec: { podSelector: {}, policyTypes: ['Egress'], egress },
    });
  const log = {
    pod: 'web-1',
    namespace: 'shop',
    container: 'app',
    previous: true,
    lines: [{ time: null, text: 'dial tcp: lookup db: i/o timeout' }],
  };
  const failing = crashed({ exitCode: 1, reason: 'Error', startedAt: ago(90), finishedAt: ago(60) });
  const around = [N, dns, server];

  test('fails because of the policy when that is what its words say', () => {
    expect(chain(failing, [...around, policy([])], { logs: [log] })).toBe('C-LOOP < C-CONF < S-NETPOL');
    expect(chain(failing, [...around, policy([{ ports: [{ port: 53, protocol: 'UDP' }] }])], { logs: [log] })).toBe(
      'C-LOOP < C-CONF',
    );
  });

  test('is told while it is not well, and left alone when it is', () => {
    const unready = pod({ status: UNREADY, state: { ready: false } });
    expect(causes(unready, [...around, policy([])])).toContain('S-NETPOL');
    expect(causes(pod(), [...around, policy([])])).toEqual([]);
  });
});
