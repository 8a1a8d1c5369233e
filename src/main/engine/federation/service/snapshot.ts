/** A running control plane at this moment, for questions that change nothing. */
import type { ControlPlane } from '../controllers/control-plane.ts';
import { isIgnoredTemplate } from '../controllers/templates.ts';
import type { Snapshot } from '../whatif/world.ts';

export function snapshotOf(plane: ControlPlane): Snapshot {
  const { cache, templates, failover, interpreter } = plane;
  // The answer is worked out over several turns, and has to be of one moment.
  const bindings = new Map(cache.allBindings());
  return {
    clusters: [...cache.clusters.items.values()].filter((cluster) => !cluster.metadata.deletionTimestamp),
    policies: [...cache.policies.items.values(), ...cache.clusterPolicies.items.values()],
    templates: [...templates.all()].filter((object) => !isIgnoredTemplate(object)),
    binding: (key) => bindings.get(key),
    quotas: plane.quotas?.all() ?? [],
    failover,
    foreign: plane.management === null,
    interpreter,
  };
}
