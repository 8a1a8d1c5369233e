/** Puts the statuses from all members together into the template's own status. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { AggregatedStatusItem } from '../api.ts';
import { equalJson } from '../json.ts';
import { aggregateJob } from './aggregate-job.ts';
import { compareText, mergePoints } from './load-balancer.ts';
import { typedStatus } from './typed.ts';

type Aggregator = (template: KubeObject, items: readonly AggregatedStatusItem[]) => Json | undefined;

/**
 * The template's new status, or undefined when it stays as it is: the kind has no aggregator, or the statuses say
 * nothing new. Callers compare before they write. Throws 400 for a status that its type cannot hold.
 */
export function aggregateStatus(template: KubeObject, items: readonly AggregatedStatusItem[]): Json | undefined {
  return AGGREGATORS[`${template.apiVersion} ${template.kind}`]?.(template, items);
}

interface Member {
  clusterName: string;
  status: Json;
}

/** What members have reported, in the declared type. */
function reported(template: KubeObject, items: readonly AggregatedStatusItem[]): Member[] {
  return items
    .filter((item) => item.status !== undefined && item.status !== null)
    .map(({ clusterName, status }) => ({ clusterName, status: typedStatus(template, status) }));
}

/** Which generation of the template a member's status is held against. */
type Against = 'template' | 'member';

/** Sums the counters; everything else in the status stays. */
function counters(fields: readonly string[], against: Against = 'template'): Aggregator {
  return (template, items) => {
    const generation = template.metadata.generation ?? 0;
    const old = typedStatus(template, template.status ?? {});
    const sums: Json = Object.fromEntries(fields.map((field) => [field, 0]));
    let upToDate = 0;
    for (const { status } of items) {
      if (status === undefined || status === null) continue;
      const member = typedStatus(template, status);
      const { generation: own = 0, resourceTemplateGeneration: of = 0 } = status as Record<string, number>;
      if ((member.observedGeneration ?? 0) >= own && of >= (against === 'template' ? generation : own)) upToDate += 1;
      for (const field of fields) sums[field] += member[field] ?? 0;
    }
    const observedGeneration = upToDate === items.length ? generation : (old.observedGeneration ?? 0);
    const same =
      observedGeneration === (old.observedGeneration ?? 0) &&
      fields.every((field) => sums[field] === (old[field] ?? 0));
    return same ? undefined : typedStatus(template, { ...old, ...sums, observedGeneration });
  };
}

/**
 * A status that is made anew each time. `list` picks what upstream makes even when it is empty: where the template's
 * own status has no such list, the two are never the same to it.
 */
function anew(
  make: (members: Member[], items: readonly AggregatedStatusItem[]) => Json,
  list?: (status: Json) => unknown,
): Aggregator {
  return (template, items) => {
    const old = template.status ?? {};
    const status = typedStatus(template, make(reported(template, items), items));
    const same = equalJson(status, typedStatus(template, old)) && (list === undefined || list(old) !== undefined);
    return same ? undefined : status;
  };
}

/** The first of the phases in this order that any member is in; where nothing is reported yet, `missing`. */
const phaseOf = (order: readonly string[], members: readonly Member[], all: number, missing: string): Json => {
  const seen = new Set<string>(members.map(({ status }) => status.phase ?? ''));
  if (members.length < all) seen.add(missing);
  return { phase: order.find((candidate) => seen.has(candidate)) ?? '' };
};

const points = anew(
  (members) => ({
    loadBalancer: { ingress: mergePoints(members.flatMap(({ status }) => status.loadBalancer?.ingress ?? [])) },
  }),
  (status) => status.loadBalancer?.ingress,
);

const latest = (members: readonly Member[], field: string): Json => {
  const times = members.map(({ status }) => status[field]).filter(Boolean);
  return times.length === 0 ? {} : { [field]: times.sort(compareText).at(-1) };
};

const cronJob: Aggregator = (template, items) => {
  const members = reported(template, items);
  const old = typedStatus(template, template.status ?? {});
  const made = typedStatus(template, {
    active: members.flatMap(({ status }) => status.active ?? []),
    ...latest(members, 'lastScheduleTime'),
    ...latest(members, 'lastSuccessfulTime'),
  });
  return equalJson(old, made) ? undefined : made;
};

/** Containers of different members cannot be told apart by name, so only what is common to all is kept. */
const pod = anew(
  (members, items) => {
    const list = (field: string): Json[] =>
      members
        .flatMap(({ status }) => status[field] ?? [])
        .map(({ ready, state }: Json) => ({
          name: '',
          image: '',
          imageID: '',
          ready,
          restartCount: 0,
          state,
          lastState: {},
        }));
    return {
      ...phaseOf(['Failed', 'Pending', 'Running', 'Succeeded'], members, items.length, 'Pending'),
      containerStatuses: list('containerStatuses'),
      initContainerStatuses: list('initContainerStatuses'),
    };
  },
  (status) => status.containerStatuses,
);

const claim = anew((members) => {
  if (members.some(({ status }) => status.phase === 'Lost')) return { phase: 'Lost' };
  const unbound = members.filter(({ status }) => status.phase !== 'Bound').at(-1);
  return { phase: unbound === undefined ? 'Bound' : (unbound.status.phase ?? '') };
});

const volume = anew((members, items) =>
  phaseOf(['Failed', 'Pending', 'Available', 'Bound', 'Released'], members, items.length, 'Pending'),
);

const total = (members: readonly Member[], field: string): number =>
  members.reduce((sum, { status }) => sum + (status[field] ?? 0), 0);

const disruptionBudget = anew(
  (members) => ({
    disruptionsAllowed: total(members, 'disruptionsAllowed'),
    currentHealthy: total(members, 'currentHealthy'),
    desiredHealthy: total(members, 'desiredHealthy'),
    expectedPods: total(members, 'expectedPods'),
    disruptedPods: Object.fromEntries(
      members.flatMap(({ clusterName, status }) =>
        Object.entries(status.disruptedPods ?? {}).map(([name, time]) => [`${clusterName}/${name}`, time]),
      ),
    ),
  }),
  (status) => status.disruptedPods,
);

const autoscaler = anew((members) => ({
  currentReplicas: total(members, 'currentReplicas'),
  desiredReplicas: total(members, 'desiredReplicas'),
}));

const AGGREGATORS: Record<string, Aggregator> = {
  'apps/v1 Deployment': counters([
    'replicas',
    'readyReplicas',
    'updatedReplicas',
    'availableReplicas',
    'unavailableReplicas',
  ]),
  'apps/v1 ReplicaSet': counters(['replicas', 'readyReplicas', 'availableReplicas']),
  // Upstream asks a StatefulSet's member for its own generation, not for the template's.
  'apps/v1 StatefulSet': counters(
    ['replicas', 'availableReplicas', 'readyReplicas', 'currentReplicas', 'updatedReplicas'],
    'member',
  ),
  'apps/v1 DaemonSet': counters([
    'currentNumberScheduled',
    'desiredNumberScheduled',
    'numberMisscheduled',
    'numberReady',
    'updatedNumberScheduled',
    'numberAvailable',
    'numberUnavailable',
  ]),
  'batch/v1 Job': aggregateJob,
  'batch/v1 CronJob': cronJob,
  'v1 Pod': pod,
  'v1 Service': (template, items) => (template.spec?.type === 'LoadBalancer' ? points(template, items) : undefined),
  'networking.k8s.io/v1 Ingress': points,
  'v1 PersistentVolumeClaim': claim,
  'v1 PersistentVolume': volume,
  'policy/v1 PodDisruptionBudget': disruptionBudget,
  'autoscaling/v2 HorizontalPodAutoscaler': autoscaler,
};
