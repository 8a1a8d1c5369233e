/**
 * For which zone each endpoint of a Service is meant where the annotation asks for it (`service.kubernetes.io/topology-mode:
 * Auto`): as many for a zone as it has CPU, of its own first. Pure. Source: k8s.io/endpointslice, topologycache.
 */
import { parseQuantity } from '#shared/kubernetes/quantity.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { findCondition } from '../sim/objects.ts';

const MODE = 'service.kubernetes.io/topology-mode';
const OLDER_MODE = 'service.kubernetes.io/topology-aware-hints';
export const ZONE = 'topology.kubernetes.io/zone';
const CONTROL_PLANES = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'];
/** So much more than its share an endpoint may get to do. */
const OVERLOAD = 0.2;

export function wantsZoneHints({ metadata }: KubeObject): boolean {
  const mode = metadata.annotations?.[OLDER_MODE] ?? metadata.annotations?.[MODE];
  return mode === 'Auto' || mode === 'auto';
}

/** Share of the CPU of all ready workers by zone; null where that is not known of one of them, or there is one zone alone. */
export function cpuRatios(nodes: readonly KubeObject[]): Map<string, number> | null {
  const cpus = new Map<string, number>();
  for (const node of nodes) {
    const labels = node.metadata.labels ?? {};
    if (CONTROL_PLANES.some((label) => labels[label] !== undefined)) continue;
    if (findCondition(node.status?.conditions, 'Ready')?.status !== 'True') continue;
    const zone = labels[ZONE] ?? '';
    const cpu = parseQuantity(node.status?.allocatable?.cpu ?? '0');
    if (zone === '' || cpu === 0) return null;
    cpus.set(zone, (cpus.get(zone) ?? 0) + cpu);
  }
  const total = [...cpus.values()].reduce((sum, cpu) => sum + cpu, 0);
  if (cpus.size < 2) return null;
  return new Map([...cpus].sort().map(([zone, cpu]) => [zone, cpu / total]));
}

export interface ZoneHints {
  /** By endpoint, in their order; undefined: none. */
  zones: (string | undefined)[];
  /** Why there are none at all. */
  problem: string | null;
}

export function zoneHints(endpoints: readonly Json[], ratios: ReadonlyMap<string, number> | null): ZoneHints {
  const none = (problem: string): ZoneHints => ({ zones: endpoints.map(() => undefined), problem });
  const isUp = (endpoint: Json): boolean => endpoint.conditions?.ready === true;
  const ready = endpoints.filter(isUp).length;
  if (ratios === null)
    return none('Insufficient Node information: allocatable CPU or zone not specified on one or more nodes');
  const counted = `(${ready} endpoints, ${ratios.size} zones)`;
  if (ratios.size > ready) return none(`Insufficient number of endpoints ${counted}`);
  const desired = new Map<string, number>();
  let left = ready;
  for (const [zone, ratio] of ratios) {
    const minimum = Math.ceil((ratio * ready) / (1 + OVERLOAD));
    desired.set(zone, Math.max(ratio * ready, minimum));
    left -= minimum;
  }
  if (left < 0)
    return none(
      `Unable to allocate minimum required endpoints to each zone without exceeding overload threshold ${counted}`,
    );
  if (endpoints.some((endpoint) => isUp(endpoint) && !endpoint.zone))
    return none('One or more endpoints do not have a zone specified');
  const zones: (string | undefined)[] = endpoints.map((endpoint) => (isUp(endpoint) ? endpoint.zone : undefined));
  const { giving, receiving } = exchange(desired, zones);
  for (const [index, zone] of zones.entries()) {
    if (zone === undefined || (giving.get(zone) ?? 0) === 0) continue;
    const [taker] = receiving.keys();
    if (taker === undefined) break;
    zones[index] = taker;
    take(giving, zone);
    take(receiving, taker);
  }
  return { zones, problem: null };
}

function take(counts: Map<string, number>, zone: string): void {
  const rest = (counts.get(zone) ?? 0) - 1;
  if (rest > 0) counts.set(zone, rest);
  else counts.delete(zone);
}

/** How many endpoints each zone gives to others and gets from them, in whole numbers. */
function exchange(
  desired: ReadonlyMap<string, number>,
  zones: readonly (string | undefined)[],
): { giving: Map<string, number>; receiving: Map<string, number> } {
  const surplus = new Map<string, number>();
  const lack = new Map<string, number>();
  for (const [zone, target] of desired) {
    const has = zones.filter((one) => one === zone).length;
    if (has > target) surplus.set(zone, has - target);
    else if (has < target) lack.set(zone, target - has);
  }
  const giving = new Map<string, number>();
  const receiving = new Map<string, number>();
  for (;;) {
    const [giver, gives] = most(surplus);
    const [taker, takes] = most(lack);
    if (giver === '' || taker === '' || (gives < 1 && takes < 1) || gives < 0.5 || takes < 0.5) break;
    giving.set(giver, (giving.get(giver) ?? 0) + 1);
    surplus.set(giver, gives - 1);
    receiving.set(taker, (receiving.get(taker) ?? 0) + 1);
    lack.set(taker, takes - 1);
  }
  return { giving, receiving };
}

function most(amounts: ReadonlyMap<string, number>): [zone: string, amount: number] {
  let found: [string, number] = ['', 0];
  for (const [zone, amount] of amounts) if (amount > found[1]) found = [zone, amount];
  return found;
}
