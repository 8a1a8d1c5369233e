/** Kubernetes quantities as numbers: cores for CPU, bytes for memory. Source: apimachinery resource.Quantity. */
import type { Json } from '#shared/kubernetes/types.ts';

const FACTORS: Record<string, number> = {
  '': 1,
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** Zero for what is not a quantity: the API server has refused those before. */
export function parseQuantity(value: unknown): number {
  if (typeof value === 'number') return value;
  const match = /^([+-]?[0-9.]+(?:[eE][+-]?\d+)?)(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$/.exec(String(value ?? ''));
  if (match === null) return 0;
  const number = Number(match[1]) * (FACTORS[match[2] ?? ''] ?? 1);
  return Number.isFinite(number) ? number : 0;
}

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

/** `25%` or a number, of a total. Source: intstr.GetScaledValueFromIntOrPercent. */
export function intOrPercent(value: unknown, total: number, roundUp: boolean): number {
  if (typeof value === 'number') return value;
  const text = String(value ?? '');
  const match = /^(\d+)%$/.exec(text);
  if (match === null) return Number.parseInt(text, 10) || 0;
  const scaled = (Number(match[1]) * total) / 100;
  return roundUp ? Math.ceil(scaled) : Math.floor(scaled);
}
