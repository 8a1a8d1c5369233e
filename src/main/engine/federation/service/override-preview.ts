/** What saving or deleting an override policy would do to each object in each member. Writes nothing. */
import type { OverrideChange, OverrideEffect, OverridePreview } from '#shared/contract/federation-policies.ts';
import { AppError, toErrorShape } from '#shared/errors.ts';
import { type KubeObject, objectKey } from '#shared/kubernetes/types.ts';
import { toYaml } from '#shared/kubernetes/yaml-text.ts';
import { presentable } from '../../resources/index.ts';
import { defaultOverridePolicy } from '../admission/defaults.ts';
import { validateOverridePolicy } from '../admission/validate-override.ts';
import type { Binding, ClusterObject, OverridePolicy, TargetCluster } from '../api.ts';
import { differingPaths } from '../controllers/desired.ts';
import { renderFor } from '../controllers/work-build.ts';
import { targetsOf } from '../controllers/works.ts';
import { overridesObject } from '../override/policies.ts';
import { overrideWarnings } from '../warnings.ts';
import type { Running } from './running.ts';

/** Effects with their texts; a policy over everything would fill no screen usefully. */
const MOST = 60;
const ROLLED_OUT = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);

export function previewOverride(running: Running, change: OverrideChange): OverridePreview {
  const { plane } = running;
  const { candidate, without, problems } = suppose(running, change);
  const concerned = [candidate, without].filter((policy) => policy !== null);
  const effects: OverrideEffect[] = [];
  let considered = 0;
  for (const [, binding] of plane.cache.allBindings()) {
    const { apiVersion, kind, namespace, name } = binding.spec.resource;
    const template = plane.templates.get(apiVersion, kind, namespace, name);
    if (template === undefined || !concerned.some((policy) => reaches(policy, template))) continue;
    const present = plane.cache.overridesFor(namespace ?? '');
    const others = present.filter((policy) => !isSame(policy, candidate) && !isSame(policy, without));
    const supposed = candidate === null ? others : [...others, candidate];
    for (const target of targetsOf(binding).values()) {
      const cluster = plane.cache.clusters.get(target.name);
      if (cluster === undefined) continue;
      considered += 1;
      const effect = effectOf({ binding, template, target, cluster }, present, supposed, running);
      if (effect !== null) effects.push(effect);
    }
  }
  effects.sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
  return { considered, effects: effects.slice(0, MOST), more: Math.max(0, effects.length - MOST), problems };
}

function suppose(
  { plane }: Running,
  change: OverrideChange,
): { candidate: OverridePolicy | null; without: OverridePolicy | null; problems: OverridePreview['problems'] } {
  if (change.kind === 'delete') {
    const { policy, namespace, name } = change;
    const without =
      policy === 'OverridePolicy'
        ? plane.cache.overrides.get(`${namespace}/${name}`)
        : plane.cache.clusterOverrides.get(name);
    if (without === undefined)
      throw new AppError('NOT_FOUND', `no ${policy} ${name} in the federation`, { params: { id: name } });
    return { candidate: null, without, problems: [] };
  }
  const candidate = structuredClone(change.object) as OverridePolicy;
  if (!/^(Cluster)?OverridePolicy$/.test(candidate.kind))
    throw new AppError('INVALID', `${candidate.kind} is not an override policy`);
  if (candidate.kind === 'OverridePolicy') candidate.metadata.namespace ||= 'default';
  candidate.spec ??= {};
  defaultOverridePolicy(candidate);
  const problems = validateOverridePolicy(candidate).map(({ field, message }) =>
    toErrorShape(new AppError('INVALID', `${field}: ${message}`)),
  );
  return {
    candidate,
    without: null,
    problems: [...problems, ...overrideWarnings(candidate, [...plane.cache.clusters.items.values()])],
  };
}

function reaches(policy: OverridePolicy, template: KubeObject): boolean {
  const { namespace } = policy.metadata;
  return (namespace === undefined || namespace === template.metadata.namespace) && overridesObject(policy, template);
}

function isSame(policy: OverridePolicy, other: OverridePolicy | null): boolean {
  return other !== null && policy.kind === other.kind && objectKey(policy) === objectKey(other);
}

interface Place {
  binding: Binding;
  template: KubeObject;
  target: TargetCluster;
  cluster: ClusterObject;
}

/** Null where nothing changes. */
function effectOf(
  place: Place,
  present: readonly OverridePolicy[],
  supposed: readonly OverridePolicy[],
  { plane }: Running,
): OverrideEffect | null {
  const render = (overrides: readonly OverridePolicy[]): KubeObject | Error => {
    try {
      return renderFor({ ...place, overrides, interpreter: plane.interpreter }).object;
    } catch (error) {
      return error as Error;
    }
  };
  const [before, after] = [render(present), render(supposed)];
  const { apiVersion, kind, metadata } = place.template;
  const { namespace = '', name = '' } = metadata;
  const common = { object: { apiVersion, kind, namespace, name }, cluster: place.target.name };
  const text = (object: KubeObject | Error): string => (object instanceof Error ? '' : toYaml(presentable(object)));
  if (after instanceof Error)
    return { ...common, before: text(before), after: '', fields: [], restarts: false, error: after.message };
  const fields =
    before instanceof Error ? [''] : [...new Set([...differingPaths(before, after), ...differingPaths(after, before)])];
  if (fields.length === 0) return null;
  return {
    ...common,
    before: text(before),
    after: text(after),
    fields,
    restarts: ROLLED_OUT.has(kind) && fields.some((field) => field.startsWith('spec.template')),
    error: null,
  };
}

function placeOf({ object, cluster }: OverrideEffect): string {
  return `${object.namespace}/${object.name} ${object.kind} ${cluster}`;
}
