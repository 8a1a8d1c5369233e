/** What a template would become in each member, beside what is there now. Asks members, writes nothing. */
import type { FederatedObjectName } from '#shared/contract/federation-decisions.ts';
import type { AdoptionEffect } from '#shared/contract/federation-promotion.ts';
import { AppError } from '#shared/errors.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { toYaml } from '#shared/kubernetes/yaml-text.ts';
import { presentable } from '../../resources/index.ts';
import type { OverridePolicy, PropagationPolicy, TargetCluster } from '../api.ts';
import { claimedBinding } from '../controllers/binding-build.ts';
import { differingPaths, mergedObject, withoutMarks } from '../controllers/desired.ts';
import { isReady } from '../controllers/execution.ts';
import { renderFor } from '../controllers/work-build.ts';
import { schedule } from '../scheduler/schedule.ts';
import type { Running } from '../service/running.ts';
import type { Copy } from './objects.ts';

/** Pod templates of these kinds are rolled out when they change. */
const ROLLED_OUT = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);

/** The live object in a member; null where it has none. Throws AppError NOT_FOUND, CLUSTER_UNREACHABLE. */
export async function observe(
  running: Running,
  cluster: string,
  named: FederatedObjectName,
): Promise<KubeObject | null> {
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

/** The binding of what follows others: no policy places it. */
export function bindingFor({ plane }: Running, template: KubeObject) {
  const none: PropagationPolicy = {
    apiVersion: 'policy.karmada.io/v1alpha1',
    kind: 'PropagationPolicy',
    metadata: { name: '', namespace: template.metadata.namespace ?? '' },
    spec: { resourceSelectors: [] },
  };
  return claimedBinding(template, none, null, true, plane.interpreter);
}

/** Where the policy places the template as things are; an AppError NO_CLUSTER_FITS as data where it finds no place. */
export function placementOf({ plane }: Running, template: KubeObject, policy: PropagationPolicy) {
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

/** What each target gets, by the name of the member. `copies`: live objects that are known already. */
export async function effectsOf(
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
