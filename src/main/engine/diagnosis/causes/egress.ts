/** Whether NetworkPolicies let a pod ask the cluster's DNS: without that hardly any program gets far. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { field, hit, kubectl } from '../hits.ts';
import { containersOf, isOver, isReady, matchesLabels } from '../pods.ts';
import { isolating, type Peer, type Port, passage, portFits, type Surroundings } from '../policies.ts';
import type { Check, Hit } from '../types.ts';
import type { World } from '../world.ts';

export function surroundingsOf(world: World): Surroundings {
  return {
    policies: (namespace) => world.within('NetworkPolicy', namespace),
    namespaceLabels: (namespace) => world.get('Namespace', '', namespace)?.metadata.labels,
  };
}

/** `about`: who is asked about, the pod itself or a Service in front of it. */
export function withoutDns(about: KubeObject, pod: KubeObject, world: World): Hit[] {
  const around = surroundingsOf(world);
  const isolates = isolating(pod, 'Egress', around);
  const [first] = isolates;
  const dns = world.get('Service', 'kube-system', 'kube-dns');
  if (first === undefined || dns === undefined) return [];
  const server = world
    .within('Pod', 'kube-system')
    .find((one) => !isOver(one) && matchesLabels(dns.spec?.selector, one.metadata.labels));
  // Where its pods are not known, the Service's address stands for them: rules for addresses may mean either.
  const to: Peer[] = [
    ...(server === undefined ? [] : [{ pod: server }]),
    ...(typeof dns.spec?.clusterIP === 'string' ? [{ ip: dns.spec.clusterIP }] : []),
  ];
  const asks: Port[] = ['UDP', 'TCP'].map((protocol) => ({ number: 53, protocol }));
  const rules: Json[] = isolates.flatMap(({ spec }) => spec?.egress ?? []);
  const byPort = rules.some((rule) =>
    asks.some((port) => portFits(rule?.ports ?? [], port, server === undefined ? { ip: '' } : { pod: server })),
  );
  const reached = to.some((peer) =>
    asks.some(
      (port) =>
        passage({ pod }, peer, port, {
          ...around,
          policies: (namespace) => (namespace === (pod.metadata.namespace ?? '') ? around.policies(namespace) : []),
        }).open,
    ),
  );
  if (to.length === 0 ? byPort : reached) return [];
  return [
    hit('S-NETPOL', about, {
      verdict: 'warning',
      confidence: 'medium',
      params: { policy: isolates.map(({ metadata }) => metadata.name).join(', '), port: '53 (DNS, egress)' },
      evidence: isolates.slice(0, 3).map((policy) => field(policy, 'spec.egress', policy.spec?.egress ?? [])),
      commands: [kubectl('describe', first)],
    }),
  ];
}

/** A pod that is well without DNS was meant to be so. */
export const podPolicyCheck: Check = {
  id: 'network-policy',
  title: { zh: '网络策略', en: 'Network policies' },
  needs: ['NetworkPolicy'],
  looked: (pod, world) =>
    (['Ingress', 'Egress'] as const)
      .flatMap((direction) => isolating(pod, direction, surroundingsOf(world)))
      .filter((policy, index, all) => all.indexOf(policy) === index)
      .slice(0, 5)
      .map((policy) => field(policy, 'spec.podSelector')),
  run(pod, world) {
    const struggles = !isReady(pod) || containersOf(pod).some(({ restarts }) => restarts > 0);
    const runs = containersOf(pod).some(({ running, restarts }) => running !== null || restarts > 0);
    return !isOver(pod) && struggles && runs ? withoutDns(pod, pod, world) : [];
  },
};
