/** Decides for bindings where they run, and writes decision, condition and events. */
import type { DecisionCause } from '#shared/contract/federation-decisions.ts';
import { createWorkQueue } from '../../kube/index.ts';
import { type Binding, type ClusterObject, KEYS, type Placement, type TargetCluster } from '../api.ts';
import { equalJson } from '../json.ts';
import { clusterMatches } from '../matching/clusters.ts';
import { isSchedulable, schedulingReason } from '../scheduler/decide.ts';
import { type ScheduleResult, schedule } from '../scheduler/schedule.ts';
import { placedOf, verdictsOf } from '../scheduler/verdicts.ts';
import { bindingRef } from './cache.ts';
import { type Controller, errorText, type FederationContext } from './context.ts';
import type { Templates } from './templates.ts';
import { mutate, now, splitKey, withCondition } from './write.ts';

const UNSCHEDULABLE_RETRY_MS = 5 * 60_000;
const ERROR_RETRY_MS = 10_000;
const SUCCESS = 'Binding has been scheduled successfully.';

/** The binding as it was when the decision was asked for, and what called for it. */
interface Asked {
  cause: DecisionCause;
  before: Binding;
}

export function startScheduler(context: FederationContext, templates: Templates): Controller {
  const { client, cache, events, journal, log } = context;
  /** Waiting for room: looked at again when a cluster reports different resources. */
  const waitingForRoom = new Set<string>();
  /** Last failure of each binding, as it was told. */
  const failures = new Map<string, string>();

  async function reconcile(key: string): Promise<number | undefined> {
    const binding = cache.binding(key);
    waitingForRoom.delete(key);
    if (binding === undefined) failures.delete(key);
    if (binding === undefined || binding.metadata.deletionTimestamp || !isSchedulable(binding)) return undefined;
    const where = splitKey(key);
    let decision: ScheduleResult | null = null;
    let asked: Asked | null = null;
    const decided = await mutate<Binding>(client, bindingRef(key), where, (live) => {
      decision = null;
      if (live.metadata.deletionTimestamp || !isSchedulable(live)) return false;
      const cause = schedulingReason(live, cache.clusters.items);
      if (cause === null) return false;
      asked = { cause, before: structuredClone(live) };
      decision = schedule([...cache.clusters.items.values()], live.spec, live.status);
      return applyDecision(live, decision);
    });
    if (decided === null) return undefined;
    const result = decision as ScheduleResult | null;
    if (decided.metadata.deletionTimestamp || !isSchedulable(decided)) return undefined;
    await writeStatus(key, decided, result);
    if (result === null) return undefined;
    tell(decided, result);
    remember(key, asked as Asked | null, result);
    if (result.error?.reason === 'Unschedulable') {
      waitingForRoom.add(key);
      return UNSCHEDULABLE_RETRY_MS;
    }
    return result.error?.reason === 'SchedulerError' ? ERROR_RETRY_MS : undefined;
  }

  /** A decision that no cluster fits leaves what runs where it runs: it never takes the last copy away. */
  function applyDecision(binding: Binding, result: ScheduleResult): boolean {
    if (result.error !== null || result.clusters === null) return false;
    binding.spec.clusters = result.clusters;
    binding.metadata.annotations = {
      ...binding.metadata.annotations,
      [KEYS.appliedPlacement]: JSON.stringify(binding.spec.placement ?? {}),
    };
    return true;
  }

  /**
   * Without a result there was nothing to decide: the decision in place stands, and the status says so even when the
   * process ended before it could be written.
   */
  async function writeStatus(key: string, binding: Binding, result: ScheduleResult | null): Promise<void> {
    const generation = binding.metadata.generation ?? 0;
    const failed = result?.error ?? null;
    if (result === null && binding.status?.schedulerObservedGeneration === generation && isScheduled(binding)) return;
    await mutate<Binding>(client, bindingRef(key), { ...splitKey(key), subresource: 'status' }, (live) => {
      const status = { ...live.status };
      status.conditions = withCondition(status.conditions, {
        type: 'Scheduled',
        status: failed === null ? 'True' : 'False',
        reason: failed?.reason ?? 'Success',
        message: failed?.message ?? SUCCESS,
      });
      if (failed === null) {
        status.schedulerObservedGeneration = generation;
        if (result !== null || !status.lastScheduledTime) status.lastScheduledTime = now();
        if (result?.affinityName !== undefined) status.schedulerObservingAffinityName = result.affinityName;
      }
      live.status = status;
      return true;
    });
  }

  function tell(binding: Binding, result: ScheduleResult): void {
    const { apiVersion, kind, namespace, name } = binding.spec.resource;
    const template = templates.get(apiVersion, kind, namespace, name);
    const objects = template === undefined ? [binding] : [binding, template];
    for (const object of objects) {
      if (result.error === null) {
        const text = `${SUCCESS} Result: ${placesText(result.clusters ?? [])}`;
        events.normal(object, 'ScheduleBindingSucceed', text);
      } else {
        events.warning(object, 'ScheduleBindingFailed', result.error.message);
      }
    }
  }

  /** A decision that changes nothing is only worth remembering when it is the first. */
  function remember(key: string, asked: Asked | null, result: ScheduleResult): void {
    if (asked === null) return;
    const { cause, before } = asked;
    const verdicts = verdictsOf(before.spec, result);
    if (result.error !== null) {
      // Asked again and again while it waits: the same answer is no news.
      if (failures.get(key) === result.error.message) return;
      failures.set(key, result.error.message);
      journal.record(before.spec.resource, { kind: 'notScheduled', cause, verdicts });
      return;
    }
    failures.delete(key);
    const [was, is] = [placedOf(before.spec.clusters ?? []), placedOf(result.clusters ?? [])];
    if (equalJson(was, is) && before.metadata.annotations?.[KEYS.appliedPlacement] !== undefined) return;
    journal.record(before.spec.resource, { kind: 'scheduled', cause, before: was, after: is, verdicts });
  }

  const queue = createWorkQueue({
    name: 'scheduler',
    concurrency: 4,
    baseDelayMs: 200,
    maxDelayMs: 10_000,
    reconcile,
    onError: (key, error) => log.warn('binding not scheduled yet', { key, error: errorText(error) }),
  });

  for (const informer of [cache.bindings, cache.clusterBindings]) {
    informer.subscribe({
      onAdd: (_, key) => queue.add(key),
      onUpdate: (binding, previous, key) => {
        const same =
          binding.metadata.generation === previous.metadata.generation &&
          equalJson(binding.metadata.labels ?? {}, previous.metadata.labels ?? {});
        if (!same) queue.add(key);
      },
    });
  }

  function enqueueConcerned(...states: ClusterObject[]): void {
    for (const [key, binding] of cache.allBindings()) {
      const concerned =
        states.some((cluster) => placementMentions(cluster, binding.spec.placement)) ||
        binding.spec.clusters?.some(({ name }) => states.some((cluster) => cluster.metadata.name === name));
      if (concerned && isSchedulable(binding)) queue.add(key);
    }
  }
  cache.clusters.subscribe({
    onAdd: (cluster) => enqueueConcerned(cluster),
    onUpdate: (cluster, previous) => {
      const changed =
        cluster.metadata.generation !== previous.metadata.generation ||
        cluster.metadata.deletionTimestamp !== previous.metadata.deletionTimestamp ||
        !equalJson(cluster.metadata.labels ?? {}, previous.metadata.labels ?? {}) ||
        !equalJson(cluster.status?.apiEnablements ?? [], previous.status?.apiEnablements ?? []);
      if (changed) enqueueConcerned(previous, cluster);
      else if (!equalJson(cluster.status?.resourceSummary ?? {}, previous.status?.resourceSummary ?? {}))
        for (const key of waitingForRoom) queue.add(key);
    },
  });
  return { stop: () => queue.stop() };
}

/** Whether any of the placement's affinities means the cluster. */
function placementMentions(cluster: ClusterObject, placement: Placement | null | undefined): boolean {
  if (!placement) return false;
  const terms = placement.clusterAffinities ?? [];
  if (terms.length === 0) return clusterMatches(cluster, placement.clusterAffinity);
  return terms.some((term) => [term, ...(term.overflowAffinities ?? [])].some((one) => clusterMatches(cluster, one)));
}

function isScheduled(binding: Binding): boolean {
  return binding.status?.conditions?.some(({ type, status }) => type === 'Scheduled' && status === 'True') ?? false;
}

/** `{member1:2, member2:1}`, as the event shows it. */
function placesText(clusters: readonly TargetCluster[]): string {
  const parts = clusters.map(({ name, replicas }) => (replicas === undefined ? name : `${name}:${replicas}`));
  return `{${parts.join(', ')}}`;
}
