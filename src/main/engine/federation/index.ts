/** Public face of the federation area. */

export type { BindingSpec, BindingStatus, ClusterLike } from './api.ts';
export { type ClusterExplanation, type ScheduleResult, scheduleAsKarmada } from './scheduler/schedule.ts';
export { createFederations, type Federations } from './service/federations.ts';
export type {
  FederationRecord,
  FederationRepository,
  FederationsDeps,
  JournalRecord,
  JournalRepository,
} from './types.ts';
