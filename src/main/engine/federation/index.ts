/** Public face of the federation area. */

export type { BindingSpec, BindingStatus, ClusterLike } from './api.ts';
export { createPromotion } from './promotion/index.ts';
export { createRuns, type Runs } from './runs/index.ts';
export { type ClusterExplanation, type ScheduleResult, scheduleAsKarmada } from './scheduler/schedule.ts';
export { createFederations, type Federations } from './service/federations.ts';
export { createFederationPolicies } from './service/policies.ts';
export type {
  FederationRecord,
  FederationRepository,
  FederationsDeps,
  JournalRecord,
  JournalRepository,
  RunRecord,
  RunRepository,
} from './types.ts';
