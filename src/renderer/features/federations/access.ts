/** Reading and changing the objects behind a distributed workload: its template and the policy that claims it. */
import type { FederatedWorkload, Federation, SchedulePreview } from '#shared/contract/federations.ts';
import type { ObjectRef, ResourceKind } from '#shared/contract/resources.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { engine } from '../../app/engine/client.ts';
import { refOf } from '../../app/engine/kinds.ts';

const POLICY = { group: 'policy.karmada.io', version: 'v1alpha1' };

export function templateRef(
  federation: Federation,
  workload: FederatedWorkload,
  kinds: readonly ResourceKind[] | undefined,
): ObjectRef | undefined {
  const resource = refOf(kinds, workload.apiVersion, workload.kind);
  if (resource === undefined) return undefined;
  return {
    target: { kind: 'federation', id: federation.id },
    resource,
    namespace: workload.namespace,
    name: workload.name,
  };
}

/** `namespace/name` is a PropagationPolicy, a bare name a ClusterPropagationPolicy. */
export function policyRef(federation: Federation, policy: string): ObjectRef {
  const slash = policy.indexOf('/');
  return {
    target: { kind: 'federation', id: federation.id },
    resource: { ...POLICY, resource: slash < 0 ? 'clusterpropagationpolicies' : 'propagationpolicies' },
    namespace: slash < 0 ? '' : policy.slice(0, slash),
    name: policy.slice(slash + 1),
  };
}

export interface Pair {
  template: KubeObject;
  policy: KubeObject;
}

export async function readPair(template: ObjectRef, policy: ObjectRef): Promise<Pair> {
  const [templateObject, policyObject] = await Promise.all([
    engine.resources.get.query(template),
    engine.resources.get.query(policy),
  ]);
  return { template: templateObject, policy: policyObject };
}

export function previewOf(federationId: string, pair: Pair): Promise<SchedulePreview> {
  return engine.federations.preview.mutate({ federationId, template: pair.template, policy: pair.policy });
}
