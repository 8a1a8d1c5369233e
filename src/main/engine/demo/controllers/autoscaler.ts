/**
 * HorizontalPodAutoscaler: reads the usage of the target's pods, sets its scale, says why or why not. The arithmetic is
 * in scaling-metrics.ts and scaling.ts. Recommendations and scale events are remembered as long as a window needs them;
 * like the real controller, a restart forgets them.
 */
import { parseLabelSelector } from '#engine/apiserver/index.ts';
import { ApiError, isNotFound } from '#engine/kube/index.ts';
import { parseQuantity } from '#shared/kubernetes/quantity.ts';
import type { Json, KubeObject, ResourceRef } from '#shared/kubernetes/types.ts';
import { objectKey } from '#shared/kubernetes/types.ts';
import { SLOWEST_PACE } from '../kubelet/back-off.ts';
import { runController } from '../sim/controller.ts';
import { podsInNamespace } from '../sim/indexes.ts';
import {
  type Condition,
  isDeleting,
  namespaceOf,
  parseTime,
  sameValue,
  setCondition,
  timeText,
  uidOf,
} from '../sim/objects.ts';
import { podCondition } from '../sim/pods.ts';
import { AUTOSCALERS } from '../sim/refs.ts';
import { type Controller, updateStatus, type World } from '../sim/world.ts';
import { measuredPod } from '../usage/metrics-api.ts';
import { decideScale, type Recommendation, type ScaleEvent } from './scaling.ts';
import {
  type MeasuredPod,
  MetricError,
  type MetricTarget,
  proposeReplicas,
  type Tolerances,
} from './scaling-metrics.ts';

const COMPONENT = 'horizontal-pod-autoscaler';
/** --horizontal-pod-autoscaler-sync-period */
const SYNC_S = 15;
/** --horizontal-pod-autoscaler-cpu-initialization-period and -initial-readiness-delay */
const CPU_INITIALIZATION_S = 300;
const READINESS_DELAY_S = 30;
const TOLERANCE = 0.1;
/** The longest window or period the API allows. */
const REMEMBERED_S = 3600;

interface Memory {
  uid: string;
  recommendations: Recommendation[];
  events: ScaleEvent[];
}

interface MetricOutcome {
  replicas: number;
  name: string;
  status: Json;
}

class MetricFailure extends Error {
  readonly reason: string;
  /** How the summary over all metrics begins. */
  readonly summary: string;
  constructor(reason: string, message: string, summary: string) {
    super(message);
    this.reason = reason;
    this.summary = summary;
  }
}

export function runAutoscalers(world: World): Controller {
  const { caches } = world;
  const client = world.clients.manager;
  const memories = new Map<string, Memory>();
  const secondMs = 1000 * Math.max(world.pace, SLOWEST_PACE);

  async function reconcile(key: string): Promise<number | undefined> {
    const autoscaler = caches.autoscalers.get(key);
    if (autoscaler === undefined || isDeleting(autoscaler)) {
      memories.delete(key);
      return undefined;
    }
    let memory = memories.get(key);
    if (memory?.uid !== uidOf(autoscaler)) memory = { uid: uidOf(autoscaler), recommendations: [], events: [] };
    memories.set(key, memory);
    await scale(autoscaler, memory);
    return SYNC_S * secondMs;
  }

  async function scale(autoscaler: KubeObject, memory: Memory): Promise<void> {
    const now = world.now();
    const { spec } = autoscaler;
    const status = new StatusDraft(autoscaler, now);
    const target = spec.scaleTargetRef;
    const found = await findScale(autoscaler);
    if ('failure' in found) {
      tell(autoscaler, 'Warning', 'FailedGetScale', found.failure);
      status.set(
        'AbleToScale',
        'False',
        'FailedGetScale',
        `the HPA controller was unable to get the target's current scale: ${found.failure}`,
      );
      await write(autoscaler, status.done());
      return;
    }
    const { scale: current, ref } = found;
    status.set(
      'AbleToScale',
      'True',
      'SucceededGetScale',
      "the HPA controller was able to get the target's current scale",
    );
    const replicas: number = current.spec?.replicas ?? 0;
    const minReplicas: number = spec.minReplicas ?? 1;
    let desired = replicas;
    let reason = '';
    let currentMetrics: Json[] | null = autoscaler.status?.currentMetrics ?? null;
    if (replicas === 0 && minReplicas !== 0) {
      status.set(
        'ScalingActive',
        'False',
        'ScalingDisabled',
        'scaling is disabled since the replica count of the target is zero',
      );
      desired = 0;
    } else if (replicas > spec.maxReplicas) {
      reason = 'Current number of replicas above Spec.MaxReplicas';
      desired = spec.maxReplicas;
    } else if (replicas < minReplicas) {
      reason = 'Current number of replicas below Spec.MinReplicas';
      desired = minReplicas;
    } else {
      const asked = askMetrics(autoscaler, current, replicas, status);
      if (asked === null) {
        await write(autoscaler, status.done({ currentReplicas: current.status?.replicas ?? 0 }));
        return;
      }
      currentMetrics = asked.statuses;
      memory.recommendations = recent(memory.recommendations, now);
      const decision = decideScale({
        current: replicas,
        desired: asked.replicas,
        minReplicas,
        maxReplicas: spec.maxReplicas,
        behavior: spec.behavior ?? undefined,
        recommendations: memory.recommendations,
        events: recent(memory.events, now),
        now,
        secondMs,
      });
      memory.recommendations.push({ at: now, replicas: asked.replicas });
      status.set('AbleToScale', decision.able.status, decision.able.reason ?? '', decision.able.message ?? '');
      status.set(
        'ScalingLimited',
        decision.limited.status,
        decision.limited.reason ?? '',
        decision.limited.message ?? '',
      );
      desired = decision.replicas;
      if (desired > replicas) reason = asked.replicas > replicas ? `${asked.name} above target` : '';
      else if (desired < replicas) reason = 'All metrics below target';
    }
    let rescaled = false;
    if (desired !== replicas) {
      try {
        await client.update(
          ref,
          { ...current, spec: { ...current.spec, replicas: desired } },
          { namespace: namespaceOf(autoscaler), subresource: 'scale' },
        );
        rescaled = true;
        memory.events = [...recent(memory.events, now), { at: now, change: desired - replicas }];
        tell(autoscaler, 'Normal', 'SuccessfulRescale', `New size: ${desired}; reason: ${reason}`);
        status.set(
          'AbleToScale',
          'True',
          'SucceededRescale',
          `the HPA controller was able to update the target scale to ${desired}`,
        );
      } catch (error) {
        const text = messageOf(error);
        tell(autoscaler, 'Warning', 'FailedRescale', `New size: ${desired}; reason: ${reason}; error: ${text}`);
        status.set(
          'AbleToScale',
          'False',
          'FailedUpdateScale',
          `the HPA controller was unable to update the target scale: ${text}`,
        );
        desired = replicas;
      }
    }
    await write(
      autoscaler,
      status.done({
        currentReplicas: current.status?.replicas ?? 0,
        desiredReplicas: desired,
        currentMetrics,
        ...(rescaled ? { lastScaleTime: timeText(now) } : {}),
      }),
    );

    /** Targets by kind: what the API server serves a scale for. */
    async function findScale(of: KubeObject): Promise<{ scale: KubeObject; ref: ResourceRef } | { failure: string }> {
      const slash = String(target.apiVersion ?? '').indexOf('/');
      const group = slash < 0 ? '' : target.apiVersion.slice(0, slash);
      const kinds = await client.resources();
      const info = kinds.find((one) => one.kind === target.kind && one.group === group);
      if (info === undefined) return { failure: `no matches for kind "${target.kind}" in group "${group}"` };
      const ref = { group, version: info.version, resource: info.resource };
      try {
        return { scale: await client.get(ref, target.name, { namespace: namespaceOf(of), subresource: 'scale' }), ref };
      } catch (error) {
        if (error instanceof ApiError) return { failure: error.message };
        throw error;
      }
    }
  }

  /** Null when no metric can be used; the status says why. */
  function askMetrics(
    autoscaler: KubeObject,
    scale: KubeObject,
    replicas: number,
    status: StatusDraft,
  ): { replicas: number; name: string; statuses: Json[] } | null {
    const selector = String(scale.status?.selector ?? '');
    if (selector === '') {
      const message = 'selector is required';
      tell(autoscaler, 'Warning', 'SelectorRequired', message);
      status.set('ScalingActive', 'False', 'InvalidSelector', "the HPA target's scale is missing a selector");
      return null;
    }
    const matches = parseLabelSelector(selector) ?? (() => false);
    const pods = podsInNamespace(caches, namespaceOf(autoscaler)).filter((pod) => matches(pod.metadata.labels));
    const specs: Json[] = autoscaler.spec.metrics ?? [];
    const outcomes: MetricOutcome[] = [];
    const failures: MetricFailure[] = [];
    for (const metric of specs) {
      try {
        outcomes.push(outcomeOf(autoscaler, metric, pods, replicas));
      } catch (error) {
        if (!(error instanceof MetricFailure)) throw error;
        failures.push(error);
        tell(autoscaler, 'Warning', error.reason, error.message);
      }
    }
    const best = outcomes.reduce<MetricOutcome | null>(
      (most, one) => (most === null || one.replicas > most.replicas ? one : most),
      null,
    );
    const [failure] = failures;
    // A metric that cannot be read never lets the target shrink.
    if (failure !== undefined && (best === null || best.replicas < replicas)) {
      status.set(
        'ScalingActive',
        'False',
        failure.reason,
        `the HPA was unable to compute the replica count: ${failure.message}`,
      );
      tell(
        autoscaler,
        'Warning',
        'FailedComputeMetricsReplicas',
        `invalid metrics (${failures.length} invalid out of ${specs.length}), first error is: ${failure.summary}: ${failure.message}`,
      );
      return null;
    }
    if (best === null) return null;
    status.set(
      'ScalingActive',
      'True',
      'ValidMetricFound',
      `the HPA was able to successfully calculate a replica count from ${best.name}`,
    );
    return { replicas: best.replicas, name: best.name, statuses: outcomes.map((one) => one.status) };
  }

  function outcomeOf(
    autoscaler: KubeObject,
    metric: Json,
    pods: readonly KubeObject[],
    replicas: number,
  ): MetricOutcome {
    switch (metric.type) {
      case 'Resource':
        return resourceOutcome(autoscaler, metric.resource, undefined, pods, replicas);
      case 'ContainerResource':
        return resourceOutcome(
          autoscaler,
          metric.containerResource,
          metric.containerResource.container,
          pods,
          replicas,
        );
      case 'Pods':
      case 'Object': {
        const name = (metric.pods ?? metric.object)?.metric?.name;
        const reason = metric.type === 'Pods' ? 'FailedGetPodsMetric' : 'FailedGetObjectMetric';
        throw new MetricFailure(
          reason,
          `unable to get metric ${name}: unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered`,
          `failed to get ${metric.type === 'Pods' ? 'pods' : 'object'} metric value`,
        );
      }
      default:
        throw new MetricFailure(
          'FailedGetExternalMetric',
          `unable to get external metric ${namespaceOf(autoscaler)}/${metric.external?.metric?.name}/nil: unable to fetch metrics from external metrics API: no external metrics API (external.metrics.k8s.io) registered`,
          `failed to get ${metric.external?.metric?.name} external metric value`,
        );
    }
  }

  function resourceOutcome(
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
      const measured = pods.map((pod) => measure(pod, resource, container, utilization));
      const proposal = proposeReplicas(resource, measured, target, replicas, tolerancesOf(autoscaler));
      const current = {
        ...(proposal.utilization === undefined ? {} : { averageUtilization: proposal.utilization }),
        averageValue: milliText(proposal.average),
      };
      const field = container === undefined ? 'resource' : 'containerResource';
      return {
        replicas: proposal.replicas,
        name: utilization ? `${resource} ${what} utilization (percentage of request)` : `${resource} ${what}`,
        status: {
          type: container === undefined ? 'Resource' : 'ContainerResource',
          [field]: { ...(container === undefined ? {} : { container }), current, name: resource },
        },
      };
    } catch (error) {
      if (!(error instanceof MetricError)) throw error;
      const kind = utilization ? 'utilization' : 'usage';
      throw new MetricFailure(
        failed,
        `failed to get ${resource} ${kind}: ${error.message}`,
        `failed to get ${resource} ${what} metric value`,
      );
    }
  }

  /** One pod as the controller groups them: ready, not ready, without metrics, of no account. */
  function measure(pod: KubeObject, resource: string, container: string | undefined, requests: boolean): MeasuredPod {
    const name = pod.metadata.name ?? '';
    if (isDeleting(pod) || pod.status?.phase === 'Failed') return { name, state: 'ignored' };
    const at = world.now();
    const usage = measuredPod(world, pod, at)?.filter((one) => container === undefined || one.name === container);
    const counted: Json[] = (pod.spec?.containers ?? []).filter(
      (one: Json) => container === undefined || one.name === container,
    );
    if (container !== undefined && counted.length === 0)
      throw new MetricError(`container ${container} not present in metrics for pod ${namespaceOf(pod)}/${name}`);
    let request = 0;
    for (const one of counted) {
      const value = one.resources?.requests?.[resource];
      if (value === undefined && requests)
        throw new MetricError(`missing request for ${resource} in container ${one.name} of Pod ${name}`);
      request += parseQuantity(value) * 1000;
    }
    if (pod.status?.phase === 'Pending') return { name, state: 'unready', request };
    if (usage === undefined || usage.length === 0) return { name, state: 'missing', request };
    const total = usage.reduce((sum, one) => sum + (resource === 'cpu' ? one.cpu : one.memory), 0) * 1000;
    return { name, state: resource === 'cpu' && startingUp(pod, at) ? 'unready' : 'ready', usage: total, request };
  }

  function startingUp(pod: KubeObject, at: number): boolean {
    const ready = podCondition(pod, 'Ready');
    const started = parseTime(pod.status?.startTime);
    if (ready === undefined || Number.isNaN(started)) return true;
    const since = parseTime(ready.lastTransitionTime);
    if (at < started + CPU_INITIALIZATION_S * 1000 * world.pace) return ready.status === 'False';
    return ready.status === 'False' && started + READINESS_DELAY_S * 1000 * world.pace > since;
  }

  async function write(autoscaler: KubeObject, status: Json): Promise<void> {
    if (sameValue(status, autoscaler.status)) return;
    try {
      await updateStatus(client, AUTOSCALERS, caches.autoscalers, autoscaler, status);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  function tell(autoscaler: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string): void {
    world.events.record(autoscaler, { component: COMPONENT, type, reason, message });
  }

  function recent<T extends { at: number }>(items: readonly T[], now: number): T[] {
    return items.filter((item) => item.at > now - REMEMBERED_S * secondMs);
  }

  return runController(world, {
    name: COMPONENT,
    reconcile,
    watch: [
      {
        cache: caches.autoscalers,
        on: (autoscaler, previous, deleted) =>
          deleted ||
          previous === undefined ||
          autoscaler.metadata.generation !== previous.metadata.generation ||
          !sameValue(autoscaler.spec, previous.spec)
            ? objectKey(autoscaler)
            : undefined,
      },
    ],
  });
}

/** Conditions are collected first and written once. */
class StatusDraft {
  readonly #autoscaler: KubeObject;
  readonly #now: number;
  #conditions: Condition[];

  constructor(autoscaler: KubeObject, now: number) {
    this.#autoscaler = autoscaler;
    this.#now = now;
    this.#conditions = autoscaler.status?.conditions ?? [];
  }

  set(type: string, status: Condition['status'], reason: string, message: string): void {
    this.#conditions = setCondition(this.#conditions, { type, status, reason, message }, this.#now);
  }

  done(changes: Record<string, unknown> = {}): Json {
    const old = this.#autoscaler.status ?? {};
    return { desiredReplicas: 0, ...old, ...changes, conditions: this.#conditions };
  }
}

function tolerancesOf(autoscaler: KubeObject): Tolerances {
  const given = (rules: Json): number => (rules?.tolerance === undefined ? TOLERANCE : parseQuantity(rules.tolerance));
  return { up: given(autoscaler.spec.behavior?.scaleUp), down: given(autoscaler.spec.behavior?.scaleDown) };
}

/** resource.NewMilliQuantity: `250m`, `2`, `52428800`. */
function milliText(thousandths: number): string {
  return thousandths % 1000 === 0 ? String(thousandths / 1000) : `${thousandths}m`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
