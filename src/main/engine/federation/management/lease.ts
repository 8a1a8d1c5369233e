/**
 * Who manages a member, as the member itself tells: a Lease in kube-system that the first federation writes and keeps
 * until it leaves. It does not run out: a workstation may be off for a week and is still the manager; another one takes
 * over only on purpose. The time of renewal tells people when it was last seen. Pure.
 * Source: coordination.k8s.io/v1 Lease (API reference).
 */
import type { Manager } from '#shared/contract/federation-control.ts';
import type { KubeObject, ResourceRef } from '#shared/kubernetes/types.ts';

export const LEASES: ResourceRef = { group: 'coordination.k8s.io', version: 'v1', resource: 'leases' };
export const LEASE_NAMESPACE = 'kube-system';
export const LEASE_NAME = 'fleetdeck-federation';
/** On a member's objects: id of the federation that manages them. */
export const MANAGED_BY = 'fleetdeck.io/managed-by';

const FEDERATION = 'fleetdeck.io/federation';
const HOLDER = 'fleetdeck.io/holder';
const RUN = 'fleetdeck.io/run';
const HOST = 'fleetdeck.io/host';
const PID = 'fleetdeck.io/pid';

/** Without a renewal for so long, the process that wrote it is taken to be gone. */
export const STALE_MS = 180_000;

/** One run of one federation on one machine. */
export interface ManagerIdentity {
  federationId: string;
  federation: string;
  /** Differs from run to run. */
  run: string;
  /** `user@host`, for people. */
  holder: string;
  host: string;
  pid: number;
}

export type Judgement =
  /** Nobody manages it. */
  | { kind: 'free' }
  /** This very run does. */
  | { kind: 'ours' }
  /** An earlier run of this federation did, and is gone. */
  | { kind: 'resumed' }
  | { kind: 'foreign'; manager: Manager };

/**
 * @param isAlive whether a process of this machine still runs
 * @param held whether this run has been the manager already: what it has lost it does not take back
 */
export function judgeLease(
  lease: KubeObject | null,
  me: ManagerIdentity,
  time: number,
  isAlive: (pid: number) => boolean,
  held = false,
): Judgement {
  if (lease === null) return { kind: 'free' };
  const { annotations = {} } = lease.metadata;
  if (lease.spec?.holderIdentity !== me.federationId) return { kind: 'foreign', manager: managerOf(lease) };
  if (annotations[RUN] === me.run) return { kind: 'ours' };
  // The same federation somewhere else: a copy of its files, or the run before this one.
  const renewed = Date.parse(lease.spec?.renewTime ?? '');
  const fresh = Number.isFinite(renewed) && time - renewed < STALE_MS;
  const here = annotations[HOST] === me.host;
  const alive = fresh && (here ? Number(annotations[PID]) !== me.pid && isAlive(Number(annotations[PID])) : true);
  return held || alive ? { kind: 'foreign', manager: managerOf(lease) } : { kind: 'resumed' };
}

/** As people are told. Everything in it was written by others. */
export function managerOf(lease: KubeObject): Manager {
  const { annotations = {}, creationTimestamp = '' } = lease.metadata;
  return {
    kind: 'fleetdeck',
    federation: text(annotations[FEDERATION] ?? lease.spec?.holderIdentity),
    holder: text(annotations[HOLDER]),
    since: text(lease.spec?.acquireTime ?? creationTimestamp),
    lastSeen: lease.spec?.renewTime === undefined ? null : text(lease.spec.renewTime),
  };
}

const MOST_CHARACTERS = 200;
function text(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, MOST_CHARACTERS) : '';
}

/** The Lease as `me` writes it; `before` is replaced by it, whoever wrote that. */
export function leaseOf(me: ManagerIdentity, before: KubeObject | null, time: number): KubeObject {
  const now = microTime(time);
  const same = before?.spec?.holderIdentity === me.federationId && before?.metadata.annotations?.[RUN] === me.run;
  const transitions = Number(before?.spec?.leaseTransitions ?? 0);
  const wasOurs = before?.spec?.holderIdentity === me.federationId;
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      ...before?.metadata,
      name: LEASE_NAME,
      namespace: LEASE_NAMESPACE,
      annotations: {
        ...before?.metadata.annotations,
        [FEDERATION]: me.federation,
        [HOLDER]: me.holder,
        [RUN]: me.run,
        [HOST]: me.host,
        [PID]: String(me.pid),
      },
    },
    spec: {
      holderIdentity: me.federationId,
      leaseDurationSeconds: STALE_MS / 1000,
      acquireTime: wasOurs && before?.spec?.acquireTime ? before.spec.acquireTime : now,
      renewTime: now,
      leaseTransitions: before === null || same ? transitions : transitions + 1,
    },
  };
}

/** MicroTime of the API. */
function microTime(time: number): string {
  return new Date(time).toISOString().replace('Z', '000Z');
}
