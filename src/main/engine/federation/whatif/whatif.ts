/**
 * What supposed changes would do: every workload's policy is chosen and its placement decided by the very functions the
 * controllers use, over a snapshot. Workloads are decided one after the other, and what one takes the next does not find.
 */
import type { ClusterEffect, SupposedChange, WhatIf, WorkloadEffect } from '#shared/contract/federation-what-if.ts';
import { type KubeObject, objectKey } from '#shared/kubernetes/types.ts';
import { nextTurn } from '../../kube/index.ts';
import {
  type Binding,
  type Condition,
  KEYS,
  type Placement,
  type PropagationPolicy,
  type TargetCluster,
} from '../api.ts';
import { claimedBinding, emptyBinding, referenceTo } from '../controllers/binding-build.ts';
import { policyChoice } from '../controllers/choice.ts';
import { claimedBy, clearClaim } from '../controllers/claim.ts';
import { evict, evictionDelay } from '../failover/evict.ts';
import type { Interpreter } from '../interpreter/index.ts';
import { changesUsage, exceededText, growsIn, totalUsage } from '../quota/usage.ts';
import { isSchedulable, schedulingReason } from '../scheduler/decide.ts';
import { QUOTA_EXCEEDED } from '../scheduler/errors.ts';
import { isWorkload } from '../scheduler/filters.ts';
import { neighboursOf, schedule, scheduleAsKarmada } from '../scheduler/schedule.ts';
import { placedOf } from '../scheduler/verdicts.ts';
import { createLoads, type Loads } from './load.ts';
import { type Snapshot, suppose, type World } from './world.ts';

/** @throws AppError when a change concerns what is not there. */
export function whatIf(snapshot: Snapshot, changes: readonly SupposedChange[]): WhatIf {
  const steps = decideAll(snapshot, changes);
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/** The same answer, with everybody else's work between one workload and the next. */
export async function whatIfInTurns(snapshot: Snapshot, changes: readonly SupposedChange[]): Promise<WhatIf> {
  const steps = decideAll(snapshot, changes);
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    const turn = nextTurn();
    if (turn !== undefined) await turn;
  }
}

/** Stops after each workload. */
function* decideAll(snapshot: Snapshot, changes: readonly SupposedChange[]): Generator<undefined, WhatIf> {
  const world = suppose(snapshot, changes);
  const loads = createLoads(world.clusters);
  const outcomes = new Map<string, Outcome>();
  const bindings = new Map<string, Binding>();
  for (const key of world.templates.keys()) {
    const present = snapshot.binding(key);
    if (present !== undefined) bindings.set(key, present);
  }
  for (const key of [...world.templates.keys()].sort()) {
    const template = world.templates.get(key) as KubeObject;
    const outcome = decide(template, key, bindings, world, loads, snapshot);
    if (outcome !== null) outcomes.set(key, outcome);
    yield;
  }
  for (const [key, template] of world.deleted) {
    const binding = snapshot.binding(key);
    if (binding !== undefined) outcomes.set(key, removed(template, binding, loads));
  }
  follow(outcomes);
  const effects: WorkloadEffect[] = [];
  for (const outcome of outcomes.values()) {
    effects.push(effectOf(outcome, world));
    yield;
  }
  const workloads = effects.filter(isChange);
  const of = (what: ClusterEffect['what']): number =>
    workloads.reduce((sum, { clusters }) => sum + clusters.filter((one) => one.what === what).length, 0);
  const before = new Map([...snapshot.clusters].map((cluster) => [cluster.metadata.name ?? '', cluster]));
  return {
    considered: outcomes.size,
    takeOverAssumed: snapshot.foreign && [...world.states.values()].includes('lost'),
    workloads,
    clusters: loads.report(before, world.states),
    totals: {
      created: of('created'),
      deleted: of('deleted'),
      released: of('released'),
      moved: workloads.reduce((sum, effect) => sum + movedOf(effect), 0),
      unplaced: workloads.filter(({ error, missing }) => error !== null || missing > 0).length,
    },
  };
}

interface Outcome {
  template: KubeObject;
  policyBefore: string | null;
  policyAfter: string | null;
  before: TargetCluster[];
  after: TargetCluster[];
  /** Bindings whose clusters it follows: `namespace/name`. */
  requiredBy: string[];
  replicas: number | null;
  duplicated: boolean;
  /** Its copies stay when it is taken away. */
  preserved: boolean;
  error: WorkloadEffect['error'];
  /** It has no full place as things are: no effect of what is supposed. */
  unplacedBefore: boolean;
  foreign: boolean;
}

/** @param bindings as they are supposed to be so far; the one decided here takes its place among them */
function decide(
  template: KubeObject,
  key: string,
  bindings: Map<string, Binding>,
  world: World,
  loads: Loads,
  snapshot: Snapshot,
): Outcome | null {
  const present = bindings.get(key);
  const policyBefore = claimedBy(template)?.key ?? null;
  const policy = settle(template, world);
  if (policy === null && present === undefined) return null;
  const before = present?.spec.clusters ?? [];
  const binding = supposedBinding(template, present, policy, world, snapshot.interpreter);
  const outcome: Outcome = {
    template,
    policyBefore,
    policyAfter: policy === null ? null : objectKey(policy),
    before,
    after: [],
    requiredBy: (present?.spec.requiredBy ?? []).map(({ namespace = '', name }) =>
      namespace === '' ? name : `${namespace}/${name}`,
    ),
    replicas: isWorkload(binding.spec) ? (binding.spec.replicas ?? 0) : null,
    duplicated: binding.spec.placement?.replicaScheduling?.replicaSchedulingType !== 'Divided',
    preserved: binding.spec.preserveResourcesOnDeletion === true,
    error: null,
    unplacedBefore: present?.status?.conditions?.some(isFailure) ?? false,
    foreign: snapshot.foreign,
  };
  if (policy !== null) {
    moveOut(binding, world, snapshot);
    const kept = binding.spec.clusters;
    place(binding, outcome, loads, bindings.values(), snapshot.foreign);
    const refusal = refusalOf(binding, key, bindings, snapshot.quotas);
    if (refusal !== null) {
      outcome.error = { reason: QUOTA_EXCEEDED, message: refusal };
      binding.spec.clusters = kept;
    }
  }
  bindings.set(key, binding);
  outcome.after = binding.spec.clusters ?? [];
  loads.move(binding.spec, before, outcome.after);
  return outcome;
}

/** The policy it would belong to in the end; a policy that lets go of it is forgotten first. */
function settle(template: KubeObject, { policies }: World): PropagationPolicy | null {
  const choice = policyChoice(template, policies);
  if (choice.how !== 'unselected') return choice.policy ?? null;
  const freed = structuredClone(template);
  clearClaim(freed);
  return policyChoice(freed, policies).policy ?? null;
}

function supposedBinding(
  template: KubeObject,
  present: Binding | undefined,
  policy: PropagationPolicy | null,
  world: World,
  interpreter: Interpreter,
): Binding {
  if (policy === null) return structuredClone(present ?? emptyBinding(template, interpreter));
  // A lazy policy waits for the next change of what was there before it.
  const waits =
    policy.spec.activationPreference === 'Lazy' && present !== undefined && !world.touched.has(keyOf(template));
  const binding = waits
    ? structuredClone(present)
    : claimedBinding(template, policy, present ?? null, true, interpreter);
  if (world.rebalance && binding.status?.lastScheduledTime)
    binding.spec.rescheduleTriggeredAt = new Date(Date.parse(binding.status.lastScheduledTime) + 1000).toISOString();
  return binding;
}

function keyOf(template: KubeObject): string {
  const { namespace, name } = emptyBinding(template).metadata;
  return namespace ? `${namespace}/${name}` : (name ?? '');
}

/** Clusters that leave or are lost go out of the binding as the controllers take them out. */
function moveOut(binding: Binding, world: World, { failover, foreign }: Snapshot): void {
  binding.spec.clusters = (binding.spec.clusters ?? []).filter(({ name }) => world.clusters.has(name));
  if (!failover.enabled && !foreign) return;
  for (const { name } of [...binding.spec.clusters]) {
    if (world.states.get(name) !== 'lost') continue;
    const taints = world.clusters.get(name)?.spec.taints;
    if (evictionDelay(taints, tolerationsOf(binding), Date.now()) === null) continue;
    evict(binding, {
      cluster: name,
      purgeMode: binding.spec.failover?.cluster?.purgeMode ?? 'Gracefully',
      reason: 'TaintUntolerated',
      message: '',
      producer: '',
    });
  }
}

/** Those it was placed with count, as long as it is not placed anew. */
function tolerationsOf({ metadata, spec }: Binding) {
  const applied = metadata.annotations?.[KEYS.appliedPlacement];
  const placement = applied === undefined ? spec.placement : (JSON.parse(applied) as Placement);
  return placement?.clusterTolerations ?? [];
}

function place(
  binding: Binding,
  outcome: Outcome,
  { clusters }: Loads,
  others: Iterable<Binding>,
  foreign: boolean,
): void {
  if (!isSchedulable(binding) || schedulingReason(binding, clusters) === null) return;
  const candidates = [...clusters.values()];
  const result = foreign
    ? scheduleAsKarmada(candidates, binding.spec, binding.status)
    : schedule(candidates, binding.spec, binding.status, neighboursOf(binding, others));
  outcome.error = result.error;
  if (result.error === null && result.clusters !== null) binding.spec.clusters = result.clusters;
  else if (foreign && result.error?.reason === 'NoClusterFit') binding.spec.clusters = [];
}

/** What admission would say to the placement, as it says it to the scheduler; null when it lets it through. */
function refusalOf(
  binding: Binding,
  key: string,
  bindings: ReadonlyMap<string, Binding>,
  quotas: Snapshot['quotas'],
): string | null {
  const { namespace } = binding.metadata;
  const mine = quotas.filter(({ metadata }) => metadata.namespace === namespace && !metadata.deletionTimestamp);
  const present = bindings.get(key);
  if (mine.length === 0 || !changesUsage(present?.spec ?? null, binding.spec)) return null;
  const specs = (all: Iterable<Binding>) =>
    [...all].filter(({ metadata }) => metadata.namespace === namespace).map(({ spec }) => spec);
  const next = new Map(bindings).set(key, binding);
  for (const quota of mine) {
    const { overall = {} } = quota.spec;
    const after = totalUsage(overall, specs(next.values()));
    if (!growsIn(quota, totalUsage(overall, specs(bindings.values())), after)) continue;
    const text = exceededText(quota, after);
    if (text !== null) return text;
  }
  return null;
}

function removed(template: KubeObject, binding: Binding, loads: Loads): Outcome {
  const before = binding.spec.clusters ?? [];
  loads.move(binding.spec, before, []);
  return {
    template,
    policyBefore: claimedBy(template)?.key ?? null,
    // Its policy does not let go of it: it is gone itself.
    policyAfter: claimedBy(template)?.key ?? null,
    before: targetsWith(before, binding.spec.requiredBy?.flatMap(({ clusters = [] }) => clusters) ?? []),
    after: [],
    requiredBy: [],
    replicas: null,
    duplicated: true,
    preserved: binding.spec.preserveResourcesOnDeletion === true,
    error: null,
    unplacedBefore: false,
    foreign: false,
  };
}

function isFailure({ type, status }: Condition): boolean {
  return type === 'Scheduled' && status === 'False';
}

/** What follows other workloads goes where those go. */
function follow(outcomes: ReadonlyMap<string, Outcome>): void {
  for (const outcome of outcomes.values()) {
    const parents = outcome.requiredBy.map((key) => outcomes.get(key)).filter((one) => one !== undefined);
    if (parents.length === 0) continue;
    outcome.before = targetsWith(
      outcome.before,
      parents.flatMap(({ before }) => before),
    );
    outcome.after = targetsWith(
      outcome.after,
      parents.flatMap(({ after }) => after),
    );
  }
}

function targetsWith(own: readonly TargetCluster[], others: readonly TargetCluster[]): TargetCluster[] {
  const targets = new Map(own.map((target) => [target.name, target]));
  for (const { name } of others) if (!targets.has(name)) targets.set(name, { name });
  return [...targets.values()];
}

function effectOf(outcome: Outcome, world: World): WorkloadEffect {
  const { apiVersion, kind, namespace = '', name } = referenceTo(outcome.template);
  const [before, after] = [placedOf(outcome.before), placedOf(outcome.after)];
  const names = [...new Set([...before, ...after].map((place) => place.name))].sort();
  const clusters = names.map((cluster): ClusterEffect => {
    const from = before.find((place) => place.name === cluster);
    const to = after.find((place) => place.name === cluster);
    const count = (place: typeof from): number | null => (place === undefined ? null : (place.replicas ?? 1));
    return { cluster, from: count(from), to: count(to), what: what(count(from), count(to), cluster, outcome, world) };
  });
  return {
    object: { apiVersion, kind, namespace, name },
    policyBefore: outcome.policyBefore,
    policyAfter: outcome.policyAfter,
    before,
    after,
    clusters,
    // Without any member there is nothing to be decided.
    error: outcome.unplacedBefore || world.clusters.size === 0 ? null : outcome.error,
    missing: outcome.unplacedBefore ? 0 : missingOf(outcome, world),
  };
}

function what(
  from: number | null,
  to: number | null,
  cluster: string,
  { preserved, foreign }: Outcome,
  { states }: World,
): ClusterEffect['what'] {
  const state = states.get(cluster);
  if (from !== null && state === 'lost') return 'lost';
  if (from !== null && state === 'left' && !foreign) return 'released';
  if (from === null) return 'created';
  if (to === null) return preserved ? 'released' : 'deleted';
  return to > from ? 'grows' : to < from ? 'shrinks' : 'same';
}

/** Replicas that nobody would run; those left behind in clusters that leave go on running. */
function missingOf(
  { replicas, before, after, duplicated, policyAfter, preserved, foreign }: Outcome,
  { states }: World,
): number {
  if (replicas === null || replicas === 0 || policyAfter === null) return 0;
  const behind = before.filter(({ name }) => states.get(name) === 'left' && (preserved || !foreign));
  const running = [...after.filter(({ name }) => states.get(name) !== 'lost'), ...behind];
  if (duplicated) return running.length === 0 ? replicas : 0;
  const sum = running.reduce((all, target) => all + (target.replicas ?? 0), 0);
  return Math.max(0, replicas - sum);
}

function isChange({ clusters, error, policyBefore, policyAfter, missing }: WorkloadEffect): boolean {
  return (
    error !== null || missing > 0 || policyBefore !== policyAfter || clusters.some((effect) => effect.what !== 'same')
  );
}

function movedOf({ clusters }: WorkloadEffect): number {
  const changes = clusters.map(({ from, to }) => (to ?? 0) - (from ?? 0));
  const gained = changes.filter((change) => change > 0).reduce((sum, change) => sum + change, 0);
  const lost = -changes.filter((change) => change < 0).reduce((sum, change) => sum + change, 0);
  return Math.min(gained, lost);
}
