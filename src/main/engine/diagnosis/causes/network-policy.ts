/** NetworkPolicies that close the way to the pods of a Service. Source: networking.k8s.io/v1. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { field, hit, kubectl } from '../hits.ts';
import { selects } from '../pods.ts';
import type { Check, Hit } from '../types.ts';
import type { World } from '../world.ts';
import { podsBehind } from './services.ts';

export const policyCheck: Check = {
  id: 'network-policy',
  title: { zh: '网络策略', en: 'Network policies' },
  needs: ['NetworkPolicy'],
  looked: (service, world) =>
    world
      .within('NetworkPolicy', service.metadata.namespace ?? '')
      .slice(0, 5)
      .map((policy) => field(policy, 'spec.podSelector')),
  run(service, world) {
    const [pod] = podsBehind(service, world);
    if (pod === undefined) return [];
    const policies = world
      .within('NetworkPolicy', service.metadata.namespace ?? '')
      .filter((policy) => selects(policy.spec?.podSelector, pod.metadata.labels));
    return [...closed(service, pod, policies), ...withoutDns(service, policies, world)];
  },
};

/** Policies add up: a port is closed when some policy isolates the pods and none of them opens it. */
function closed(service: KubeObject, pod: KubeObject, policies: readonly KubeObject[]): Hit[] {
  const isolating = policies.filter(({ spec }) => (spec?.policyTypes ?? ['Ingress']).includes('Ingress'));
  const [first] = isolating;
  if (first === undefined) return [];
  const rules: Json[] = isolating.flatMap(({ spec }) => spec?.ingress ?? []);
  for (const port of (service.spec?.ports ?? []) as Json[]) {
    const numbers = targetNumbers(port, pod);
    const open = rules.some((rule) => {
      const ports: Json[] = rule?.ports ?? [];
      return (
        ports.length === 0 ||
        ports.some((one) => (one.protocol ?? 'TCP') === (port.protocol ?? 'TCP') && fits(one, numbers, port, pod))
      );
    });
    if (open) continue;
    return [
      hit('S-NETPOL', service, {
        // Not every network plugin enforces policies; most do.
        confidence: 'medium',
        params: {
          policy: isolating.map(({ metadata }) => metadata.name).join(', '),
          port: numbers.join(', ') || String(port.port),
        },
        evidence: isolating.slice(0, 3).map((policy) => field(policy, 'spec')),
        commands: [kubectl('describe', first)],
      }),
    ];
  }
  return [];
}

function targetNumbers(port: Json, pod: KubeObject): number[] {
  const target = port?.targetPort ?? port?.port;
  if (/^\d+$/.test(String(target))) return [Number(target)];
  return (pod.spec?.containers ?? []).flatMap((one: Json) =>
    (one?.ports ?? []).filter(({ name }: Json) => name === target).map(({ containerPort }: Json) => containerPort),
  );
}

function fits(rule: Json, numbers: readonly number[], port: Json, pod: KubeObject): boolean {
  if (rule.port === undefined) return true;
  if (typeof rule.port === 'string' && !/^\d+$/.test(rule.port))
    return (
      rule.port === port.targetPort ||
      targetNumbers({ targetPort: rule.port }, pod).some((one) => numbers.includes(one))
    );
  const [from, to] = [Number(rule.port), Number(rule.endPort ?? rule.port)];
  return numbers.some((number) => number >= from && number <= to);
}

function withoutDns(service: KubeObject, policies: readonly KubeObject[], world: World): Hit[] {
  const isolating = policies.filter(({ spec }) => (spec?.policyTypes ?? []).includes('Egress'));
  const [first] = isolating;
  if (first === undefined || world.get('Service', 'kube-system', 'kube-dns') === undefined) return [];
  const rules: Json[] = isolating.flatMap(({ spec }) => spec?.egress ?? []);
  const open = rules.some(
    (rule) =>
      (rule?.ports ?? []).length === 0 ||
      rule.ports.some((one: Json) => Number(one.port ?? 53) <= 53 && Number(one.endPort ?? one.port ?? 53) >= 53),
  );
  if (open) return [];
  return [
    hit('S-NETPOL', service, {
      verdict: 'warning',
      confidence: 'medium',
      params: { policy: isolating.map(({ metadata }) => metadata.name).join(', '), port: '53 (DNS, egress)' },
      evidence: isolating.slice(0, 3).map((policy) => field(policy, 'spec.egress', policy.spec?.egress ?? [])),
      commands: [kubectl('describe', first)],
    }),
  ];
}
