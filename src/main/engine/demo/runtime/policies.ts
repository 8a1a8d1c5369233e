/**
 * Whether NetworkPolicies let a connection of a pod through, as a network plugin would that follows them. Pure.
 * Source: API reference, networking.k8s.io/v1 NetworkPolicy; Kubernetes documentation "Network Policies".
 */
import { BlockList, isIP } from 'node:net';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { namespaceOf } from '../sim/objects.ts';
import { matchesSelector } from '../sim/selectors.ts';

/** One end of a connection. */
export interface Peer {
  address: string;
  /** Undefined for what is no pod, or shares its node's address: only address blocks mean it. */
  pod: KubeObject | undefined;
}

export interface Connection {
  from: Peer;
  to: Peer;
  /** Of the pod that is reached, after any Service. */
  port: number;
  protocol: 'TCP' | 'UDP';
}

export interface Rules {
  policies: readonly KubeObject[];
  labelsOf(namespace: string): Record<string, string> | undefined;
}

type Direction = 'Ingress' | 'Egress';

/** Both ends have to agree; an end that no policy selects agrees to everything. */
export function letsThrough(rules: Rules, connection: Connection): boolean {
  const { from, to } = connection;
  if (from.pod !== undefined && from.pod === to.pod) return true;
  return agrees(rules, 'Egress', from, to, connection) && agrees(rules, 'Ingress', to, from, connection);
}

function agrees(rules: Rules, direction: Direction, own: Peer, other: Peer, connection: Connection): boolean {
  const { pod } = own;
  if (pod === undefined) return true;
  const selecting = rules.policies.filter(
    (policy) =>
      namespaceOf(policy) === namespaceOf(pod) &&
      typesOf(policy).includes(direction) &&
      matchesSelector(policy.spec?.podSelector ?? {}, pod.metadata.labels),
  );
  if (selecting.length === 0) return true;
  return selecting.some((policy) => {
    const [list, peers] = direction === 'Ingress' ? ['ingress', 'from'] : ['egress', 'to'];
    return ((policy.spec?.[list] ?? []) as Json[]).some((rule) => {
      const named: Json[] = rule[peers] ?? [];
      const ports: Json[] = rule.ports ?? [];
      return (
        (named.length === 0 || named.some((peer) => isPeer(rules, namespaceOf(policy), peer, other))) &&
        (ports.length === 0 || ports.some((port) => isPort(port, connection)))
      );
    });
  });
}

function typesOf({ spec }: KubeObject): string[] {
  return spec?.policyTypes ?? (spec?.egress === undefined ? ['Ingress'] : ['Ingress', 'Egress']);
}

function isPeer(rules: Rules, namespace: string, wanted: Json, { address, pod }: Peer): boolean {
  if (wanted.ipBlock !== undefined) {
    const { cidr, except = [] } = wanted.ipBlock;
    return isWithin(address, cidr) && !except.some((block: string) => isWithin(address, block));
  }
  if (pod === undefined) return false;
  const there =
    wanted.namespaceSelector === undefined
      ? namespaceOf(pod) === namespace
      : matchesSelector(wanted.namespaceSelector, rules.labelsOf(namespaceOf(pod)));
  return there && (wanted.podSelector === undefined || matchesSelector(wanted.podSelector, pod.metadata.labels));
}

function isPort(
  { protocol = 'TCP', port: wanted, endPort }: Json,
  { protocol: spoken, port, to }: Connection,
): boolean {
  if (protocol !== spoken) return false;
  if (wanted === undefined) return true;
  if (typeof wanted === 'number') return endPort === undefined ? port === wanted : port >= wanted && port <= endPort;
  const containers: Json[] = to.pod?.spec?.containers ?? [];
  return containers.some(({ ports }) =>
    ((ports ?? []) as Json[]).some((one) => one.name === wanted && one.containerPort === port),
  );
}

function isWithin(address: string, cidr: string): boolean {
  const [network = '', length] = cidr.split('/');
  const family = isIP(address);
  if (family === 0 || isIP(network) !== family) return false;
  const kind = family === 4 ? 'ipv4' : 'ipv6';
  const block = new BlockList();
  block.addSubnet(network, Number(length), kind);
  return block.check(address, kind);
}
