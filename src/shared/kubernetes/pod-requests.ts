/** What a pod asks of its node. */
import { parseQuantity } from './quantity.ts';
import type { Json } from './types.ts';

/** Amounts by name of the resource: cores, bytes, pieces. */
export type Resources = Record<string, number>;

/** Larger of the sum over containers and each init container, plus overhead; restartable init containers count as containers (KEP-753). */
export function podRequests(spec: Json): Resources {
  const total: Resources = {};
  for (const container of spec?.containers ?? []) add(total, requestsOf(container));
  let initPeak: Resources = {};
  const sidecars: Resources = {};
  for (const container of spec?.initContainers ?? []) {
    const requests = requestsOf(container);
    if (container.restartPolicy === 'Always') {
      add(sidecars, requests);
      add(total, requests);
      initPeak = larger(initPeak, sidecars);
    } else {
      const together = { ...sidecars };
      add(together, requests);
      initPeak = larger(initPeak, together);
    }
  }
  const result = larger(total, initPeak);
  for (const [name, value] of Object.entries(spec?.overhead ?? {})) {
    result[name] = (result[name] ?? 0) + parseQuantity(value);
  }
  return result;
}

/** A limit without a request is the request. */
function requestsOf(container: Json): Resources {
  const out: Resources = {};
  for (const [name, value] of Object.entries(container?.resources?.limits ?? {})) out[name] = parseQuantity(value);
  for (const [name, value] of Object.entries(container?.resources?.requests ?? {})) out[name] = parseQuantity(value);
  return out;
}

export function add(into: Resources, more: Resources): void {
  for (const [name, value] of Object.entries(more)) into[name] = (into[name] ?? 0) + value;
}

function larger(a: Resources, b: Resources): Resources {
  const out = { ...a };
  for (const [name, value] of Object.entries(b)) out[name] = Math.max(out[name] ?? 0, value);
  return out;
}
