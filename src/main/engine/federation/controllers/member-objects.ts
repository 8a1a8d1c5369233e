/**
 * What the federation manages inside the members, watched per cluster and kind (only objects with Karmada's mark). A
 * member that is down keeps its last known objects and holds up nobody.
 */
import { AppError } from '#shared/errors.ts';
import { apiVersionOf, type KubeObject, type ResourceInfo, type ResourceRef } from '#shared/kubernetes/types.ts';
import { createInformer, type Informer } from '../../kube/index.ts';
import { KEYS } from '../api.ts';
import type { Controller, FederationContext } from './context.ts';

export interface MemberObjects extends Controller {
  /** Where the member serves the kind; asks discovery again (not more than every 5 s) for one it did not know. */
  refOf(cluster: string, apiVersion: string, kind: string): Promise<ResourceRef>;
  /** Starts the watch when first asked. */
  watch(cluster: string, ref: ResourceRef): Informer;
  /** Told of every change of a managed object. */
  subscribe(listener: (cluster: string, object: KubeObject, deleted: boolean) => void): void;
  /** Ends everything that concerns the cluster. */
  forget(cluster: string): void;
}

const DISCOVERY_PAUSE_MS = 5_000;

interface Member {
  informers: Map<string, Informer>;
  kinds: Map<string, ResourceInfo>;
  askedAt: number;
  asking: Promise<void> | null;
}

export function watchMemberObjects(context: FederationContext): MemberObjects {
  const members = new Map<string, Member>();
  let stopped = false;
  const listeners: ((cluster: string, object: KubeObject, deleted: boolean) => void)[] = [];

  function memberOf(cluster: string): Member {
    let member = members.get(cluster);
    if (member === undefined) {
      member = { informers: new Map(), kinds: new Map(), askedAt: 0, asking: null };
      members.set(cluster, member);
    }
    return member;
  }

  async function discover(cluster: string, member: Member): Promise<void> {
    if (Date.now() - member.askedAt < DISCOVERY_PAUSE_MS) return;
    member.asking ??= context.members
      .client(cluster)
      .resources({ refresh: true })
      .then((resources) => {
        member.askedAt = Date.now();
        member.kinds = new Map(resources.map((info) => [`${apiVersionOf(info)} ${info.kind}`, info]));
      })
      .finally(() => {
        member.asking = null;
      });
    await member.asking;
  }

  function tell(cluster: string, object: KubeObject, deleted: boolean): void {
    for (const listener of listeners) listener(cluster, object, deleted);
  }

  return {
    async refOf(cluster, apiVersion, kind) {
      const member = memberOf(cluster);
      const key = `${apiVersion} ${kind}`;
      if (!member.kinds.has(key)) await discover(cluster, member);
      const found = member.kinds.get(key);
      if (found === undefined) throw new Error(`cluster ${cluster} does not serve ${apiVersion} ${kind}`);
      return { group: found.group, version: found.version, resource: found.resource };
    },
    watch(cluster, ref) {
      const member = memberOf(cluster);
      const key = `${apiVersionOf(ref)} ${ref.resource}`;
      let informer = member.informers.get(key);
      if (informer === undefined) {
        // A reconciliation that is under way at the end must leave nothing behind that runs on.
        if (stopped) throw new AppError('CANCELLED', 'the federation was stopped');
        informer = createInformer({
          client: context.members.client(cluster),
          resource: ref,
          labelSelector: `${KEYS.managed}=true`,
        });
        informer.subscribe({
          onAdd: (object) => tell(cluster, object, false),
          onUpdate: (object) => tell(cluster, object, false),
          onDelete: (object) => tell(cluster, object, true),
        });
        member.informers.set(key, informer);
      }
      return informer;
    },
    subscribe: (listener) => listeners.push(listener),
    forget(cluster) {
      for (const informer of members.get(cluster)?.informers.values() ?? []) informer.stop();
      members.delete(cluster);
    },
    async stop() {
      stopped = true;
      for (const cluster of [...members.keys()]) this.forget(cluster);
    },
  };
}
