/**
 * HorizontalPodAutoscaler: reads the usage of the target's pods, sets its scale, says why or why not. The arithmetic is
 * in scaling-metrics.ts and scaling.ts, the reading in autoscaler-metrics.ts. Recommendations and scale events are remembered as long as a window needs them;
 * like the real controller, a restart forgets them.
 */
import { parseLabelSelector } from '#engine/apiserver/index.ts';
import { ApiError, isConflict, isNotFound } from '#engine/kube/index.ts';
import type { Json, KubeObject, ResourceRef } from '#shared/kubernetes/types.ts';
import { objectKey } from '#shared/kubernetes/types.ts';
import { SLOWEST_PACE } from '../kubelet/back-off.ts';
import { runController } from '../sim/controller.ts';
import { podsInNamespace } from '../sim/indexes.ts';
import { type Condition, isDeleting, namespaceOf, sameValue, setCondition, timeText, uidOf } from '../sim/objects.ts';
import { AUTOSCALERS } from '../sim/refs.ts';
import { type Controller, updateStatus, type World } from '../sim/world.ts';
import { readMetrics } from './autoscaler-metrics.ts';
import { decideScale, type Recommendation, type ScaleEvent } from './scaling.ts';

const COMPONENT = 'horizontal-pod-autoscaler';
/** --horizontal-pod-autoscaler-sync-period */
const SYNC_S = 15;
/** retry.DefaultRetry of the client library. */
const RESCALE_TRIES = 5;
/** The longest window or period the API allows. */
const REMEMBERED_S = 3600;

interface Memory {
  uid: string;
  /** Undefined until the target was seen: its size then is the first recommendation. */
  recommendations?: Recommendation[];
  events: ScaleEvent[];
  /** The pods it looked for last. */
  selects?: (labels: Record<string, string> | undefined) => boolean;
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
    const memory = memories.get(key);
    if (memory?.uid === uidOf(autoscaler)) await scale(autoscaler, memory);
    // A new one is looked at after a whole period, as the real queue hands it out.
    else memories.set(key, { uid: uidOf(autoscaler), events: [] });
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
    memory.recommendations ??= [{ at: now, replicas }];
    const minReplicas: number = spec.minReplicas ?? 1;
    let desired = replicas;
    let reason = '';
    let currentMetrics: Json[] | null = null;
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
      const { proposal: asked, statuses } = askMetrics(autoscaler, current, status, memory);
      if (asked === null) {
        await write(autoscaler, status.done({ currentReplicas: replicas, currentMetrics: statuses }));
        return;
      }
      currentMetrics = statuses;
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
        await setScale(current, desired);
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
        currentReplicas: replicas,
        desiredReplicas: desired,
        currentMetrics,
        ...(rescaled ? { lastScaleTime: timeText(now) } : {}),
      }),
    );

    /** Somebody else may have written the target meanwhile: its scale is read again and the wish stays. */
    async function setScale(latest: KubeObject, wanted: number, triesLeft = RESCALE_TRIES): Promise<void> {
      const where = { namespace: namespaceOf(autoscaler), subresource: 'scale' };
      try {
        await client.update(ref, { ...latest, spec: { ...latest.spec, replicas: wanted } }, where);
      } catch (error) {
        if (!isConflict(error) || triesLeft <= 1) throw error;
        await setScale(await client.get(ref, target.name, where), wanted, triesLeft - 1);
      }
    }

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

  /** What the metrics ask for, null when none can be used (the status says why), and what the status shows of each. */
  function askMetrics(
    autoscaler: KubeObject,
    scale: KubeObject,
    status: StatusDraft,
    memory: Memory,
  ): { proposal: { replicas: number; name: string } | null; statuses: Json[] | null } {
    const refuse = (event: string, reason: string, message: string, condition = message) => {
      tell(autoscaler, 'Warning', event, message);
      tell(autoscaler, 'Warning', 'FailedComputeMetricsReplicas', message);
      status.set('ScalingActive', 'False', reason, condition);
      return { proposal: null, statuses: null };
    };
    const selector = String(scale.status?.selector ?? '');
    if (selector === '') {
      const condition = "the HPA target's scale is missing a selector";
      return refuse('SelectorRequired', 'InvalidSelector', 'selector is required', condition);
    }
    memory.selects = parseLabelSelector(selector) ?? (() => false);
    const pods = podsInNamespace(caches, namespaceOf(autoscaler)).filter((pod) =>
      memory.selects?.(pod.metadata.labels),
    );
    const rivals = scalersOf(namespaceOf(autoscaler), pods);
    if (rivals.length > 1) {
      const text = `pods by selector ${selector} are controlled by multiple HPAs: [${rivals.join(' ')}]`;
      return refuse('AmbiguousSelector', 'AmbiguousSelector', text);
    }
    const replicas: number = scale.spec?.replicas ?? 0;
    const { best, statuses, failures, asked } = readMetrics(world, autoscaler, pods, replicas);
    for (const { reason, message } of failures) tell(autoscaler, 'Warning', reason, message);
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
        `invalid metrics (${failures.length} invalid out of ${asked}), first error is: ${failure.summary}`,
      );
      return { proposal: null, statuses };
    }
    if (best === null) return { proposal: null, statuses };
    status.set(
      'ScalingActive',
      'True',
      'ValidMetricFound',
      `the HPA was able to successfully calculate a replica count from ${best.name}`,
    );
    return { proposal: best, statuses };
  }

  /** The autoscalers that have looked for pods and would find one of these. */
  function scalersOf(namespace: string, pods: readonly KubeObject[]): string[] {
    const found: string[] = [];
    for (const [key, { selects }] of memories) {
      const same = key.startsWith(`${namespace}/`) && selects !== undefined;
      if (same && pods.some((pod) => selects(pod.metadata.labels))) found.push(key);
    }
    return found.sort();
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
        // What a person changes has its turn with the next period.
        on: (autoscaler, previous, deleted) =>
          deleted || uidOf(autoscaler) !== previous?.metadata.uid ? objectKey(autoscaler) : undefined,
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

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
