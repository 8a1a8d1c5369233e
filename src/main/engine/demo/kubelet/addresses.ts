/** Pod addresses out of the node's range, none twice while its pod lives. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import type { NodeProfile } from '../profiles/profile.ts';
import { podsOnNode } from '../sim/indexes.ts';
import { uidOf } from '../sim/objects.ts';
import { isFinished } from '../sim/pods.ts';
import { fnv1a } from '../sim/random.ts';
import type { World } from '../sim/world.ts';

/** Of a /24 without network, gateway and broadcast. */
const ADDRESSES = 253;
/** The first is the gateway's. */
const FIRST = 2;

/** Ranges are `10.1.2.0/24` or `fd00:1:2::/64`. */
function addressIn({ podCidr }: NodeProfile, host: number): string {
  const [base = ''] = podCidr.split('/', 1);
  return base.endsWith('::') ? base + host.toString(16) : `${base.slice(0, base.lastIndexOf('.'))}.${host}`;
}

export interface Addresses {
  /** The range of the node, where it has no address left for the pod. */
  exhausted(pod: KubeObject, node: string): string | null;
  allocate(pod: KubeObject, node: string): string;
}

export function createAddresses(world: World): Addresses {
  /** Given out and not yet visible in a status: uid by address, by node. */
  const recent = new Map<string, Map<string, string>>();

  function machineOf(node: string): NodeProfile {
    const profile = world.machines.get(node);
    if (profile === undefined) throw new Error(`no such node: ${node}`);
    return profile;
  }

  function usedOn(node: string, profile: NodeProfile): { given: Map<string, string>; used: Set<string> } {
    const used = new Set<string>();
    const living = new Set<string>();
    for (const other of podsOnNode(world.caches, node)) {
      living.add(other.metadata.uid ?? '');
      const address: string | undefined = other.status?.podIP;
      // Pods of the host's network have the machine's own.
      if (!isFinished(other) && address && address !== profile.ip) used.add(address);
    }
    const given = recent.get(node) ?? new Map<string, string>();
    recent.set(node, given);
    for (const [address, uid] of given) {
      if (living.has(uid)) used.add(address);
      else given.delete(address);
    }
    return { given, used };
  }

  return {
    exhausted(pod, node) {
      const profile = machineOf(node);
      if (pod.spec?.hostNetwork === true) return null;
      const most = profile.addresses ?? ADDRESSES;
      if (usedOn(node, profile).used.size < most) return null;
      return `${addressIn(profile, 2)}-${addressIn(profile, most + 1)}`;
    },
    allocate(pod, node) {
      const profile = machineOf(node);
      if (pod.spec?.hostNetwork === true) return profile.ip;
      const { given, used } = usedOn(node, profile);
      // By the pod and not by the order of starts, which no seed decides.
      let host = FIRST + (fnv1a(uidOf(pod)) % ADDRESSES);
      for (let tries = 0; tries < ADDRESSES; tries++) {
        const address = addressIn(profile, host);
        host = host >= 254 ? FIRST : host + 1;
        if (used.has(address)) continue;
        given.set(address, uidOf(pod));
        return address;
      }
      throw new Error(`no free pod address on node ${node}`);
    },
  };
}
