/**
 * The scheduler as a pure function: from clusters, spec and status of a binding to the clusters that shall run it, with
 * the reasons. Results and messages are those of Karmada v1.19; nothing is read or written outside the arguments.
 */
import type { Binding, BindingSpec, BindingStatus, ClusterLike, NamedAffinity, TargetCluster } from '../api.ts';
import { assignReplicas, type Division, isFreshRequested } from './assign.ts';
import { type Candidate, rankCandidates } from './candidates.ts';
import { inStep, ScheduleError, type ScheduleFailure } from './errors.ts';
import { type FilterInput, fitErrorMessage, type Rejection, rejectionOf } from './filters.ts';
import { selectClusters } from './select.ts';

/** What became of one cluster in the attempt that decided. */
export interface ClusterExplanation {
  name: string;
  rejected: Rejection | null;
  score: number;
  /** Replicas that fit including those already there; null when it was not estimated. */
  available: number | null;
  selected: boolean;
  /** Null for objects without replicas. */
  replicas: number | null;
  /** What it ran before; null for objects without replicas. */
  held: number | null;
  /** Its part in the division: static weight, or the room that was weighed; null where nothing was divided. */
  weight: number | null;
  /** 0 for the main affinity, i for the i-th overflow group. */
  overflow: number;
}

export interface ScheduleResult {
  /** Null when the present assignment must stay as it is; empty when no cluster fits. */
  clusters: TargetCluster[] | null;
  error: { reason: ScheduleFailure; message: string } | null;
  /** Name of the affinity group that was used, or last tried; undefined without ordered groups. */
  affinityName: string | undefined;
  /** Failures of earlier affinity groups, for events. */
  failedTerms: { affinityName: string; message: string }[];
  explanation: ClusterExplanation[];
  /** How replicas were divided; null for objects without replicas, and when it did not come to that. */
  division: Pick<Division, 'strategy' | 'step'> | null;
}

/** One pass with the affinity group that the status names as observed (the first one when it names none). */
export function scheduleOnce(
  clusters: readonly ClusterLike[],
  spec: BindingSpec,
  status: BindingStatus = {},
  neighbours: readonly BindingSpec[] = [],
): ScheduleResult {
  const terms = spec.placement?.clusterAffinities ?? [];
  const term = terms.find(({ affinityName }) => affinityName === status.schedulerObservingAffinityName) ?? terms[0];
  const attempt = tryTerm(clusters, spec, status, term ?? null, neighbours);
  return finish(attempt, term?.affinityName, attempt.error, []);
}

/**
 * The whole decision: with ordered affinity groups, each is tried until one can hold the workload. A workload scaled to
 * zero is not divided anew: upstream fails there by an overflow and leaves its replicas running.
 * @param neighbours other bindings of the namespace, for workload affinity (`neighboursOf`)
 */
export function schedule(
  clusters: readonly ClusterLike[],
  requested: BindingSpec,
  status: BindingStatus = {},
  neighbours: readonly BindingSpec[] = [],
): ScheduleResult {
  const spec = requested.replicas ? requested : { ...requested, rescheduleTriggeredAt: null };
  return tryInOrder(clusters, spec, status, neighbours);
}

/** The bindings that can matter to the workload affinity of one: in its namespace, of one of its groups, not itself. */
export function neighboursOf({ metadata, spec }: Binding, bindings: Iterable<Binding>): BindingSpec[] {
  const { affinityGroup, antiAffinityGroup } = spec.workloadAffinityGroups ?? {};
  if (!affinityGroup && !antiAffinityGroup) return [];
  const found: BindingSpec[] = [];
  for (const other of bindings) {
    if (other.metadata.namespace !== metadata.namespace || other.metadata.name === metadata.name) continue;
    if (other.spec.workloadAffinityGroups && !other.metadata.deletionTimestamp) found.push(other.spec);
  }
  return found;
}

/**
 * What Karmada's own scheduler answers to the same question, quirks included: one pass with the affinity group that the
 * status names, else the groups in their order.
 */
export function scheduleAsKarmada(
  clusters: readonly ClusterLike[],
  spec: BindingSpec,
  status: BindingStatus = {},
): ScheduleResult {
  const decided = Boolean(status.schedulerObservingAffinityName);
  return decided ? scheduleOnce(clusters, spec, status) : tryInOrder(clusters, spec, status);
}

function tryInOrder(
  clusters: readonly ClusterLike[],
  spec: BindingSpec,
  status: BindingStatus,
  neighbours: readonly BindingSpec[] = [],
): ScheduleResult {
  const terms = spec.placement?.clusterAffinities ?? [];
  if (terms.length === 0) return scheduleOnce(clusters, spec, status, neighbours);
  let first: { attempt: Attempt; error: ScheduleError } | null = null;
  const failedTerms: { affinityName: string; message: string }[] = [];
  let affinityName: string | undefined;
  for (const term of terms.slice(startIndex(terms, spec, status))) {
    affinityName = term.affinityName;
    const attempt = tryTerm(clusters, spec, status, term, neighbours);
    if (attempt.error === null) return finish(attempt, affinityName, null, failedTerms);
    failedTerms.push({ affinityName, message: attempt.error.message });
    first ??= { attempt, error: attempt.error };
  }
  if (first === null) throw new Error('ordered affinity groups without a group');
  return finish(first.attempt, affinityName, first.error, failedTerms);
}

/** Goes on where the last decision was made; a requested rebalance starts over. */
function startIndex(terms: readonly NamedAffinity[], spec: BindingSpec, status: BindingStatus): number {
  if (isFreshRequested(spec, status)) return 0;
  const observed = status.schedulerObservingAffinityName;
  return Math.max(
    0,
    terms.findIndex((term) => term.affinityName === observed),
  );
}

interface Attempt {
  targets: TargetCluster[];
  error: ScheduleError | null;
  rejections: Map<string, Rejection>;
  candidates: Candidate[];
  selected: ReadonlySet<string>;
  counted: boolean;
  held: ReadonlyMap<string, number>;
  divisions: Division[];
}

function tryTerm(
  clusters: readonly ClusterLike[],
  spec: BindingSpec,
  status: BindingStatus,
  term: NamedAffinity | null,
  neighbours: readonly BindingSpec[],
): Attempt {
  const attempt: Attempt = {
    targets: [],
    error: null,
    rejections: new Map(),
    candidates: [],
    selected: new Set(),
    counted: (spec.replicas ?? 0) > 0 || Boolean(spec.replicaRequirements),
    held: new Map((spec.clusters ?? []).map((target) => [target.name, target.replicas ?? 0])),
    divisions: [],
  };
  try {
    const feasible = filter(clusters, { spec, term, neighbours }, attempt.rejections);
    attempt.candidates = rankCandidates(feasible, spec, term);
    const selected = inStep('failed to select clusters', () => selectClusters(attempt.candidates, spec));
    attempt.selected = new Set(selected.map(({ name }) => name));
    attempt.targets = inStep('failed to assign replicas', () =>
      assignReplicas(selected, spec, status, attempt.divisions),
    );
  } catch (error) {
    if (!(error instanceof ScheduleError)) throw error;
    attempt.error = error;
  }
  return attempt;
}

function filter(
  clusters: readonly ClusterLike[],
  question: Omit<FilterInput, 'targets'>,
  rejections: Map<string, Rejection>,
): ClusterLike[] {
  const input = { ...question, targets: new Set((question.spec.clusters ?? []).map(({ name }) => name)) };
  const feasible: ClusterLike[] = [];
  for (const cluster of clusters) {
    if (cluster.metadata.deletionTimestamp) continue;
    const rejection = rejectionOf(cluster, input);
    if (rejection === null) feasible.push(cluster);
    else rejections.set(cluster.metadata.name ?? '', rejection);
  }
  if (feasible.length === 0)
    throw new ScheduleError('NoClusterFit', fitErrorMessage(clusters.length, rejections.values()));
  return feasible;
}

function finish(
  attempt: Attempt,
  affinityName: string | undefined,
  error: ScheduleError | null,
  failedTerms: ScheduleResult['failedTerms'],
): ScheduleResult {
  return {
    clusters: error === null ? attempt.targets : error.reason === 'NoClusterFit' ? [] : null,
    error: error === null ? null : { reason: error.reason, message: error.message },
    affinityName,
    failedTerms,
    explanation: explain(attempt),
    division: divisionOf(attempt.divisions[0]),
  };
}

function divisionOf(division: Division | undefined): ScheduleResult['division'] {
  return division === undefined ? null : { strategy: division.strategy, step: division.step };
}

function explain(attempt: Attempt): ClusterExplanation[] {
  const { counted, held, rejections, candidates, selected } = attempt;
  const replicas = new Map(attempt.targets.map((target) => [target.name, target.replicas ?? 0]));
  const weights = new Map(
    attempt.divisions.flatMap(({ votes }) => votes.map((entry) => [entry.name, entry.votes] as const)),
  );
  const rejected = [...rejections].map(
    ([name, rejection]): ClusterExplanation => ({
      name,
      rejected: rejection,
      score: 0,
      available: null,
      selected: false,
      replicas: null,
      held: counted ? (held.get(name) ?? 0) : null,
      weight: null,
      overflow: 0,
    }),
  );
  const considered = candidates.map(
    ({ name, score, available, overflowOrder }): ClusterExplanation => ({
      name,
      rejected: null,
      score,
      available,
      selected: selected.has(name),
      replicas: counted ? (replicas.get(name) ?? 0) : null,
      held: counted ? (held.get(name) ?? 0) : null,
      weight: weights.get(name) ?? null,
      overflow: overflowOrder,
    }),
  );
  return [...considered, ...rejected];
}
