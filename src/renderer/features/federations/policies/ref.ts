/** Addresses of policies, in the federation's API and in the application, and what a new one begins with. Pure. */
import type { PolicyKind } from '#shared/contract/federation-policies.ts';
import type { ObjectRef } from '#shared/contract/resources.ts';
import { formatRoute } from '../../../app/router.ts';

const RESOURCES: Record<PolicyKind, string> = {
  PropagationPolicy: 'propagationpolicies',
  ClusterPropagationPolicy: 'clusterpropagationpolicies',
  OverridePolicy: 'overridepolicies',
  ClusterOverridePolicy: 'clusteroverridepolicies',
};
export const policyKinds = Object.keys(RESOURCES) as PolicyKind[];
/** Stands for no namespace in an address. */
const NONE = '-';
/** In the place of a namespace: it is yet to be made. */
const NEW = '+';

export interface PolicyName {
  kind: PolicyKind;
  namespace: string;
  name: string;
}

export function refOfPolicy(federationId: string, { kind, namespace, name }: PolicyName): ObjectRef {
  return {
    target: { kind: 'federation', id: federationId },
    resource: { group: 'policy.karmada.io', version: 'v1alpha1', resource: RESOURCES[kind] },
    namespace,
    name,
  };
}

export function policyRoute(federationId: string, { kind, namespace, name }: PolicyName): string {
  return formatRoute(policyPath(federationId, { kind, namespace, name }));
}

export function policyPath(federationId: string, { kind, namespace, name }: PolicyName): string[] {
  return ['federations', federationId, 'policy', kind, namespace === '' ? NONE : namespace, name];
}

export function newPolicyPath(federationId: string, kind: PolicyKind): string[] {
  return ['federations', federationId, 'policy', kind, NEW];
}

/** Null for a new policy; undefined for what is no address of one. */
export function policyOfPath(path: readonly string[]): { kind: PolicyKind; name: PolicyName | null } | undefined {
  const [, , , kind, namespace, name] = path;
  const known = policyKinds.find((each) => each === kind);
  if (known === undefined) return undefined;
  if (namespace === NEW) return { kind: known, name: null };
  if (namespace === undefined || name === undefined) return undefined;
  return { kind: known, name: { kind: known, namespace: namespace === NONE ? '' : namespace, name } };
}

export function isOverride(kind: PolicyKind): boolean {
  return kind === 'OverridePolicy' || kind === 'ClusterOverridePolicy';
}

export function isClusterWide(kind: PolicyKind): boolean {
  return kind === 'ClusterPropagationPolicy' || kind === 'ClusterOverridePolicy';
}

export function blankPolicy(kind: PolicyKind): string {
  const lines = [
    'apiVersion: policy.karmada.io/v1alpha1',
    `kind: ${kind}`,
    'metadata:',
    '  name: ""',
    ...(isClusterWide(kind) ? [] : ['  namespace: default']),
    'spec:',
    '  resourceSelectors:',
    '    - apiVersion: apps/v1',
    '      kind: Deployment',
    ...(isOverride(kind) ? ['  overrideRules:', '    - overriders: {}'] : []),
  ];
  return `${lines.join('\n')}\n`;
}
