/** The objects of a promotion with their addresses: the template with what keeps its differences, and what goes along. */
import type { FederatedObjectName } from '#shared/contract/federation-decisions.ts';
import type { PlannedObject, PromotionInput, PromotionPlan } from '#shared/contract/federation-promotion.ts';
import { AppError } from '#shared/errors.ts';
import type { KubeObject, ResourceRef } from '#shared/kubernetes/types.ts';
import { defaultOverridePolicy } from '../admission/defaults.ts';
import {
  CLUSTER_OVERRIDE_POLICIES,
  CLUSTER_PROPAGATION_POLICIES,
  OVERRIDE_POLICIES,
  type OverridePolicy,
  PROPAGATION_POLICIES,
  type TargetCluster,
} from '../api.ts';
import type { Dependency } from '../interpreter/index.ts';
import type { Running } from '../service/running.ts';
import { ownerOf } from './candidates.ts';
import { bindingFor, effectsOf, observe } from './effects.ts';
import { type Copy, overrideFor, templateFrom } from './objects.ts';

export type PromotionWish = (typeof PromotionInput)['_output'];

/** One object on its way into the federation, with its address there. */
export interface Step {
  role: PlannedObject['role'];
  ref: ResourceRef;
  object: KubeObject;
  exists: boolean;
  /** The dependency that it brings along, by kind and name; other items may need it too. */
  for?: string;
}

/** By which a dependency is known to several items. */
export const nameOf = ({ kind, namespace, name }: FederatedObjectName): string => `${kind} ${namespace}/${name}`;

/** What the items of one promotion have in common. */
export interface Shared {
  /** Dependencies that an item before brings along, by kind and name. */
  planned: Map<string, { template: KubeObject; override: OverridePolicy | null }>;
  /** Members of all items together: a dependency of two of them may differ between their members. */
  clusters: readonly string[];
}

/** The template of some copies, and the override policy that keeps what differs between them. */
export function templateSteps(
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
export async function dependencySteps(
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
    const key = nameOf(named);
    if (!shared.planned.has(key)) {
      const own = await dependencyOf(running, named, wish, shared.clusters);
      if (own === null) {
        const message = `${named.kind} ${named.name} is in none of the members`;
        plan.warnings.push(new AppError('NOT_FOUND', message, { params: { name: named.name } }).toShape());
        continue;
      }
      shared.planned.set(key, own);
      steps.push(...own.steps.map((step) => ({ ...step, for: key })));
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

/** Where propagation policies of the kind lie. */
export function policyRefOf({ kind }: KubeObject): ResourceRef {
  return kind === 'PropagationPolicy' ? PROPAGATION_POLICIES : CLUSTER_PROPAGATION_POLICIES;
}

/** Where override policies of the kind lie. */
export function overrideRefOf({ kind }: KubeObject): ResourceRef {
  return kind === 'OverridePolicy' ? OVERRIDE_POLICIES : CLUSTER_OVERRIDE_POLICIES;
}
