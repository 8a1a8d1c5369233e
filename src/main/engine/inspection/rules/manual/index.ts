/** The manual's 28 rows, in the manual's order and under its (KubeEye's) ids. */
import type { Rule } from '../../types.ts';
import { canDeleteResources } from './can-delete-resources.ts';
import { canImpersonateUser } from './can-impersonate-user.ts';
import { canModifyWorkloads } from './can-modify-workloads.ts';
import { certificateExpiredPeriod } from './certificate-expired-period.ts';
import { dockerStatus } from './docker-status.ts';
import { eventAudit } from './event-audit.ts';
import { highRiskCapabilities } from './high-risk-capabilities.ts';
import { hostIpcAllowed } from './host-ipc-allowed.ts';
import { hostNetworkAllowed } from './host-network-allowed.ts';
import { hostPidAllowed } from './host-pid-allowed.ts';
import { hostPortAllowed } from './host-port-allowed.ts';
import { imagePullPolicyNotAlways } from './image-pull-policy-not-always.ts';
import { imageTagIsLatest } from './image-tag-is-latest.ts';
import { imageTagMiss } from './image-tag-miss.ts';
import { insecureCapabilities } from './insecure-capabilities.ts';
import { kubeletStatus } from './kubelet-status.ts';
import { noCpuLimits } from './no-cpu-limits.ts';
import { noCpuRequests } from './no-cpu-requests.ts';
import { noLivenessProbe } from './no-liveness-probe.ts';
import { noMemoryLimits } from './no-memory-limits.ts';
import { noMemoryRequests } from './no-memory-requests.ts';
import { noPriorityClassName } from './no-priority-class-name.ts';
import { noReadinessProbe } from './no-readiness-probe.ts';
import { nodeStatus } from './node-status.ts';
import { notReadOnlyRootFilesystem } from './not-read-only-root-filesystem.ts';
import { notRunAsNonRoot } from './not-run-as-non-root.ts';
import { privilegeEscalationAllowed } from './privilege-escalation-allowed.ts';
import { privilegedAllowed } from './privileged-allowed.ts';

export const MANUAL_RULES: readonly Rule[] = [
  privilegeEscalationAllowed,
  canImpersonateUser,
  canDeleteResources,
  canModifyWorkloads,
  noCpuLimits,
  noCpuRequests,
  highRiskCapabilities,
  hostIpcAllowed,
  hostNetworkAllowed,
  hostPidAllowed,
  hostPortAllowed,
  imagePullPolicyNotAlways,
  imageTagIsLatest,
  imageTagMiss,
  insecureCapabilities,
  noLivenessProbe,
  noMemoryLimits,
  noMemoryRequests,
  noPriorityClassName,
  privilegedAllowed,
  noReadinessProbe,
  notReadOnlyRootFilesystem,
  notRunAsNonRoot,
  certificateExpiredPeriod,
  eventAudit,
  nodeStatus,
  dockerStatus,
  kubeletStatus,
];
