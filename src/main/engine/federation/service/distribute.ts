/** Saves override policy, template and policy together: all of them, or none. */
import { AppError } from '#shared/errors.ts';
import type { KubeObject, ResourceRef } from '#shared/kubernetes/types.ts';
import { isAlreadyExists, type KubeClient } from '../../kube/index.ts';
import {
  CLUSTER_OVERRIDE_POLICIES,
  CLUSTER_PROPAGATION_POLICIES,
  OVERRIDE_POLICIES,
  PROPAGATION_POLICIES,
} from '../api.ts';
import type { ControlPlane } from '../controllers/control-plane.ts';
import { remove } from '../controllers/write.ts';
import { hasZeroWeights, policySelects } from '../warnings.ts';
import { type DistributionInput, normalise } from './preview.ts';

export interface CreatedObject {
  kind: string;
  namespace: string;
  name: string;
}

/** The override policy first: it must be there before anything is dispatched. */
export async function distribute(
  input: DistributionInput,
  plane: ControlPlane,
  client: KubeClient,
): Promise<CreatedObject[]> {
  const { template, policy, overridePolicy } = normalise(input, plane);
  const policyName = policy.metadata.name ?? '';
  if (!policySelects(template, policy))
    throw new AppError('POLICY_SELECTS_NOTHING', `policy ${policyName} does not select the workload`, {
      params: { name: policyName },
    });
  if (hasZeroWeights(policy.spec.placement ?? {}, [...plane.cache.clusters.items.values()]))
    throw new AppError('POLICY_ZERO_WEIGHTS', `no cluster has a weight above zero in policy ${policyName}`, {
      params: { name: policyName },
    });
  const ref = plane.templates.refOf(template.apiVersion, template.kind) as ResourceRef;
  const steps: [ResourceRef, KubeObject][] = [
    ...(overridePolicy === null ? [] : [[overrideRef(overridePolicy), overridePolicy] as [ResourceRef, KubeObject]]),
    [ref, template],
    [policy.kind === 'PropagationPolicy' ? PROPAGATION_POLICIES : CLUSTER_PROPAGATION_POLICIES, policy],
  ];
  const done: [ResourceRef, KubeObject][] = [];
  for (const [resource, object] of steps) {
    try {
      done.push([resource, await client.create(resource, object, { namespace: object.metadata.namespace })]);
    } catch (error) {
      await undo(client, done);
      if (!isAlreadyExists(error)) throw error;
      const { kind, metadata } = object;
      throw new AppError('NAME_TAKEN', `${kind} ${metadata.name} exists`, {
        params: { kind, name: metadata.name ?? '' },
      });
    }
  }
  return done.map(([, { kind, metadata }]) => ({
    kind,
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
  }));
}

function overrideRef(policy: KubeObject): ResourceRef {
  return policy.kind === 'OverridePolicy' ? OVERRIDE_POLICIES : CLUSTER_OVERRIDE_POLICIES;
}

/** Only the very objects that were created here, newest first. */
async function undo(client: KubeClient, done: readonly [ResourceRef, KubeObject][]): Promise<void> {
  for (const [resource, { metadata }] of [...done].reverse())
    await remove(client, resource, { namespace: metadata.namespace, name: metadata.name ?? '', uid: metadata.uid });
}
