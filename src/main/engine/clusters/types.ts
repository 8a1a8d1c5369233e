/** What other areas may know of registered clusters: who they are, how they are, and a client to each. */

import type { CleanUp } from '#shared/contract/access.ts';
import type { Cluster, ClusterOperation, ClusterTransition, ClusterType } from '#shared/contract/clusters.ts';
import type { FleetDirectory } from '../fleets/types.ts';
import type { KubeClient, KubeTransport, RequestPriority } from '../kube/index.ts';
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
   * over reconnects. `priority` is that of what is asked through it (default `normal`): before what other work for the
   * same cluster it goes. Throws AppError NOT_FOUND, or the kubeconfig's own problem.
   */
  client(id: string, priority?: RequestPriority): KubeClient;
  /** The namespace that its kubeconfig's context names; null when it names none, or cannot be read. */
  namespace(id: string): Promise<string | null>;
  subscribe(listener: (change: ClusterChange) => void): () => void;
}

/** For the area that issues access: how a cluster is reached with credentials other than our own. */
export interface ClusterReach {
  /** How this cluster is reached, without any credential: for kubeconfigs that others get. */
  endpoint(id: string): Promise<ClusterEndpoint>;
  /** A connection with this token and nothing else; the caller closes it. */
  withToken(id: string, token: string): Promise<KubeTransport>;
  /** What is done with a cluster, for its operation log. */
  log(id: string, kind: ClusterOperation['kind']): Operation;
}

export interface ClusterEndpoint {
  server: string;
  /** PEM. */
  caData?: string;
  tlsServerName?: string;
  proxyUrl?: string;
  insecure: boolean;
}

/** An entry of the operation log while it is being written. */
export interface Operation {
  step(step: string, result: ClusterOperation['steps'][number]['result'], message: string): void;
  end(error?: unknown): void;
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
  /** Last known size in vCPU; left out by versions that did not keep it. */
  size?: number | null;
  deletionProtection: boolean;
  createdAt: string;
  lastSeen: string | null;
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
  putOperation(operation: ClusterOperation): void;
  /** Newest first. */
  operations(clusterId: string | undefined, limit: number): ClusterOperation[];
}

/** What an area puts into clusters, and how it is taken out again. */
export interface Belongings {
  /** Whether anything was ever put into this cluster. */
  isIn(clusterId: string): boolean;
  /** Takes it out; what cannot be removed is named. */
  cleanUp(clusterId: string): Promise<CleanUp>;
  /** The cluster is no longer registered: nothing of it is kept here either. */
  forget(clusterId: string): Promise<void>;
}

export interface ClustersDeps {
  repository: ClusterRepository;
  /** Functions, because clusters and fleets know each other; called after both exist. */
  fleets: () => Pick<FleetDirectory, 'get' | 'fleetOfCluster'>;
  /** Puts newly registered clusters into the fleet the person chose. */
  addToFleet: (fleetId: string, clusterIds: string[]) => Promise<unknown>;
  /** What Fleetdeck puts into clusters. */
  belongings?: Belongings;
  /** Where the store is, for the look at the room that is left. */
  dataDir?: string;
  log: Log;
  env?: NodeJS.ProcessEnv;
  /** How long sign-in commands may take; asked before every run. */
  execTimeoutMs?: () => number;
  home?: string;
  /** Intervals of the health probes; shortened in tests. */
  timing?: Partial<Timing>;
}
