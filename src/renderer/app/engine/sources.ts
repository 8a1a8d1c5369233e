/** The live lists that many pages share: clusters, fleets, federations, the workloads of one federation, the heartbeat. */
import type { Cluster } from '#shared/contract/clusters.ts';
import type { DemoState } from '#shared/contract/demo.ts';
import type { FederatedWorkload, Federation } from '#shared/contract/federations.ts';
import type { Fleet } from '#shared/contract/fleets.ts';
import type { InspectionState } from '#shared/contract/inspection.ts';
import type { ClusterStatistics } from '#shared/contract/statistics.ts';
import { useConnection } from '../../stores/connection.ts';
import { knowHues } from '../../stores/hues.ts';
import { engine } from './client.ts';
import { createLive, type Live, type LiveSource, useLive } from './live.ts';

const clusters = createLive<Cluster[]>((handlers) =>
  engine.clusters.watch.subscribe(undefined, {
    ...handlers,
    onData: (list) => {
      knowHues('clusters', list);
      handlers.onData(list);
    },
  }),
);
const fleets = createLive<Fleet[]>((handlers) => engine.fleets.watch.subscribe(undefined, handlers));
const federations = createLive<Federation[]>((handlers) =>
  engine.federations.watch.subscribe(undefined, {
    ...handlers,
    onData: (list) => {
      knowHues('federations', list);
      handlers.onData(list);
    },
  }),
);
const inspection = createLive<InspectionState>((handlers) => engine.inspection.watch.subscribe(undefined, handlers));
const statistics = createLive<ClusterStatistics[]>((handlers) =>
  engine.statistics.watch.subscribe(undefined, handlers),
);
const demo = createLive<DemoState>((handlers) => engine.demo.watch.subscribe(undefined, handlers));
const heartbeat = createLive<{ startedAt: string }>((handlers) =>
  engine.system.heartbeat.subscribe(undefined, {
    ...handlers,
    onData: (beat) => {
      useConnection.getState().heartbeat(beat.startedAt);
      handlers.onData(beat);
    },
  }),
);
const workloads = new Map<string, LiveSource<FederatedWorkload[]>>();

export const useClusters = (): Live<Cluster[]> => useLive(clusters);
export const useFleets = (): Live<Fleet[]> => useLive(fleets);
export const useFederations = (): Live<Federation[]> => useLive(federations);
/** Figures of running clusters: measured only while a page shows them. */
export const useStatistics = (): Live<ClusterStatistics[]> => useLive(statistics);
/** Runs, schedules and exemptions of inspections. */
export const useInspection = (): Live<InspectionState> => useLive(inspection);
/** Only where the clusters are simulated. */
export const useDemo = (): Live<DemoState> => useLive(demo);
/** Kept open by the shell for as long as the page lives. */
export const useHeartbeat = (): Live<{ startedAt: string }> => useLive(heartbeat);

/** One source per federation; they are few and small, so they are kept. */
export function useWorkloads(federationId: string): Live<FederatedWorkload[]> {
  let source = workloads.get(federationId);
  if (source === undefined) {
    source = createLive((handlers) => engine.federations.workloads.subscribe({ id: federationId }, handlers));
    workloads.set(federationId, source);
  }
  return useLive(source);
}
