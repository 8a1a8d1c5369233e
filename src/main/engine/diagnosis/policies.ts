/**
 * Whether NetworkPolicies let traffic through: from one peer to another, on a port. Both ends have a say: the egress rules
 * of where it comes from, the ingress rules of where it goes. Policies add up; who is selected by none is open. Pure.
 * Source: networking.k8s.io/v1, KEP-2079 (endPort). Whether a network plugin enforces them is not known here.
 */
import { BlockList, isIP } from 'node:net';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { selects } from './pods.ts';

/** A pod, or an address outside the cluster. */
export type Peer = { pod: KubeObject } | { ip: string };

export interface Port {
  /** As the container has it: a policy looks behind the Service. */
  number: number;
  protocol: string;
}

export interface Passage {
  open: boolean;
  /** Which end closes it. */
  closedBy: 'egress' | 'ingress' | null;
  /** Those that select that end, and have no rule for it. */
  policies: KubeObject[];
}

/** What is known of the cluster. */
export interface Surroundings {
  policies(namespace: string): readonly KubeObject[];
  /** Undefined where the namespace was not read: a selector of namespaces then fits, so that nothing is called closed. */
  namespaceLabels(namespace: string): Readonly<Record<string, string>> | undefined;
}

export function passage(from: Peer, to: Peer, port: Port, around: Surroundings): Passage {
  const open: Passage = { open: true, closedBy: null, policies: [] };
  if ('pod' in from) {
    const closing = closedFor(from.pod, 'Egress', to, to, port, around);
    if (closing.length > 0) return { open: false, closedBy: 'egress', policies: closing };
  }
  if (!('pod' in to)) return open;
  const closing = closedFor(to.pod, 'Ingress', from, to, port, around);
  return closing.length > 0 ? { open: false, closedBy: 'ingress', policies: closing } : open;
}

/** Policies of one direction that select the pod. */
export function isolating(pod: KubeObject, direction: 'Ingress' | 'Egress', around: Surroundings): KubeObject[] {
  return around
    .policies(pod.metadata.namespace ?? '')
    .filter((policy) => applies(policy, direction) && selects(policy.spec?.podSelector ?? {}, pod.metadata.labels));
}

/** Ingress always unless said otherwise, egress where there are rules of it. */
function applies({ spec }: KubeObject, direction: 'Ingress' | 'Egress'): boolean {
  const types: string[] | undefined = spec?.policyTypes;
  if (types !== undefined && types.length > 0) return types.includes(direction);
  return direction === 'Ingress' || (spec?.egress ?? []).length > 0;
}

/** Empty: the way is open on the side of the pod. */
function closedFor(
  pod: KubeObject,
  direction: 'Ingress' | 'Egress',
  other: Peer,
  destination: Peer,
  port: Port,
  around: Surroundings,
): KubeObject[] {
  // In the network of its node no policy selects it.
  if (pod.spec?.hostNetwork === true) return [];
  const selecting = isolating(pod, direction, around);
  const [list, peers] = direction === 'Ingress' ? (['ingress', 'from'] as const) : (['egress', 'to'] as const);
  const lets = selecting.some((policy) =>
    ((policy.spec?.[list] ?? []) as Json[]).some(
      (rule) =>
        portFits(rule?.ports ?? [], port, destination) &&
        peerFits(rule?.[peers] ?? [], other, policy.metadata.namespace ?? '', around),
    ),
  );
  return lets ? [] : selecting;
}

/** Of a rule's `ports`; none at all means every port. */
export function portFits(ports: readonly Json[], { number, protocol }: Port, destination: Peer): boolean {
  return (
    ports.length === 0 ||
    ports.some((one) => {
      if ((one?.protocol ?? 'TCP') !== protocol) return false;
      if (one.port === undefined) return true;
      if (typeof one.port === 'string' && !/^\d+$/.test(one.port))
        return 'pod' in destination && numbersOf(one.port, protocol, destination.pod).includes(number);
      return number >= Number(one.port) && number <= Number(one.endPort ?? one.port);
    })
  );
}

/** What a port's name stands for in a pod. */
export function numbersOf(name: string, protocol: string, pod: KubeObject): number[] {
  return [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])].flatMap((container: Json) =>
    (container?.ports ?? [])
      .filter((one: Json) => one?.name === name && (one.protocol ?? 'TCP') === protocol)
      .map((one: Json) => Number(one.containerPort)),
  );
}

/** Of a rule's `from` or `to`; none at all means everybody. */
function peerFits(peers: readonly Json[], other: Peer, own: string, around: Surroundings): boolean {
  return peers.length === 0 || peers.some((peer) => fits(peer, other, own, around));
}

function fits(peer: Json, other: Peer, own: string, around: Surroundings): boolean {
  if (peer?.ipBlock !== undefined) return addressesOf(other).some((ip) => inBlock(ip, peer.ipBlock));
  // Selectors are about pods, and a pod in the network of its node is an address like any other.
  if (!('pod' in other) || other.pod.spec?.hostNetwork === true) return false;
  const namespace = other.pod.metadata.namespace ?? '';
  if (peer?.namespaceSelector === undefined) {
    if (namespace !== own) return false;
  } else {
    const labels = around.namespaceLabels(namespace);
    if (labels !== undefined && !selects(peer.namespaceSelector, labels)) return false;
  }
  return peer?.podSelector === undefined
    ? peer?.namespaceSelector !== undefined
    : selects(peer.podSelector, other.pod.metadata.labels);
}

function addressesOf(peer: Peer): string[] {
  if ('ip' in peer) return [peer.ip];
  const { podIP, podIPs = [] } = peer.pod.status ?? {};
  return [...new Set([podIP, ...podIPs.map(({ ip }: Json) => ip)])].filter((ip) => typeof ip === 'string');
}

function inBlock(ip: string, { cidr, except = [] }: { cidr?: string; except?: string[] }): boolean {
  return inCidr(ip, cidr ?? '') && !except.some((one) => inCidr(ip, one));
}

/** False for what is no range, or one of the other family. */
export function inCidr(ip: string, cidr: string): boolean {
  const [network = '', bits = ''] = cidr.split('/');
  const family = isIP(network);
  if (family === 0 || isIP(ip) !== family || !/^\d+$/.test(bits)) return false;
  if (Number(bits) > (family === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  const name = family === 4 ? 'ipv4' : 'ipv6';
  list.addSubnet(network, Number(bits), name);
  return list.check(ip, name);
}
