/** Puts the statuses from all members together into the template's own status. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { AggregatedStatusItem } from '../api.ts';
import { aggregateJob } from './aggregate-job.ts';

type Aggregator = (template: KubeObject, items: readonly AggregatedStatusItem[]) => Json | undefined;

/**
 * The template's new status, or undefined when it stays as it is: the kind has no aggregator, or the statuses say
 * nothing about it. The result may equal the present status; callers compare before they write.
 */
export function aggregateStatus(template: KubeObject, items: readonly AggregatedStatusItem[]): Json | undefined {
  return AGGREGATORS[`${template.apiVersion} ${template.kind}`]?.(template, items);
}

const statuses = (items: readonly AggregatedStatusItem[]): Json[] =>
  items.filter((item) => item.status !== undefined && item.status !== null).map((item) => item.status);

/** Sums counters; `always` ones are written even when zero, as the API requires them. */
function counters(always: string[], optional: string[]): Aggregator {
  return (template, items) => {
    const { generation: _, resourceTemplateGeneration: __, ...status } = template.status ?? {};
    const present = statuses(items);
    for (const field of [...always, ...optional]) {
      const sum = present.reduce((total, member) => total + (member[field] ?? 0), 0);
      status[field] = sum;
    }
    for (const field of Object.keys(status)) if (status[field] === 0 && !always.includes(field)) delete status[field];
    const generation = template.metadata.generation ?? 0;
    const upToDate = present.filter(
      (member) =>
        (member.observedGeneration ?? 0) >= (member.generation ?? 0) &&
        (member.resourceTemplateGeneration ?? 0) >= generation,
    );
    if (upToDate.length === items.length) status.observedGeneration = generation;
    return status;
  };
}

const phases: (order: string[], initial: string, missing?: string) => Aggregator =
  (order, initial, missing) => (_, items) => {
    const seen = new Set<string>(statuses(items).map((status) => status.phase));
    if (missing !== undefined && items.some((item) => !item.status)) seen.add(missing);
    const phase = order.find((candidate) => seen.has(candidate)) ?? initial;
    return phase === '' ? {} : { phase };
  };

const ingressPoints: Aggregator = (_, items) => {
  const points = new Map<string, Json>();
  for (const status of statuses(items))
    for (const point of status.loadBalancer?.ingress ?? []) points.set(JSON.stringify(point), point);
  const ingress = [...points.values()].sort((a, b) => compare(a.ip, b.ip) || compare(a.hostname, b.hostname));
  return { loadBalancer: ingress.length === 0 ? {} : { ingress } };
};

const latest = (values: (string | undefined)[]): string | undefined =>
  values.reduce(
    (best, value) => (value !== undefined && (best === undefined || value > best) ? value : best),
    undefined,
  );

const cronJob: Aggregator = (_, items) => {
  const members = statuses(items);
  const active = members.flatMap((status) => status.active ?? []);
  const lastScheduleTime = latest(members.map((status) => status.lastScheduleTime));
  const lastSuccessfulTime = latest(members.map((status) => status.lastSuccessfulTime));
  return {
    ...(active.length > 0 ? { active } : {}),
    ...(lastScheduleTime === undefined ? {} : { lastScheduleTime }),
    ...(lastSuccessfulTime === undefined ? {} : { lastSuccessfulTime }),
  };
};

const podPhase = phases(['Failed', 'Pending', 'Running', 'Succeeded'], '', 'Pending');

/** Containers of different members cannot be told apart by name, so only what is common to all is kept. */
const pod: Aggregator = (template, items) => {
  const list = (field: string): Json[] =>
    statuses(items)
      .flatMap((status) => status[field] ?? [])
      .map(({ ready, state }) => ({
        name: '',
        image: '',
        imageID: '',
        ready: ready ?? false,
        restartCount: 0,
        state: state ?? {},
        lastState: {},
      }));
  const containerStatuses = list('containerStatuses');
  const initContainerStatuses = list('initContainerStatuses');
  return {
    ...podPhase(template, items),
    ...(containerStatuses.length > 0 ? { containerStatuses } : {}),
    ...(initContainerStatuses.length > 0 ? { initContainerStatuses } : {}),
  };
};

const claim: Aggregator = (_, items) => {
  let phase = 'Bound';
  for (const status of statuses(items)) {
    if (status.phase === 'Lost') return { phase: 'Lost' };
    if (status.phase !== 'Bound') phase = status.phase;
  }
  return { phase };
};

const disruptionBudget: Aggregator = (_, items) => {
  const total: Json = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };
  const disruptedPods: Json = {};
  for (const item of items) {
    if (!item.status) continue;
    for (const field of Object.keys(total)) total[field] += item.status[field] ?? 0;
    for (const [name, time] of Object.entries(item.status.disruptedPods ?? {}))
      disruptedPods[`${item.clusterName}/${name}`] = time;
  }
  return Object.keys(disruptedPods).length > 0 ? { ...total, disruptedPods } : total;
};

const autoscaler: Aggregator = (template, items) => {
  const sum = (field: string): number => statuses(items).reduce((total, status) => total + (status[field] ?? 0), 0);
  const currentReplicas = sum('currentReplicas');
  if (template.status === undefined && currentReplicas === 0 && sum('desiredReplicas') === 0) return undefined;
  return { ...(currentReplicas > 0 ? { currentReplicas } : {}), desiredReplicas: sum('desiredReplicas') };
};

const AGGREGATORS: Record<string, Aggregator> = {
  'apps/v1 Deployment': counters(
    [],
    ['replicas', 'readyReplicas', 'updatedReplicas', 'availableReplicas', 'unavailableReplicas'],
  ),
  'apps/v1 ReplicaSet': counters(['replicas'], ['readyReplicas', 'availableReplicas']),
  'apps/v1 StatefulSet': counters(
    ['replicas', 'availableReplicas'],
    ['readyReplicas', 'currentReplicas', 'updatedReplicas'],
  ),
  'apps/v1 DaemonSet': counters(
    ['currentNumberScheduled', 'desiredNumberScheduled', 'numberMisscheduled', 'numberReady'],
    ['updatedNumberScheduled', 'numberAvailable', 'numberUnavailable'],
  ),
  'batch/v1 Job': aggregateJob,
  'batch/v1 CronJob': cronJob,
  'v1 Pod': pod,
  'v1 Service': (template, items) =>
    template.spec?.type === 'LoadBalancer' ? ingressPoints(template, items) : undefined,
  'networking.k8s.io/v1 Ingress': ingressPoints,
  'v1 PersistentVolumeClaim': claim,
  'v1 PersistentVolume': phases(['Failed', 'Pending', 'Available', 'Bound', 'Released'], '', 'Pending'),
  'policy/v1 PodDisruptionBudget': disruptionBudget,
  'autoscaling/v2 HorizontalPodAutoscaler': autoscaler,
};

function compare(a: string | undefined, b: string | undefined): number {
  const left = a ?? '';
  const right = b ?? '';
  return left < right ? -1 : left > right ? 1 : 0;
}
