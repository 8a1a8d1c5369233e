/** Public face of engine/kube: talking to API servers. */
export { apiErrorOf } from './api-error.ts';
export { backoffDelay, sleep } from './backoff.ts';
export { createKubeClient } from './client.ts';
export { ApiError, isAlreadyExists, isConflict, isGone, isNotFound } from './errors.ts';
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
export { MalformedStreamError } from './ndjson.ts';
export type {
  KubeClient,
  KubeTransport,
  ListOptions,
  PatchType,
  TransportRequest,
  TransportResponse,
  WatchOptions,
  WriteOptions,
} from './types.ts';
export { createWorkQueue } from './work-queue.ts';
