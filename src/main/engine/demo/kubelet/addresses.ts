/** Pod addresses out of the node's range, none twice while its pod lives. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { podsOnNode } from '../sim/indexes.ts';
import { isFinished } from '../sim/pods.ts';
import type { World } from '../sim/world.ts';

export interface Addresses {
  allocate(pod: KubeObject, node: string): string;
}

export function createAddresses(world: World): Addresses {
  /** Last host number given out per node: addresses are not reused at once. */
  const last = new Map<string, number>();
  /** Given out and not yet visible in a status: uid by address, by node. */
  const recent = new Map<string, Map<string, string>>();
  const profiles = new Map(world.profile.nodes.map((profile) => [profile.name, profile]));

  return {
    allocate(pod, node) {
      const profile = profiles.get(node);
      if (profile === undefined) throw new Error(`no such node: ${node}`);
      if (pod.spec?.hostNetwork === true) return profile.ip;
      const prefix = profile.podCidr.slice(0, profile.podCidr.lastIndexOf('.'));
      const used = new Set<string>();
      const living = new Set<string>();
      for (const other of podsOnNode(world.caches, node)) {
        living.add(other.metadata.uid ?? '');
        if (!isFinished(other) && other.status?.podIP) used.add(other.status.podIP);
      }
      const given = recent.get(node) ?? new Map<string, string>();
      recent.set(node, given);
      for (const [address, uid] of given) {
        if (living.has(uid)) used.add(address);
        else given.delete(address);
      }
      let host = last.get(node) ?? 1;
      for (let tries = 0; tries < 253; tries++) {
        host = host >= 254 ? 2 : host + 1;
        const address = `${prefix}.${host}`;
        if (used.has(address)) continue;
        last.set(node, host);
        given.set(address, pod.metadata.uid ?? '');
        return address;
      }
      throw new Error(`no free pod address on node ${node}`);
    },
  };
}
