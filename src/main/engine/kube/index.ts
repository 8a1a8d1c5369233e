/** Public face of engine/kube: talking to API servers. */
export { apiErrorOf } from './api-error.ts';
export { backoffDelay, sleep } from './backoff.ts';
export type { BudgetLimits, BudgetState, RequestPriority } from './budget.ts';
export { createKubeClient, readList } from './client.ts';
export { createDiscovery } from './discovery.ts';
export { ApiError, isAlreadyExists, isConflict, isGone, isNotFound } from './errors.ts';
export { type ClusterIdentity, type ExecSpec, execHash } from './identity.ts';
export { createInformer, type InformerTuning } from './informer.ts';
export { onInformerHandlerError } from './informer-store.ts';
export type {
  Informer,
  InformerHandler,
  InformerOptions,
  InformerState,
  WorkQueue,
  WorkQueueOptions,
} from './informer-types.ts';
export { adoptEnvironment, loginShellEnvironment } from './login-environment.ts';
export { MalformedStreamError } from './ndjson.ts';
export { clientCertificateProblem } from './network-errors.ts';
export { latestOfBundle, readPem } from './pem.ts';
export { withPriority } from './priority.ts';
export { servingCertificates } from './serving-certificates.ts';
export { type ServedRow, servedRow } from './table.ts';
export { createHttpsTransport, type HttpsTransport, type HttpsTransportOptions } from './transport.ts';
export { nextTurn } from './turns.ts';
export type {
  KubeClient,
  KubeTransport,
  ListOptions,
  PatchType,
  RawRequest,
  RawResponse,
  TransportRequest,
  TransportResponse,
  Upgraded,
  WatchOptions,
  WriteOptions,
} from './types.ts';
export { createWorkQueue } from './work-queue.ts';
