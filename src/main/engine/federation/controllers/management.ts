/**
 * Sees to it that a member has one manager: records this federation in the member, and stands back from a member that
 * somebody else manages, until that one lets go or a person takes over on purpose. Nothing is written to such a member.
 */
import type { Manager } from '#shared/contract/federation-control.ts';
import type { KubeObject, ResourceRef } from '#shared/kubernetes/types.ts';
import { ApiError, createInformer, createWorkQueue, type Informer, type KubeClient } from '../../kube/index.ts';
import { CLUSTERS, type ClusterObject, NAMESPACES, TAINTS, type Taint } from '../api.ts';
import { equalJson } from '../json.ts';
import {
  judgeLease,
  LEASE_NAME,
  LEASE_NAMESPACE,
  LEASES,
  leaseOf,
  type ManagerIdentity,
  STALE_MS,
} from '../management/lease.ts';
import { type Controller, errorText, type FederationContext } from './context.ts';
import { mutate, remove, withCondition } from './write.ts';

const RENEW_MS = STALE_MS / 3;
/** Where `karmadactl join` puts its accounts in a member. */
const KARMADA_NAMESPACE = 'karmada-cluster';
const CONDITION = 'Managed';
const SERVICE_ACCOUNTS: ResourceRef = { group: '', version: 'v1', resource: 'serviceaccounts' };

export interface Management extends Controller {
  /** `unknown` until the member has answered for the first time. */
  of(cluster: string): 'unknown' | 'ours' | Manager;
  /** Makes this federation the manager, whoever was it. Throws what keeps it from that. */
  takeOver(cluster: string): Promise<void>;
  /** Lets go of a member that leaves; what somebody else has recorded stays. */
  release(cluster: string): Promise<void>;
  /** The connection has changed: look again. */
  refresh(cluster: string): void;
  subscribe(listener: (cluster: string) => void): void;
}

export function startManagement(context: FederationContext): Management {
  const { client, cache, members, manager: me, log } = context;
  const states = new Map<string, 'ours' | Manager>();
  const watches = new Map<string, Informer>();
  const listeners: ((cluster: string) => void)[] = [];

  async function reconcile(name: string): Promise<number | undefined> {
    const cluster = cache.clusters.get(name);
    if (cluster === undefined) forget(name);
    if (cluster === undefined || cluster.metadata.deletionTimestamp) return undefined;
    const member = members.client(name);
    const state = await ask(name, member);
    watch(name, member);
    const before = states.get(name);
    states.set(name, state);
    if (!equalJson(before ?? null, state)) {
      if (state !== 'ours') log.warn('member is managed by another federation', { cluster: name, ...state });
      await show(name, state);
      for (const listener of listeners) listener(name);
    }
    return RENEW_MS;
  }

  async function ask(name: string, member: KubeClient): Promise<'ours' | Manager> {
    try {
      const lease = await leaseIn(member);
      const held = states.get(name) === 'ours';
      const judged = judgeLease(lease, me, Date.now(), isAlive, held);
      if (judged.kind === 'foreign') return judged.manager;
      if (judged.kind === 'free') {
        const other = held ? null : await karmadaIn(member, name);
        if (other !== null) return other;
      }
      await record(member, lease, judged.kind === 'ours');
      return 'ours';
    } catch (error) {
      // An account that may not see leases cannot tell, and nothing else can be done than what it is asked to do.
      if (!(error instanceof ApiError) || error.status !== 403) throw error;
      log.warn('who manages the member cannot be recorded', { cluster: name, error: error.message });
      return 'ours';
    }
  }

  async function record(member: KubeClient, lease: KubeObject | null, renewed: boolean): Promise<void> {
    const wanted = leaseOf(me, lease, Date.now());
    const where = { namespace: LEASE_NAMESPACE };
    if (lease === null) await member.create(LEASES, wanted, where);
    else if (!renewed || isDue(lease)) await member.update(LEASES, wanted, where);
  }

  const isDue = (lease: KubeObject): boolean => !(Date.now() - Date.parse(lease.spec?.renewTime ?? '') < RENEW_MS / 2);

  /** What a person sees with kubectl, and what keeps the scheduler away. */
  async function show(name: string, state: 'ours' | Manager): Promise<void> {
    const foreign = state !== 'ours';
    await mutate<ClusterObject>(client, CLUSTERS, { name }, (live) => {
      const taints = live.spec.taints ?? [];
      const others = taints.filter(({ key }) => key !== TAINTS.managedElsewhere);
      const wanted: Taint[] = foreign ? [...others, { key: TAINTS.managedElsewhere, effect: 'NoSchedule' }] : others;
      if (equalJson(wanted, taints)) return false;
      live.spec.taints = wanted;
      return true;
    });
    await mutate<ClusterObject>(client, CLUSTERS, { name, subresource: 'status' }, (live) => {
      const known = live.status?.conditions?.some(({ type }) => type === CONDITION) ?? false;
      if (!foreign && !known) return false;
      const conditions = withCondition(live.status?.conditions, {
        type: CONDITION,
        status: foreign ? 'False' : 'True',
        reason: foreign ? 'ManagedElsewhere' : 'ManagedHere',
        message: foreign ? managerText(state) : 'this federation manages the cluster',
      });
      live.status = { ...live.status, conditions };
      return true;
    });
  }

  function watch(name: string, member: KubeClient): void {
    // A look that is under way at the end must leave nothing behind that runs on.
    if (stopped || watches.has(name)) return;
    const informer = createInformer({
      client: member,
      resource: LEASES,
      namespace: LEASE_NAMESPACE,
      fieldSelector: `metadata.name=${LEASE_NAME}`,
    });
    const look = (): void => queue.add(name);
    informer.subscribe({
      onUpdate: (lease) => {
        // Our own renewals are no news.
        if (judgeLease(lease, me, Date.now(), isAlive, true).kind !== 'ours' || states.get(name) !== 'ours') look();
      },
      onAdd: look,
      onDelete: look,
    });
    watches.set(name, informer);
  }

  function forget(name: string): void {
    watches.get(name)?.stop();
    watches.delete(name);
    states.delete(name);
  }

  let stopped = false;
  const queue = createWorkQueue({
    name: 'management',
    concurrency: 8,
    maxDelayMs: 10_000,
    reconcile,
    onError: (name, error) => log.debug('manager of the member not known yet', { name, error: errorText(error) }),
  });
  cache.clusters.subscribe({
    onAdd: (_, key) => queue.add(key),
    onDelete: (_, key) => queue.add(key),
  });
  return {
    of: (cluster) => states.get(cluster) ?? 'unknown',
    async takeOver(cluster) {
      await takeLease(members.client(cluster), me);
      states.delete(cluster);
      queue.add(cluster);
    },
    async release(cluster) {
      forget(cluster);
      await releaseLease(members.client(cluster), me);
    },
    refresh: (cluster) => queue.add(cluster),
    subscribe: (listener) => listeners.push(listener),
    async stop() {
      stopped = true;
      for (const informer of watches.values()) informer.stop();
      await queue.stop();
    },
  };
}

async function leaseIn(member: KubeClient): Promise<KubeObject | null> {
  return await member.find(LEASES, LEASE_NAME, { namespace: LEASE_NAMESPACE });
}

/** Who else manages the member, for somebody who is about to join it; null when nobody does, or this federation. */
export async function otherManager(member: KubeClient, cluster: string, me: ManagerIdentity): Promise<Manager | null> {
  const judged = judgeLease(await leaseIn(member), me, Date.now(), isAlive);
  if (judged.kind === 'foreign') return judged.manager;
  return judged.kind === 'free' ? await karmadaIn(member, cluster) : null;
}

/** Records `me`, whoever was recorded. */
export async function takeLease(member: KubeClient, me: ManagerIdentity): Promise<void> {
  const lease = await leaseIn(member);
  const wanted = leaseOf(me, lease, Date.now());
  const where = { namespace: LEASE_NAMESPACE };
  if (lease === null) await member.create(LEASES, wanted, where);
  // Its holder renews it meanwhile; the person has decided all the same.
  else
    await mutate(member, LEASES, { ...where, name: LEASE_NAME }, (live) => {
      Object.assign(live, leaseOf(me, live, Date.now()));
      return true;
    });
}

/** Takes the record away when it is this federation's. */
export async function releaseLease(member: KubeClient, me: ManagerIdentity): Promise<void> {
  const lease = await leaseIn(member);
  if (lease?.spec?.holderIdentity !== me.federationId) return;
  await remove(member, LEASES, { namespace: LEASE_NAMESPACE, name: LEASE_NAME, uid: lease.metadata.uid });
}

/** A Karmada control plane leaves no lease, but the account it works with. */
async function karmadaIn(member: KubeClient, cluster: string): Promise<Manager | null> {
  const namespace = await member.find(NAMESPACES, KARMADA_NAMESPACE);
  if (namespace === null || namespace.metadata.deletionTimestamp) return null;
  const accounts = await member.list(SERVICE_ACCOUNTS, { namespace: KARMADA_NAMESPACE });
  const account = accounts.items.find(({ metadata }) => metadata.name?.startsWith('karmada-') === true);
  if (account === undefined) return null;
  return {
    kind: 'karmada',
    federation: '',
    holder: account.metadata.name === `karmada-${cluster}` ? '' : (account.metadata.name ?? ''),
    since: namespace.metadata.creationTimestamp ?? '',
    lastSeen: null,
  };
}

/** Whether a process of this machine runs. */
function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** In the words of conditions and messages of the API. */
export function managerText({ kind, federation, holder, since, lastSeen }: Manager): string {
  const who =
    kind === 'karmada' ? 'a Karmada control plane' : `federation ${federation}${holder === '' ? '' : ` of ${holder}`}`;
  const seen = lastSeen === null ? '' : `, last seen ${lastSeen}`;
  return `the cluster is managed by ${who} since ${since}${seen}; nothing is written to it until somebody takes over`;
}
