/** All simulated clusters of one folder in one process. The process border is in index.ts and worker.ts. */
import { type DirectoryLock, lockDirectory } from '#engine/store/index.ts';
import { AppError } from '#shared/errors.ts';
import { type SimulatedCluster, startCluster } from './cluster.ts';
import { type Control, startControl } from './control.ts';
import { DEFAULT_SEED, MAX_CHURN, MAX_CLUSTERS, MAX_NODES, MAX_PODS } from './profiles/profile.ts';
import type { StartProgress } from './types.ts';

export interface FleetOptions {
  dir: string;
  clusters: number;
  nodes?: number;
  pods?: number;
  churn?: number;
  seed?: number;
  pace?: number;
  report(error: unknown, where: string): void;
  onProgress?(progress: StartProgress): void;
}

export interface Fleet {
  readonly clusters: readonly SimulatedCluster[];
  /** Begins the churn. */
  settled(): void;
  close(): Promise<void>;
}

/** A predecessor that was just told to end gets so long to let go of the folder. */
const LOCK_WAIT_MS = 3000;
/** Starting is mostly waiting for the disk; more at once would only make the first one late. */
const STARTED_AT_ONCE = 10;

/** @throws AppError DATA_DIR_LOCKED, DATA_DIR_UNWRITABLE, INVALID ... Nothing keeps running when it throws. */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  checkNumber('clusters', options.clusters, 1, MAX_CLUSTERS);
  if (options.nodes !== undefined) checkNumber('nodes', options.nodes, 1, MAX_NODES);
  if (options.pods !== undefined) checkNumber('pods', options.pods, 0, MAX_PODS);
  if (options.churn !== undefined) checkNumber('churn', options.churn, 0, MAX_CHURN);
  const pace = options.pace ?? 1;
  if (!(pace >= 0 && pace <= 100)) throw new AppError('INVALID', `pace must be between 0 and 100, not ${pace}`);
  const lock = await lockDirectory(options.dir, { waitMs: LOCK_WAIT_MS });
  const byIndex = new Map<number, SimulatedCluster>();
  let clusters: SimulatedCluster[] = [];
  let control: Control;
  try {
    await startAll(options, pace, byIndex);
    clusters = [...byIndex].sort(([a], [b]) => a - b).map(([, cluster]) => cluster);
    control = await startControl(
      options.dir,
      clusters.map(({ faults }) => faults),
    );
  } catch (error) {
    await closeAll([...byIndex.values()], lock);
    throw error;
  }
  return {
    clusters,
    settled() {
      for (const cluster of clusters) cluster.settled();
    },
    async close() {
      await control.close();
      await closeAll(clusters, lock);
    },
  };
}

async function startAll(options: FleetOptions, pace: number, clusters: Map<number, SimulatedCluster>): Promise<void> {
  let next = 0;
  let failure: { error: unknown } | undefined;
  const starter = async () => {
    while (next < options.clusters && failure === undefined) {
      const index = next++;
      try {
        const cluster = await startCluster({
          dir: options.dir,
          index,
          seed: options.seed ?? DEFAULT_SEED,
          nodes: options.nodes,
          pods: options.pods ?? 0,
          churn: options.churn ?? 0,
          pace,
          report: options.report,
          onProgress: (progress) => options.onProgress?.(progress),
        });
        clusters.set(index, cluster);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(STARTED_AT_ONCE, options.clusters) }, starter));
  if (failure !== undefined) throw failure.error;
}

async function closeAll(clusters: readonly SimulatedCluster[], lock: DirectoryLock): Promise<void> {
  try {
    await Promise.all(clusters.map((cluster) => cluster.close()));
  } finally {
    lock.release();
  }
}

function checkNumber(what: string, value: number, from: number, to: number): void {
  if (Number.isInteger(value) && value >= from && value <= to) return;
  throw new AppError('INVALID', `${what} must be a whole number between ${from} and ${to}, not ${value}`, {
    params: { field: what },
  });
}
