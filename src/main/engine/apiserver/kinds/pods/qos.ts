/** Quality of service class of a pod. Source: "Pod Quality of Service Classes". */
import type { Json } from '#shared/kubernetes/types.ts';
import { parseQuantity } from '../validation/quantity.ts';

const COUNTED = ['cpu', 'memory'];

export function qosClass(spec: Json): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  let any = false;
  let guaranteed = true;
  // Where the pod as a whole has resources, nothing else is looked at.
  const whole = [spec?.resources?.requests, spec?.resources?.limits].some((list) => Object.keys(list ?? {}).length > 0);
  const containers: Json[] = whole
    ? [{ resources: spec.resources }]
    : [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  for (const container of containers) {
    for (const name of COUNTED) {
      const request = parseQuantity(container.resources?.requests?.[name]);
      const limit = parseQuantity(container.resources?.limits?.[name]);
      if ((request ?? 0) !== 0 || (limit ?? 0) !== 0) any = true;
      if (limit === null || limit === 0 || (request !== null && request !== limit)) guaranteed = false;
    }
  }
  if (!any) return 'BestEffort';
  return guaranteed ? 'Guaranteed' : 'Burstable';
}
