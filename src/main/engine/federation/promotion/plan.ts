/**
 * What promoting would do: the objects that would be written, and what each member's copy would become. Decided by the
 * very functions that distribute afterwards; the API server is asked in dry runs, nothing is written.
 */

import type { FederatedObjectName } from '#shared/contract/federation-decisions.ts';
import type {
  AdoptionEffect,
  PlannedObject,
  PromotionInput,
  PromotionItem,
  PromotionPlan,
} from '#shared/contract/federation-promotion.ts';
import { AppError, type AppErrorShape, toErrorShape } from '#shared/errors.ts';
import type { KubeObject, ResourceRef } from '#shared/kubernetes/types.ts';
import { toYaml } from '#shared/kubernetes/yaml-text.ts';
import { isAlreadyExists, isNotFound } from '../../kube/index.ts';
import { presentable } from '../../resources/index.ts';
import { defaultOverridePolicy, defaultPolicy } from '../admission/defaults.ts';
import {
  CLUSTER_OVERRIDE_POLICIES,
  CLUSTER_PROPAGATION_POLICIES,
  NAMESPACES,
  OVERRIDE_POLICIES,
  type OverridePolicy,
  PROPAGATION_POLICIES,
  type PropagationPolicy,
  type TargetCluster,
} from '../api.ts';
import { claimedBinding } from '../controllers/binding-build.ts';
import { findPolicy } from '../controllers/choice.ts';
import { differingPaths, mergedObject, withoutMarks } from '../controllers/desired.ts';
import { isReady } from '../controllers/execution.ts';
import { renderFor } from '../controllers/work-build.ts';
import type { Dependency } from '../interpreter/index.ts';
import { schedule } from '../scheduler/schedule.ts';
import type { Running } from '../service/running.ts';
import { ownerOf } from './candidates.ts';
import { type Copy, overrideFor, policyFor, templateFrom } from './objects.ts';

export type PromotionWish = (typeof PromotionInput)['_output'];

/** One object on its way into the federation, with its address there. */
export interface Step {
  role: PlannedObject['role'];
  ref: ResourceRef;
  object: KubeObject;
  exists: boolean;
}

/** One item of a promotion, ready to be shown or done. */
export interface Prepared {
  object: FederatedObjectName;
  /** In the order in which they are written. */
  steps: Step[];
  plan: PromotionPlan;
}

/** What the items of one promotion have in common. */
interface Shared {
  /** Dependencies that an item before brings along, by kind and name. */
  planned: Map<string, { template: KubeObject; override: OverridePolicy | null }>;
  /** Members of all items together: a dependency of two of them may differ between their members. */
  clusters: readonly string[];
}

/** Pod templates of these kinds are rolled out when they change. */
const ROLLED_OUT = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);

export async function prepare(running: Running, wish: PromotionWish): Promise<Prepared[]> {
  const prepared: Prepared[] = [];
  const shared: Shared = { planned: new Map(), clusters: [...new Set(wish.items.flatMap(({ clusters }) => clusters))] };
  for (const item of wish.items) prepared.push(await prepareItem(running, item, wish, shared));
  return prepared;
}

async function prepareItem(
  running: Running,
  item: PromotionItem,
  wish: PromotionWish,
  shared: Shared,
): Promise<Prepared> {
  const { object: named } = item;
  const plan: PromotionPlan = {
    object: named,
    objects: [],
    clusters: [],
    dependencies: [],
    namespaceIn: [],
    problems: [],
    warnings: [],
  };
  const steps: Step[] = [];
  try {
    const copies = await copiesOf(running, named, item.clusters, plan.problems);
    if (plan.problems.length > 0) return { object: named, steps, plan };
    const ref = running.plane.templates.refOf(named.apiVersion, named.kind);
    if (ref === undefined)
      throw new AppError('INVALID', `the federation does not serve ${named.apiVersion} ${named.kind}`);
    if (running.plane.templates.get(named.apiVersion, named.kind, named.namespace, named.name) !== undefined)
      throw new AppError('NAME_TAKEN', `the federation has a ${named.kind} ${named.name} already`, {
        params: { name: named.name, kind: named.kind },
        hint: 'hints.promotionTemplate',
      });
    await namespaceStep(running, named.namespace, steps, plan);
    const own = await ownSteps(running, copies, ref, wish, plan);
    const dependencies = own.follows
      ? await dependencySteps(running, own.template, own.targets, wish, shared, plan)
      : [];
    steps.push(...dependencies, ...own.steps);
    await tryOut(running, steps, plan);
  } catch (error) {
    plan.problems.push(toErrorShape(error));
  }
  plan.objects = steps.map(({ role, object, exists }) => ({
    role,
    kind: object.kind,
    namespace: object.metadata.namespace ?? '',
    name: object.metadata.name ?? '',
    exists,
    yaml: toYaml(presentable(object)),
  }));
  return { object: named, steps, plan };
}

/** The live objects; what keeps one from being taken is told as a problem. */
async function copiesOf(
  running: Running,
  named: FederatedObjectName,
  clusters: readonly string[],
  problems: AppErrorShape[],
): Promise<Copy[]> {
  const { plane } = running;
  const copies: Copy[] = [];
  for (const cluster of clusters) {
    const object = await observe(running, cluster, named);
    if (object === null) {
      const message = `${cluster} has no ${named.kind} ${named.namespace}/${named.name}`;
      problems.push(new AppError('NOT_FOUND', message, { cluster, params: { name: named.name } }).toShape());
      continue;
    }
    const owner = ownerOf(object, cluster, plane);
    if (owner !== 'free')
      problems.push(
        new AppError('REFUSED', `${named.kind} ${named.name} is managed already`, {
          cluster,
          params: { name: named.name },
          hint: owner === 'here' ? 'hints.promotionManagedHere' : 'hints.promotionManagedElsewhere',
        }).toShape(),
      );
    copies.push({ cluster, object, replicas: plane.interpreter.getReplicas(object)?.replicas ?? null });
  }
  return copies;
}

async function observe(running: Running, cluster: string, named: FederatedObjectName): Promise<KubeObject | null> {
  const { plane } = running;
  const member = plane.cache.clusters.get(cluster);
  if (member === undefined)
    throw new AppError('NOT_FOUND', `${cluster} is no member of the federation`, { params: { name: cluster } });
  if (!isReady(member))
    throw new AppError('CLUSTER_UNREACHABLE', `member ${cluster} is not ready`, { cluster, retryable: true });
  const { apiVersion, kind, namespace, name } = named;
  const ref = plane.templates.refOf(apiVersion, kind);
  if (ref === undefined) return null;
  const where = namespace === '' ? {} : { namespace };
  const found = await running.member(cluster).find(ref, name, where);
  return found === null ? null : { ...found, apiVersion, kind };
}

async function namespaceStep(running: Running, name: string, steps: Step[], plan: PromotionPlan): Promise<void> {
  if (name === '' || running.plane.cache.namespaces.get(name) !== undefined) return;
  const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
  steps.push({ role: 'namespace', ref: NAMESPACES, object, exists: false });
  for (const cluster of running.plane.cache.clusters.items.keys()) {
    try {
      const there = await running.member(cluster).find(NAMESPACES, name);
      if (there === null) plan.namespaceIn.push(cluster);
    } catch {
      // A member that does not answer gets the namespace when it is back, if it lacks it.
      plan.namespaceIn.push(cluster);
    }
  }
  plan.namespaceIn.sort();
}

interface Own {
  template: KubeObject;
  targets: TargetCluster[];
  steps: Step[];
  /** What it refers to goes along. */
  follows: boolean;
}

async function ownSteps(
  running: Running,
  copies: readonly Copy[],
  ref: ResourceRef,
  wish: PromotionWish,
  plan: PromotionPlan,
): Promise<Own> {
  const { plane } = running;
  const { template, steps, override } = templateSteps(running, copies, ref, wish.differences);
  // A policy that selects it already would claim it before one of its own could.
  const present = findPolicy(template, {
    policies: plane.cache.policies.items,
    clusterPolicies: plane.cache.clusterPolicies.items,
  });
  const policy = present ?? policyFor(template, copies, { propagateDeps: wish.dependencies, name: wish.policyName });
  steps.push({ role: 'policy', ref: policyRefOf(policy), object: policy, exists: present !== undefined });
  const effective = structuredClone(policy);
  defaultPolicy(effective, false, plane.failover.enabled ? plane.failover.tolerationSeconds : null);
  const placed = placementOf(running, template, effective);
  if (placed.error !== null) plan.problems.push(placed.error);
  const overrides = [...plane.cache.overridesFor(template.metadata.namespace ?? ''), ...(override ? [override] : [])];
  plan.clusters = await effectsOf(running, template, placed.binding, placed.targets, overrides, copies);
  for (const { cluster } of copies)
    if (placed.error === null && !placed.targets.some(({ name }) => name === cluster))
      plan.warnings.push(
        new AppError(
          'NO_CLUSTER_FITS',
          `policy ${policy.metadata.name} does not place it in ${cluster}: its copy there stays nobody's`,
          {
            cluster,
            hint: 'hints.promotionNotPlaced',
            params: { name: policy.metadata.name ?? '' },
          },
        ).toShape(),
      );
  return { template, targets: placed.targets, steps, follows: effective.spec.propagateDeps === true };
}

function templateSteps(
  running: Running,
  copies: readonly Copy[],
  ref: ResourceRef,
  differences: PromotionWish['differences'],
): { template: KubeObject; steps: Step[]; override: OverridePolicy | null } {
  const { interpreter } = running.plane;
  const template = templateFrom(copies, (object, replicas) => interpreter.reviseReplicas(object, replicas));
  const override = differences === 'keep' ? overrideFor(template, copies) : null;
  if (override !== null) defaultOverridePolicy(override);
  const steps: Step[] = [
    ...(override === null
      ? []
      : [{ role: 'override' as const, ref: overrideRefOf(override), object: override, exists: false }]),
    { role: 'template', ref, object: template, exists: false },
  ];
  return { template, steps, override };
}

/** Each dependency as a template without a policy: it follows its workload. Those of the federation stay as they are. */
async function dependencySteps(
  running: Running,
  template: KubeObject,
  targets: readonly TargetCluster[],
  wish: PromotionWish,
  shared: Shared,
  plan: PromotionPlan,
): Promise<Step[]> {
  const { plane } = running;
  const steps: Step[] = [];
  for (const dependency of plane.interpreter.getDependencies(template) ?? []) {
    const named = namedOf(dependency);
    if (named === null) continue;
    const key = `${named.kind} ${named.namespace}/${named.name}`;
    if (!shared.planned.has(key)) {
      const own = await dependencyOf(running, named, wish, shared.clusters);
      if (own === null) {
        const message = `${named.kind} ${named.name} is in none of the members`;
        plan.warnings.push(new AppError('NOT_FOUND', message, { params: { name: named.name } }).toShape());
        continue;
      }
      shared.planned.set(key, own);
      steps.push(...own.steps);
    }
    const { template: follower, override } = shared.planned.get(key) as {
      template: KubeObject;
      override: OverridePolicy | null;
    };
    const overrides = [...plane.cache.overridesFor(named.namespace), ...(override === null ? [] : [override])];
    const places = targets.map(({ name }) => ({ name }));
    const clusters = await effectsOf(running, follower, bindingFor(running, follower), places, overrides, []);
    plan.dependencies.push({ object: named, clusters });
  }
  return steps;
}

/** Null when neither the federation nor a member has it. */
async function dependencyOf(
  running: Running,
  named: FederatedObjectName,
  { differences }: PromotionWish,
  clusters: readonly string[],
): Promise<{ template: KubeObject; override: OverridePolicy | null; steps: Step[] } | null> {
  const { plane } = running;
  const { apiVersion, kind, namespace, name } = named;
  const ref = plane.templates.refOf(apiVersion, kind);
  if (ref === undefined) return null;
  const present = plane.templates.get(apiVersion, kind, namespace, name);
  if (present !== undefined)
    return { template: present, override: null, steps: [{ role: 'dependency', ref, object: present, exists: true }] };
  const copies: Copy[] = [];
  for (const cluster of clusters) {
    const object = await observe(running, cluster, named);
    if (object !== null && ownerOf(object, cluster, plane) === 'free') copies.push({ cluster, object, replicas: null });
  }
  if (copies.length === 0) return null;
  const { steps, ...own } = templateSteps(running, copies, ref, differences);
  return {
    ...own,
    steps: steps.map((step) => (step.role === 'template' ? { ...step, role: 'dependency' as const } : step)),
  };
}

function namedOf({ apiVersion, kind, namespace = '', name }: Dependency): FederatedObjectName | null {
  return name === undefined ? null : { apiVersion, kind, namespace, name };
}

function bindingFor({ plane }: Running, template: KubeObject) {
  const none: PropagationPolicy = {
    apiVersion: 'policy.karmada.io/v1alpha1',
    kind: 'PropagationPolicy',
    metadata: { name: '', namespace: template.metadata.namespace ?? '' },
    spec: { resourceSelectors: [] },
  };
  return claimedBinding(template, none, null, true, plane.interpreter);
}

function placementOf({ plane }: Running, template: KubeObject, policy: PropagationPolicy) {
  const binding = claimedBinding(template, policy, null, true, plane.interpreter);
  const result = schedule([...plane.cache.clusters.items.values()], binding.spec, {});
  const targets = result.error === null ? (result.clusters ?? []) : [];
  binding.spec.clusters = targets;
  const error =
    result.error === null
      ? null
      : new AppError('NO_CLUSTER_FITS', result.error.message, {
          params: { name: policy.metadata.name ?? '' },
        }).toShape();
  return { binding, targets, error };
}

async function effectsOf(
  running: Running,
  template: KubeObject,
  binding: ReturnType<typeof claimedBinding>,
  targets: readonly TargetCluster[],
  overrides: readonly OverridePolicy[],
  copies: readonly Copy[],
): Promise<AdoptionEffect[]> {
  const { plane } = running;
  const { apiVersion, kind, metadata } = template;
  const named = { apiVersion, kind, namespace: metadata.namespace ?? '', name: metadata.name ?? '' };
  const effects: AdoptionEffect[] = [];
  for (const target of [...targets].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const cluster = plane.cache.clusters.get(target.name);
    if (cluster === undefined) continue;
    const observed =
      copies.find((copy) => copy.cluster === target.name)?.object ?? (await observe(running, target.name, named));
    const rendered = renderFor({ binding, template, target, cluster, overrides, interpreter: plane.interpreter });
    effects.push(effectOf(target, withoutMarks(rendered.object), observed, running));
  }
  return effects;
}

function effectOf(
  target: TargetCluster,
  wanted: KubeObject,
  observed: KubeObject | null,
  { plane }: Running,
): AdoptionEffect {
  const replicas = target.replicas ?? null;
  const yaml = (object: KubeObject): string => toYaml(presentable(object));
  if (observed === null)
    return {
      cluster: target.name,
      what: 'created',
      fields: [],
      restarts: false,
      replicas,
      before: '',
      after: yaml(wanted),
    };
  const merged = mergedObject(wanted, observed, plane.interpreter);
  const fields = differingPaths(observed, merged);
  const { status: _, ...body } = observed;
  const same = fields.length === 0;
  return {
    cluster: target.name,
    what: same ? 'adopted' : 'changed',
    fields,
    restarts: ROLLED_OUT.has(wanted.kind) && fields.some((field) => field.startsWith('spec.template')),
    replicas,
    before: same ? '' : yaml(body as KubeObject),
    after: same ? '' : yaml({ ...merged, status: undefined }),
  };
}

/** As the API server would take it. What lies in a namespace that is yet to be made cannot be asked about. */
async function tryOut({ client }: Running, steps: readonly Step[], plan: PromotionPlan): Promise<void> {
  const made = new Set(steps.flatMap(({ role, object }) => (role === 'namespace' ? [object.metadata.name] : [])));
  for (const { ref, object, exists } of steps) {
    const { namespace } = object.metadata;
    if (exists || (namespace !== undefined && made.has(namespace))) continue;
    try {
      await client.create(ref, object, { ...(namespace === undefined ? {} : { namespace }), dryRun: true });
    } catch (error) {
      if (isNotFound(error)) continue;
      const { kind, metadata } = object;
      plan.problems.push(
        isAlreadyExists(error)
          ? new AppError('NAME_TAKEN', `${kind} ${metadata.name} exists`, {
              params: { kind, name: metadata.name ?? '' },
            }).toShape()
          : toErrorShape(error),
      );
    }
  }
}

export function policyRefOf({ kind }: KubeObject): ResourceRef {
  return kind === 'PropagationPolicy' ? PROPAGATION_POLICIES : CLUSTER_PROPAGATION_POLICIES;
}

export function overrideRefOf({ kind }: KubeObject): ResourceRef {
  return kind === 'OverridePolicy' ? OVERRIDE_POLICIES : CLUSTER_OVERRIDE_POLICIES;
}
