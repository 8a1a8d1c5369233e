/** Public face of engine/clusters: registration, life cycle, and a client to every registered cluster. */
export { endpointOf, withToken } from './reach.ts';
export { type Clusters, createClusters } from './service.ts';
export type {
  Belongings,
  ClusterChange,
  ClusterDirectory,
  ClusterEndpoint,
  ClusterReach,
  ClusterRecord,
  ClusterRepository,
  ClustersDeps,
  Operation,
} from './types.ts';
