/** What a shift or a drill would be, before it begins: present weights, replicas of every step, and what stands in the way. */
import { randomUUID } from 'node:crypto';
import type { Placed } from '#shared/contract/federation-decisions.ts';
import type { DrillInput, ShiftInput, ShiftPlan } from '#shared/contract/federation-runs.ts';
import { AppError } from '#shared/errors.ts';
import type { Binding, ClusterObject, PropagationPolicy } from '../api.ts';
import { isReady } from '../controllers/execution.ts';
import { clusterMatches } from '../matching/clusters.ts';
import { isWorkload } from '../scheduler/filters.ts';
import { schedule } from '../scheduler/schedule.ts';
import type { Running } from '../service/running.ts';
import { phasesOf } from './drill.ts';
import { SAMPLE } from './sample.ts';
import { placementFor, type Weights, weightsBetween } from './shift.ts';
import { type DrillRecord, iso, type ShiftRecord } from './types.ts';
import { bindingsOf, policyOf } from './world.ts';

export type ShiftWish = (typeof ShiftInput)['_output'];
export type DrillWish = (typeof DrillInput)['_output'];

export function planShift(running: Running, wish: ShiftWish): ShiftPlan {
  const policy = needPolicy(running, wish.policy);
  const bindings = bindingsOf(running, policy).filter(({ spec }) => isWorkload(spec));
  const from = presentWeights(running, policy, bindings);
  const members = [...running.plane.cache.clusters.items.values()];
  const problems: ShiftPlan['problems'] = [];
  const problem = (error: AppError): void => void problems.push(error.toShape());
  if (bindings.length === 0)
    problem(new AppError('POLICY_SELECTS_NOTHING', 'no workload with replicas', { params: { name: wish.policy } }));
  if (policy.spec.placement?.clusterAffinities?.length)
    problem(
      new AppError('UNSUPPORTED', 'the policy chooses among ordered groups of clusters', { hint: 'hints.shiftGroups' }),
    );
  if (!Object.values(wish.to).some((weight) => weight > 0))
    problem(new AppError('POLICY_ZERO_WEIGHTS', 'no weight above zero', { params: { name: wish.policy } }));
  for (const [name, weight] of Object.entries(wish.to)) {
    const cluster = members.find(({ metadata }) => metadata.name === name);
    if (cluster === undefined)
      problem(new AppError('POLICY_UNKNOWN_CLUSTER', `no member ${name}`, { params: { name } }));
    else if (weight > 0 && !isReady(cluster))
      problem(new AppError('CLUSTER_UNREACHABLE', `member ${name} is not ready`, { cluster: name }));
  }
  const names = membersOf(from, wish.to);
  const steps = weightsBetween(from, wish.to, wish.steps).map((weights) => ({
    weights,
    replicas: replicasWith(policy, bindings, weights, names, members, problem),
  }));
  const workloads = bindings.map(({ spec: { resource } }) => ({
    apiVersion: resource.apiVersion,
    kind: resource.kind,
    namespace: resource.namespace ?? '',
    name: resource.name,
  }));
  return { from, steps, workloads, problems: unique(problems) };
}

export function newShift(running: Running, wish: ShiftWish, now: number): ShiftRecord {
  const { from, steps, problems } = planShift(running, wish);
  const [first] = problems;
  if (first !== undefined)
    throw new AppError(first.code, first.message, {
      ...(first.params === undefined ? {} : { params: first.params }),
      ...(first.hint === undefined ? {} : { hint: first.hint }),
      ...(first.cluster === undefined ? {} : { cluster: first.cluster }),
    });
  const { spec } = needPolicy(running, wish.policy);
  const { observeSeconds, manual, abort, retire, policy } = wish;
  return {
    ...{ id: randomUUID(), federationId: wish.id, state: 'running', reason: null, createdAt: iso(now), endedAt: null },
    ...{ kind: 'shift', policy, at: -1, observeSeconds, manual, abort, retire, lowSince: null },
    steps: steps.map((step) => ({ ...step, appliedAt: null, settledAt: null, lowestReady: null })),
    original: { placement: spec.placement ?? null, preserve: spec.preserveResourcesOnDeletion === true },
    members: membersOf(from, wish.to),
  };
}

export function newDrill(running: Running, wish: DrillWish, now: number): DrillRecord {
  const { plane } = running;
  const cluster = plane.cache.clusters.get(wish.cluster);
  if (cluster === undefined)
    throw new AppError('NOT_FOUND', `no member ${wish.cluster}`, { params: { id: wish.cluster } });
  if (!isReady(cluster))
    throw new AppError('CLUSTER_UNREACHABLE', `member ${wish.cluster} is not ready`, { cluster: wish.cluster });
  // What others run evicts as we do, whether or not it takes over by itself, which it does not tell.
  const byOthers = plane.management === null && wish.how === 'eviction';
  if (!plane.failover.enabled && !byOthers)
    throw new AppError('REFUSED', 'take-over is switched off', { hint: 'hints.drillNeedsFailover' });
  const own = wish.workloads.length === 0;
  const others = [...plane.cache.clusters.items.values()].filter(
    (other) => other.metadata.name !== wish.cluster && isReady(other) && (other.spec.taints ?? []).length === 0,
  );
  const partners = others
    .map(({ metadata }) => metadata.name ?? '')
    .sort()
    .slice(0, 1);
  if (own && partners.length === 0)
    throw new AppError('REFUSED', 'no other member is ready', { hint: 'hints.drillNeedsPartner' });
  const { apiVersion, kind, namespace, name } = SAMPLE;
  if (own && plane.templates.get(apiVersion, kind, namespace, name) !== undefined)
    throw new AppError('NAME_TAKEN', `${kind} ${namespace}/${name} exists`, { params: { kind, name } });
  const quick = wish.quick && wish.how === 'fault';
  return {
    ...{ id: randomUUID(), federationId: wish.id, state: 'running', reason: null, createdAt: iso(now), endedAt: null },
    ...{ kind: 'drill', cluster: wish.cluster, how: wish.how, guided: wish.guided, quick },
    sample: own ? { ...SAMPLE } : null,
    workloads: own ? [{ ...SAMPLE }] : wish.workloads,
    phases: phasesOf(own),
    ...{ before: [], during: [], after: [], lowest: null },
    settings: quick ? { evictionTimeoutSeconds: plane.failover.evictionTimeoutSeconds } : null,
    ...{ partners: own ? partners : [], resumedAt: null, rebalancedAt: null },
  };
}

function needPolicy(running: Running, key: string): PropagationPolicy {
  const policy = policyOf(running, key);
  if (policy === undefined) throw new AppError('NOT_FOUND', `no policy ${key}`, { params: { id: key } });
  return policy;
}

/** As the policy weighs its members, or as replicas lie at present. */
function presentWeights({ plane }: Running, { spec }: PropagationPolicy, bindings: readonly Binding[]): Weights {
  const scheduling = spec.placement?.replicaScheduling;
  const rules = scheduling?.weightPreference?.staticWeightList ?? [];
  if (scheduling?.replicaSchedulingType === 'Divided' && rules.length > 0) {
    const weights = [...plane.cache.clusters.items.values()].flatMap((cluster): [string, number][] => {
      const matching = rules.filter(({ targetCluster }) => clusterMatches(cluster, targetCluster));
      return matching.length === 0
        ? []
        : [[cluster.metadata.name ?? '', Math.max(...matching.map(({ weight }) => Number(weight)))]];
    });
    return Object.fromEntries(weights);
  }
  const replicas: Record<string, number> = {};
  for (const { spec: binding } of bindings)
    for (const { name, replicas: count = 0 } of binding.clusters ?? []) replicas[name] = (replicas[name] ?? 0) + count;
  return replicas;
}

function membersOf(from: Weights, to: Weights): string[] {
  const named = [...Object.entries(from), ...Object.entries(to)].filter(([, weight]) => weight > 0);
  return [...new Set(named.map(([name]) => name))].sort();
}

function replicasWith(
  { spec }: PropagationPolicy,
  bindings: readonly Binding[],
  weights: Weights,
  names: readonly string[],
  members: readonly ClusterObject[],
  problem: (error: AppError) => void,
): Placed[] {
  const sums = new Map<string, number>();
  const placement = placementFor(spec.placement, weights, names);
  for (const { spec: binding, status } of bindings) {
    const result = schedule(members, { ...binding, placement }, status ?? {});
    if (result.error !== null)
      problem(new AppError('NO_CLUSTER_FITS', result.error.message, { params: { name: binding.resource.name } }));
    for (const { name, replicas = 0 } of result.clusters ?? []) sums.set(name, (sums.get(name) ?? 0) + replicas);
  }
  return [...sums].map(([name, replicas]) => ({ name, replicas })).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function unique(problems: ShiftPlan['problems']): ShiftPlan['problems'] {
  return problems.filter(
    (one, index) => problems.findIndex(({ code, message }) => code === one.code && message === one.message) === index,
  );
}
