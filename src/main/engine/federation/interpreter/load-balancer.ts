/** Addresses of load balancers in several members, as one list: the same address once, its ports together, in a fixed order. */
import type { Json } from '#shared/kubernetes/types.ts';

/** Host names first, then addresses; what has the same host name, address and mode is one point. */
export function mergePoints(points: readonly Json[]): Json[] {
  const merged = new Map<string, { point: Json; ports: Map<string, Json> }>();
  for (const { ports = [], ...point } of points) {
    const key = `${point.hostname ?? ''}/${point.ip ?? ''}/${point.ipMode ?? ''}`;
    const known = merged.get(key) ?? { point, ports: new Map<string, Json>() };
    known.point = point;
    for (const port of ports) known.ports.set(JSON.stringify([port.port, port.protocol, port.error]), port);
    merged.set(key, known);
  }
  return [...merged.values()]
    .map(({ point, ports }) => (ports.size === 0 ? point : { ...point, ports: [...ports.values()].sort(comparePorts) }))
    .sort(comparePoints);
}

function comparePoints(a: Json, b: Json): number {
  return emptyLast(a.hostname, b.hostname) || compareText(a.ip ?? '', b.ip ?? '') || emptyLast(a.ipMode, b.ipMode);
}

function emptyLast(a = '', b = ''): number {
  return Number(a === '') - Number(b === '') || compareText(a, b);
}

function comparePorts(a: Json, b: Json): number {
  return a.port - b.port || compareText(a.protocol, b.protocol) || compareText(a.error ?? '', b.error ?? '');
}

/** By code unit: the same on every machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
