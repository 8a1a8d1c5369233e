/** Every rule. The manual's come first, in the manual's order. */
import { RULE_SETS, type Rule } from '../types.ts';
import { canDeleteResources } from './can-delete-resources.ts';
import { canImpersonateUser } from './can-impersonate-user.ts';
import { canModifyWorkloads } from './can-modify-workloads.ts';
import { certificateExpiredPeriod } from './certificate-expired-period.ts';
import { dockerStatus } from './docker-status.ts';
import { eventAudit } from './event-audit.ts';
import { highRiskCapabilities } from './high-risk-capabilities.ts';
import { hostIpcAllowed, hostNetworkAllowed, hostPidAllowed, hostPortAllowed } from './host.ts';
import { imagePullPolicyNotAlways, imageTagIsLatest, imageTagMiss } from './images.ts';
import { insecureCapabilities } from './insecure-capabilities.ts';
import { kubeletStatus } from './kubelet-status.ts';
import { noPriorityClassName } from './no-priority-class-name.ts';
import { nodeStatus } from './node-status.ts';
import { notReadOnlyRootFilesystem } from './not-read-only-root-filesystem.ts';
import { notRunAsNonRoot } from './not-run-as-non-root.ts';
import { privilegeEscalationAllowed } from './privilege-escalation-allowed.ts';
import { privilegedAllowed } from './privileged-allowed.ts';
import { noLivenessProbe, noReadinessProbe } from './probes.ts';
import { noCpuLimits, noCpuRequests, noMemoryLimits, noMemoryRequests } from './resources.ts';

export const RULES: readonly Rule[] = [
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

/** Rules by names of sets and ids; null with the first name that is neither. */
export function chooseRules(names: readonly string[]): { rules: readonly Rule[] } | { unknown: string } {
  if (names.length === 0) return { rules: RULES };
  const known = new Set<string>([...RULE_SETS, ...RULES.map(({ id }) => id)]);
  const unknown = names.find((name) => !known.has(name));
  if (unknown !== undefined) return { unknown };
  return { rules: RULES.filter(({ id, sets }) => names.includes(id) || sets.some((set) => names.includes(set))) };
}
