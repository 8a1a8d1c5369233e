/** NetworkPolicies on the way from an Ingress controller to the pods behind an Ingress. */
import type { Json } from '#shared/kubernetes/types.ts';
import { field, hit, kubectl, sh } from '../hits.ts';
import { isReady } from '../pods.ts';
import { passage } from '../policies.ts';
import type { Check, Hit } from '../types.ts';
import { surroundingsOf } from './egress.ts';
import { backendsOf, classOf, controllerPods } from './ingresses.ts';
import { targetsOf } from './network-policy.ts';
import { podsBehind } from './services.ts';

const LOOKED_AT = 20;

export const controllerPathCheck: Check = {
  id: 'network-path',
  title: { zh: '控制器到后端的网络策略', en: 'Network policies between controller and backends' },
  needs: ['NetworkPolicy', 'Pod', 'Service'],
  looked: (ingress, world) =>
    world
      .within('NetworkPolicy', ingress.metadata.namespace ?? '')
      .slice(0, 5)
      .map((policy) => field(policy, 'spec.podSelector')),
  run(ingress, world) {
    const namespace = ingress.metadata.namespace ?? '';
    const { object } = classOf(ingress, world);
    // There may be several of one name: only what keeps out all of them is certain.
    const controllers = controllerPods(String(object?.spec?.controller ?? ''), world)
      .filter(isReady)
      .slice(0, LOOKED_AT);
    const [controller] = controllers;
    if (controller === undefined) return [];
    const seen = new Set<string>();
    const hits: Hit[] = [];
    for (const backend of backendsOf(ingress)) {
      const service = world.get('Service', namespace, backend.service);
      const pod = service === undefined ? undefined : podsBehind(service, world).find(isReady);
      const port = (service?.spec?.ports ?? []).find(
        ({ name, port: number }: Json) => name === backend.port?.name || number === backend.port?.number,
      );
      if (pod === undefined || seen.has(backend.service)) continue;
      const shut = targetsOf(port, pod)
        .map((target) => ({
          target,
          ways: controllers.map((from) => passage({ pod: from }, { pod }, target, surroundingsOf(world))),
        }))
        .find(({ ways }) => ways.every(({ open }) => !open));
      const policies = shut?.ways[0]?.policies ?? [];
      const [policy] = policies;
      if (shut === undefined || policy === undefined) continue;
      seen.add(backend.service);
      hits.push(
        hit('G-NETPOL', ingress, {
          confidence: 'medium',
          params: {
            policy: policies.map(({ metadata }) => metadata.name).join(', '),
            controller: `${controller.metadata.namespace}/${controller.metadata.name}`,
            service: backend.service,
            port: shut.target.number,
          },
          evidence: [
            ...policies.slice(0, 3).map((one) => field(one, 'spec')),
            field(controller, 'metadata.labels'),
            ...[world.get('Namespace', '', controller.metadata.namespace ?? '')]
              .filter((one) => one !== undefined)
              .map((one) => field(one, 'metadata.labels')),
          ],
          commands: [
            kubectl('describe', policy),
            `kubectl get namespace ${sh(controller.metadata.namespace ?? '')} --show-labels`,
          ],
        }),
      );
    }
    return hits;
  },
};
