/** All that is looked at for a Service. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import type { Check, Hit } from '../types.ts';
import type { World } from '../world.ts';
import { policyCheck } from './network-policy.ts';
import { addressCheck, behindCheck, otherServiceCheck, proxyCheck } from './service-addresses.ts';
import { endpointCheck, portCheck } from './services.ts';

export const SERVICE_CHECKS: readonly Check[] = [
  endpointCheck,
  portCheck,
  behindCheck,
  policyCheck,
  addressCheck,
  proxyCheck,
  otherServiceCheck,
];

export function serviceHits(service: KubeObject, world: World): Hit[] {
  return world.once('service', service, () => SERVICE_CHECKS.flatMap((check) => check.run(service, world)));
}
