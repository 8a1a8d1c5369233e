/** Pod addresses out of the node's range, none twice while its pod lives. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { isFinished } from '../sim/pods.ts';
import type { World } from '../sim/world.ts';

export interface Addresses {
  allocate(pod: KubeObject, node: string): string;
}

export function createAddresses(world: World): Addresses {
  /** Last host number given out per node: addresses are not reused at once. */
  const last = new Map<string, number>();
  /** Given out and not yet visible in a status. */
  const recent = new Map<string, string>();

  return {
    allocate(pod, node) {
      const profile = world.profile.nodes.find((candidate) => candidate.name === node);
      if (profile === undefined) throw new Error(`no such node: ${node}`);
      if (pod.spec?.hostNetwork === true) return profile.ip;
      const prefix = profile.podCidr.slice(0, profile.podCidr.lastIndexOf('.'));
      const used = new Set<string>();
      const living = new Set<string>();
      for (const other of world.caches.pods.list()) {
        living.add(other.metadata.uid ?? '');
        if (other.spec?.nodeName === node && !isFinished(other) && other.status?.podIP) used.add(other.status.podIP);
      }
      for (const [address, uid] of recent) {
        if (living.has(uid)) used.add(address);
        else recent.delete(address);
      }
      let host = last.get(node) ?? 1;
      for (let tries = 0; tries < 253; tries++) {
        host = host >= 254 ? 2 : host + 1;
        const address = `${prefix}.${host}`;
        if (used.has(address)) continue;
        last.set(node, host);
        recent.set(address, pod.metadata.uid ?? '');
        return address;
      }
      throw new Error(`no free pod address on node ${node}`);
    },
  };
}
