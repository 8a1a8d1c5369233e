/**
 * Ranges that services get their addresses from, as ServiceCIDRs name them. Pure. Source: KEP-1880 (Multiple Service
 * CIDRs), KEP-3070 (part of a range is kept for addresses that people choose). IPv4 alone: clusters are single stack.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { ipv4Number, ipv4Text } from '../validation/net.ts';

export interface ServiceRange {
  /** Of the network, as a number. */
  base: number;
  /** How many addresses, those of the network and of all its hosts included. */
  size: number;
  /** How many at its beginning are given out last. */
  kept: number;
}

/** An IPv4 range in which there are addresses for services; null for another. */
export function parseRange(cidr: string): ServiceRange | null {
  const [address = '', length = ''] = cidr.split('/');
  const base = ipv4Number(address);
  const size = 2 ** (32 - Number(length));
  if (base === null || !/^\d+$/.test(length) || size < 4) return null;
  return { base, size, kept: size <= 16 ? 0 : Math.min(256, Math.max(16, Math.floor(size / 16))) };
}

/** As it is written. */
export function rangeText({ base, size }: ServiceRange): string {
  return `${ipv4Text(base)}/${32 - Math.log2(size)}`;
}

/** Whether a service can have the address: not that of the network, nor of all its hosts. */
export function holdsAddress({ base, size }: ServiceRange, address: string): boolean {
  const offset = (ipv4Number(address) ?? -1) - base;
  return offset > 0 && offset < size - 1;
}

/** The address at a place in the range. */
export function addressAt({ base }: ServiceRange, offset: number): string {
  return ipv4Text(base + offset);
}

/** Ranges of a ServiceCIDR. */
export function rangesOf({ spec }: KubeObject): ServiceRange[] {
  return ((spec?.cidrs ?? []) as string[]).flatMap((cidr) => parseRange(cidr) ?? []);
}

/** Those that addresses are given out from: the object is ready and is to stay. */
export function openRange(object: KubeObject): ServiceRange[] {
  const ready = ((object.status?.conditions ?? []) as Json[]).some(
    ({ type, status }) => type === 'Ready' && status === 'True',
  );
  return ready && object.metadata.deletionTimestamp === undefined ? rangesOf(object) : [];
}

/** Whether every address of `inner` is one of `outer`. */
export function isWithin(inner: ServiceRange, outer: ServiceRange): boolean {
  return inner.base >= outer.base && inner.base + inner.size <= outer.base + outer.size;
}

/** Whether the two have addresses in common. */
export function overlap(a: ServiceRange, b: ServiceRange): boolean {
  return a.base < b.base + b.size && b.base < a.base + a.size;
}

const FAMILY = 'ipaddress.kubernetes.io/ip-family';
const MANAGED_BY = 'ipaddress.kubernetes.io/managed-by';
const ALLOCATOR = 'ipallocator.k8s.io';

/** The object that says whose an address is. */
export function addressObject(address: string, { metadata: { namespace, name } }: KubeObject): KubeObject {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IPAddress',
    metadata: { name: address, labels: { [FAMILY]: 'IPv4', [MANAGED_BY]: ALLOCATOR } },
    spec: { parentRef: { resource: 'services', namespace, name } },
  };
}

/** Whether an IPAddress is looked after by those who give services their addresses. */
export function isServerMade({ metadata }: KubeObject): boolean {
  return metadata.labels?.[MANAGED_BY] === ALLOCATOR;
}
