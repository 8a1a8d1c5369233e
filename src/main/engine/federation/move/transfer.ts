/** Reads a control plane as far as it moves, tries it on another one, and writes it there. Can be repeated at any point. */
import type { MovePlan } from '#shared/contract/federation-control.ts';
import { AppError, toErrorShape } from '#shared/errors.ts';
import type { KubeObject, ResourceInfo, ResourceRef } from '#shared/kubernetes/types.ts';
import { isAlreadyExists, isNotFound, type KubeClient } from '../../kube/index.ts';
import { type Binding, CLUSTERS, type ClusterObject, KEYS } from '../api.ts';
import { bindingRef } from '../controllers/cache.ts';
import { isReady } from '../controllers/execution.ts';
import { mutate } from '../controllers/write.ts';
import { covers, equalJson } from '../json.ts';
import { isMoved, type MoveStage, moveStages, portable, portableBinding, portableStatus, stageOf } from './objects.ts';
import { asBefore, isSuspended } from './suspend.ts';

/** One object on its way. */
export interface Moved {
  stage: MoveStage;
  info: ResourceInfo;
  /** As it lies in the source. */
  source: KubeObject;
}

/** Everything that moves, in the order in which it is written. One entry per kind, in its preferred version. */
export async function collect(source: KubeClient): Promise<Moved[]> {
  const kinds = new Map<string, { info: ResourceInfo; stage: MoveStage }>();
  for (const info of await source.resources({ refresh: true })) {
    const stage = stageOf(info);
    const identity = `${info.group}/${info.resource}`;
    if (stage !== null && !kinds.has(identity)) kinds.set(identity, { info, stage });
  }
  const found: Moved[] = [];
  for (const { info, stage } of kinds.values()) {
    const { items } = await source.list(info);
    for (const object of items) if (isMoved(object, stage)) found.push({ stage, info, source: object });
  }
  const order = (moved: Moved): number => moveStages.indexOf(moved.stage);
  return found.sort((a, b) => order(a) - order(b));
}

/** What each object would become in the target, tried there without writing anything. */
export async function tryOut(moved: readonly Moved[], target: KubeClient): Promise<MovePlan['objects']> {
  const served = new Set((await target.resources({ refresh: true })).map((info) => `${info.group}/${info.kind}`));
  const coming = new Set(moved.filter(({ stage }) => stage === 'namespaces').map(({ source }) => source.metadata.name));
  const defined = new Set(
    moved
      .filter(({ stage }) => stage === 'definitions')
      .map(({ source }) => `${source.spec?.group}/${source.spec?.names?.kind}`),
  );
  const results: MovePlan['objects'] = [];
  for (const one of moved) results.push(await tryOne(one, target, { served, coming, defined }));
  return results;
}

interface Known {
  served: ReadonlySet<string>;
  /** Namespaces and kinds that are still to come: what needs them cannot be tried yet. */
  coming: ReadonlySet<string | undefined>;
  defined: ReadonlySet<string>;
}

async function tryOne(
  { stage, info, source }: Moved,
  target: KubeClient,
  known: Known,
): Promise<MovePlan['objects'][number]> {
  const { name = '', namespace = '' } = source.metadata;
  const told = { apiVersion: source.apiVersion, kind: source.kind, namespace, name };
  const kind = `${info.group}/${info.kind}`;
  if (!known.served.has(kind)) {
    if (known.defined.has(kind)) return { ...told, action: 'create', error: null };
    const error = new AppError(
      'UNSUPPORTED',
      `${target.transport.server} does not serve ${told.apiVersion} ${told.kind}`,
    );
    return { ...told, action: 'refused', error: error.toShape() };
  }
  try {
    const where = namespace === '' ? {} : { namespace };
    const present = await target.find(info, name, where);
    const wanted = portable(source, stage);
    if (present !== null) {
      const same = !isSuspended(present) && isThere(present, withIdsOf(wanted, present, stage), stage);
      return { ...told, action: same ? 'same' : 'replace', error: null };
    }
    if (stage !== 'bindings') await target.create(info, wanted, { ...where, dryRun: true });
    return { ...told, action: 'create', error: null };
  } catch (error) {
    if (isNotFound(error) && known.coming.has(namespace)) return { ...told, action: 'create', error: null };
    return { ...told, action: 'refused', error: toErrorShape(error) };
  }
}

/** Ids that the server there has given to its policies stay: nobody may change them. */
function withIdsOf(wanted: KubeObject, present: KubeObject, stage: MoveStage): KubeObject {
  if (stage !== 'policies') return wanted;
  const labels = { ...wanted.metadata.labels };
  for (const key of [KEYS.ppId, KEYS.cppId]) {
    const id = present.metadata.labels?.[key];
    if (id !== undefined) labels[key] = id;
  }
  return { ...wanted, metadata: { ...wanted.metadata, labels } };
}

/** A binding that is there belongs to the target's own detector; only its places matter. */
function isThere(present: KubeObject, wanted: KubeObject, stage: MoveStage): boolean {
  if (stage === 'bindings') return covers(present.spec?.clusters, wanted.spec?.clusters);
  return covers(present, wanted);
}

/** Writes one object into the target; what is there already as it should be is left alone. */
export async function write(one: Moved, target: KubeClient): Promise<void> {
  if (one.stage === 'bindings') return await writeBinding(one.source as Binding, target);
  const { info, stage, source } = one;
  const asked = portable(source, stage);
  const { name = '', namespace } = asked.metadata;
  const where = namespace === undefined ? {} : { namespace };
  try {
    await target.create(info, asked, where);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    await mutate(target, info, { namespace, name }, (live) => {
      const wanted = withIdsOf(asked, live, stage);
      // It may be what an earlier move left behind.
      const suspended = isSuspended(live);
      asBefore(live);
      if (covers(live, wanted)) return suspended;
      const { status, metadata } = live;
      const { resourceVersion, uid, finalizers, ownerReferences } = metadata;
      const kept = {
        resourceVersion,
        uid,
        ...(finalizers && { finalizers }),
        ...(ownerReferences && { ownerReferences }),
      };
      const labels = { ...metadata.labels, ...wanted.metadata.labels };
      const annotations = { ...metadata.annotations, ...wanted.metadata.annotations };
      for (const key of Object.keys(live)) delete (live as Record<string, unknown>)[key];
      Object.assign(live, wanted, { metadata: { ...wanted.metadata, ...kept, labels, annotations } });
      if (status !== undefined) live.status = status;
      return true;
    });
  }
}

/**
 * Gives policies that an earlier move left behind in the target their new placement while they are suspended: bindings are
 * written before policies, and must not follow an old one meanwhile.
 */
export async function alignPolicies(moved: readonly Moved[], target: KubeClient): Promise<void> {
  for (const { stage, info, source } of moved) {
    if (stage !== 'policies') continue;
    const { name = '', namespace } = source.metadata;
    if ((await target.find(info, name, namespace === undefined ? {} : { namespace })) === null) continue;
    await mutate(target, info, { namespace, name }, (live) => {
      if (!isSuspended(live) || equalJson(live.spec?.placement ?? null, source.spec?.placement ?? null)) return false;
      live.spec = { ...live.spec, placement: source.spec?.placement };
      return true;
    });
  }
}

async function writeBinding(source: Binding, target: KubeClient): Promise<void> {
  const { resource } = source.spec;
  const template = await templateIn(target, source);
  if (template === null) throw new AppError('NOT_FOUND', `${resource.kind} ${resource.name} is not in the target`);
  const wanted = portableBinding(source, template);
  const { name = '', namespace } = wanted.metadata;
  const ref = bindingRef(namespace === undefined ? name : `${namespace}/${name}`);
  const where = namespace === undefined ? {} : { namespace };
  try {
    await target.create(ref, wanted, where);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    await mutate<Binding>(target, ref, { namespace, name }, (live) => {
      asBefore(live);
      // With what it was placed by: to a scheduler that sees another, it would have to be placed anew.
      const { clusters = [], placement, replicas } = wanted.spec;
      live.spec = {
        ...live.spec,
        clusters,
        ...(placement && { placement }),
        ...(replicas !== undefined && { replicas }),
      };
      live.metadata.annotations = { ...live.metadata.annotations, ...wanted.metadata.annotations };
    });
  }
  await mutate<Binding>(target, ref, { namespace, name, subresource: 'status' }, (live) => {
    live.status = { ...live.status, ...portableStatus({ ...source, metadata: live.metadata }) };
  });
}

async function templateIn(target: KubeClient, { spec: { resource } }: Binding): Promise<KubeObject | null> {
  const [version = '', group = ''] = resource.apiVersion.split('/').reverse();
  const info = (await target.resources()).find(
    (one) => one.group === group && one.version === version && one.kind === resource.kind,
  );
  if (info === undefined) return null;
  const ref: ResourceRef = { group, version, resource: info.resource };
  return await target.find(ref, resource.name, resource.namespace ? { namespace: resource.namespace } : {});
}

/** The members that bindings use or that have joined, with their state in the target. */
export async function membersIn(source: KubeClient, target: KubeClient): Promise<MovePlan['members']> {
  const [mine, theirs] = await Promise.all([
    source.list<ClusterObject>(CLUSTERS),
    target.list<ClusterObject>(CLUSTERS),
  ]);
  const known = new Map(theirs.items.map((cluster) => [cluster.metadata.name, cluster]));
  return mine.items
    .map(({ metadata: { name = '' } }) => {
      const cluster = known.get(name);
      return {
        name,
        state:
          cluster === undefined ? ('missing' as const) : isReady(cluster) ? ('ready' as const) : ('notReady' as const),
      };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What policies and overrides may look at: labels, place and taints of the members. What the target knows better stays. */
export async function writeClusters(source: KubeClient, target: KubeClient): Promise<void> {
  for (const { metadata, spec } of (await source.list<ClusterObject>(CLUSTERS)).items)
    await mutate<ClusterObject>(target, CLUSTERS, { name: metadata.name ?? '' }, (live) => {
      live.metadata.labels = { ...metadata.labels, ...live.metadata.labels };
      for (const field of ['provider', 'region', 'zones'] as const)
        if (spec[field] !== undefined && live.spec[field] === undefined)
          Object.assign(live.spec, { [field]: spec[field] });
    });
}
