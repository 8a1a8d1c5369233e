/**
 * The identity of a simulated cluster: everything about it that is decided once, from a seed and its place in the fleet.
 * Pure; the cluster keeps the result beside its state, so that a restart with other options does not change history.
 */
import { createRandom } from '../sim/random.ts';
import { type MachineType, PROVIDERS, type Provider } from './providers.ts';
import { SITES } from './sites.ts';

export interface NodeProfile {
  name: string;
  providerId: string;
  ip: string;
  zone: string;
  machine: MachineType;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  controlPlane: boolean;
  podCidr: string;
  /** Pods that get an address, where the range has fewer than a /24. */
  addresses?: number;
  /** Of a kubelet that is not of the cluster's version. */
  kubelet?: string;
}

export interface ClusterProfile {
  name: string;
  /** Provider id as engine/clusters detects it. */
  provider: string;
  /** Key into PROVIDERS. */
  providerKey: keyof typeof PROVIDERS;
  region: string;
  zones: string[];
  version: string;
  nodes: NodeProfile[];
  seed: number;
  index: number;
}

export interface ProfileOptions {
  index: number;
  seed: number;
  /** Number of nodes; default between 2 and 5, or enough for the pods. */
  nodes?: number | undefined;
  /** Pods the cluster is filled with at its first start, beside its examples. */
  pods?: number | undefined;
}

export const MAX_CLUSTERS = 200;
export const MAX_NODES = 1000;
export const MAX_PODS = 30_000;
/** Changes a second. */
export const MAX_CHURN = 1000;
/** Nodes made for so many pods where their number is not given. */
const PODS_PER_NODE = 30;
export const DEFAULT_SEED = 20;

export function createProfile({ index, seed, nodes, pods = 0 }: ProfileOptions): ClusterProfile {
  const site = SITES[index % SITES.length];
  if (site === undefined) throw new RangeError(`no site for cluster ${index}`);
  const round = Math.floor(index / SITES.length);
  const name = round === 0 ? `demo-${site.city}` : `demo-${site.city}-${round + 1}`;
  const random = createRandom('cluster', seed, index);
  const provider: Provider = PROVIDERS[site.provider];
  // The first cluster of a provider gets its first version: two clusters of one provider differ.
  const earlier = SITES.slice(0, index % SITES.length).filter((other) => other.provider === site.provider).length;
  const version = provider.versions[(earlier + round) % provider.versions.length] ?? '';
  const profile: ClusterProfile = {
    name,
    provider: provider.id,
    providerKey: site.provider,
    region: site.region,
    zones: [...site.zones],
    version,
    nodes: [],
    seed,
    index,
  };
  const count = Math.min(
    MAX_NODES,
    Math.max(1, nodes ?? Math.max(random.integer(2, 5), Math.ceil(pods / PODS_PER_NODE))),
  );
  return withNodes(profile, count);
}

/** The same cluster with at least so many nodes; the first ones stay as they are. */
export function withNodes(profile: ClusterProfile, count: number): ClusterProfile {
  if (profile.nodes.length >= count) return profile;
  const provider: Provider = PROVIDERS[profile.providerKey];
  const nodes = [...profile.nodes];
  for (let index = nodes.length; index < count; index++) {
    const random = createRandom('node', profile.seed, profile.index, index);
    const zone = profile.zones[index % profile.zones.length] ?? profile.region;
    const machine =
      provider.machines[createRandom('machine', profile.seed, profile.index).integer(0, provider.machines.length - 1)];
    if (machine === undefined) throw new RangeError(`provider ${provider.id} has no machine types`);
    const ip = nodeAddress(profile.index, index);
    const identity = provider.node({
      random,
      shared: createRandom('pool', profile.seed, profile.index),
      cluster: profile.name,
      region: profile.region,
      zone,
      index,
      ip,
      machine: machine.name,
    });
    nodes.push({
      name: identity.name,
      providerId: identity.providerId,
      ip,
      zone,
      machine,
      labels: identity.labels,
      annotations: identity.annotations ?? {},
      // A cluster of one node has to run everything on it.
      controlPlane: identity.controlPlane === true && count > 1,
      podCidr: podCidr(index),
    });
  }
  return { ...profile, nodes };
}

const FIRST_SUBNETS = 100;

/** 10.x for one provider network per cluster; hosts spread over /24 subnets as zones are. */
function nodeAddress(cluster: number, node: number): string {
  const network = `10.${10 + (cluster % 200)}`;
  // The three subnets are full after a hundred; further ones follow.
  if (node >= FIRST_SUBNETS)
    return `${network}.${3 + Math.floor((node - FIRST_SUBNETS) / 250)}.${2 + ((node - FIRST_SUBNETS) % 250)}`;
  return `${network}.${node % 3}.${11 + Math.floor(node / 3) * 7 + (node % 3)}`;
}

/** One /24 of pod addresses per node. */
function podCidr(node: number): string {
  return `172.${20 + Math.floor(node / 256)}.${node % 256}.0/24`;
}
