/**
 * Exemptions: findings that somebody has looked at and accepts, with the reason and until when. They leave the score and
 * are listed on their own. Annotations of the object count as well, in the way of Polaris.
 */
import type { Exemption } from '#shared/contract/inspection.ts';
import type { Finding } from './types.ts';

export type { Exemption };

const ANNOTATION = 'polaris.fairwinds.com/';

/** What every cluster has in kube-system, and has to have: agents of the node need what others must not have. */
export const DEFAULT_EXEMPTIONS: readonly Exemption[] = [
  {
    id: 'kube-system',
    author: 'Fleetdeck',
    createdAt: '',
    builtIn: true,
    rules: [
      ...['HostNetworkAllowed', 'HostPortAllowed', 'HostPIDAllowed', 'HostIPCAllowed', 'PrivilegedAllowed'],
      ...['PrivilegeEscalationAllowed', 'HighRiskCapabilities', 'InsecureCapabilities', 'NotRunAsNonRoot'],
      ...['NotReadOnlyRootFilesystem', 'NoLivenessProbe', 'NoReadinessProbe', 'NoPriorityClassName'],
      ...['NoCPULimits', 'NoCPURequests', 'NoMemoryLimits', 'NoMemoryRequests', 'ImagePullPolicyNotAlways'],
    ],
    clusters: [],
    namespaces: ['kube-system'],
    names: [],
    kinds: ['Pod', 'DaemonSet'],
    labels: [],
    reason: 'components of the cluster itself: control plane, kube-proxy, network and storage agents',
    until: null,
  },
];

/** The first exemption in force that covers the finding. `labels` are those of the object. */
export function exemptionOf(
  finding: Pick<Finding, 'rule' | 'cluster' | 'namespace' | 'kind' | 'name'>,
  labels: Readonly<Record<string, string>>,
  exemptions: readonly Exemption[],
  now: number,
): Exemption | undefined {
  const covers = (list: readonly string[], value: string): boolean => list.length === 0 || list.includes(value);
  const named = (list: readonly string[], value: string): boolean =>
    list.length === 0 ||
    list.some((name) => (name.endsWith('*') ? value.startsWith(name.slice(0, -1)) : name === value));
  return exemptions.find(
    (one) =>
      (one.until === null || Date.parse(one.until) > now) &&
      covers(one.rules, finding.rule) &&
      covers(one.clusters, finding.cluster) &&
      covers(one.namespaces, finding.namespace) &&
      covers(one.kinds, finding.kind) &&
      named(one.names, finding.name) &&
      one.labels.every((label) => carries(labels, label)),
  );
}

function carries(labels: Readonly<Record<string, string>>, wanted: string): boolean {
  const equals = wanted.indexOf('=');
  if (equals < 0) return labels[wanted] !== undefined;
  return labels[wanted.slice(0, equals)] === wanted.slice(equals + 1);
}

/** Whether the object itself asks to be left alone, by one rule or all. */
export function isExempt(annotations: Record<string, string> | undefined, rule: string): boolean {
  if (annotations === undefined) return false;
  return annotations[`${ANNOTATION}exempt`] === 'true' || annotations[`${ANNOTATION}${rule}-exempt`] === 'true';
}
