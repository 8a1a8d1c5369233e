/** What would happen if template and policies were saved now: the scheduler and the overrides, without writing anything. */
import type { SchedulePreview } from '#shared/contract/federations.ts';
import { AppError, toErrorShape } from '#shared/errors.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { toYaml } from '#shared/kubernetes/yaml-text.ts';
import { isAlreadyExists, type KubeClient } from '../../kube/index.ts';
import { defaultOverridePolicy, defaultPolicy } from '../admission/defaults.ts';
import { validatePolicy } from '../admission/validate.ts';
import { validateOverridePolicy } from '../admission/validate-override.ts';
import type { Binding, OverridePolicy, PropagationPolicy } from '../api.ts';
import { bindingKeyOf, claimedBinding } from '../controllers/binding-build.ts';
import type { ControlPlane } from '../controllers/control-plane.ts';
import { renderFor } from '../controllers/work-build.ts';
import { prune } from '../interpreter/index.ts';
import { schedule } from '../scheduler/schedule.ts';
import { policyWarnings } from '../warnings.ts';

export interface DistributionInput {
  template: KubeObject;
  policy: KubeObject;
  overridePolicy: KubeObject | null;
}
export interface Distribution {
  template: KubeObject;
  policy: PropagationPolicy;
  overridePolicy: OverridePolicy | null;
}

/** Copies with the namespace that kubectl would fill in. Throws AppError INVALID for what is no distribution. */
export function normalise(input: DistributionInput, plane: ControlPlane): Distribution {
  const template = structuredClone(input.template);
  const policy = structuredClone(input.policy) as PropagationPolicy;
  const overridePolicy = structuredClone(input.overridePolicy) as OverridePolicy | null;
  const info = plane.templates.refOf(template.apiVersion, template.kind);
  if (info === undefined) throw invalid(`the federation does not serve ${template.apiVersion} ${template.kind}`);
  if (policy.kind !== 'PropagationPolicy' && policy.kind !== 'ClusterPropagationPolicy')
    throw invalid(`${policy.kind} is not a propagation policy`);
  if (overridePolicy !== null && !/^(Cluster)?OverridePolicy$/.test(overridePolicy.kind))
    throw invalid(`${overridePolicy.kind} is not an override policy`);
  if (plane.templates.isNamespaced(template.apiVersion, template.kind)) template.metadata.namespace ||= 'default';
  const namespace = template.metadata.namespace || 'default';
  if (policy.kind === 'PropagationPolicy') policy.metadata.namespace ||= namespace;
  if (overridePolicy?.kind === 'OverridePolicy') overridePolicy.metadata.namespace ||= namespace;
  for (const object of [template, policy, overridePolicy])
    if (object !== null && !object.metadata.name) throw invalid(`${object.kind} has no name`);
  return { template, policy, overridePolicy };
}

export async function preview(
  input: DistributionInput,
  plane: ControlPlane,
  client: KubeClient,
): Promise<SchedulePreview> {
  const { template: given, policy, overridePolicy } = normalise(input, plane);
  const clusters = [...plane.cache.clusters.items.values()];
  const warnings = [];
  policy.spec ??= { resourceSelectors: [] };
  const { enabled, tolerationSeconds } = plane.failover;
  defaultPolicy(policy, false, enabled ? tolerationSeconds : null);
  if (overridePolicy !== null) defaultOverridePolicy(overridePolicy);
  for (const problem of [
    ...validatePolicy(policy, null),
    ...(overridePolicy ? validateOverridePolicy(overridePolicy) : []),
  ])
    if (!problem.field.includes('staticWeightList'))
      warnings.push(toErrorShape(new AppError('INVALID', `${problem.field}: ${problem.message}`)));
  const template = await defaulted(given, plane, client);
  warnings.push(...policyWarnings(template, policy, overridePolicy, clusters, enabled));

  const present = plane.cache.binding(bindingKeyOf(template));
  const binding: Binding = claimedBinding(template, policy, present ?? null, true, plane.interpreter);
  const result = schedule(clusters, binding.spec, present?.status ?? {});
  const targets = [...(result.error === null ? (result.clusters ?? []) : [])].sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );
  binding.spec.clusters = targets;
  const overrides = withCandidate(plane.cache.overridesFor(template.metadata.namespace ?? ''), overridePolicy);
  const manifests: SchedulePreview['manifests'] = [];
  for (const target of targets) {
    const cluster = plane.cache.clusters.get(target.name);
    if (cluster === undefined) continue;
    try {
      const rendered = renderFor({ binding, template, target, cluster, overrides, interpreter: plane.interpreter });
      const applied = [...rendered.cluster, ...rendered.namespaced].map(({ policyName }) => policyName);
      manifests.push({ cluster: target.name, yaml: toYaml(rendered.object), overrides: [...new Set(applied)] });
    } catch (error) {
      warnings.push(toErrorShape(new AppError('INVALID', (error as Error).message, { cluster: target.name })));
    }
  }
  return {
    clusters: targets.map(({ name, replicas }) => ({ name, replicas: replicas ?? null })),
    filtered: result.explanation
      .filter((entry) => entry.rejected !== null)
      .map((entry) => ({
        name: entry.name,
        plugin: entry.rejected?.plugin ?? '',
        reason: entry.rejected?.reason ?? '',
        subject: entry.rejected?.subject ?? null,
      })),
    error: result.error,
    template: toYaml(prune(template)),
    manifests,
    warnings,
  };
}

/** With the API's defaults, and refused as the API would refuse it. An existing object lends its identity. */
async function defaulted(template: KubeObject, plane: ControlPlane, client: KubeClient): Promise<KubeObject> {
  const ref = plane.templates.refOf(template.apiVersion, template.kind);
  const { namespace, name = '' } = template.metadata;
  if (ref === undefined) return template;
  const existing = plane.templates.get(template.apiVersion, template.kind, namespace, name);
  if (existing !== undefined) {
    const { uid, resourceVersion } = existing.metadata;
    return { ...template, metadata: { ...template.metadata, uid, resourceVersion } };
  }
  try {
    const created = await client.create(ref, template, { namespace, dryRun: true });
    // The id of a dry run is nobody's: it must not decide ties.
    delete created.metadata.uid;
    return created;
  } catch (error) {
    if (isAlreadyExists(error)) return template;
    throw error;
  }
}

function withCandidate(present: readonly OverridePolicy[], candidate: OverridePolicy | null): OverridePolicy[] {
  if (candidate === null) return [...present];
  const same = (policy: OverridePolicy): boolean =>
    policy.metadata.name === candidate.metadata.name && policy.metadata.namespace === candidate.metadata.namespace;
  return [...present.filter((policy) => !same(policy)), candidate];
}

function invalid(message: string): AppError {
  return new AppError('INVALID', message);
}
