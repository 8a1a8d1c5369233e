/** Decides for bindings where they run, and writes decision, condition and events. */
import type { DecisionCause } from '#shared/contract/federation-decisions.ts';
import { objectKey } from '#shared/kubernetes/types.ts';
import { ApiError, backoffDelay, createWorkQueue } from '../../kube/index.ts';
import { type Binding, type ClusterObject, KEYS, type Placement, type TargetCluster } from '../api.ts';
import { equalJson } from '../json.ts';
import { clusterMatches } from '../matching/clusters.ts';
import { isSchedulable, schedulingReason } from '../scheduler/decide.ts';
import { QUOTA_EXCEEDED } from '../scheduler/errors.ts';
import { neighboursOf, type ScheduleResult, schedule } from '../scheduler/schedule.ts';
import { placedOf, verdictsOf } from '../scheduler/verdicts.ts';
import { bindingRef } from './cache.ts';
import { type Controller, errorText, type FederationContext } from './context.ts';
import type { QuotasController } from './quotas.ts';
import type { Templates } from './templates.ts';
import { mutate, now, splitKey, withCondition } from './write.ts';

const UNSCHEDULABLE_RETRY_MS = 5 * 60_000;
const BACK_OFF = { baseMs: 1000, maxMs: 10_000 };
const SUCCESS = 'Binding has been scheduled successfully.';

/** The binding as it was when the decision was asked for, and what called for it. */
interface Asked {
  cause: DecisionCause;
  before: Binding;
}

/** @param quotas tells when a quota has changed or room in one may have come free */
export function startScheduler(
  context: FederationContext,
  templates: Templates,
  quotas: Pick<QuotasController, 'subscribe'>,
): Controller {
  const { client, cache, journal, log } = context;
  const events = context.events('default-scheduler');
  /** Waiting for room: looked at again when a cluster reports different resources. */
  const waitingForRoom = new Set<string>();
  /** Refused by a quota: looked at again when one changes. */
  const waitingForQuota = new Set<string>();
  /** Last failure of each binding, as it was told, and how often in a row. */
  const failures = new Map<string, { message: string; times: number }>();
  /** Decided, and not yet seen by the watch: neighbours that are placed at the same time count too. */
  const assigning = new Map<string, TargetCluster[]>();

  async function reconcile(key: string): Promise<number | undefined> {
    const binding = cache.binding(key);
    waitingForRoom.delete(key);
    waitingForQuota.delete(key);
    if (binding === undefined) failures.delete(key);
    if (binding === undefined || binding.metadata.deletionTimestamp || !isSchedulable(binding)) return undefined;
    const where = { ...splitKey(key), upper: true } as const;
    let decision: ScheduleResult | null = null;
    let asked: Asked | null = null;
    const decide = (live: Binding): boolean => {
      decision = null;
      if (live.metadata.deletionTimestamp || !isSchedulable(live)) return false;
      const cause = schedulingReason(live, cache.clusters.items);
      if (cause === null) return false;
      asked = { cause, before: { ...live, metadata: { ...live.metadata }, spec: { ...live.spec } } };
      decision = schedule([...cache.clusters.items.values()], live.spec, live.status, neighboursOf(live, others()));
      if (cause === 'NotDivided' && saysNothingNew(live, decision)) {
        decision = null;
        return false;
      }
      const changed = applyDecision(live, decision);
      if (changed && live.spec.workloadAffinityGroups) assigning.set(key, live.spec.clusters ?? []);
      return changed;
    };
    let decided: Binding | null = binding;
    let refusal: string | null = null;
    try {
      decided = await mutate<Binding>(client, bindingRef(key), where, decide);
    } catch (error) {
      assigning.delete(key);
      if (!(error instanceof ApiError) || error.reason !== QUOTA_EXCEEDED) throw error;
      refusal = error.message;
    }
    if (decided === null || decided.metadata.deletionTimestamp || !isSchedulable(decided)) return undefined;
    const result = outcomeOf(decision, refusal);
    await writeStatus(key, decided, result);
    if (result === null) return undefined;
    tell(decided, result);
    remember(key, asked as Asked | null, result);
    switch (result.error?.reason) {
      case 'Unschedulable':
        waitingForRoom.add(key);
        return UNSCHEDULABLE_RETRY_MS;
      case QUOTA_EXCEEDED:
        waitingForQuota.add(key);
        return UNSCHEDULABLE_RETRY_MS;
      case 'SchedulerError':
        return backoffDelay(failures.get(key)?.times ?? 1, BACK_OFF);
      default:
        return undefined;
    }
  }

  /** All bindings, with what has been decided and not been seen yet. */
  function* others(): Iterable<Binding> {
    for (const [key, binding] of cache.bindings.items) {
      const clusters = assigning.get(key);
      yield clusters === undefined ? binding : { ...binding, spec: { ...binding.spec, clusters } };
    }
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
    await mutate<Binding>(client, bindingRef(key), { ...splitKey(key), subresource: 'status', upper: true }, (live) => {
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
    for (const text of failedTermTexts(binding, result))
      for (const object of objects) events.warning(object, 'ScheduleBindingFailed', text);
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
      const { message } = result.error;
      const known = failures.get(key);
      failures.set(key, { message, times: (known?.times ?? 0) + 1 });
      if (known?.message === message) return;
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
    concurrency: 8,
    baseDelayMs: 200,
    maxDelayMs: 10_000,
    // What its PriorityClass puts first is placed first when room is short.
    priorityOf: (key) => cache.binding(key)?.spec.schedulePriority?.priority ?? 0,
    reconcile,
    onError: (key, error) => log.warn('binding not scheduled yet', { key, error: errorText(error) }),
  });

  for (const informer of [cache.bindings, cache.clusterBindings]) {
    informer.subscribe({
      onAdd: (_, key) => queue.add(key),
      onDelete: (_, key) => assigning.delete(key),
      onUpdate: (binding, previous, key) => {
        assigning.delete(key);
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
  quotas.subscribe(() => {
    for (const key of waitingForQuota) queue.add(key);
  });
  return { stop: () => queue.stop() };
}

/** What became of a decision: as it is, or refused by admission. */
function outcomeOf(decision: ScheduleResult | null, refusal: string | null): ScheduleResult | null {
  if (decision === null || refusal === null) return decision;
  return { ...decision, clusters: null, error: { reason: QUOTA_EXCEEDED, message: refusal } };
}

/** Whether any of the placement's affinities means the cluster. */
function placementMentions(cluster: ClusterObject, placement: Placement | null | undefined): boolean {
  if (!placement) return false;
  const terms = placement.clusterAffinities ?? [];
  if (terms.length === 0) return clusterMatches(cluster, placement.clusterAffinity);
  return terms.some((term) => [term, ...(term.overflowAffinities ?? [])].some((one) => clusterMatches(cluster, one)));
}

/** The same again, and told already: what is not divided is decided anew whenever its binding has changed at all. */
function saysNothingNew(binding: Binding, { error, clusters, affinityName }: ScheduleResult): boolean {
  const { metadata, spec, status = {} } = binding;
  return (
    error === null &&
    equalJson(clusters, spec.clusters ?? []) &&
    metadata.annotations?.[KEYS.appliedPlacement] === JSON.stringify(spec.placement ?? {}) &&
    status.schedulerObservedGeneration === metadata.generation &&
    (affinityName === undefined || affinityName === status.schedulerObservingAffinityName) &&
    isScheduled(binding)
  );
}

function isScheduled(binding: Binding): boolean {
  return binding.status?.conditions?.some(({ type, status }) => type === 'Scheduled' && status === 'True') ?? false;
}

/** `{member1:2, member2:1}`, as the event shows it. */
function placesText(clusters: readonly TargetCluster[]): string {
  return `{${clusters.map(({ name, replicas = 0 }) => `${name}:${replicas}`).join(', ')}}`;
}

/** One for each affinity group that could not hold the workload, in the words of Karmada's events. */
function failedTermTexts({ kind, metadata, spec }: Binding, { failedTerms }: ScheduleResult): string[] {
  const terms = spec.placement?.clusterAffinities ?? [];
  return failedTerms.map(({ affinityName, message }) => {
    const index = terms.findIndex((term) => term.affinityName === affinityName);
    const key = objectKey({ metadata });
    return `failed to schedule ${kind}(${key}) with clusterAffiliates index(${index}): ${message}`;
  });
}
