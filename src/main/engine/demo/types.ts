/** Contract of the demo fleet: simulated clusters in a process of their own, controlled over its IPC channel. */
import type { Log } from '../types.ts';

export interface DemoFleetOptions {
  /** Folder for the clusters' state and kubeconfigs; one sub-folder per cluster. */
  dir: string;
  clusters: number;
  /** Nodes per cluster; default differs from cluster to cluster between 2 and 5. */
  nodes?: number;
  /** Pods each cluster is filled with at its first start, running already; up to 30,000. */
  pods?: number;
  /** Changes a second each cluster goes through by itself: restarts, rollouts, heartbeats; up to 1,000. */
  churn?: number;
  /** Same seed, same names, providers, delays. */
  seed?: number;
  /** Factor on simulated delays: 1 is realistic (a pod runs after 1-3 s), 0 is at once (tests). */
  pace?: number;
  /** Where the child's reports go; default: warnings and errors to stderr. */
  log?: Log;
  /** How far a start has got: called while clusters are filled, and when one is up. */
  onProgress?: (progress: StartProgress) => void;
}

/** Of one cluster. */
export interface StartProgress {
  cluster: string;
  /** Objects it has been filled with, of how many; both 0 where nothing is filled. */
  stored: number;
  total: number;
  up: boolean;
}

export interface DemoCluster {
  name: string;
  provider: string;
  region: string;
  zones: string[];
  version: string;
  server: string;
  /** Absolute path of a kubeconfig that plain kubectl can use (mode 0600). */
  kubeconfig: string;
}

export interface DemoFleet {
  readonly clusters: readonly DemoCluster[];
  /** Process that runs the clusters. */
  readonly pid: number;
  /** Those who watch the clusters have seen all there is: churn begins. */
  settled(): void;
  /** Ends the child process cleanly. */
  close(): Promise<void>;
  /** Called when the child ends by itself; the launcher restarts it once and reports. */
  onExit(listener: (code: number | null, signal: string | null) => void): void;
}
