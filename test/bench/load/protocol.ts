/** What the bench and its client process say to each other. */

export interface LoadTarget {
  /** Path of the kubeconfig. */
  kubeconfig: string;
  connections: number;
}

export interface LoadJob {
  verb: 'create' | 'get' | 'patch' | 'list' | 'delete';
  /** Which objects: their names end in a running number. */
  kind: 'configmap' | 'pod';
  namespace: string;
  /** Names begin with it. */
  prefix: string;
  /** `get`, `patch` go round and round over as many; `create` and `delete` end with the last. */
  objects: number;
  /** How long, milliseconds. */
  ms: number;
  /** Query of a list. */
  query?: string;
  /** Requests begun per second; as fast as the connections allow when left out. */
  rate?: number;
  /** Watch the namespace meanwhile, and note when the event of each write arrives. */
  watch?: boolean;
}

export interface LoadResult {
  operations: number;
  ms: number;
  /** Request sent to answer read, milliseconds. */
  p50: number;
  p99: number;
  /** Write sent to its event read. */
  watchP50?: number;
  watchP99?: number;
}
