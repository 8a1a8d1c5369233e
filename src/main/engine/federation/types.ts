/** Contracts of the federation area: what it needs from others, and what it keeps. */
import type { FederatedObjectName, JournalEntry, JournalEvent } from '#shared/contract/federation-decisions.ts';
import type { AppErrorShape } from '#shared/errors.ts';
import type { MoveStep } from '#shared/move-steps.ts';
import type { Belongings, ClusterDirectory } from '../clusters/types.ts';
import type { FleetDirectory } from '../fleets/types.ts';
import type { Log } from '../types.ts';
import type { ClusterStatusTiming } from './controllers/cluster-status.ts';
import type { FailoverSettings } from './failover/settings.ts';

/** One federation as the store keeps it. What runs is derived from it; nothing else needs to be remembered. */
export interface FederationRecord {
  id: string;
  /** Unique, compared without regard to case (it names a file). */
  name: string;
  engine: 'embedded' | 'external';
  /** `deleting` survives a crash, so that a removal that was begun is finished at the next start. */
  phase: 'active' | 'deleting';
  fleetId: string | null;
  /** Ids of the registered clusters that shall be members. What has really joined is in the control plane itself. */
  clusterIds: string[];
  deletionProtection: boolean;
  /** With `engine: external`: where it runs. Its kubeconfig is a secret of its own. */
  external?: { context: string; server: string };
  /** A move to the other engine that has begun; what it has done lies in the two control planes. */
  move?: MoveRecord | null;
  /** What differs from the default settings; absent in records of earlier versions. */
  failover?: Partial<FailoverSettings>;
  /** ISO time. */
  createdAt: string;
}

export interface MoveRecord {
  /** A person has seen that something is placed otherwise than before, and goes on. */
  accepted?: true;
  to: 'embedded' | 'external';
  /** What is to be done next. */
  step: MoveStep;
  /** ISO time. */
  startedAt: string;
  /** Why it stopped. */
  error: AppErrorShape | null;
  /** Of the kubeconfig it goes to, where it is not the current one. */
  context?: string;
}

/** Where federation records live. Synchronous and durable: when a call returns, the change survives `kill -9`. */
export interface FederationRepository {
  /** Oldest first. */
  list(): FederationRecord[];
  get(id: string): FederationRecord | undefined;
  /** AppError NAME_TAKEN (params.name) when another federation has the name, whatever its case. */
  insert(record: FederationRecord): void;
  /** Changes the given fields and returns the whole record; AppError NOT_FOUND for an unknown id. */
  update(id: string, change: Partial<Omit<FederationRecord, 'id' | 'name' | 'createdAt'>>): FederationRecord;
  /** Removing what is gone is not an error. */
  remove(id: string): void;
  /** Of an external control plane; null when there is none. */
  getKubeconfig(id: string): Promise<string | null>;
  putKubeconfig(id: string, text: string): Promise<void>;
}

export interface JournalRecord {
  /** ISO time. */
  time: string;
  object: FederatedObjectName;
  event: JournalEvent;
}

/** Where the journals lie. History for people: nothing is decided by it. */
export interface JournalRepository {
  append(federationId: string, records: readonly JournalRecord[]): void;
  /** Newest first, older than `before`, of one object or of the whole federation. */
  list(
    federationId: string,
    options: { object?: FederatedObjectName | undefined; before?: number | undefined; limit: number },
  ): JournalEntry[];
  /** The newest of one kind of event. */
  ofKind(federationId: string, kind: JournalEvent['kind'], limit: number): JournalEntry[];
}

export interface FederationsDeps {
  repository: FederationRepository;
  journal: JournalRepository;
  clusters: ClusterDirectory;
  /** A function because fleets and federations know each other; called after both exist. */
  fleets: () => FleetDirectory;
  /** Kubeconfigs issued for a federation's API: they end when it is removed here, or moves. */
  access?: Belongings;
  /** Control planes are kept in `<dataDir>/federations/<id>`, kubeconfigs beside them as `<name>.kubeconfig`. */
  dataDir: string;
  log: Log;
  /** How often members are looked at and how long a change must last; tests shorten it. */
  clusterStatus?: Partial<ClusterStatusTiming>;
}

export type { RunRecord, RunRepository } from './runs/types.ts';
