/** What one replica asks for: resources by the scheduler's rules, and where it may run. */
import type { Json } from '#shared/kubernetes/types.ts';
import type { Quantities, ReplicaRequirements } from '../api.ts';
import { addQuantities, maxQuantity } from '../quantity.ts';

/** Null when the pod asks for nothing and may run anywhere. */
export function requirementsOf(podSpec: Json | undefined): ReplicaRequirements | null {
  if (podSpec === undefined || podSpec === null) return null;
  const resourceRequest = podRequests(podSpec);
  const nodeClaim = nodeClaimOf(podSpec);
  const empty = Object.keys(resourceRequest).length === 0;
  if (empty && nodeClaim === null) return null;
  return { ...(nodeClaim === null ? {} : { nodeClaim }), ...(empty ? {} : { resourceRequest }) };
}

function nodeClaimOf(podSpec: Json): Json | null {
  const hardNodeAffinity = podSpec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const { nodeSelector, tolerations } = podSpec;
  const claim = {
    ...(hardNodeAffinity ? { hardNodeAffinity } : {}),
    ...(nodeSelector && Object.keys(nodeSelector).length > 0 ? { nodeSelector } : {}),
    ...(tolerations?.length ? { tolerations } : {}),
  };
  return Object.keys(claim).length === 0 ? null : claim;
}

/** Containers summed, the largest init container as a floor, sidecars and overhead added. */
function podRequests(podSpec: Json): Quantities {
  const running = (podSpec.containers ?? []).map(containerRequests);
  let sum: Quantities = running.reduce(plus, {});
  let sidecars: Quantities = {};
  let floor: Quantities = {};
  for (const container of podSpec.initContainers ?? []) {
    const request = containerRequests(container);
    if (container.restartPolicy === 'Always') {
      sum = plus(sum, request);
      sidecars = plus(sidecars, request);
      floor = largest(floor, sidecars);
    } else {
      floor = largest(floor, plus(request, sidecars));
    }
  }
  return plus(largest(sum, floor), podSpec.overhead ?? {});
}

/** A limit stands in for a request that is not given. */
function containerRequests(container: Json): Quantities {
  return { ...(container.resources?.limits ?? {}), ...(container.resources?.requests ?? {}) };
}

function plus(a: Quantities, b: Quantities): Quantities {
  const out = { ...a };
  for (const [name, quantity] of Object.entries(b)) {
    out[name] = out[name] === undefined ? quantity : addQuantities(out[name], quantity);
  }
  return out;
}

function largest(a: Quantities, b: Quantities): Quantities {
  const out = { ...a };
  for (const [name, quantity] of Object.entries(b)) {
    out[name] = out[name] === undefined ? quantity : maxQuantity(out[name], quantity);
  }
  return out;
}
