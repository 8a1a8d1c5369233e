/** What stands behind a federation: a control plane in this process, or one that others run. */
import type { Cluster } from '#shared/contract/clusters.ts';
import type { Federation } from '#shared/contract/federations.ts';
import type { AppErrorShape } from '#shared/errors.ts';
import type { ClusterIdentity, KubeClient } from '../../kube/index.ts';
import type { ControlPlane } from '../controllers/control-plane.ts';
import { DEFAULT_FAILOVER, type FailoverSettings } from '../failover/settings.ts';
import type { FederationRecord } from '../types.ts';
import type { KeptJournal } from './journal.ts';

/** What fails to start is abnormal with the reason and is tried again; it never stops another federation. */
export interface FederationEngine {
  /** As the contract shows it; `record` is the latest one. */
  view(record: FederationRecord): Federation;
  /** Throws the reason while it is not running. */
  client(): KubeClient;
  controlPlane(): ControlPlane;
  /** How its API server is reached over the network. Throws the reason while it is not running. */
  identity(): Promise<ClusterIdentity>;
  /** Of a member by its name in the federation. */
  member(cluster: string): KubeClient;
  readonly journal: KeptJournal;
  /** Told when the journal has grown; returns the unsubscribe function. */
  onJournal(listener: () => void): () => void;
  /** Resolves when it runs or has been found abnormal. */
  start(): Promise<void>;
  /** Why it does not run, if so. */
  readonly reason: AppErrorShape | null;
  setMembers(clusters: readonly Cluster[]): void;
  setFailover(settings: FailoverSettings): void;
  clusterChanged(cluster: Cluster): void;
  stop(): Promise<void>;
  /** Stops it and removes everything it kept here. */
  destroy(): Promise<void>;
}

/** How long to wait before a start that failed is tried again. */
export const RETRY_MS = 30_000;

export function failoverOf({ failover }: Pick<FederationRecord, 'failover'>): FailoverSettings {
  return { ...DEFAULT_FAILOVER, ...failover };
}

export function visibleFailover(record: FederationRecord): Federation['failover'] {
  const { enabled, evictionTimeoutSeconds, tolerationSeconds } = failoverOf(record);
  return { enabled, evictionTimeoutSeconds, tolerationSeconds };
}
