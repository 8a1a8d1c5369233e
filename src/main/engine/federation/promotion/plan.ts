/**
 * What promoting would do: the objects that would be written, and what each member's copy would become. Decided by the
 * very functions that distribute afterwards; the API server is asked in dry runs, nothing is written.
 */

import type { FederatedObjectName } from '#shared/contract/federation-decisions.ts';
import type { PromotionItem, PromotionPlan } from '#shared/contract/federation-promotion.ts';
import { AppError, type AppErrorShape, toErrorShape } from '#shared/errors.ts';
import type { KubeObject, ResourceRef } from '#shared/kubernetes/types.ts';
import { toYaml } from '#shared/kubernetes/yaml-text.ts';
import { isAlreadyExists, isNotFound } from '../../kube/index.ts';
import { presentable } from '../../resources/index.ts';
import { defaultPolicy } from '../admission/defaults.ts';
import { KEYS, NAMESPACES, type TargetCluster } from '../api.ts';
import { findPolicy } from '../controllers/choice.ts';
import type { Running } from '../service/running.ts';
import { ownerOf } from './candidates.ts';
import { effectsOf, observe, placementOf } from './effects.ts';
import { type Copy, policyFor } from './objects.ts';
import { dependencySteps, type PromotionWish, policyRefOf, type Shared, type Step, templateSteps } from './steps.ts';

/** One item of a promotion, ready to be shown or done. */
export interface Prepared {
  object: FederatedObjectName;
  /** In the order in which they are written. */
  steps: Step[];
  plan: PromotionPlan;
}

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
    autoscaled: [],
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
  plan.autoscaled = await autoscaledIn(running, copies);
  // The members' own autoscalers go on deciding: the federation keeps whatever number they set.
  if (plan.autoscaled.length > 0)
    template.metadata.labels = { ...template.metadata.labels, [KEYS.retainReplicas]: 'true' };
  // A policy that selects it already would claim it before one of its own could.
  const present = findPolicy(template, plane.cache.policyIndex);
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

const AUTOSCALERS: ResourceRef = { group: 'autoscaling', version: 'v2', resource: 'horizontalpodautoscalers' };

/** Members in which an autoscaler sets its replicas. */
async function autoscaledIn(running: Running, copies: readonly Copy[]): Promise<string[]> {
  const found: string[] = [];
  for (const { cluster, object, replicas } of copies) {
    if (replicas === null || !object.metadata.namespace) continue;
    try {
      const { items } = await running.member(cluster).list(AUTOSCALERS, { namespace: object.metadata.namespace });
      const isTarget = ({ spec }: KubeObject): boolean =>
        spec?.scaleTargetRef?.kind === object.kind && spec.scaleTargetRef.name === object.metadata.name;
      if (items.some(isTarget)) found.push(cluster);
    } catch (error) {
      // Clusters before 1.23 have no such version.
      if (!isNotFound(error)) throw error;
    }
  }
  return found;
}
