/** What takes a service down when a node, a zone or a release fails, and what is down already. */
import type { Rule } from '../../types.ts';
import { autoscalerCannotScale } from './autoscaler-cannot-scale.ts';
import { autoscalerExceedsCapacity } from './autoscaler-exceeds-capacity.ts';
import { autoscalerRange } from './autoscaler-range.ts';
import { autoscalerTargetMissing } from './autoscaler-target-missing.ts';
import { claimNotBound } from './claim-not-bound.ts';
import { cronJobWithoutDeadline } from './cron-job-without-deadline.ts';
import { disruptionBudgetBlocks } from './disruption-budget-blocks.ts';
import { disruptionBudgetSelectsNothing } from './disruption-budget-selects-nothing.ts';
import { ingressBackendMissing } from './ingress-backend-missing.ts';
import { manyRestarts } from './many-restarts.ts';
import { namespaceStuck } from './namespace-stuck.ts';
import { noDisruptionBudget } from './no-disruption-budget.ts';
import { noSpread } from './no-spread.ts';
import { podStuck } from './pod-stuck.ts';
import { probesIdentical } from './probes-identical.ts';
import { referenceMissing } from './reference-missing.ts';
import { replicasUnavailable } from './replicas-unavailable.ts';
import { scratchSpaceUnlimited } from './scratch-space-unlimited.ts';
import { selectorMismatch } from './selector-mismatch.ts';
import { serviceSelectsNothing } from './service-selects-nothing.ts';
import { serviceTargetPortMissing } from './service-target-port-missing.ts';
import { singleReplica } from './single-replica.ts';
import { statefulSetServiceMissing } from './stateful-set-service-missing.ts';
import { webhookAuthorityEnds } from './webhook-authority-ends.ts';

export const RELIABILITY_RULES: readonly Rule[] = [
  singleReplica,
  noDisruptionBudget,
  disruptionBudgetBlocks,
  disruptionBudgetSelectsNothing,
  autoscalerTargetMissing,
  autoscalerRange,
  autoscalerCannotScale,
  noSpread,
  probesIdentical,
  cronJobWithoutDeadline,
  serviceSelectsNothing,
  serviceTargetPortMissing,
  ingressBackendMissing,
  statefulSetServiceMissing,
  replicasUnavailable,
  manyRestarts,
  podStuck,
  claimNotBound,
  namespaceStuck,
  selectorMismatch,
  referenceMissing,
  autoscalerExceedsCapacity,
  scratchSpaceUnlimited,
  webhookAuthorityEnds,
];
