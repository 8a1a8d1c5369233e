/** NetworkPolicies that close the way to the pods of a Service, or from them to DNS. Source: networking.k8s.io/v1. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { both, computed, field, hit, kubectl } from '../hits.ts';
import { selects } from '../pods.ts';
import { isolating, numbersOf, type Port, portFits } from '../policies.ts';
import type { Check, Hit } from '../types.ts';
import type { World } from '../world.ts';
import { surroundingsOf, withoutDns } from './egress.ts';
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
    return [...closed(service, pod, world), ...withoutDns(service, pod, world)];
  },
};

/** Policies add up: a port is closed when some policy isolates the pods and none of them opens it to anybody. */
function closed(service: KubeObject, pod: KubeObject, world: World): Hit[] {
  const isolates = isolating(pod, 'Ingress', surroundingsOf(world));
  const [first] = isolates;
  if (first === undefined) return [];
  for (const port of (service.spec?.ports ?? []) as Json[]) {
    const targets = asked(port, pod);
    if (targets.length === 0) continue;
    const opening: Json[] = isolates.flatMap(({ spec }) =>
      ((spec?.ingress ?? []) as Json[]).filter((rule) =>
        targets.some((target) => portFits(rule?.ports ?? [], target, { pod })),
      ),
    );
    const nobody = opening.length > 0 && opening.every((rule) => letsNobodyIn(rule, pod, world));
    if (opening.length > 0 && !nobody) continue;
    return [
      hit('S-NETPOL', service, {
        // Not every network plugin enforces policies; most do. Those who are let in may only come yet.
        confidence: nobody ? 'low' : 'medium',
        verdict: nobody ? 'warning' : 'fault',
        params: {
          policy: isolates.map(({ metadata }) => metadata.name).join(', '),
          port: targets.map(({ number }) => number).join(', '),
        },
        evidence: [
          ...isolates.slice(0, 3).map((policy) => field(policy, 'spec')),
          ...(nobody
            ? [
                computed(
                  pod,
                  'spec.ingress.from',
                  both('命名空间内没有带有所放行标签的 Pod', 'no pod of the namespace has the labels that are let in'),
                ),
              ]
            : []),
        ],
        commands: [kubectl('describe', first)],
      }),
    ];
  }
  return [];
}

/** Only pods of its own namespace are let in, which is read whole, and there is none. */
function letsNobodyIn(rule: Json, pod: KubeObject, world: World): boolean {
  const peers: Json[] = rule?.from ?? [];
  if (peers.length === 0 || !world.complete('Pod')) return false;
  if (peers.some((peer) => peer?.ipBlock !== undefined || peer?.namespaceSelector !== undefined)) return false;
  const around = world.within('Pod', pod.metadata.namespace ?? '');
  return peers.every((peer) => !around.some((other) => selects(peer?.podSelector, other.metadata.labels)));
}

/**
 * A target that the pod does not declare may be a slip, which has a cause of its own: a policy is to blame when it closes
 * what the pod declares as well.
 */
function asked(port: Json, pod: KubeObject): Port[] {
  const targets = targetsOf(port, pod);
  const protocol = String(port?.protocol ?? 'TCP');
  const declared: Port[] = ((pod.spec?.containers ?? []) as Json[])
    .flatMap((container) => (container?.ports ?? []) as Json[])
    .filter((one) => (one?.protocol ?? 'TCP') === protocol)
    .map((one) => ({ number: Number(one.containerPort), protocol }));
  const known = targets.some(({ number }) => declared.some((one) => one.number === number));
  return known ? targets : [...targets, ...declared];
}

/** Where a port of a Service leads in a pod. */
export function targetsOf(port: Json, pod: KubeObject): Port[] {
  const protocol = String(port?.protocol ?? 'TCP');
  const target = port?.targetPort ?? port?.port;
  const numbers = /^\d+$/.test(String(target)) ? [Number(target)] : numbersOf(String(target), protocol, pod);
  return numbers.map((number) => ({ number, protocol }));
}
