/**
 * How many replicas fit into a cluster, from what its status says (Karmada's general estimator, v1.18 and later).
 * Rounding follows upstream: CPU in millicores, everything else in whole units.
 */
import type { ClusterLike, Quantities, ReplicaRequirements, ResourceModel, ResourceSummary } from '../api.ts';
import { milliValue, unitValue } from '../quantity.ts';

export const UNLIMITED = 2 ** 31 - 1;
const PODS_PER_MODEL_NODE = 110;

/** Replicas of one pod template that fit now, 0 when the cluster has reported no resources. */
export function availableReplicas(cluster: ClusterLike, requirements: ReplicaRequirements | null | undefined): number {
  const summary = cluster.status?.resourceSummary;
  if (!summary) return 0;
  const pods = freePods(summary);
  if (pods <= 0) return 0;
  if (!requirements) return pods;
  const request = requirements.resourceRequest ?? {};
  const modelled = replicasByModels(cluster, summary, request, pods);
  return Math.min(pods, modelled ?? replicasBySummary(summary, request));
}

function freePods(summary: ResourceSummary): number {
  return (
    unitValue(summary.allocatable?.pods) - unitValue(summary.allocated?.pods) - unitValue(summary.allocating?.pods)
  );
}

function replicasBySummary(summary: ResourceSummary, request: Quantities): number {
  let fit = UNLIMITED;
  for (const [resource, quantity] of Object.entries(request)) {
    const measure = resource === 'cpu' ? identity : wholeUnits;
    const wanted = measure(milliValue(quantity));
    if (wanted <= 0) continue;
    if (summary.allocatable?.[resource] === undefined) return 0;
    const free = measure(
      milliValue(summary.allocatable[resource]) -
        milliValue(summary.allocated?.[resource]) -
        milliValue(summary.allocating?.[resource]),
    );
    if (free <= 0) return 0;
    fit = Math.min(fit, Math.floor(free / wanted));
  }
  return fit;
}

const identity = (milli: number): number => milli;
const wholeUnits = (milli: number): number => Math.ceil(milli / 1000);

/** Null when the cluster reports no models, or not for a requested resource: the plain sums decide then. */
function replicasByModels(
  cluster: ClusterLike,
  summary: ResourceSummary,
  request: Quantities,
  limit: number,
): number | null {
  const counts = summary.allocatableModelings ?? [];
  const models = cluster.spec?.resourceModels ?? [];
  if (counts.length === 0 || models.length === 0) return null;
  const byGrade = new Map<number, ResourceModel>(models.map((model) => [model.grade, model]));
  let total = 0;
  for (const { grade, count } of counts) {
    const model = byGrade.get(grade);
    if (model === undefined || count <= 0) continue;
    const perNode = replicasPerModelNode(model, request);
    if (perNode === null) return null;
    total += perNode * count;
    if (total >= limit) return limit;
  }
  return total;
}

function replicasPerModelNode(model: ResourceModel, request: Quantities): number | null {
  let fit = PODS_PER_MODEL_NODE;
  for (const [resource, quantity] of Object.entries(request)) {
    const wanted = milliValue(quantity);
    if (wanted <= 0) continue;
    const range = model.ranges.find((candidate) => candidate.name === resource);
    if (range === undefined) return null;
    fit = Math.min(fit, Math.floor(milliValue(range.min) / wanted));
  }
  return fit;
}
