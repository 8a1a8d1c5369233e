/** What other areas may know of registered clusters: who they are, how they are, and a client to each. */
import type { Cluster, ClusterState, ClusterType } from '#shared/contract/clusters.ts';
import type { AppErrorShape } from '#shared/errors.ts';
import type { FleetDirectory } from '../fleets/types.ts';
import type { KubeClient } from '../kube/types.ts';
import type { Log } from '../types.ts';
import type { Timing } from './connection.ts';

export interface ClusterChange {
  kind: 'added' | 'changed' | 'removed';
  cluster: Cluster;
}

export interface ClusterDirectory {
  list(): Cluster[];
  get(id: string): Cluster | undefined;
  /**
   * The one client of that cluster, shared by all areas (one connection pool per identity). Made lazily; stays valid
   * over reconnects. Throws AppError NOT_FOUND, or the kubeconfig's own problem.
   */
  client(id: string): KubeClient;
  subscribe(listener: (change: ClusterChange) => void): () => void;
}

/** A registered cluster as it is kept: what the person decided and what was last seen, not how it is right now. */
export interface ClusterRecord {
  id: string;
  name: string;
  type: ClusterType;
  provider: string;
  region: string;
  zones: string[];
  /** Fields the person set by hand; detection leaves them alone. */
  corrected: ('type' | 'provider' | 'region' | 'zones')[];
  server: string;
  context: string;
  /** Absolute path for file sources, null for a kubeconfig kept in the repository. */
  sourcePath: string | null;
  insecure: boolean;
  /** Hash of the exec plugin the person approved. */
  approvedExec: string | null;
  /** uid of namespace kube-system: the identity of a cluster. Null until it answered for the first time. */
  uid: string | null;
  version: string | null;
  deletionProtection: boolean;
  createdAt: string;
  lastSeen: string | null;
}

/** One change of state with its cause (feature R5). */
export interface ClusterTransition {
  clusterId: string;
  at: string;
  from: ClusterState | null;
  to: ClusterState;
  reason: AppErrorShape | null;
}

/** Where records live. Synchronous where SQLite is; the kubeconfig text is a secret, sealed at rest, hence async. */
export interface ClusterRepository {
  list(): ClusterRecord[];
  /** The record and its kubeconfig text (null for file sources) in one transaction; AppError NAME_TAKEN when the name exists. */
  insert(record: ClusterRecord, kubeconfig: string | null): Promise<void>;
  update(record: ClusterRecord): void;
  /** The record, its kubeconfig text and its transitions. */
  remove(id: string): void;
  getKubeconfig(id: string): Promise<string | null>;
  putKubeconfig(id: string, text: string): Promise<void>;
  addTransition(transition: ClusterTransition): void;
  /** Newest first. */
  transitions(clusterId: string, limit: number): ClusterTransition[];
}

export interface ClustersDeps {
  repository: ClusterRepository;
  /** Functions, because clusters and fleets know each other; called after both exist. */
  fleets: () => Pick<FleetDirectory, 'get' | 'fleetOfCluster'>;
  /** Puts newly registered clusters into the fleet the person chose. */
  addToFleet: (fleetId: string, clusterIds: string[]) => Promise<unknown>;
  log: Log;
  env?: NodeJS.ProcessEnv;
  home?: string;
  /** Intervals of the health probes; shortened in tests. */
  timing?: Partial<Timing>;
}
