/** Public face of engine/clusters: registration, life cycle, and a client to every registered cluster. */
export { type Clusters, createClusters } from './service.ts';
export type {
  ClusterChange,
  ClusterDirectory,
  ClusterRecord,
  ClusterRepository,
  ClustersDeps,
  ClusterTransition,
} from './types.ts';
