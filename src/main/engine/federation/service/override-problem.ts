/** An override policy that cannot be applied keeps changes from a member; no object of the federation says so. */
import type { Binding, TargetCluster } from '../api.ts';
import type { ControlPlane } from '../controllers/control-plane.ts';
import { renderFor } from '../controllers/work-build.ts';
import { OverrideError, overridesObject } from '../override/policies.ts';

/** What stops the workload, as it is now, on its way to the target; null when nothing does. */
export function overrideProblem(
  binding: Binding,
  target: TargetCluster,
  { cache, templates }: ControlPlane,
): string | null {
  const { apiVersion, kind, namespace, name } = binding.spec.resource;
  const template = templates.get(apiVersion, kind, namespace, name);
  const cluster = cache.clusters.get(target.name);
  if (template === undefined || cluster === undefined) return null;
  const overrides = cache.overridesFor(namespace ?? '').filter((policy) => overridesObject(policy, template));
  if (overrides.length === 0) return null;
  try {
    renderFor({ binding, template, target, cluster, overrides });
    return null;
  } catch (error) {
    if (error instanceof OverrideError) return error.message;
    throw error;
  }
}
