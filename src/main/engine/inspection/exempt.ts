/**
 * Exemptions: findings that somebody has looked at and accepts, with the reason and until when. They leave the score and
 * are listed on their own. Annotations of the object count as well, in the way of Polaris.
 */
import type { Finding } from './types.ts';

export interface Exemption {
  /** Rule ids; empty: every rule. */
  rules: readonly string[];
  /** Empty: every namespace. */
  namespaces: readonly string[];
  /** Names of objects, `*` at the end for all that begin so; empty: every object. */
  names: readonly string[];
  kinds: readonly string[];
  reason: string;
  /** Milliseconds since the epoch; null: for ever. */
  until: number | null;
}

const ANNOTATION = 'polaris.fairwinds.com/';

/** What every cluster has in kube-system, and has to have: agents of the node need what others must not have. */
export const DEFAULT_EXEMPTIONS: readonly Exemption[] = [
  {
    rules: [
      ...['HostNetworkAllowed', 'HostPortAllowed', 'HostPIDAllowed', 'HostIPCAllowed', 'PrivilegedAllowed'],
      ...['PrivilegeEscalationAllowed', 'HighRiskCapabilities', 'InsecureCapabilities', 'NotRunAsNonRoot'],
      ...['NotReadOnlyRootFilesystem', 'NoLivenessProbe', 'NoReadinessProbe', 'NoPriorityClassName'],
      ...['NoCPULimits', 'NoCPURequests', 'NoMemoryLimits', 'NoMemoryRequests', 'ImagePullPolicyNotAlways'],
    ],
    namespaces: ['kube-system'],
    names: [],
    kinds: ['Pod', 'DaemonSet'],
    reason: 'components of the cluster itself: control plane, kube-proxy, network and storage agents',
    until: null,
  },
];

/** The first exemption in force that covers the finding. */
export function exemptionOf(
  finding: Pick<Finding, 'rule' | 'namespace' | 'kind' | 'name'>,
  exemptions: readonly Exemption[],
  now: number,
): Exemption | undefined {
  const covers = (list: readonly string[], value: string): boolean => list.length === 0 || list.includes(value);
  const named = (list: readonly string[], value: string): boolean =>
    list.length === 0 ||
    list.some((name) => (name.endsWith('*') ? value.startsWith(name.slice(0, -1)) : name === value));
  return exemptions.find(
    ({ rules, namespaces, kinds, names, until }) =>
      (until === null || until > now) &&
      covers(rules, finding.rule) &&
      covers(namespaces, finding.namespace) &&
      covers(kinds, finding.kind) &&
      named(names, finding.name),
  );
}

/** Whether the object itself asks to be left alone, by one rule or all. */
export function isExempt(annotations: Record<string, string> | undefined, rule: string): boolean {
  if (annotations === undefined) return false;
  return annotations[`${ANNOTATION}exempt`] === 'true' || annotations[`${ANNOTATION}${rule}-exempt`] === 'true';
}
