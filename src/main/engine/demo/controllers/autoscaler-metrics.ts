/**
 * What the metrics of one HorizontalPodAutoscaler say: each read by itself, in the words of the real controller when it
 * cannot be. The usage of pods comes from metrics.k8s.io as simulated here; nobody serves custom and external metrics.
 */
import { parseQuantity } from '#shared/kubernetes/quantity.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { minorOf } from '../profiles/node-object.ts';
import { isDeleting, namespaceOf, parseTime } from '../sim/objects.ts';
import { podCondition } from '../sim/pods.ts';
import type { World } from '../sim/world.ts';
import { measuredPod, WINDOW_MS } from '../usage/metrics-api.ts';
import {
  type MeasuredPod,
  MetricError,
  type MetricTarget,
  proposeReplicas,
  type Tolerances,
} from './scaling-metrics.ts';

/** --horizontal-pod-autoscaler-cpu-initialization-period and -initial-readiness-delay */
const CPU_INITIALIZATION_S = 300;
const READINESS_DELAY_S = 30;
const TOLERANCE = 0.1;
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi'];

export interface MetricsReading {
  /** The metric that asks for most; null when none can be read. */
  best: { replicas: number; name: string } | null;
  /** status.currentMetrics: one per metric, without a type where it could not be read. */
  statuses: Json[];
  failures: MetricFailure[];
  /** How many metrics there are. */
  asked: number;
}

export interface MetricFailure {
  /** Of the condition and the event. */
  reason: string;
  message: string;
  /** In the summary over all metrics. */
  summary: string;
}

class Unreadable extends Error {
  readonly failure: MetricFailure;
  constructor(failure: MetricFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

interface MetricOutcome {
  replicas: number;
  name: string;
  status: Json;
}

export function readMetrics(
  world: World,
  autoscaler: KubeObject,
  pods: readonly KubeObject[],
  replicas: number,
): MetricsReading {
  const specs: Json[] = autoscaler.spec.metrics ?? [];
  const reading: MetricsReading = { best: null, statuses: [], failures: [], asked: specs.length };
  for (const metric of specs) {
    try {
      const { status, ...proposal } = outcomeOf(world, autoscaler, metric, pods, replicas);
      reading.statuses.push(status);
      if (reading.best === null || proposal.replicas > reading.best.replicas) reading.best = proposal;
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      reading.statuses.push({ type: '' });
      reading.failures.push(error.failure);
    }
  }
  return reading;
}

function outcomeOf(
  world: World,
  autoscaler: KubeObject,
  metric: Json,
  pods: readonly KubeObject[],
  replicas: number,
): MetricOutcome {
  switch (metric.type) {
    case 'Resource':
      return resourceOutcome(world, autoscaler, metric.resource, undefined, pods, replicas);
    case 'ContainerResource': {
      const source = metric.containerResource;
      return resourceOutcome(world, autoscaler, source, source.container, pods, replicas);
    }
    case 'Pods':
    case 'Object':
      throw new Unreadable(customFailure(metric, namespaceOf(autoscaler)));
    default:
      throw new Unreadable(externalFailure(metric.external ?? {}, namespaceOf(autoscaler)));
  }
}

function customFailure(metric: Json, namespace: string): MetricFailure {
  const missing =
    'unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered';
  if (metric.type === 'Pods') {
    const message = `unable to get metric ${metric.pods?.metric?.name}: ${missing}`;
    return { reason: 'FailedGetPodsMetric', message, summary: `failed to get pods metric value: ${message}` };
  }
  const { metric: { name } = { name: '' }, describedObject = {}, target = {} } = metric.object ?? {};
  // The order of the words is the controller's own.
  const message = `unable to get metric ${name}: ${describedObject.kind} on ${namespace} ${describedObject.name}/${missing}`;
  const inner = target.value === undefined ? `failed to get ${name} object metric: ${message}` : message;
  return { reason: 'FailedGetObjectMetric', message, summary: `failed to get object metric value: ${inner}` };
}

function externalFailure({ metric = {}, target = {} }: Json, namespace: string): MetricFailure {
  const { name } = metric;
  const message = `unable to get external metric ${namespace}/${name}/${selectorText(metric.selector)}: unable to fetch metrics from external metrics API: the server could not find the requested resource (get ${name}.external.metrics.k8s.io)`;
  const inner = target.averageValue === undefined ? `external metric ${name}` : `${name} external metric`;
  return {
    reason: 'FailedGetExternalMetric',
    message,
    summary: `failed to get ${name} external metric value: failed to get ${inner}: ${message}`,
  };
}

/** A label selector as the controller prints it. */
function selectorText(selector: Json): string {
  if (selector === undefined || selector === null) return 'nil';
  const labels = Object.entries(selector.matchLabels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const map =
    selector.matchLabels === undefined ? 'nil' : `{${labels.map(([key, value]) => `${key}: ${value},`).join('')}}`;
  const expressions = (selector.matchExpressions ?? []).map(
    ({ key, operator, values = [] }: Json) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`,
  );
  return `&LabelSelector{MatchLabels:map[string]string${map},MatchExpressions:[]LabelSelectorRequirement{${expressions.join('')}},}`;
}

function resourceOutcome(
  world: World,
  autoscaler: KubeObject,
  source: Json,
  container: string | undefined,
  pods: readonly KubeObject[],
  replicas: number,
): MetricOutcome {
  const resource: string = source.name;
  const wanted = source.target ?? {};
  const utilization = wanted.averageUtilization !== undefined;
  const what = container === undefined ? 'resource' : 'container resource';
  const failed = container === undefined ? 'FailedGetResourceMetric' : 'FailedGetContainerResourceMetric';
  const target: MetricTarget = utilization
    ? { type: 'Utilization', percent: wanted.averageUtilization }
    : { type: 'AverageValue', value: parseQuantity(wanted.averageValue) * 1000 };
  try {
    const measured = pods.map((pod) => measure(world, pod, resource, container, utilization));
    const proposal = proposeReplicas(resource, measured, target, replicas, tolerancesOf(autoscaler));
    const current = {
      ...(proposal.utilization === undefined ? {} : { averageUtilization: proposal.utilization }),
      averageValue: quantityText(resource, proposal.average, minorOf(world.profile.version)),
    };
    const field = container === undefined ? 'resource' : 'containerResource';
    return {
      replicas: proposal.replicas,
      // Of an average value the controller never says that it is a container's.
      name: utilization ? `${resource} ${what} utilization (percentage of request)` : `${resource} resource`,
      status: {
        type: container === undefined ? 'Resource' : 'ContainerResource',
        [field]: { ...(container === undefined ? {} : { container }), current, name: resource },
      },
    };
  } catch (error) {
    if (!(error instanceof MetricError)) throw error;
    const kind = utilization ? 'utilization' : 'usage';
    const message = `failed to get ${resource} ${kind}: ${error.message}`;
    const of = container === undefined ? `${resource} resource` : `${container} container`;
    throw new Unreadable({ reason: failed, message, summary: `failed to get ${of} metric value: ${message}` });
  }
}

/** One pod as the controller groups them: ready, not ready, without metrics, of no account. */
function measure(
  world: World,
  pod: KubeObject,
  resource: string,
  container: string | undefined,
  utilization: boolean,
): MeasuredPod {
  const name = pod.metadata.name ?? '';
  const at = world.now();
  const all = measuredPod(world, pod, at) ?? [];
  const counts = (one: { name: string }) => container === undefined || one.name === container;
  const usage = all.filter(counts);
  const known = { name, reported: all.length > 0, ...(utilization ? requestOf(pod, resource, counts) : {}) };
  if (isDeleting(pod) || pod.status?.phase === 'Failed') return { ...known, state: 'ignored' };
  if (pod.status?.phase === 'Pending') return { ...known, state: 'unready' };
  if (usage.length === 0) return { ...known, state: 'missing' };
  const total = usage.reduce((sum, one) => sum + reportedUsage(resource, one), 0);
  return { ...known, state: resource === 'cpu' && startingUp(world, pod, at) ? 'unready' : 'ready', usage: total };
}

/** In thousandths, as the controller reads what metrics-server gives in nanocores and kibibytes. */
function reportedUsage(resource: string, { cpu, memory }: { cpu: number; memory: number }): number {
  return resource === 'cpu' ? Math.ceil(Math.round(cpu * 1e9) / 1e6) : Math.round(memory / 1024) * 1024 * 1000;
}

function requestOf(
  pod: KubeObject,
  resource: string,
  counts: (container: { name: string }) => boolean,
): Pick<MeasuredPod, 'request' | 'missingRequest'> {
  let request = 0;
  for (const one of (pod.spec?.containers ?? []).filter(counts) as Json[]) {
    const value = one.resources?.requests?.[resource];
    if (value === undefined) {
      const missingRequest = `missing request for ${resource} in container ${one.name} of Pod ${pod.metadata.name}`;
      return { missingRequest };
    }
    request += parseQuantity(value) * 1000;
  }
  return { request };
}

/** A reading of CPU says nothing while a pod starts: not ready, or not for as long as one window. */
function startingUp(world: World, pod: KubeObject, at: number): boolean {
  const ready = podCondition(pod, 'Ready');
  const started = parseTime(pod.status?.startTime);
  if (ready === undefined || Number.isNaN(started)) return true;
  const since = parseTime(ready.lastTransitionTime);
  if (at < started + CPU_INITIALIZATION_S * 1000 * world.pace)
    return ready.status === 'False' || at < since + WINDOW_MS * world.pace;
  return ready.status === 'False' && started + READINESS_DELAY_S * 1000 * world.pace > since;
}

function tolerancesOf(autoscaler: KubeObject): Tolerances {
  const given = (rules: Json): number => (rules?.tolerance === undefined ? TOLERANCE : parseQuantity(rules.tolerance));
  return { up: given(autoscaler.spec.behavior?.scaleUp), down: given(autoscaler.spec.behavior?.scaleDown) };
}

/** `250m`, `2`; memory since 1.36 in powers of two where that is exact: `30Mi`. */
function quantityText(resource: string, thousandths: number, minor: number): string {
  if (thousandths % 1000 !== 0) return `${thousandths}m`;
  let value = thousandths / 1000;
  let power = 0;
  if (resource === 'memory' && minor >= 36)
    for (; value >= 1024 && value % 1024 === 0 && power < BINARY.length - 1; power++) value /= 1024;
  return `${value}${BINARY[power]}`;
}
