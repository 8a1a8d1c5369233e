/** What every controller of one federation gets. */
import type { JournalEvent } from '#shared/contract/federation-decisions.ts';
import type { KubeClient } from '../../kube/index.ts';
import type { Log } from '../../types.ts';
import type { ObjectReference } from '../api.ts';
import type { Interpreter } from '../interpreter/index.ts';
import type { ManagerIdentity } from '../management/lease.ts';
import type { FederationCache } from './cache.ts';
import type { EventRecorders } from './events.ts';

/** Clients to the members, by the name of their Cluster object. */
export interface Members {
  /** Throws AppError when the cluster is not registered any more or its kubeconfig cannot be used. */
  client(cluster: string): KubeClient;
}

/** Remembers for people what was decided and done with a workload. Never fails and never blocks. */
export interface Journal {
  record(object: Pick<ObjectReference, 'apiVersion' | 'kind' | 'namespace' | 'name'>, event: JournalEvent): void;
}

export interface FederationContext {
  /** Of the federation's own API server. */
  client: KubeClient;
  members: Members;
  cache: FederationCache;
  events: EventRecorders;
  journal: Journal;
  interpreter: Interpreter;
  /** This run of this federation, as members are told. */
  manager: ManagerIdentity;
  log: Log;
}

/** A running controller. */
export interface Controller {
  stop(): Promise<void>;
}

export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
