/** Whether a binding has to be scheduled now, as opposed to leaving the present decision in place. */
import { type Binding, type ClusterObject, KEYS, type NamedAffinity, type Placement } from '../api.ts';
import { equalJson } from '../json.ts';
import { isFreshRequested } from './assign.ts';
import { isWorkload } from './filters.ts';

export const DEFAULT_SCHEDULER = 'default-scheduler';

/** Bindings that are this scheduler's business: claimed by a policy, meant for it, and not suspended. */
export function isSchedulable(binding: Binding): boolean {
  const labels = binding.metadata.labels ?? {};
  const claimed = Boolean(labels[KEYS.ppId] || labels[KEYS.cppId] || labels[KEYS.managedBy]);
  const scheduler = binding.spec.schedulerName || DEFAULT_SCHEDULER;
  return claimed && scheduler === DEFAULT_SCHEDULER && binding.spec.suspension?.scheduling !== true;
}

/** Why to schedule, in the order in which Karmada asks; null when nothing calls for it. */
export function schedulingReason(
  binding: Binding,
  clusters: ReadonlyMap<string, ClusterObject>,
): 'PlacementChanged' | 'ReplicasChanged' | 'RescheduleRequested' | 'NotDivided' | 'TargetTerminating' | null {
  const { spec, status = {} } = binding;
  if (placementChanged(binding)) return 'PlacementChanged';
  if (replicasChanged(binding)) return 'ReplicasChanged';
  if (isFreshRequested(spec, status)) return 'RescheduleRequested';
  const type = spec.placement?.replicaScheduling?.replicaSchedulingType;
  if (!isWorkload(spec) || !spec.placement?.replicaScheduling || type === 'Duplicated') return 'NotDivided';
  const terminating = (spec.clusters ?? []).some(({ name }) => clusters.get(name)?.metadata.deletionTimestamp);
  return terminating ? 'TargetTerminating' : null;
}

function replicasChanged({ spec }: Binding): boolean {
  const scheduling = spec.placement?.replicaScheduling;
  if (!scheduling) return false;
  const wanted = spec.replicas ?? 0;
  const given = (spec.clusters ?? []).map(({ replicas = 0 }) => replicas);
  if (scheduling.replicaSchedulingType === 'Duplicated') return given.some((replicas) => replicas !== wanted);
  return given.reduce((sum, replicas) => sum + replicas, 0) !== wanted;
}

function placementChanged(binding: Binding): boolean {
  const text = binding.metadata.annotations?.[KEYS.appliedPlacement];
  if (!text) return true;
  const applied = parse(text);
  if (applied === null) return true;
  const wanted = binding.spec.placement ?? {};
  const others: (keyof Placement)[] = [
    'clusterAffinity',
    'clusterTolerations',
    'spreadConstraints',
    'replicaScheduling',
  ];
  if (others.some((field) => !equalJson(applied[field] ?? null, wanted[field] ?? null))) return true;
  return affinitiesChanged(
    applied.clusterAffinities ?? [],
    wanted.clusterAffinities ?? [],
    binding.status?.schedulerObservingAffinityName,
  );
}

/** Only the group in force counts: adding or reordering others moves nothing. */
function affinitiesChanged(
  applied: readonly NamedAffinity[],
  wanted: readonly NamedAffinity[],
  observed: string | undefined,
): boolean {
  if ((applied.length === 0) !== (wanted.length === 0)) return true;
  if (wanted.length === 0) return false;
  const find = (list: readonly NamedAffinity[]) => list.find(({ affinityName }) => affinityName === observed);
  const now = find(wanted);
  return now === undefined || !equalJson(now, find(applied) ?? null);
}

function parse(text: string): Placement | null {
  try {
    return JSON.parse(text) as Placement;
  } catch {
    return null;
  }
}
